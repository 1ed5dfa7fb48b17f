use authress_users_client::operations::GET_USER;
use authress_users_client::types::UserIdentity;

use super::optional::Optional;
use crate::call::{Call, request_options};
use crate::exchange::Exchange;
use crate::input;
use crate::span::call_span;
use crate::{Response, Result};

/// Reads one user: `getUser` in the API's document. Made by
/// [`Users::get_user`](crate::Users::get_user); await it to send it.
#[must_use = "a request does nothing until it is awaited or sent"]
#[derive(Clone)]
pub struct GetUser {
    call: Call,
    user_id: String,
}

impl GetUser {
    pub(crate) fn new(call: Call, user_id: String) -> Self {
        Self { call, user_id }
    }

    /// Makes "there is no such user" (404) a value, `None`, instead of an error.
    ///
    /// ```
    /// # async fn example(authress: authress_users_ext::AuthressClient) -> authress_users_ext::Result<()> {
    /// if let Some(user) = authress.users().get_user("auth0|1").optional().await? {
    ///     println!("{}", user.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn optional(self) -> Optional<Self> {
        Optional(self)
    }

    /// Sends the request and keeps the answer beside the user.
    pub async fn send_with_response(self) -> Result<Response<UserIdentity>> {
        let refused = |error: crate::Error| error.with_operation(&GET_USER);
        self.call.check().map_err(refused)?;
        let user_id = input::user_id(&self.user_id).map_err(refused)?;
        let span = call_span!("getUser", self.call, GET_USER);
        let exchange = Exchange::new(self.call, &GET_USER, span);
        let decoded = exchange.client().get_user().user_id(user_id).send().await;
        exchange.finish(decoded)
    }
}

request_options!(GetUser -> UserIdentity);
