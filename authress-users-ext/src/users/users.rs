use super::{DeleteUser, GetUser, GetUsers, LinkTenantUser};
use crate::client::AuthressClient;
use crate::transport::Call;

impl AuthressClient {
    /// Returns the operations on the users of the account.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }
}

/// The operations on the users of an account, under the names that they have in the API.
///
/// Each method returns a request. Set its parameters and options, then await it. Values that the API's
/// spec does not allow are rejected before anything is sent. Returned by [`AuthressClient::users`].
#[derive(Debug, Clone)]
pub struct Users<'a> {
    client: &'a AuthressClient,
}

impl Users<'_> {
    /// Returns a new call with the client's own options.
    pub(crate) fn call(&self) -> Call {
        self.client.call()
    }

    /// Lists the users of the account (`getUsers`).
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn print_emails(authress: &AuthressClient) -> Result<()> {
    ///     let mut users = authress.users().get_users().filter("@example.com").stream();
    ///     while let Some(user) = users.try_next().await? {
    ///         println!("{}", user.email.unwrap_or_default());
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().users(3).start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     print_emails(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("list", "search"))]
    pub fn get_users(&self) -> GetUsers {
        GetUsers::new(self.call())
    }

    /// Reads one user (`getUser`).
    ///
    /// `user_id` has 1 to 128 characters and may contain slashes, inner spaces and letters of all
    /// scripts. An id that could address another resource or that was damaged by copying is rejected:
    /// `.` and `..` between slashes, backslashes, control and format characters, outer spaces and
    /// quotes. See the guide on [errors](crate::guide::errors#invalid-ids).
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn read(authress: &AuthressClient) -> Result<()> {
    ///     let user = authress.users().get_user("auth0|1").await?;
    ///     assert_eq!(user.user_id, "auth0|1");
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     read(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    pub fn get_user(&self, user_id: impl Into<String>) -> GetUser {
        GetUser::new(self.call(), user_id.into())
    }

    /// Deletes a user (`deleteUser`). The rules for `user_id` are those of
    /// [`get_user`](Self::get_user).
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn delete(authress: &AuthressClient) -> Result<()> {
    ///     authress.users().delete_user("auth0|1").await?;
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     delete(&authress).await?;
    /// #     assert!(!fake.has_user("auth0|1"));
    /// #     Ok(())
    /// # }
    /// ```
    pub fn delete_user(&self, user_id: impl Into<String>) -> DeleteUser {
        DeleteUser::new(self.call(), user_id.into())
    }

    /// Links a user to a tenant (`linkTenantUser`).
    ///
    /// The rules for `user_id` are those of [`get_user`](Self::get_user). `tenant_id` has 1 to 128
    /// letters, digits and `-_.:`, and must not be `.` or `..`.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn link(authress: &AuthressClient) -> Result<()> {
    ///     authress.users().link_tenant_user("acme", "auth0|1").await?;
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     link(&authress).await?;
    /// #     assert!(fake.is_linked("acme", "auth0|1"));
    /// #     Ok(())
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
