//! The operations on users. Each file holds the request of one operation.

mod delete_user;
mod get_user;
mod get_users;
mod link_tenant_user;
mod optional;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the type that it holds"
)]
mod users;
mod validation;

pub use delete_user::DeleteUser;
pub use get_user::GetUser;
pub use get_users::GetUsers;
pub use link_tenant_user::LinkTenantUser;
pub use optional::Optional;
pub use users::Users;
