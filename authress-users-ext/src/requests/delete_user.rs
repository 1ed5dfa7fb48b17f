use authress_users_client::operations::DELETE_USER;

use crate::call::{Call, request_options};
use crate::exchange::Exchange;
use crate::input;
use crate::span::call_span;
use crate::{Response, Result};

/// Deletes a user together with the user's access and related data: `deleteUser` in the API's
/// document. Made by [`Users::delete_user`](crate::Users::delete_user); await it to send it.
///
/// Success means that the API has accepted the deletion. It is carried out afterwards, so the
/// user can still be seen for a while. A first attempt whose answer never came and whose repetition
/// is answered with 404 has succeeded too: [`Response::was_already_done`] tells.
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
    pub async fn send_with_response(self) -> Result<Response<()>> {
        let refused = |error: crate::Error| error.with_operation(&DELETE_USER);
        self.call.check().map_err(refused)?;
        let user_id = input::user_id(&self.user_id).map_err(refused)?;
        let span = call_span!("deleteUser", self.call, DELETE_USER);
        let exchange = Exchange::new(self.call, &DELETE_USER, span);
        let decoded = exchange
            .client()
            .delete_user()
            .user_id(user_id)
            .send()
            .await;
        exchange.finish(decoded)
    }
}

request_options!(DeleteUser -> ());
