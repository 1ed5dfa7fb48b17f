use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use authress_users_client as raw;
use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::attempt::AttemptSender;
use super::body;
use super::send_loop::{Delivery, SendLoop};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, InvalidBody, Outcome};

/// A value and the response it was read from, as `send_with_response` of every request returns it.
///
/// ```
/// use authress_users_ext::AuthressClient;
///
/// async fn read(authress: &AuthressClient) -> Result<(), Box<dyn std::error::Error>> {
///     let response = authress.users().get_user("auth0|1").send_with_response().await?;
///     assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
///
///     // The body has also what the spec does not name.
///     let all: serde_json::Value = serde_json::from_slice(response.body())?;
///     assert_eq!(all["lastLogin"], "2026-01-01");
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder()
/// #         .user(serde_json::json!({ "userId": "auth0|1", "lastLogin": "2026-01-01" }))
/// #         .start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     read(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "metrics")]
#[derive(Clone, PartialEq, Eq)]
pub struct Response<T> {
    value: T,
    raw: RawResponse,
    attempts: u32,
    elapsed: Duration,
    already_done: bool,
}

impl<T> Response<T> {
    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the value and drops the response.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.raw.status
    }

    /// Returns the headers of the response.
    ///
    /// They lack `Content-Encoding` and `Content-Length` if the body was compressed and is now decoded.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.raw.headers
    }

    /// Returns the body as received, with members that the spec does not name; decoded if it was
    /// compressed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.raw.body
    }

    /// Returns how many requests were sent, 1 or more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns how long the call took, with backoff and tokens.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns whether an earlier attempt had carried out the request, or may have.
    ///
    /// This is so for a delete that got a 404, which is then the [`status`](Self::status), after an
    /// attempt whose [`Outcome`] was unknown or done.
    #[must_use]
    pub fn was_already_done(&self) -> bool {
        self.already_done
    }

    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: convert(self.value),
            raw: self.raw,
            attempts: self.attempts,
            elapsed: self.elapsed,
            already_done: self.already_done,
        }
    }

    /// Turns a response that is about something else than the request into an error, which does not
    /// keep the body: it may belong to another caller.
    pub(super) fn into_wrong_user(mut self) -> Error {
        self.raw.body = Bytes::new();
        Error::new(
            ErrorKind::WrongUser,
            "the response is about another user; check the caches and proxies on the way to the API",
        )
        .with_response(Some(self.raw))
        .with_attempts(self.attempts, self.elapsed)
        .with_outcome(Outcome::Done)
    }
}

#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
impl<T> Response<T> {
    /// Creates the response of a double: status 200, no headers and no body, after one attempt.
    ///
    /// See the guide on [testing](crate::guide::testing).
    ///
    /// ```
    /// use authress_users_ext::Response;
    ///
    /// let response = Response::from_value("value");
    /// assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
    /// ```
    #[must_use]
    pub fn from_value(value: T) -> Self {
        Self {
            value,
            raw: RawResponse::new(StatusCode::OK, HeaderMap::new(), Bytes::new()),
            attempts: 1,
            elapsed: Duration::ZERO,
            already_done: false,
        }
    }
}

impl<T> Response<Result<T, InvalidBody>> {
    pub(super) fn transpose(self) -> Result<Response<T>, Error> {
        match self.value {
            Ok(value) => Ok(Response {
                value,
                raw: self.raw,
                attempts: self.attempts,
                elapsed: self.elapsed,
                already_done: self.already_done,
            }),
            Err(reason) => {
                Err(invalid_body(self.raw, reason).with_attempts(self.attempts, self.elapsed))
            }
        }
    }
}

impl Response<()> {
    /// Turns the error of a deletion into success if it got a 404 after an attempt that may have
    /// deleted the user.
    pub(super) fn of_lost_deletion(mut error: Error) -> Result<Self, Error> {
        if error.is_not_found()
            && error.may_have_taken_effect()
            && let Some(raw) = error.take_response()
        {
            return Ok(Self {
                value: (),
                raw,
                attempts: error.attempts(),
                elapsed: error.elapsed(),
                already_done: true,
            });
        }
        Err(error)
    }
}

impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.raw.status)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

/// Converts what the raw client returned. Errors of the send loop pass unchanged.
pub(super) fn from_decoded<V, E, A: AttemptSender>(
    decoded: Result<raw::ResponseValue<V, Delivery>, raw::Error<E, SendLoop<'_, A>>>,
    operation: &'static Operation,
    clock: &dyn Clock,
) -> Result<Response<V>, Error> {
    let error = match decoded {
        Ok(decoded) => {
            let (value, delivery) = decoded.into_parts();
            return Ok(Response {
                value,
                raw: delivery.response,
                attempts: delivery.attempts,
                elapsed: delivery.elapsed,
                already_done: false,
            });
        }
        Err(raw::Error::Transport(error)) => error,
        Err(raw::Error::InvalidRequest(reason)) => {
            Error::invalid_input(format!("{reason}; nothing was sent"))
        }
        Err(raw::Error::InvalidBody(delivery, reason)) => {
            invalid_body(delivery.response, reason.into())
                .with_attempts(delivery.attempts, delivery.elapsed)
        }
        Err(raw::Error::UnexpectedResponse(delivery)) => undocumented(delivery, operation, clock),
        Err(raw::Error::ErrorResponse(decoded)) => {
            undocumented(decoded.into_parts().1, operation, clock)
        }
        Err(raw::Error::BuildRequest(reason)) => {
            Error::invalid_input("could not build the request; nothing was sent")
                .with_source(reason)
        }
        Err(_) => Error::invalid_input("could not send the request"),
    };
    Err(error.with_operation(operation))
}

fn invalid_body(response: RawResponse, reason: InvalidBody) -> Error {
    let fault: Cow<'static, str> = match body::remaining(&response.headers) {
        Some(coding) => format!(
            "the body could not be decoded: its Content-Encoding is {coding}, which the client does \
             not accept; body() returns it as received"
        )
        .into(),
        None => "the body does not match the spec; body() returns it as received".into(),
    };
    Error::new(ErrorKind::InvalidBody, fault)
        .with_source(reason)
        .with_response(Some(response))
        .with_outcome(Outcome::Done)
}

/// A success that the operation does not have.
fn undocumented(delivery: Delivery, operation: &'static Operation, clock: &dyn Clock) -> Error {
    Error::of_response(operation, delivery.response, clock.now())
        .with_attempts(delivery.attempts, delivery.elapsed)
        .with_outcome(Outcome::Done)
}
