//! The way of one call: from the request that the raw crate built to a value or an error.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use authress_users_client as raw;
use authress_users_client::operations::Operation;
use bytes::Bytes;
use http::StatusCode;
use reqwest::{Request, ResponseBuilderExt as _};
use tracing::{Instrument as _, Span};
use url::Url;

use super::answer::Answer;
use super::attempt::{Attempt, AttemptFailure};
use super::call::Call;
use super::response::Response;
use super::send_loop::{self, Delivery, DeliveryFailure};
use super::span;
use crate::error::InvalidBody;
use crate::error::{Error, ErrorKind};

/// A call on its way. The raw crate's client sends through it, and what the generated decoder
/// can't carry (the answer, the attempts, failures of our own) waits here for [`finish`].
///
/// [`finish`]: Exchange::finish
pub(crate) struct Exchange {
    call: Call,
    operation: &'static Operation,
    span: Span,
    delivery: Mutex<Option<Delivery>>,
}

impl Exchange {
    pub(crate) fn new(call: Call, operation: &'static Operation, span: Span) -> Arc<Self> {
        Arc::new(Self {
            call,
            operation,
            span,
            delivery: Mutex::new(None),
        })
    }

    /// The raw crate's client for this call.
    pub(crate) fn client(self: &Arc<Self>) -> raw::Client {
        let shared = &self.call.client.shared;
        raw::Client::new_with_client(&shared.base_url, shared.http.clone(), self.clone())
    }

    /// Turns what the generated decoder made of the answer, and what it dropped, into the value
    /// with its answer or into an error that has everything.
    pub(crate) fn finish<T>(
        self: Arc<Self>,
        decoded: Result<raw::ResponseValue<T>, raw::Error<raw::types::ResponseError>>,
    ) -> Result<Response<T>, Error> {
        let delivery = self
            .delivery
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let result = match delivery {
            Some(delivery) => self.judge(delivery, decoded),
            // The raw crate refused the request, or could not build it.
            None => Err(unsent(decoded.err())),
        };
        let result = result.map_err(|error| error.with_operation(self.operation));
        let (status, attempts) = match &result {
            Ok(response) => (Some(response.status()), response.attempts()),
            Err(error) => (error.status(), error.attempts()),
        };
        let status = status.map(|status| status.as_u16());
        span::record_end(&self.span, status, attempts, result.as_ref().err());
        result
    }

    fn judge<T>(
        &self,
        delivery: Delivery,
        decoded: Result<raw::ResponseValue<T>, raw::Error<raw::types::ResponseError>>,
    ) -> Result<Response<T>, Error> {
        let Delivery {
            last,
            failure,
            attempts,
            elapsed,
            no_retry,
            already_done,
            unanswered,
        } = delivery;
        let (answer, attempt_failure) =
            last.map_or((None, None), |last| (last.answer, last.failure));
        let error = failure
            .map(Error::from)
            .or_else(|| attempt_failure.map(Error::from));
        let error = match (error, answer, decoded) {
            (None, Some(answer), Ok(value)) => {
                let value = value.into_inner();
                return Ok(Response::new(
                    value,
                    answer,
                    attempts,
                    elapsed,
                    already_done,
                ));
            }
            (Some(error), Some(answer), _) => error.with_answer(answer),
            (Some(error), None, _) => error,
            (None, Some(answer), Err(raw::Error::InvalidResponsePayload(_, reason)))
                if answer.status.is_success() =>
            {
                Error::new(
                    ErrorKind::InvalidBody,
                    "the body is not what the API's document says; body() has it as it came",
                )
                .with_source(InvalidBody::from(&reason))
                .with_answer(answer)
            }
            (None, Some(answer), Err(_)) => self.refused(answer),
            (None, None, decoded) => unsent(decoded.err()),
        };
        let error = error
            .with_attempts(attempts, elapsed)
            .with_no_retry(no_retry);
        Err(error.with_unanswered(unanswered))
    }

    /// An answer that is not a success, documented or not.
    fn refused(&self, answer: Answer) -> Error {
        let status = answer.status;
        let (kind, advice) = match status.as_u16() {
            401 => (
                ErrorKind::Unauthorized,
                "Check that the credential is of this account and still good; a new access key can \
                 take five minutes",
            ),
            403 => (
                ErrorKind::Forbidden,
                "Give the caller the permission, or use one that has it",
            ),
            404 => (
                ErrorKind::NotFound,
                "Check the id, and that api_url leads to Authress",
            ),
            429 => (
                ErrorKind::RateLimited,
                "Slow down; retry_after() may say for how long",
            ),
            500.. => (
                ErrorKind::Server,
                "Try again later; the error id helps the support",
            ),
            304 => (
                ErrorKind::UnexpectedStatus,
                "Nothing was asked that this answers; check that api_url leads to Authress",
            ),
            300..=399 => (
                ErrorKind::UnexpectedStatus,
                "Redirects are not followed; check that api_url leads to Authress",
            ),
            _ => (
                ErrorKind::UnexpectedStatus,
                "Check the values that were sent, and that api_url leads to Authress",
            ),
        };
        let meaning = match self.operation.response(status.as_u16()) {
            Some(documented) => documented.description,
            // Every API has these, documented or not.
            None if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => "",
            None => "The API's document does not name this status.",
        };
        let retry_after = answer.retry_after(self.call.client.shared.clock.now());
        Error::new(kind, format!("{meaning} {advice}").trim_start().to_owned())
            .with_answer(answer)
            .with_retry_after(retry_after)
    }
}

impl raw::Transport for Exchange {
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> raw::TransportFuture<'a> {
        let deliver = async move {
            let delivery = send_loop::deliver(&self.call, operation, http, request).await;
            // The decoder needs a status and a body; the rest waits here.
            let (status, body) = match &delivery.last {
                Some(_) if delivery.already_done => (documented_success(operation), Bytes::new()),
                Some(Attempt {
                    answer: Some(answer),
                    ..
                }) => (answer.status, answer.body.clone()),
                // Whatever the decoder makes of nothing, the failure stands.
                _ => (StatusCode::IM_A_TEAPOT, Bytes::new()),
            };
            *self.delivery.lock().unwrap_or_else(PoisonError::into_inner) = Some(delivery);
            Ok(answered(&self.call.client.shared.api_url, status, body))
        };
        Box::pin(deliver.instrument(self.span.clone()))
    }

    fn base_url(&self) -> Option<&Url> {
        Some(&self.call.client.shared.api_url)
    }
}

/// What the decoder reads. Without a URL, reqwest would parse one that it makes up.
fn answered(url: &Url, status: StatusCode, body: Bytes) -> reqwest::Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    if let Ok(with_url) = http::Response::builder().url(url.clone()).body(()) {
        *response.extensions_mut() = with_url.into_parts().0.extensions;
    }
    response.into()
}

/// The status by which the API would have said what is known anyway.
fn documented_success(operation: &Operation) -> StatusCode {
    operation
        .responses
        .iter()
        .filter_map(|response| StatusCode::from_u16(response.status).ok())
        .find(StatusCode::is_success)
        .unwrap_or(StatusCode::NO_CONTENT)
}

fn unsent<E>(reason: Option<raw::Error<E>>) -> Error {
    match reason {
        Some(raw::Error::InvalidRequest(rule)) => {
            Error::invalid_input(format!("{rule}. Nothing was sent"))
        }
        Some(raw::Error::CommunicationError(reason)) => {
            Error::invalid_input("the request can't be built").with_source(reason.without_url())
        }
        _ => Error::invalid_input("the request can't be sent a second time"),
    }
}

impl From<DeliveryFailure> for Error {
    fn from(failure: DeliveryFailure) -> Self {
        match failure {
            DeliveryFailure::Token(reason) => {
                Self::new(ErrorKind::Token, "the token provider gave no token").with_source(reason)
            }
            DeliveryFailure::Deadline {
                deadline,
                waiting_for,
            } => Self::new(
                ErrorKind::Timeout,
                format!("the deadline of {deadline:?} passed while waiting for {waiting_for}"),
            ),
        }
    }
}

impl From<AttemptFailure> for Error {
    fn from(failure: AttemptFailure) -> Self {
        match failure {
            AttemptFailure::Connect(reason) => Self::new(
                ErrorKind::Connect,
                "no connection to the API came about; check the URL, the network and the \
                 certificates",
            )
            .with_source(reason),
            AttemptFailure::Timeout(limit) => Self::new(
                ErrorKind::Timeout,
                format!("the API did not finish its answer within {limit:?}"),
            ),
            AttemptFailure::OwnTimeout(reason) => Self::new(
                ErrorKind::Timeout,
                "the API did not finish its answer within the time limit of the HTTP client that \
                 was given to http()",
            )
            .with_source(reason),
            AttemptFailure::Interrupted(reason) => Self::new(
                ErrorKind::Interrupted,
                "the connection ended before the answer was complete",
            )
            .with_source(reason),
            AttemptFailure::BodyTooLarge(limit) => Self::new(
                ErrorKind::BodyTooLarge,
                format!("the body is larger than the limit of {limit} bytes; see body_limit"),
            ),
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}
