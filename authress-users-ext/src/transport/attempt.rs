//! One attempt: a request and the response to it, within a time limit.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::RawResponse;
use http::StatusCode;
use reqwest::Request;

use super::body::{self, PartialBody, ReadError};
use super::fault::{Fault, causes};
use super::within::within;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Outcome, Readable, is_retryable};

/// What came of one attempt.
pub(crate) struct Attempt {
    /// The response as far as it was read.
    pub(crate) response: Option<RawResponse>,
    /// Why there is no complete response.
    pub(crate) failure: Option<Error>,
    /// What the API did with the requests.
    pub(crate) outcome: Outcome,
    /// How many requests were sent: more than one if requests were replayed.
    pub(crate) requests: u32,
}

impl Attempt {
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.response.as_ref().map(|response| response.status)
    }

    pub(super) fn failure(&self) -> Option<ErrorKind> {
        self.failure.as_ref().map(Error::kind)
    }

    pub(super) fn is_success(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| status.is_success())
    }

    /// Whether the API is available, whatever it returned.
    pub(super) fn shows_availability(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| !is_retryable(status))
    }

    /// Whether a request was sent and no complete response was received.
    pub(super) fn has_lost_response(&self) -> bool {
        matches!(
            self.failure(),
            Some(ErrorKind::AttemptTimeout | ErrorKind::ConnectionClosed)
        )
    }
}

/// Performs one attempt. A simulation replaces it to run the send loop without a network.
pub(crate) trait AttemptSender: Clone + Send + Sync + 'static {
    /// Sends `request` and reads the response, both within `timeout`.
    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
        timeout: Duration,
    ) -> impl Future<Output = Attempt> + Send;
}

/// Performs attempts over the network.
#[derive(Clone)]
pub(crate) struct HttpSender {
    clock: Arc<dyn Clock>,
    body_limit: usize,
}

impl HttpSender {
    pub(super) fn new(clock: Arc<dyn Clock>, body_limit: usize) -> Self {
        Self { clock, body_limit }
    }
}

impl AttemptSender for HttpSender {
    async fn send(&self, http: &reqwest::Client, request: Request, timeout: Duration) -> Attempt {
        // These outlive the exchange, so that a response that stops half-way is kept.
        let mut head = None;
        let mut body = PartialBody::default();
        let exchange = async {
            let mut response = http
                .execute(request)
                .await
                .map_err(|error| (Fault::of(&error), error))?;
            head = Some((response.status(), std::mem::take(response.headers_mut())));
            Ok(body::read(&mut response, self.body_limit, &mut body).await)
        };
        let (failure, unanswered) = match within(&*self.clock, timeout, exchange).await {
            Some(Ok(Ok(()))) => (None, Outcome::Unknown),
            Some(Ok(Err(ReadError::TooLarge))) => {
                (Some(body_too_large(self.body_limit)), Outcome::Unknown)
            }
            Some(Ok(Err(ReadError::Connection(source)))) => {
                (Some(incomplete(source)), Outcome::Unknown)
            }
            Some(Err((fault, source))) => (Some(no_response(fault, source)), fault.outcome()),
            None => (Some(attempt_timeout(timeout)), Outcome::Unknown),
        };
        let response =
            head.map(|(status, headers)| RawResponse::new(status, headers, body.into_bytes()));
        // The status alone determines the error; its body is optional and may be incomplete.
        let is_error = response
            .as_ref()
            .is_some_and(|response| !response.status.is_success());
        let outcome = match &response {
            Some(response) => Outcome::of_status(response.status),
            None => unanswered,
        };
        Attempt {
            response,
            failure: failure.filter(|_| !is_error),
            outcome,
            requests: 1,
        }
    }
}

fn attempt_timeout(timeout: Duration) -> Error {
    Error::new(
        ErrorKind::AttemptTimeout,
        format!("no complete response within {}", Readable(timeout)),
    )
}

fn body_too_large(limit: usize) -> Error {
    Error::new(
        ErrorKind::BodyTooLarge,
        format!("the body exceeds the limit of {limit} bytes; raise body_limit"),
    )
}

/// The URL is removed from all of reqwest's errors: it holds ids.
fn no_response(fault: Fault, source: reqwest::Error) -> Error {
    match fault {
        Fault::Unbuildable => Error::invalid_input("could not build the request; nothing was sent")
            .with_source(source.without_url()),
        Fault::NotConnected => {
            let message = match io_error(&source) {
                Some(kind) => format!("could not connect to the API: {kind}"),
                None => "could not connect to the API; check api_url, network and certificates"
                    .to_owned(),
            };
            Error::new(ErrorKind::Connect, message).with_source(source.without_url())
        }
        Fault::Refused => Error::new(
            ErrorKind::ConnectionClosed,
            "the API refused the request without processing it",
        )
        .with_source(source.without_url()),
        Fault::Lost => incomplete(source),
    }
}

/// The error of the operating system behind `error`, such as "connection refused".
fn io_error(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .last()
        .filter(|kind| *kind != io::ErrorKind::Other)
}

/// The caller may have configured timeouts of the HTTP client.
fn incomplete(source: reqwest::Error) -> Error {
    let (kind, message) = if source.is_timeout() {
        (
            ErrorKind::AttemptTimeout,
            "no complete response within the time limit of the HTTP client given to http()",
        )
    } else {
        (
            ErrorKind::ConnectionClosed,
            "the connection closed before the response was complete",
        )
    };
    Error::new(kind, message).with_source(source.without_url())
}
