use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::body::ErrorBody;
use super::clock_skew::ClockSkew;
use super::kind::{ErrorKind, is_retryable};
use super::no_retry::NoRetry;
use super::outcome::Outcome;
use super::retry_after::retry_after;
use super::retry_stop::RetryStop;

/// Why a call, or building a client, failed.
///
/// Everything that was received is kept: [`status`](Self::status), [`headers`](Self::headers) and
/// [`body`](Self::body) return the response as far as it was read, whether the spec names it or not
/// and whether it is JSON or not. `Display` is one line with the operation, the status, the reason and
/// what to do; it and `Debug` show no body, token, key or user id. The cause, if there is one, is the
/// [`source`](StdError::source) and is not repeated in the line.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn print_email(authress: &AuthressClient) -> Result<()> {
///     match authress.users().get_user("auth0|missing").await {
///         Ok(user) => println!("{:?}", user.email),
///         Err(error) if error.is_not_found() => println!("no such user"),
///         Err(error) => eprintln!("{error} (error id: {:?})", error.error_id()),
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_email(&authress).await?;
/// #     Ok(())
/// # }
/// ```
///
/// The guide has a chapter on [handling errors](crate::guide::errors).
///
/// # Troubleshooting
///
/// | kind | meaning | what to do |
/// |---|---|---|
/// | `InvalidInput` | a value or an option is invalid; nothing was sent | fix the value that the message names |
/// | `Configuration` | the client cannot be built, its key cannot sign, or no Tokio runtime with timers and I/O is running | fix what the message names |
/// | `Token` | the token provider failed | see `source()` |
/// | `Unauthorized` | 401, also with a new token | check that the access key belongs to this account and still exists; a new one takes up to five minutes |
/// | `Forbidden` | 403 | grant the caller the permission |
/// | `NotFound` | 404 | the user, the tenant or the page of a cursor does not exist; `get_user(…).optional()` returns `None` instead |
/// | `RateLimited` | 429, or the wait for the rate limit exceeds the deadline | retry later; `retry_after()` returns how long to wait |
/// | `Server` | a status of 500 or above | retry later; send `error_id()` to the provider's support |
/// | `UnexpectedStatus` | any other status, redirects included | check that `api_url` is the URL of the Authress API |
/// | `InvalidBody` | the body does not match the spec, or could not be [decoded](crate::guide::compression) | `body()` returns it |
/// | `WrongUser` | the response is about a user other than the requested one; its body was dropped | check the caches and proxies on the way to the API |
/// | `BodyTooLarge` | the body exceeds the client's limit | raise `body_limit`, or lower `limit` |
/// | `Connect` | no connection was established, or its TLS handshake was rejected; nothing was processed | check network, name resolution and certificates: see `source()` |
/// | `AttemptTimeout` | the last attempt exceeded the attempt timeout | retry, or raise `attempt_timeout` |
/// | `Deadline` | the call exceeded its deadline | retry, or raise `deadline` |
/// | `ConnectionClosed` | the connection closed before the response was complete | retry |
/// | `Pagination` | a list returned a cursor for the second time | report it to the provider |
/// | `Canceled` | a task of the client was canceled, because its runtime was shut down | resume on another runtime, a list at `cursor()` |
pub struct Error(Box<Inner>);

/// Visible to the files beside this one, which show it.
pub(super) struct Inner {
    kind: ErrorKind,
    pub(super) operation: Option<&'static Operation>,
    /// The setting or environment variable that is invalid.
    pub(super) setting: Option<&'static str>,
    /// Empty if the status of the response describes the failure.
    pub(super) message: Cow<'static, str>,
    response: Option<RawResponse>,
    body: ErrorBody,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    pub(super) no_retry: Option<NoRetry>,
    outcome: Outcome,
    /// Whether the same call would fail again.
    is_permanent: bool,
    pub(super) clock_skew: Option<ClockSkew>,
    cursor: Option<String>,
    pub(super) source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            setting: None,
            message: message.into(),
            response: None,
            body: ErrorBody::default(),
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            no_retry: None,
            outcome: Outcome::default(),
            is_permanent: false,
            clock_skew: None,
            cursor: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// A configuration error of one setting: `invalid {setting}: {reason}`.
    pub(crate) fn invalid_setting(
        setting: &'static str,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut error = Self::configuration(reason);
        error.0.setting = Some(setting);
        error
    }

    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// The error of a response whose status is not a success, or that the operation does not have.
    pub(crate) fn of_response(
        operation: &'static Operation,
        response: RawResponse,
        now: SystemTime,
    ) -> Self {
        Self::of_raw_response(response, now).with_operation(operation)
    }

    pub(super) fn of_raw_response(response: RawResponse, now: SystemTime) -> Self {
        let retry_after = retry_after(&response.headers, now);
        let mut error =
            Self::new(ErrorKind::of_status(response.status), "").with_response(Some(response));
        error.0.retry_after = retry_after;
        error
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

    /// Keeps the response, and reads the members of an error body.
    pub(crate) fn with_response(mut self, response: Option<RawResponse>) -> Self {
        if let Some(response) = &response
            && !response.status.is_success()
        {
            self.0.body = ErrorBody::parse(&response.body);
        }
        self.0.response = response;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    pub(crate) fn with_no_retry(mut self, no_retry: Option<NoRetry>) -> Self {
        if let Some(NoRetry::RateLimit(wait)) = no_retry {
            self.0.retry_after = Some(wait);
        }
        self.0.no_retry = no_retry;
        self
    }

    pub(crate) fn with_clock_skew(mut self, clock_skew: Option<ClockSkew>) -> Self {
        self.0.clock_skew = clock_skew;
        self
    }

    /// Marks a failure that a retry would not change, although others of its kind are retried.
    pub(crate) fn permanent(mut self) -> Self {
        self.0.is_permanent = true;
        self
    }

    pub(crate) fn is_permanent(&self) -> bool {
        self.0.is_permanent
    }

    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    pub(crate) fn with_cursor(mut self, cursor: Option<String>) -> Self {
        self.0.cursor = cursor;
        self
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Removes the response.
    pub(crate) fn take_response(&mut self) -> Option<RawResponse> {
        self.0.response.take()
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether a value or an option is invalid, so that nothing was sent.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == ErrorKind::InvalidInput
    }

    /// Returns whether the client cannot be built from its settings.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// Returns whether the token provider failed.
    #[must_use]
    pub fn is_token(&self) -> bool {
        self.0.kind == ErrorKind::Token
    }

    /// Returns whether the API rejected the token (401).
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == ErrorKind::Unauthorized
    }

    /// Returns whether the caller lacks the permission (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.0.kind == ErrorKind::Forbidden
    }

    /// Returns whether the user, the tenant or the page of a cursor does not exist (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Returns whether the API limited the rate (429), or the client did so beyond the call's deadline.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Returns whether the API failed (500 or above).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.0.kind == ErrorKind::Server
    }

    /// Returns whether the API returned a status that no other kind covers, such as 400.
    #[must_use]
    pub fn is_unexpected_status(&self) -> bool {
        self.0.kind == ErrorKind::UnexpectedStatus
    }

    /// Returns whether the body does not match the spec, or could not be decoded.
    #[must_use]
    pub fn is_invalid_body(&self) -> bool {
        self.0.kind == ErrorKind::InvalidBody
    }

    /// Returns whether the response is about a user other than the requested one.
    #[must_use]
    pub fn is_wrong_user(&self) -> bool {
        self.0.kind == ErrorKind::WrongUser
    }

    /// Returns whether the body exceeds the client's limit.
    #[must_use]
    pub fn is_body_too_large(&self) -> bool {
        self.0.kind == ErrorKind::BodyTooLarge
    }

    /// Returns whether no connection was established, so that nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == ErrorKind::Connect
    }

    /// Returns whether the last attempt exceeded the attempt timeout.
    #[must_use]
    pub fn is_attempt_timeout(&self) -> bool {
        self.0.kind == ErrorKind::AttemptTimeout
    }

    /// Returns whether the call exceeded its deadline.
    #[must_use]
    pub fn is_deadline(&self) -> bool {
        self.0.kind == ErrorKind::Deadline
    }

    /// Returns whether the connection closed before the response was complete.
    #[must_use]
    pub fn is_connection_closed(&self) -> bool {
        self.0.kind == ErrorKind::ConnectionClosed
    }

    /// Returns whether a list returned a cursor for the second time.
    #[must_use]
    pub fn is_pagination(&self) -> bool {
        self.0.kind == ErrorKind::Pagination
    }

    /// Returns whether a task of the client was canceled, because its runtime was shut down.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        self.0.kind == ErrorKind::Canceled
    }

    /// Returns whether time ran out, for the last attempt or for the whole call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.is_attempt_timeout() || self.is_deadline()
    }

    /// Returns whether the same call may succeed later without any change.
    ///
    /// This is so after a failed connection (unless client and server do not accept each other's
    /// certificates), a timeout, a closed connection, a canceled task, a rate limit, or one of the
    /// statuses 408, 429, 500, 502, 503, 504, 520 to 524 and 530.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            _ if self.0.is_permanent => false,
            ErrorKind::Connect
            | ErrorKind::AttemptTimeout
            | ErrorKind::Deadline
            | ErrorKind::ConnectionClosed
            | ErrorKind::Canceled
            | ErrorKind::RateLimited => true,
            _ => self.status().is_some_and(is_retryable),
        }
    }

    /// Returns the status, if a response was received.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.response.as_ref().map(|response| response.status)
    }

    /// Returns the headers, if a response was received.
    ///
    /// They lack `Content-Encoding` and `Content-Length` if the body was decoded.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.response.as_ref().map(|response| &response.headers)
    }

    /// Returns the body, if a response was received.
    ///
    /// This is all of it, or the part that was read, which for an error response is at most 64 KiB; see
    /// [`is_body_truncated`](Self::is_body_truncated). A compressed body is decoded. It can hold
    /// personal data.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.response.as_ref().map(|response| &response.body)
    }

    /// Returns whether [`body`](Self::body) is only the first part of the body.
    #[must_use]
    pub fn is_body_truncated(&self) -> bool {
        let response = self.0.response.as_ref();
        response.is_some_and(|response| response.truncated)
    }

    /// Returns the API's message for people: `ErrorBody.title`. The wording can change, and it
    /// can name a user.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.0.body.title()
    }

    /// Returns the API's error code for programs: `ErrorBody.errorCode`. Codes are stable; new
    /// ones can be added.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.0.body.error_code()
    }

    /// Returns the id of this failure for a support ticket: `ErrorBody.errorId`.
    #[must_use]
    pub fn error_id(&self) -> Option<&str> {
        self.0.body.error_id()
    }

    /// Returns the operation's id in the spec, such as `getUser`; `None` if no call was made.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation.map(|operation| operation.id)
    }

    /// Returns how many requests were sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the call took, with backoff and tokens.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Returns what the API did with the requests of the call.
    ///
    /// It never got one, rejected all of them, or has carried one out, possibly or certainly.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Outcome, Result, RetryPolicy};
    ///
    /// async fn delete_once(authress: &AuthressClient) -> Result<()> {
    ///     let delete = authress.users().delete_user("auth0|1");
    ///     let error = delete.with_retry_policy(RetryPolicy::none()).await.unwrap_err();
    ///     // A 504 does not say whether the user was deleted.
    ///     assert_eq!(error.outcome(), Outcome::Unknown);
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::{Fault, MockAuthress, Operation};
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     fake.fail_next(Operation::DeleteUser, Fault::status(504)?);
    /// #     delete_once(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Returns whether the API may have carried out the request although the call failed.
    ///
    /// This is so if the [`outcome`](Self::outcome) is [`Unknown`](Outcome::Unknown) or
    /// [`Done`](Outcome::Done).
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.outcome.is_possibly_done()
    }

    /// Returns why the call was not retried, or not again.
    ///
    /// `None` if it failed before a request could be sent for a reason other than its deadline, such as
    /// an invalid value.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result, RetryPolicy, RetryStop};
    ///
    /// async fn read_once(authress: &AuthressClient) -> Result<()> {
    ///     let user = authress.users().get_user("auth0|1");
    ///     let error = user.with_retry_policy(RetryPolicy::none()).await.unwrap_err();
    ///     assert_eq!(error.retry_stopped_by(), Some(RetryStop::Attempts));
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::{Fault, MockAuthress, Operation};
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     fake.fail_next(Operation::GetUser, Fault::status(503)?);
    /// #     read_once(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn retry_stopped_by(&self) -> Option<RetryStop> {
        match self.0.no_retry {
            Some(reason) => Some(reason.stop()),
            None if self.is_deadline() => Some(RetryStop::Deadline),
            // The client limits the rate.
            None if self.is_rate_limited() && self.0.attempts == 0 => Some(RetryStop::Deadline),
            // The response or the failure is final whatever the policy is.
            None => (self.0.attempts > 0).then_some(RetryStop::NotRetryable),
        }
    }

    /// Returns where to resume a list of users with [`GetUsers::cursor`](crate::GetUsers::cursor).
    ///
    /// This is the start of the page that failed. `None` for the first page, and for a repeated cursor
    /// ([`Pagination`](ErrorKind::Pagination)).
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.0.cursor.as_deref()
    }

    /// Returns how long to wait before the next call, if that is known.
    ///
    /// The wait is that of the API (`Retry-After`, in seconds or as a date), or the client's estimate
    /// if it limits the rate.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
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
}
