//! The state that the handle of a fake and its server share.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use http::HeaderValue;

use super::account::Account;
use super::defect::{Defect, Deleted};
use super::faults::{Fault, Outage};
use super::limits::{Admission, Limiter, RateLimit, RequestCounts};
use super::received_request::ReceivedRequest;
use super::served_exchange::ServedExchange;
use super::stub_response::StubResponse;
use super::tokens::UsedTokens;
use super::tokens::keys::Keys;
use crate::finding::Finding;
use crate::operation::Operation;
use crate::spec::Spec;
use crate::validator::Validator;

/// Receives exchanges as they happen.
pub(crate) type Observer = Arc<dyn Fn(&ServedExchange) + Send + Sync>;

/// The longest body of a request that a fake with a limited history keeps, in bytes.
const MAX_KEPT_BODY: usize = 64 * 1024;
/// How many exchanges the page of a fake can show.
const MAX_SERVED: usize = 200;

pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) public_url: Option<String>,
    pub(crate) keys: Keys,
    pub(crate) latency: Duration,
    pub(crate) defect: Option<Defect>,
    pub(crate) validator: Mutex<Validator<'static>>,
    pub(crate) on_exchange: Option<Observer>,
    /// How many requests and findings are kept; none for all.
    pub(crate) history: Option<usize>,
    pub(crate) is_strict: bool,
    pub(crate) has_control: bool,
    pub(crate) initial: Initial,
    pub(crate) state: Mutex<State>,
}

/// The settings that a reset restores.
pub(crate) struct Initial {
    pub(crate) account: Account,
    pub(crate) denied: HashSet<Operation>,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) random_faults: Option<RandomFaults>,
}

impl Initial {
    /// Returns the state of a fake that has served nothing.
    pub(crate) fn state(&self) -> State {
        let mut state = State {
            account: self.account.clone(),
            denied: self.denied.clone(),
            random_faults: self.random_faults.clone(),
            ..State::default()
        };
        let now = state.time();
        for limit in &self.rate_limits {
            state.limiter.set(*limit, now);
        }
        state
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) stubs: HashMap<Operation, VecDeque<StubResponse>>,
    pub(crate) faults: HashMap<Operation, VecDeque<Fault>>,
    pub(crate) random_faults: Option<RandomFaults>,
    pub(crate) outage: Option<Outage>,
    pub(crate) limiter: Limiter,
    pub(crate) counts: HashMap<Operation, RequestCounts>,
    pub(crate) denied: HashSet<Operation>,
    /// How many of the next requests are rejected with 401.
    pub(crate) rejections: usize,
    pub(crate) tokens: UsedTokens,
    pub(crate) links: usize,
    /// The users that a fake with a defect has deleted.
    pub(crate) deleted: Vec<Deleted>,
    pub(crate) requests: VecDeque<ReceivedRequest>,
    pub(crate) findings: VecDeque<Finding>,
    pub(crate) has_unread_errors: bool,
    /// The last exchanges, of a fake with control.
    pub(crate) served: VecDeque<ServedExchange>,
    /// How far the clock of the fake is ahead.
    pub(crate) ahead: Duration,
}

/// Faults for a share of the exchanges.
#[derive(Clone)]
pub(crate) struct RandomFaults {
    pub(crate) random: Rng,
    pub(crate) share: f64,
}

impl State {
    /// Returns the fault of the next exchange of an operation.
    pub(crate) fn next_fault(&mut self, operation: Operation) -> Option<Fault> {
        if let Some(fault) = self
            .faults
            .get_mut(&operation)
            .and_then(VecDeque::pop_front)
        {
            return Some(fault);
        }
        let now = self.time();
        if let Some(fault) = self.outage.as_ref().and_then(|outage| outage.fault_at(now)) {
            return Some(fault.clone());
        }
        let RandomFaults { random, share } = self.random_faults.as_mut()?;
        (random.f64() < *share).then(|| Fault::random(random))
    }

    /// Stops random faults and an outage, and removes the faults that have not happened yet.
    pub(crate) fn stop_faults(&mut self) {
        self.random_faults = None;
        self.outage = None;
        self.faults.clear();
    }

    /// Applies the rate limits to a request and counts it.
    pub(crate) fn admit(&mut self, operation: Operation) -> Admission {
        let admission = self.limiter.admit(operation, self.time());
        let counts = self.counts.entry(operation).or_default();
        if admission.is_rejected {
            counts.rejected += 1;
        } else {
            counts.accepted += 1;
        }
        admission
    }

    /// Returns the time of the fake since 1970.
    pub(crate) fn time(&self) -> Duration {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        now.saturating_add(self.ahead)
    }

    /// Returns the time of the fake, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.time().as_secs()
    }

    /// Returns the `Date` of responses if the clock was advanced; the HTTP server writes it otherwise.
    pub(crate) fn date(&self) -> Option<HeaderValue> {
        // HTTP has no date after the year 9999.
        if self.ahead.is_zero() || self.now() >= 253_402_300_800 {
            return None;
        }
        HeaderValue::try_from(httpdate::fmt_http_date(UNIX_EPOCH + self.time())).ok()
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // The first panic of a test is more useful than a second one here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn validator(&self) -> MutexGuard<'_, Validator<'static>> {
        self.validator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a validator for the traffic of the fake.
    pub(crate) fn new_validator(history: Option<usize>) -> Validator<'static> {
        let validator = Validator::new(Spec::bundled());
        match history {
            Some(_) => validator.bounded(),
            None => validator,
        }
    }

    /// Restores the users, denials, limits, random faults and clock of the start, and forgets all
    /// traffic.
    pub(crate) fn reset(&self) {
        *self.validator() = Self::new_validator(self.history);
        *self.state() = self.initial.state();
    }

    /// Keeps a request and its findings, and passes the exchange to the observer.
    pub(crate) fn record(&self, mut request: ReceivedRequest, exchange: &ServedExchange) {
        if self.history.is_some() {
            request.truncate_body(MAX_KEPT_BODY);
        }
        let mut state = self.state();
        state.requests.push_back(request);
        state.findings.extend(exchange.findings.iter().cloned());
        if let Some(max) = self.history {
            let surplus = state.requests.len().saturating_sub(max);
            state.requests.drain(..surplus);
            let surplus = state.findings.len().saturating_sub(max);
            state.findings.drain(..surplus);
        }
        let has_errors = exchange.findings.iter().any(Finding::is_error);
        state.has_unread_errors |= has_errors && self.on_exchange.is_none();
        if self.has_control {
            state.served.push_back(exchange.clone());
            let surplus = state.served.len().saturating_sub(MAX_SERVED);
            state.served.drain(..surplus);
        }
        drop(state);
        if let Some(observer) = &self.on_exchange {
            observer(exchange);
        }
    }
}
