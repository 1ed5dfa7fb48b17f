//! The way of one call: from the request that the raw crate built to a value or an error.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use authress_users_client as raw;
use authress_users_client::operations::Operation;
use http::{StatusCode, header};
use reqwest::Request;

use crate::answer::Answer;
use crate::attempt::{self, Attempt, AttemptFailure};
use crate::call::Call;
use crate::decode::InvalidBody;
use crate::error::{Error, ErrorKind};
use crate::response::Response;

/// A call on its way. The raw crate's client sends through it, and what the generated decoder
/// can't carry (the answer, the attempts, failures of our own) waits here for [`finish`].
///
/// [`finish`]: Exchange::finish
pub(crate) struct Exchange {
    call: Call,
    operation: &'static Operation,
    outcome: Mutex<Option<Outcome>>,
}

/// How the sending of a call ended.
struct Outcome {
    answer: Option<Answer>,
    failure: Option<Failure>,
    attempts: u32,
    elapsed: Duration,
}

enum Failure {
    Token(Box<dyn StdError + Send + Sync>),
    Attempt(AttemptFailure),
}

impl Exchange {
    pub(crate) fn new(call: Call, operation: &'static Operation) -> Arc<Self> {
        Arc::new(Self { call, operation, outcome: Mutex::new(None) })
    }

    /// The raw crate's client for this call.
    pub(crate) fn client(self: &Arc<Self>) -> raw::Client {
        let shared = &self.call.client.shared;
        raw::Client::new_with_client(&shared.base_url, shared.http.clone(), self.clone())
    }

    /// Sends until there is an answer to go by.
    async fn deliver(&self, http: &reqwest::Client, mut request: Request) -> Outcome {
        let started = Instant::now();
        let shared = &self.call.client.shared;
        let tokens = self.call.tokens();
        request.headers_mut().insert(header::USER_AGENT, shared.user_agent.clone());
        let mut refused: Option<(crate::AccessToken, Attempt)> = None;
        let mut attempts = 0;
        let outcome = |answer, failure, attempts| Outcome {
            answer,
            failure,
            attempts,
            elapsed: started.elapsed(),
        };
        loop {
            let token = match tokens.access_token().await {
                Ok(token) => token,
                Err(reason) => {
                    // What the API said tells more than that there is no other token.
                    let answer = refused.and_then(|(_, attempt)| attempt.answer);
                    let failure = answer.is_none().then_some(Failure::Token(reason));
                    return outcome(answer, failure, attempts);
                }
            };
            if let Some((_, attempt)) = refused.take_if(|(refused, _)| refused.is_same(&token)) {
                return outcome(attempt.answer, None, attempts);
            }
            // Streams alone can't be cloned, and no body of this API is one.
            let Some(mut next) = request.try_clone() else {
                return outcome(None, None, attempts);
            };
            next.headers_mut().insert(header::AUTHORIZATION, token.header());
            attempts += 1;
            let attempt =
                attempt::send(http, next, self.call.timeout(), shared.body_limit).await;
            if attempt.status() == Some(StatusCode::UNAUTHORIZED) && refused.is_none() {
                tokens.reject(&token);
                refused = Some((token, attempt));
                continue;
            }
            return outcome(attempt.answer, attempt.failure.map(Failure::Attempt), attempts);
        }
    }

    /// Turns what the generated decoder made of the answer, and what it dropped, into the value
    /// with its answer or into an error that has everything.
    pub(crate) fn finish<T>(
        self: Arc<Self>,
        decoded: Result<raw::ResponseValue<T>, raw::Error<raw::types::ResponseError>>,
    ) -> Result<Response<T>, Error> {
        let outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Outcome { answer, failure, attempts, elapsed }) = outcome else {
            // The raw crate refused the request, or could not build it.
            return Err(self.unsent(decoded.err()));
        };
        let error = match (failure, answer, decoded) {
            (None, Some(answer), Ok(value)) => {
                return Ok(Response::new(value.into_inner(), answer, attempts, elapsed));
            }
            (Some(failure), answer, _) => self.failed(failure, answer),
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
            (None, None, decoded) => self.unsent(decoded.err()),
        };
        Err(error.with_operation(self.operation).with_attempts(attempts, elapsed))
    }

    fn unsent<E>(&self, reason: Option<raw::Error<E>>) -> Error {
        let error = match reason {
            Some(raw::Error::InvalidRequest(rule)) => Error::invalid_input(rule),
            Some(raw::Error::CommunicationError(reason)) => {
                Error::invalid_input("the request can't be built").with_source(reason.without_url())
            }
            _ => Error::invalid_input("the request can't be sent a second time"),
        };
        error.with_operation(self.operation)
    }

    fn failed(&self, failure: Failure, answer: Option<Answer>) -> Error {
        let error = match failure {
            Failure::Token(reason) => Error::new(
                ErrorKind::Token,
                "the token provider gave no token, so nothing was sent",
            )
            .with_source(reason),
            Failure::Attempt(AttemptFailure::Connect(reason)) => Error::new(
                ErrorKind::Connect,
                "no connection to the API came about; check the URL, the network and the \
                 certificates",
            )
            .with_source(reason),
            Failure::Attempt(AttemptFailure::Timeout(limit)) => Error::new(
                ErrorKind::Timeout,
                format!("the API did not finish its answer within {limit:?}"),
            ),
            Failure::Attempt(AttemptFailure::Interrupted(reason)) => Error::new(
                ErrorKind::Interrupted,
                "the connection ended before the answer was complete",
            )
            .with_source(reason),
            Failure::Attempt(AttemptFailure::BodyTooLarge(limit)) => Error::new(
                ErrorKind::BodyTooLarge,
                format!("the body is larger than the limit of {limit} bytes; see body_limit"),
            ),
        };
        match answer {
            Some(answer) => error.with_answer(answer),
            None => error,
        }
    }

    /// An answer that is not a success, documented or not.
    fn refused(&self, answer: Answer) -> Error {
        let status = answer.status;
        let (kind, advice) = match status.as_u16() {
            401 => (
                ErrorKind::Unauthorized,
                "Check that the access key is of this account and still there; a new one can \
                 take five minutes.",
            ),
            403 => (ErrorKind::Forbidden, "Give the caller the permission, or use one that has it."),
            404 => (ErrorKind::NotFound, "Check the id, and that api_url leads to Authress."),
            429 => (ErrorKind::RateLimited, "Slow down; retry_after() may say for how long."),
            500.. => (ErrorKind::Server, "Try again later; the error id helps the support."),
            300..=399 => (
                ErrorKind::UnexpectedStatus,
                "Redirects are not followed; check that api_url leads to Authress.",
            ),
            _ => (ErrorKind::UnexpectedStatus, "Check that api_url leads to Authress."),
        };
        let meaning = self
            .operation
            .response(status.as_u16())
            .map_or("The API's document does not name this status.", |documented| {
                documented.description
            });
        let retry_after = answer.retry_after(self.call.client.shared.clock.now());
        Error::new(kind, format!("{meaning} {advice}"))
            .with_answer(answer)
            .with_retry_after(retry_after)
    }
}

impl raw::Transport for Exchange {
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
        _operation: &'static Operation,
    ) -> raw::TransportFuture<'a> {
        Box::pin(async move {
            let outcome = self.deliver(http, request).await;
            // The decoder needs the status and the body; the rest waits in the outcome.
            let (status, body) = match (&outcome.answer, &outcome.failure) {
                (Some(answer), None) => (answer.status, answer.body.clone()),
                // Whatever the decoder makes of nothing, the failure stands.
                _ => (StatusCode::IM_A_TEAPOT, bytes::Bytes::new()),
            };
            *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            let mut response = http::Response::new(body);
            *response.status_mut() = status;
            Ok(reqwest::Response::from(response))
        })
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}
