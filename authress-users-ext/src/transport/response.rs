use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::answer::Answer;

/// A value together with the answer that it was read from. Made by `send_with_response` of every
/// request.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder()
/// #     .user(serde_json::json!({ "userId": "auth0|1", "lastLogin": "2026-01-01" }))
/// #     .start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// let response = authress.users().get_user("auth0|1").send_with_response().await?;
/// assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
///
/// // What the document does not name is in the body all the same.
/// let all: serde_json::Value = serde_json::from_slice(response.body())?;
/// assert_eq!(all["lastLogin"], "2026-01-01");
/// # Ok(())
/// # }
/// ```
pub struct Response<T> {
    value: T,
    answer: Answer,
    attempts: u32,
    elapsed: Duration,
    already_done: bool,
}

impl<T> Response<T> {
    pub(crate) fn new(
        value: T,
        answer: Answer,
        attempts: u32,
        elapsed: Duration,
        already_done: bool,
    ) -> Self {
        Self {
            value,
            answer,
            attempts,
            elapsed,
            already_done,
        }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.answer.status
    }

    /// The headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.answer.headers
    }

    /// The body of the answer as it came, members included that the API's document does not
    /// name.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.answer.body
    }

    /// How many requests were sent, 1 or more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long the call took, waits and tokens included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Whether an earlier attempt, whose answer never came, had done what was asked for: a
    /// deletion whose repetition was answered with 404, which is then the
    /// [`status`](Self::status).
    #[must_use]
    pub fn was_already_done(&self) -> bool {
        self.already_done
    }

    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: convert(self.value),
            answer: self.answer,
            attempts: self.attempts,
            elapsed: self.elapsed,
            already_done: self.already_done,
        }
    }
}

impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.answer.status)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
