//! The network between the client and the server, with its faults, and a log of all attempts.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_client::RawResponse;
use futures::channel::oneshot;
use http::StatusCode;
use http::header::RETRY_AFTER;

use super::random::Random;
use super::server::{PageOfCall, Reply, Request, Server};
use super::time::{Time, at_date, lock};
use crate::error::{Error, ErrorKind, Outcome};
use crate::transport::{Attempt, AttemptFuture, Network};

/// What can happen to a request other than a response of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection is established.
    Refused,
    /// The server refuses the request unprocessed, as HTTP/2 allows.
    Unprocessed,
    /// The request is lost: nothing happens.
    RequestLost,
    /// The connection closes before the server receives the request.
    ClosedBefore,
    /// The response is lost: nothing happens.
    ResponseLost,
    /// The connection closes after the server has processed the request.
    ClosedAfter,
    /// The connection closes within the body of the response.
    BodyCut,
    /// A proxy responds to a get with another user after the server has processed the request.
    OtherUser,
    /// A proxy responds with this status and does not forward the request.
    StatusBefore(u16),
    /// A proxy responds with this status after the server has processed the request.
    StatusAfter(u16),
}

/// A time in which each request has the same fault.
#[derive(Debug, Clone)]
pub(super) struct Outage {
    pub(super) from: Duration,
    pub(super) until: Duration,
    pub(super) fault: Fault,
    /// The `Retry-After` of responses with a status, in seconds.
    pub(super) retry_after: Option<u64>,
}

/// The properties of the network.
#[derive(Debug, Clone)]
pub(super) struct Conditions {
    /// The probability of each fault.
    pub(super) faults: Vec<(f64, Fault)>,
    pub(super) outages: Vec<Outage>,
    /// The shortest and the longest time of one direction, in milliseconds.
    pub(super) latency: (u64, u64),
    /// The `Retry-After` of responses of a proxy, in seconds.
    pub(super) retry_after: Option<u64>,
}

impl Conditions {
    pub(super) fn healthy() -> Self {
        Self {
            faults: Vec::new(),
            outages: Vec::new(),
            latency: (5, 10),
            retry_after: None,
        }
    }
}

/// One attempt, as the network saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) page: PageOfCall,
    pub(super) sent: Duration,
    /// What reached the client; nothing if it gave up before.
    pub(super) end: Option<(Duration, End)>,
}

/// What the client received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Response {
        status: StatusCode,
        /// The time before which `Retry-After` forbids a retry.
        not_before: Option<Duration>,
        /// Whether the server itself responded.
        is_of_server: bool,
        is_complete: bool,
        /// Whether it is about the user of the request.
        is_of_user: bool,
    },
    NoConnection,
    Unprocessed,
    Closed,
}

/// A network with one server.
pub(super) struct SimulatedNetwork {
    time: Arc<Time>,
    state: Mutex<State>,
}

struct State {
    random: Random,
    conditions: Conditions,
    server: Server,
    exchanges: Vec<Exchange>,
    in_flight: usize,
    most_in_flight: usize,
    /// Never completed, so that the client waits.
    lost: Vec<oneshot::Sender<Arrival>>,
}

/// What arrives at the client.
struct Arrival {
    reply: Option<Reply>,
    end: End,
}

impl SimulatedNetwork {
    pub(super) fn new(
        time: Arc<Time>,
        random: Random,
        conditions: Conditions,
        server: Server,
    ) -> Arc<Self> {
        Arc::new(Self {
            time,
            state: Mutex::new(State {
                random,
                conditions,
                server,
                exchanges: Vec::new(),
                in_flight: 0,
                most_in_flight: 0,
                lost: Vec::new(),
            }),
        })
    }

    pub(super) fn set_conditions(&self, conditions: Conditions) {
        lock(&self.state).conditions = conditions;
    }

    pub(super) fn with_server<T>(&self, access: impl FnOnce(&mut Server) -> T) -> T {
        access(&mut lock(&self.state).server)
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.state).exchanges.clone()
    }

    pub(super) fn in_flight(&self) -> usize {
        lock(&self.state).in_flight
    }

    /// Returns how many requests were in flight at once since the last call.
    pub(super) fn take_most_in_flight(&self) -> usize {
        std::mem::take(&mut lock(&self.state).most_in_flight)
    }

    /// Starts an exchange. Returns its number, and what arrives at the client.
    fn start(self: &Arc<Self>, request: Request) -> (usize, oneshot::Receiver<Arrival>) {
        let (sender, receiver) = oneshot::channel();
        let now = self.time.now();
        let mut state = lock(&self.state);
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        let (fault, retry_after) = state.next_fault(now);
        let (there, back) = (state.latency(), state.latency());
        state.exchanges.push(Exchange {
            page: request.page(),
            sent: now,
            end: None,
        });
        let number = state.exchanges.len() - 1;
        let arrival = |end| Arrival { reply: None, end };
        match fault {
            Some(Fault::Refused) => {
                self.arrive(there, sender, arrival(End::NoConnection));
            }
            Some(Fault::Unprocessed) => {
                self.arrive(there + back, sender, arrival(End::Unprocessed));
            }
            Some(Fault::RequestLost) => state.lost.push(sender),
            Some(Fault::ClosedBefore) => self.arrive(there + back, sender, arrival(End::Closed)),
            Some(Fault::StatusBefore(status)) => {
                let reply = Reply::of_proxy(status, retry_after);
                let arrival = Arrival::of(reply, false, now + there + back);
                self.arrive(there + back, sender, arrival);
            }
            fault => {
                let network = self.clone();
                self.time.after(there, move || {
                    network.process(&request, fault, retry_after, back, sender);
                });
            }
        }
        (number, receiver)
    }

    /// The request has arrived at the server.
    fn process(
        self: &Arc<Self>,
        request: &Request,
        fault: Option<Fault>,
        retry_after: Option<u64>,
        back: Duration,
        sender: oneshot::Sender<Arrival>,
    ) {
        let now = self.time.now();
        let mut state = lock(&self.state);
        let reply = state.server.process(now, request);
        let arrival = match fault {
            Some(Fault::ResponseLost) => {
                state.lost.push(sender);
                return;
            }
            Some(Fault::ClosedAfter) => Arrival {
                reply: None,
                end: End::Closed,
            },
            Some(Fault::StatusAfter(status)) => {
                Arrival::of(Reply::of_proxy(status, retry_after), false, now + back)
            }
            Some(Fault::BodyCut) => Arrival::of(reply, true, now + back).cut(),
            Some(Fault::OtherUser) => match Reply::of_other_user(request) {
                Some(other) => Arrival::of(other, false, now + back).of_other_user(),
                None => Arrival::of(reply, true, now + back),
            },
            _ => Arrival::of(reply, true, now + back),
        };
        drop(state);
        self.arrive(back, sender, arrival);
    }

    fn arrive(&self, delay: Duration, sender: oneshot::Sender<Arrival>, arrival: Arrival) {
        self.time.after(delay, move || {
            // The client may have given up.
            let _ = sender.send(arrival);
        });
    }

    fn end(&self, number: usize, end: End) {
        let now = self.time.now();
        lock(&self.state).exchanges[number].end = Some((now, end));
    }
}

impl State {
    fn next_fault(&mut self, now: Duration) -> (Option<Fault>, Option<u64>) {
        let outages = &self.conditions.outages;
        if let Some(outage) = outages
            .iter()
            .find(|outage| (outage.from..outage.until).contains(&now))
        {
            return (Some(outage.fault), outage.retry_after);
        }
        let mut share = self.random.share();
        for (probability, fault) in &self.conditions.faults {
            if share < *probability {
                return (Some(*fault), self.conditions.retry_after);
            }
            share -= probability;
        }
        (None, None)
    }

    fn latency(&mut self) -> Duration {
        let (shortest, longest) = self.conditions.latency;
        self.random.milliseconds(shortest..longest)
    }
}

impl Reply {
    fn of_proxy(status: u16, retry_after: Option<u64>) -> Self {
        let mut reply = Self::new(status);
        let header = retry_after.map(|seconds| (RETRY_AFTER, seconds.to_string()));
        reply.headers.extend(header);
        reply
    }
}

impl Arrival {
    fn of(reply: Reply, is_of_server: bool, at: Duration) -> Self {
        let requested = reply.headers.iter().find(|(name, _)| *name == RETRY_AFTER);
        let end = End::Response {
            status: reply.status,
            not_before: requested.map(|(_, value)| end_of_wait(value, at)),
            is_of_server,
            is_complete: true,
            is_of_user: true,
        };
        Self {
            reply: Some(reply),
            end,
        }
    }

    fn of_other_user(mut self) -> Self {
        if let End::Response { is_of_user, .. } = &mut self.end {
            *is_of_user = false;
        }
        self
    }

    /// Removes the last part of the body. A response without a body is lost completely.
    fn cut(mut self) -> Self {
        match &mut self.reply {
            Some(reply) if !reply.body.is_empty() => {
                reply.body.truncate(reply.body.len() / 2);
                if let End::Response { is_complete, .. } = &mut self.end {
                    *is_complete = false;
                }
                self
            }
            _ => Self {
                reply: None,
                end: End::Closed,
            },
        }
    }
}

/// The end of the wait that a `Retry-After` received at `now` specifies.
fn end_of_wait(value: &str, now: Duration) -> Duration {
    if let Ok(seconds) = value.parse() {
        return now + Duration::from_secs(seconds);
    }
    let date = httpdate::parse_http_date(value).expect("a number or a date");
    at_date(date)
}

/// Counts a request in flight until it is dropped.
struct InFlight(Arc<SimulatedNetwork>);

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.0.state).in_flight -= 1;
    }
}

/// The network as a client uses it.
pub(super) struct Connection(pub(super) Arc<SimulatedNetwork>);

impl Network for Connection {
    fn send(&self, request: reqwest::Request) -> AttemptFuture {
        let network = self.0.clone();
        Box::pin(async move {
            let (number, receiver) = network.start(Request::read(&request));
            let _in_flight = InFlight(network.clone());
            let Ok(arrival) = receiver.await else {
                // The simulation has ended.
                return pending().await;
            };
            network.end(number, arrival.end.clone());
            attempt(arrival)
        })
    }
}

fn attempt(arrival: Arrival) -> Attempt {
    let failed = |kind| Some(Error::new(kind, "the simulated connection failed"));
    let (failure, outcome) = match arrival.end {
        End::NoConnection => (failed(ErrorKind::Connect), Outcome::NotSent),
        End::Unprocessed => (failed(ErrorKind::ConnectionClosed), Outcome::NotSent),
        End::Closed => (failed(ErrorKind::ConnectionClosed), Outcome::Unknown),
        End::Response {
            status,
            is_complete,
            ..
        } => {
            // The status alone determines the error of an unsuccessful response.
            let failure = if is_complete || !status.is_success() {
                None
            } else {
                failed(ErrorKind::ConnectionClosed)
            };
            (failure, Outcome::of_status(status))
        }
    };
    let response = arrival
        .reply
        .map(|reply| RawResponse::new(reply.status, reply.header_map(), reply.body));
    Attempt {
        response,
        failure,
        outcome,
        requests: 1,
        needs_new_connection: false,
    }
}
