//! The operations of the API as values: each file holds one.

mod delete_user;
mod get_user;
mod get_users;
mod link_tenant_user;
mod optional;

pub use delete_user::DeleteUser;
pub use get_user::GetUser;
pub use get_users::GetUsers;
pub use link_tenant_user::LinkTenantUser;
pub use optional::Optional;
