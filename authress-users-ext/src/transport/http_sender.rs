//! Attempts over the network.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use http::{HeaderMap, StatusCode};

use super::attempt::{Attempt, AttemptRequest, AttemptSender};
use super::body::{self, Coding, PartialBody, ReadError};
use super::connection::{self, Fault, Generation};
use super::failure::{attempt_timeout, body_too_large, incomplete, no_response};
use super::middleware::Observed;
use super::shared::Shared;
use super::within::within;
use crate::error::{Error, ErrorKind, Outcome};

/// How often an attempt replays its request after a fault of the connection.
const MAX_REPLAYS: u32 = 2;

/// Performs the attempts of one call over the network.
///
/// A connection that failed is not the API's failure. Therefore an attempt sends its request again, at
/// once, if the server has not processed it, or if the request is idempotent and its connection had
/// been used before and closed without a response.
#[derive(Clone)]
pub(crate) struct HttpSender {
    shared: Arc<Shared>,
}

/// What an attempt has done so far. It outlives the exchange, so that a response that stops half-way
/// is kept.
#[derive(Default)]
struct Exchange {
    requests: u32,
    /// What the API did with the requests before the last one.
    outcome: Outcome,
    generation: Option<Arc<Generation>>,
    /// Whether the next request must not use the pool.
    avoids_pool: bool,
    /// Whether the request in flight still waits for a connection.
    is_connecting: bool,
    head: Option<(StatusCode, HeaderMap)>,
    body: PartialBody,
    /// The request in flight, if there is middleware. Boxed, since most clients have none.
    observed: Option<Box<Observed>>,
}

impl Exchange {
    /// Reports how the request in flight ended.
    fn end(&mut self, error: Option<ErrorKind>) {
        let status = self.head.as_ref().map(|(status, _)| *status);
        if let Some(observed) = self.observed.take() {
            observed.end(status, error);
        }
    }
}

/// Whether a success has a body.
fn has_value(operation: &Operation) -> bool {
    let mut responses = operation.responses.iter();
    responses.any(|response| response.status / 100 == 2 && !response.media_types.is_empty())
}

/// Why an exchange failed.
enum Failed {
    /// The request has a body that can be sent once, and it was sent.
    CannotRepeat,
    NoResponse(Fault, reqwest::Error),
    Body(ReadError),
}

impl HttpSender {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an async function has room for a second copy of each argument, and allocators \
                  are fastest for blocks of up to 1 KiB"
    )]
    fn exchange(
        &self,
        http: &reqwest::Client,
        attempt: &AttemptRequest,
        exchange: &mut Exchange,
    ) -> impl Future<Output = Result<(), Failed>> {
        async move {
            let mut response = loop {
                let request = pin!(self.start(http, attempt, exchange)?);
                match connection::request(request, &mut exchange.is_connecting).await {
                    Ok(response) => break response,
                    Err(source) => self.prepare_replay(attempt, exchange, source)?,
                }
            };
            let connections = &self.shared.connections;
            connections.observe(response.version(), response.extensions());
            // This future would keep room for the headers if they were borrowed below.
            let coding = Coding::take(response.headers_mut());
            let headers = std::mem::take(response.headers_mut());
            exchange.head = Some((response.status(), headers));
            let (limit, body) = (self.shared.limits.body(), &mut exchange.body);
            match coding {
                None => body::read(&mut response, limit, body).await,
                // Boxed, because most responses need no room for it.
                Some(coding) => Box::pin(body::decode(response, coding, limit, body)).await,
            }
            .map_err(Failed::Body)
        }
    }

    /// Starts the next request of an attempt.
    // Not a part of `exchange`, whose future would have room for the request.
    fn start(
        &self,
        http: &reqwest::Client,
        attempt: &AttemptRequest,
        exchange: &mut Exchange,
    ) -> Result<impl Future<Output = reqwest::Result<reqwest::Response>> + use<>, Failed> {
        let mut request = attempt.request().ok_or(Failed::CannotRepeat)?;
        let connections = &self.shared.connections;
        exchange.generation = connections.current();
        let pooled = exchange
            .generation
            .as_deref()
            .map_or(http, Generation::http);
        let http = if exchange.avoids_pool {
            connections.unpooled().unwrap_or(pooled)
        } else {
            pooled
        };
        exchange.requests += 1;
        // A replay does not wait.
        let waited = match exchange.requests {
            1 => attempt.waited,
            _ => Duration::ZERO,
        };
        let observed = self.shared.middlewares.start(
            attempt.operation,
            attempt.previous_requests + exchange.requests,
            waited,
            request.headers_mut(),
            &self.shared.clock,
        );
        exchange.observed = observed.map(Box::new);
        Ok(http.execute(request))
    }

    /// Prepares the next request after a fault of the connection. Returns an error if the request must
    /// not be replayed.
    fn prepare_replay(
        &self,
        attempt: &AttemptRequest,
        exchange: &mut Exchange,
        source: reqwest::Error,
    ) -> Result<(), Failed> {
        let connections = &self.shared.connections;
        let is_reused =
            connection::failed_on(&source).is_some_and(|used| connections.served().contains(used));
        let fault = Fault::of(&source, is_reused);
        let is_replayed = exchange.requests <= MAX_REPLAYS
            && fault.allows_replay(attempt.operation.idempotent, is_reused);
        if !is_replayed {
            return Err(Failed::NoResponse(fault, source));
        }
        exchange.end(Some(no_response(fault, source).kind()));
        tracing::debug!(request = exchange.requests, ?fault, "replaying the request");
        exchange.outcome = exchange.outcome.max(fault.outcome());
        match fault {
            Fault::Refused | Fault::Hung => {
                connections.leave(exchange.generation.as_ref(), self.shared.clock.elapsed());
            }
            // Other connections of an HTTP/1 pool may have closed as well. An HTTP/2 pool opens a
            // new connection, which all requests share.
            Fault::Closed => exchange.avoids_pool = connections.is_http1(),
            _ => {}
        }
        Ok(())
    }

    /// Leaves the connection that timed out. Returns whether the next attempt needs a connection
    /// outside the pool, because the pool cannot be replaced yet.
    ///
    /// Over HTTP/1, a request without a response closes its connection.
    fn leave_hung_connection(&self, exchange: &Exchange) -> bool {
        let (connections, now) = (&self.shared.connections, self.shared.clock.elapsed());
        !connections.is_http1() && !connections.leave(exchange.generation.as_ref(), now)
    }
}

impl AttemptSender for HttpSender {
    #[expect(clippy::manual_async_fn, reason = "as for `exchange`")]
    fn send(
        &self,
        http: &reqwest::Client,
        attempt: &AttemptRequest,
    ) -> impl Future<Output = Attempt> + Send {
        async move {
            #[cfg(test)]
            if let Some(network) = &self.shared.network {
                return super::simulated::send(&**network, &*self.shared.clock, attempt).await;
            }
            let mut exchange = Exchange {
                avoids_pool: attempt.needs_new_connection,
                ..Exchange::default()
            };
            let work = self.exchange(http, attempt, &mut exchange);
            let result = within(&*self.shared.clock, attempt.timeout, work).await;
            let (failure, last) = match result {
                Some(Ok(())) => (None, Outcome::Unknown),
                Some(Err(Failed::CannotRepeat)) => (
                    Some(Error::invalid_input(
                        "the body of the request can be sent once",
                    )),
                    Outcome::NotSent,
                ),
                Some(Err(Failed::NoResponse(fault, source))) => {
                    (Some(no_response(fault, source)), fault.outcome())
                }
                Some(Err(Failed::Body(ReadError::TooLarge))) => (
                    Some(body_too_large(self.shared.limits.body())),
                    Outcome::Unknown,
                ),
                Some(Err(Failed::Body(ReadError::Connection(source)))) => {
                    (Some(incomplete(source)), Outcome::Unknown)
                }
                Some(Err(Failed::Body(ReadError::NotDecoded(error)))) => {
                    (Some(error), Outcome::Unknown)
                }
                None if exchange.is_connecting => {
                    (Some(attempt_timeout(attempt.timeout)), Outcome::NotSent)
                }
                None => (Some(attempt_timeout(attempt.timeout)), Outcome::Unknown),
            };
            exchange.end(failure.as_ref().map(Error::kind));
            let is_timeout = |error: &Error| error.kind() == ErrorKind::AttemptTimeout;
            let is_hung = last == Outcome::Unknown && failure.as_ref().is_some_and(is_timeout);
            let needs_new_connection = is_hung && self.leave_hung_connection(&exchange);
            let last = match &exchange.head {
                Some((status, _)) => Outcome::of_status(*status),
                None => last,
            };
            // Where no body is needed, the status alone decides: that of an error, whose body is
            // optional, and that of a success without a value.
            let needs_body = match &exchange.head {
                Some((status, _)) => status.is_success() && has_value(attempt.operation),
                None => true,
            };
            let truncated = failure.is_some();
            Attempt {
                failure: failure.filter(|_| needs_body),
                outcome: exchange.outcome.max(last),
                requests: exchange.requests.max(1),
                needs_new_connection,
                response: exchange.head.map(|(status, headers)| {
                    let body = exchange.body.into_bytes();
                    let mut response = RawResponse::new(status, headers, body);
                    response.truncated = truncated;
                    response
                }),
            }
        }
    }
}
