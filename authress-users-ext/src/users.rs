use crate::call::Call;
use crate::client::AuthressClient;
use crate::requests::{DeleteUser, GetUser, GetUsers, LinkTenantUser};

/// The operations on the users of an account, under the names that they have in the API.
///
/// Each returns a request: set what it should differ in, then await it. Values that the API's
/// document does not allow are refused then, before anything is sent.
#[derive(Debug, Clone)]
pub struct Users<'a> {
    client: &'a AuthressClient,
}

impl<'a> Users<'a> {
    pub(crate) fn new(client: &'a AuthressClient) -> Self {
        Self { client }
    }

    /// Lists the users of the account, all of them unless filtered.
    pub fn get_users(&self) -> GetUsers {
        GetUsers::new(self.call())
    }

    /// Reads one user.
    ///
    /// `user_id` has 1 to 128 characters and may hold slashes, spaces and the like; `.`, `..`,
    /// backslashes and control characters are refused, since no URL carries them unchanged.
    ///
    /// ```
    /// # async fn example(authress: authress_users_ext::AuthressClient) -> authress_users_ext::Result<()> {
    /// let user = authress.users().get_user("auth0|1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_user(&self, user_id: impl Into<String>) -> GetUser {
        GetUser::new(self.call(), user_id.into())
    }

    /// Deletes a user, with the same rules for `user_id` as [`get_user`](Self::get_user).
    ///
    /// ```
    /// # async fn example(authress: authress_users_ext::AuthressClient) -> authress_users_ext::Result<()> {
    /// authress.users().delete_user("auth0|1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_user(&self, user_id: impl Into<String>) -> DeleteUser {
        DeleteUser::new(self.call(), user_id.into())
    }

    /// Links a user to a tenant, with the same rules for `user_id` as
    /// [`get_user`](Self::get_user). `tenant_id` has 1 to 128 letters, digits and `-_.:`, but is
    /// neither `.` nor `..`.
    ///
    /// ```
    /// # async fn example(authress: authress_users_ext::AuthressClient) -> authress_users_ext::Result<()> {
    /// authress.users().link_tenant_user("acme", "auth0|1").await?;
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

    fn call(&self) -> Call {
        Call::new(self.client.clone())
    }
}
