mod delete_user;
mod get_user;
mod get_users;
mod link_tenant_user;
mod optional;
pub(crate) mod validation;

pub use delete_user::DeleteUser;
pub use get_user::GetUser;
pub use get_users::GetUsers;
pub use link_tenant_user::LinkTenantUser;
pub use optional::Optional;

use std::fmt;
use std::sync::Arc;

use crate::auth::TokenProvider;
use crate::transport::{Call, Shared};

/// The operations on the users of an account, under the names that they have in the API.
///
/// Each returns a request: set what it should differ in, then await it. Values that the API's
/// document does not allow are refused then, before anything is sent. Made by
/// [`AuthressClient::users`](crate::AuthressClient::users); its methods have the examples.
#[derive(Clone)]
pub struct Users<'a> {
    shared: &'a Arc<Shared>,
    tokens: &'a Arc<dyn TokenProvider>,
}

impl<'a> Users<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, tokens: &'a Arc<dyn TokenProvider>) -> Self {
        Self { shared, tokens }
    }

    fn call(&self) -> Call {
        Call::new(self.shared.clone(), self.tokens.clone())
    }

    /// Lists the users of the account, all of them unless filtered: `getUsers` in the API's document.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().users(3).start().await?;
    /// # let authress = AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// let mut users = authress.users().get_users().filter("@example.com").stream();
    /// while let Some(user) = users.try_next().await? {
    ///     println!("{}", user.email.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_users(&self) -> GetUsers {
        GetUsers::new(self.call())
    }

    /// Reads one user: `getUser` in the API's document.
    ///
    /// `user_id` has 1 to 128 characters and may hold slashes, spaces and the like; `.`, `..`,
    /// backslashes and control characters are refused, since no URL carries them unchanged.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// # let authress = AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// let user = authress.users().get_user("auth0|1").await?;
    /// assert_eq!(user.user_id, "auth0|1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_user(&self, user_id: impl Into<String>) -> GetUser {
        GetUser::new(self.call(), user_id.into())
    }

    /// Deletes a user, with the same rules for `user_id` as [`get_user`](Self::get_user): `deleteUser`
    /// in the API's document.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// # let authress = AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// authress.users().delete_user("auth0|1").await?;
    /// # assert!(!fake.has_user("auth0|1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_user(&self, user_id: impl Into<String>) -> DeleteUser {
        DeleteUser::new(self.call(), user_id.into())
    }

    /// Links a user to a tenant, with the same rules for `user_id` as
    /// [`get_user`](Self::get_user). `tenant_id` has 1 to 128 letters, digits and `-_.:`, but is
    /// neither `.` nor `..`. `linkTenantUser` in the API's document.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
    /// # let authress = AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// authress.users().link_tenant_user("acme", "auth0|1").await?;
    /// # assert!(fake.is_linked("acme", "auth0|1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn link_tenant_user(
        &self,
        tenant_id: impl Into<String>,
        user_id: impl Into<String>,
    ) -> LinkTenantUser {
        LinkTenantUser::new(self.call(), tenant_id.into(), user_id.into())
    }
}

impl fmt::Debug for Users<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").finish_non_exhaustive()
    }
}
