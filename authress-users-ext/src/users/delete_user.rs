use authress_users_client::operations::DELETE_USER;

use super::validation;
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Deletes a user together with the user's access and related data: `deleteUser`
/// (`DELETE /v1/users/{userId}`) in the API's document. Made by
/// [`Users::delete_user`](crate::Users::delete_user); await it to send it.
///
/// Success means that the API has accepted the deletion. It is carried out afterwards, so the
/// user can still be seen for a while. A first attempt whose answer never came and whose repetition
/// is answered with 404 has succeeded too: [`Response::was_already_done`] tells. The example
/// `delete_users` deletes a whole list and can be run again.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// let response = authress.users().delete_user("auth0|1").send_with_response().await?;
/// assert_eq!(response.status(), 202); // accepted, and carried out soon
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, for an id or an option out
/// of its bounds. The document has
/// 401, 403 (no permission to delete users) and 404 (no such user: for an erasure as good as done). Otherwise what can become of any call, told by
/// [`Error`](crate::Error).
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

    /// Sends the request and keeps the answer.
    ///
    /// # Errors
    /// See the type's.
    pub async fn send_with_response(self) -> Result<Response<()>> {
        let refused = |error: crate::Error| error.with_operation(&DELETE_USER);
        self.call.check().map_err(refused)?;
        let user_id = validation::user_id(&self.user_id).map_err(refused)?;
        let span = call_span!("deleteUser", self.call, DELETE_USER);
        let client = self.call.client(span.clone());
        let decoded = client.delete_user().user_id(user_id).send().await;
        self.call.finish_deletion(&DELETE_USER, &span, decoded)
    }
}

request_options!(DeleteUser -> ());
