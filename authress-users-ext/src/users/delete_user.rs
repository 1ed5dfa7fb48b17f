use authress_users_client::operations::DELETE_USER;

use super::validation;
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Deletes a user together with the user's access and related data
/// (`deleteUser`, `DELETE /v1/users/{userId}`).
///
/// Returned by [`Users::delete_user`](crate::Users::delete_user); await it to send it. Success means that
/// the API has accepted the deletion. It is carried out asynchronously, so the user can be visible for
/// a while. If a delete gets a 404 after a request whose [`Outcome`](crate::Outcome) was unknown or
/// done, it counts as successful; see [`Response::was_already_done`]. For many users, use
/// [`delete_all`](crate::Users::delete_all) or [`delete_stream`](crate::Users::delete_stream). The example
/// [`delete_users`](https://docs.rs/crate/authress-users-ext/latest/source/examples/delete_users/main.rs)
/// deletes a whole list and can be run again.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn delete(authress: &AuthressClient) -> Result<()> {
///     let response = authress.users().delete_user("auth0|1").send_with_response().await?;
///     assert_eq!(response.status(), 202); // accepted
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     delete(&authress).await?;
/// #     Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if the id or an
/// option is invalid. The API documents 401, 403 (no permission to delete users) and 404 (the user does
/// not exist). See [`Error`](crate::Error) for what else can fail.
#[doc(alias("remove", "erase"))]
#[must_use = "a request does nothing until it is awaited or sent"]
#[derive(Clone)]
pub struct DeleteUser {
    call: Call,
    user_id: String,
}

impl DeleteUser {
    pub(crate) fn new(call: Call, user_id: String) -> Self {
        Self { call, user_id }
    }

    /// Sends the request and returns the response with its status, headers and body.
    ///
    /// # Errors
    /// See the type.
    pub async fn send_with_response(self) -> Result<Response<()>> {
        let for_operation = |error: crate::Error| error.with_operation(&DELETE_USER);
        self.call.check().map_err(for_operation)?;
        let user_id = validation::user_id(&self.user_id).map_err(for_operation)?;
        let span = call_span!("deleteUser", self.call, DELETE_USER);
        let client = self.call.client(&span);
        let decoded = client.delete_user().user_id(user_id).send().await;
        self.call.finish_deletion(&DELETE_USER, &span, decoded)
    }
}

request_options!(DeleteUser -> ());
