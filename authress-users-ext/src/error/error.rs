use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use authress_users_client::operations::Operation;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::client::{ACCESS_KEY, ACCESS_TOKEN, API_URL};
use crate::retry::is_retryable;
use crate::transport::Answer;
use crate::transport::NoRetry;

/// Why a call, or the building of a client, failed.
///
/// Nothing of what came back is lost: [`status`](Self::status), [`headers`](Self::headers) and
/// [`body`](Self::body) hold the answer, documented or not, JSON or not, as far as it was read.
/// `Display` is one line that says what was tried, what came back and what to do; it and `Debug`
/// show no body, token, key or user id. The cause, where there is one, is the
/// [`source`](StdError::source), and is not repeated in the line.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// match authress.users().get_user("auth0|nobody").await {
///     Ok(user) => println!("{:?}", user.email),
///     Err(error) if error.is_not_found() => println!("no such user"),
///     Err(error) => eprintln!("{error} (error id: {:?})", error.error_id()),
/// }
/// # Ok(())
/// # }
/// ```
///
/// The guide tells [how to act on one](crate::guide::errors).
///
/// # Troubleshooting
///
/// | kind | meaning | what to do |
/// |---|---|---|
/// | `InvalidInput` | a value was refused before anything was sent | mend the value that the message names |
/// | `Configuration` | the client can't be built, or its key can't sign | mend the setting that the message names |
/// | `Token` | the token provider failed | see `source()` |
/// | `Unauthorized` | 401, also with a new token | is the access key of this account, and still there? A new one may take five minutes |
/// | `Forbidden` | 403 | give the caller the permission |
/// | `NotFound` | 404 | the user or tenant does not exist; `get_user(…).optional()` turns this into `None` |
/// | `RateLimited` | 429 | slow down; `retry_after()` may say for how long |
/// | `Server` | a status from 500 on | try again later; `error_id()` helps the support |
/// | `UnexpectedStatus` | any other status, redirects included | does `api_url` lead to Authress? |
/// | `InvalidBody` | the answer's body is not what the API's document says | `body()` has it |
/// | `BodyTooLarge` | the body is larger than the client's limit | raise `body_limit`, or use a smaller `limit` |
/// | `Connect` | no connection came about | network, name resolution, certificates: see `source()` |
/// | `Timeout` | the API took too long | try again, or allow more time |
/// | `Interrupted` | the connection ended before the answer was complete | try again |
/// | `Pagination` | a list named a cursor that it had named before | report it to the provider |
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    message: Cow<'static, str>,
    answer: Option<Answer>,
    said: Said,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    no_retry: Option<NoRetry>,
    unanswered: bool,
    cursor: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What an error answer says of itself: `ResponseError` in the document.
#[derive(Default)]
struct Said {
    title: Option<String>,
    error_code: Option<String>,
    error_id: Option<String>,
}

impl Said {
    /// Takes each member that is a text: a proxy's answer, or one odd member, costs no other.
    fn in_body(body: &[u8]) -> Self {
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let mut text = |name| match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Self {
            title: text("title"),
            error_code: text("errorCode"),
            error_id: text("errorId"),
        }
    }
}

/// What sort of failure an [`Error`] is; its page has a table with what to do about each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value was refused before anything was sent.
    InvalidInput,
    /// The client can't be built as it was configured.
    Configuration,
    /// The token provider gave no token.
    Token,
    /// The API answered 401, also to a new token where there was one.
    Unauthorized,
    /// The API answered 403.
    Forbidden,
    /// The API answered 404.
    NotFound,
    /// The API answered 429.
    RateLimited,
    /// The API answered with a status from 500 on.
    Server,
    /// The API answered with a status that the operation does not have.
    UnexpectedStatus,
    /// The status was as documented, but the body was not.
    InvalidBody,
    /// The body was larger than the client accepts.
    BodyTooLarge,
    /// No connection came about.
    Connect,
    /// The API took too long.
    Timeout,
    /// The connection ended before the answer was complete.
    Interrupted,
    /// A list of users named a cursor that it had named before.
    Pagination,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            message: message.into(),
            answer: None,
            said: Said::default(),
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            no_retry: None,
            unanswered: false,
            cursor: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        if !answer.status.is_success() {
            self.0.said = Said::in_body(&answer.body);
        }
        self.0.answer = Some(answer);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_no_retry(mut self, no_retry: Option<NoRetry>) -> Self {
        self.0.no_retry = no_retry;
        self
    }

    /// Names the environment's variable in place of the setting that it fills.
    pub(crate) fn with_variable_names(mut self) -> Self {
        for (setting, variable) in [
            ("api_url ", API_URL),
            ("service_client_access_key ", ACCESS_KEY),
            ("access_token ", ACCESS_TOKEN),
        ] {
            if let Some(rest) = self.0.message.strip_prefix(setting) {
                self.0.message = format!("{variable} {rest}").into();
            }
        }
        self
    }

    pub(crate) fn with_unanswered(mut self, unanswered: bool) -> Self {
        self.0.unanswered = unanswered;
        self
    }

    pub(crate) fn with_cursor(mut self, cursor: Option<String>) -> Self {
        self.0.cursor = cursor;
        self
    }

    /// What sort of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether a value was refused before anything was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == ErrorKind::InvalidInput
    }

    /// Whether the client can't be built as it was configured.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// Whether the API refused the token (401).
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == ErrorKind::Unauthorized
    }

    /// Whether the caller lacks the permission (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.0.kind == ErrorKind::Forbidden
    }

    /// Whether the user or the tenant does not exist (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether the API asked to slow down (429).
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Whether the API failed on its side (500 and above).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.0.kind == ErrorKind::Server
    }

    /// Whether the API took too long.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Whether no connection came about.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == ErrorKind::Connect
    }

    /// Whether the answer could not be read for what the document says: not the documented
    /// body, or more than the limit.
    #[must_use]
    pub fn is_invalid_body(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::InvalidBody | ErrorKind::BodyTooLarge
        )
    }

    /// Whether the same call may succeed later without anything being mended: a connection that
    /// failed, a timeout, or one of the statuses 408, 429, 500, 502, 503 and 504.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted => true,
            _ => self.status().is_some_and(is_retryable),
        }
    }

    /// The status of the answer, if one came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(|answer| answer.status)
    }

    /// The headers of the answer, if one came.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(|answer| &answer.headers)
    }

    /// The body of the answer, if one came: all of it, or what had been read when the reading
    /// ended. It can hold personal data.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }

    /// What went wrong in the API's words, for people: `ResponseError.title`. The wording
    /// changes, and it can name a user.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.0.said.title.as_deref()
    }

    /// What went wrong, for programs: `ResponseError.errorCode`. Codes are stable; new ones
    /// appear.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.0.said.error_code.as_deref()
    }

    /// What names this answer in a support ticket: `ResponseError.errorId`.
    #[must_use]
    pub fn error_id(&self) -> Option<&str> {
        self.0.said.error_id.as_deref()
    }

    /// The operation's id in the API's document, such as `getUser`; none if no call was made.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// How many requests were sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, waits and tokens included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether the API may have done what was asked for, although the call failed: the answer to
    /// one of its attempts never came.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.unanswered
    }

    /// Where a list of users goes on with [`GetUsers::cursor`](crate::GetUsers::cursor): the start
    /// of the page that could not be had. None if that is the first page, and none where the API
    /// itself lost the way ([`Pagination`](ErrorKind::Pagination)).
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.0.cursor.as_deref()
    }

    /// How long the API asked to wait (`Retry-After`, in seconds or as a date).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{}: ", operation.id)?;
        }
        if let Some(answer) = &inner.answer {
            write!(f, "answered {}", answer.status)?;
        }
        if inner.attempts > 1 {
            let space = if inner.answer.is_some() { " " } else { "" };
            write!(
                f,
                "{space}after {} attempts in {:.1?}",
                inner.attempts, inner.elapsed
            )?;
        }
        if inner.answer.is_some() || inner.attempts > 1 {
            f.write_str(": ")?;
        }
        f.write_str(&inner.message)?;
        match inner.no_retry {
            None => Ok(()),
            Some(NoRetry::Budget) => {
                f.write_str(". Not tried again: the client's budget for retries is spent")
            }
            Some(NoRetry::Deadline { wait, deadline }) => write!(
                f,
                ". Not tried again: a wait of {wait:.1?} would pass the deadline of {deadline:?}"
            ),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_as_small_as_a_pointer() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn an_odd_member_of_an_error_body_costs_no_other() {
        let said = Said::in_body(br#"{"title": 7, "errorCode": null, "errorId": "e-1"}"#);
        assert_eq!(
            (said.title, said.error_code, said.error_id.as_deref()),
            (None, None, Some("e-1"))
        );
        assert!(Said::in_body(b"<html>").title.is_none());
        assert!(Said::in_body(b"[1]").title.is_none());
        assert!(Said::in_body(b"").title.is_none());
    }
}
