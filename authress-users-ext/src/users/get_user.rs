use authress_users_client::operations::GET_USER;
use authress_users_client::types::UserIdentity;

use super::optional::Optional;
use super::validation;
use crate::pagination::warn_of_skipped_members;
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Reads one user (`getUser`, `GET /v1/users/{userId}`).
///
/// Returned by [`Users::get_user`](crate::Users::get_user); await it to send it. The example
/// [`quickstart`](https://docs.rs/crate/authress-users-ext/latest/source/examples/quickstart.rs)
/// uses it.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
/// use std::time::Duration;
///
/// async fn print_name(authress: &AuthressClient) -> Result<()> {
///     let user = authress.users().get_user("auth0|1").await?;
///     println!("{}", user.name.unwrap_or_default());
///
///     // With an option of the call, and with the whole response.
///     let response = authress
///         .users()
///         .get_user("auth0|1")
///         .with_deadline(Duration::from_secs(2))
///         .send_with_response()
///         .await?;
///     assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_name(&authress).await?;
/// #     Ok(())
/// # }
/// ```
///
/// Members that the spec does not name, which depend on the identity provider, are in
/// [`additional`](UserIdentity::additional):
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct LinkedIdentity {
///     user_id: String,
/// }
///
/// async fn linked_ids(authress: &AuthressClient) -> Result<Vec<String>, Box<dyn std::error::Error>> {
///     let user = authress.users().get_user("auth0|1").await?;
///     let linked = user.get::<Vec<LinkedIdentity>>("linkedIdentities")?;
///     Ok(linked.into_iter().flatten().map(|identity| identity.user_id).collect())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let linked = serde_json::json!([{ "userId": "google|7", "connection": "google" }]);
/// #     let ada = serde_json::json!({ "userId": "auth0|1", "linkedIdentities": linked });
/// #     let fake = MockAuthress::builder().user(ada).start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     assert_eq!(linked_ids(&authress).await?, ["google|7"]);
/// #     Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if the id or an
/// option is invalid. The API documents 401, 403 (no permission to read users) and 404 (the user does
/// not exist; see [`optional`](Self::optional)). A response about another user, which a confused cache
/// or proxy can return, is an error of kind [`WrongUser`](crate::ErrorKind::WrongUser); the ids are
/// compared without regard to the case of letters. See [`Error`](crate::Error) for what else can fail.
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

    /// Returns `None` instead of an error if the user does not exist (404).
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn assert_missing(authress: &AuthressClient) -> Result<()> {
    ///     let user = authress.users().get_user("auth0|missing").optional().await?;
    ///     assert!(user.is_none());
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     assert_missing(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    pub fn optional(self) -> Optional<Self> {
        Optional(self)
    }

    /// Sends the request and returns the response with its status, headers and body.
    ///
    /// # Errors
    /// See the type.
    pub async fn send_with_response(self) -> Result<Response<UserIdentity>> {
        let for_operation = |error: crate::Error| error.with_operation(&GET_USER);
        self.call.check().map_err(for_operation)?;
        let user_id = validation::user_id(&self.user_id).map_err(for_operation)?;
        let span = call_span!("getUser", self.call, GET_USER);
        let client = self.call.client(&span);
        let decoded = client.get_user().user_id(user_id).send().await;
        if let Ok(decoded) = &decoded {
            span.in_scope(|| warn_of_skipped_members(decoded.value(), None));
        }
        self.call.finish_about(&GET_USER, &span, decoded, |user| {
            is_same_id(&user.user_id, &self.user_id)
        })
    }
}

/// Ignores the case of letters, which identity providers normalize, in e-mail addresses above all.
fn is_same_id(received: &str, requested: &str) -> bool {
    received == requested || received.to_lowercase() == requested.to_lowercase()
}

request_options!(GetUser -> UserIdentity);
