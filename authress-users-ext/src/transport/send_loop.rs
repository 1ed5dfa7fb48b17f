//! The loop that sends a request until there is a final response, or no time or budget left.

mod in_task;
mod runtime;
#[cfg(test)]
mod tests;
mod verdict;

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client as raw;
use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use http::{HeaderValue, Method, StatusCode, header};
use reqwest::Request;
use tracing::{Instrument as _, Span};

use self::in_task::in_task;
use self::runtime::in_runtime;
use self::verdict::{requested_wait, verdict};
use super::attempt::{Attempt, AttemptRequest, AttemptSender};
use super::body::ACCEPT_ENCODING;
use super::limits::Limits;
use super::token::access_token;
use super::within::within;
use crate::auth::{AccessToken, ServerTime, TokenProvider};
use crate::clock::Clock;
use crate::error::{ClockSkew, Error, ErrorKind, NoRetry, Outcome, Readable};
use crate::retry::{
    BudgetBalance, Lane, RateLimited, Recovery, RetryBudget, RetryOutcome, RetryPolicy, Sleepers,
    Turn,
};

/// The share of a `Retry-After` that is added at random.
const MAX_SPREAD: f64 = 0.2;
/// The share by which an interval between two probes is shortened at random. It is small, because
/// these intervals limit the load of an outage.
const MAX_PROBE_JITTER: f64 = 0.1;
/// A call of a bulk operation that waits for this long after a 429 does not count as in flight.
const LONG_SLEEP: Duration = Duration::from_millis(500);
/// The shortest backoff before a retry that is not charged to the budget.
const MIN_UNCHARGED_WAIT: Duration = Duration::from_millis(50);

/// The transport of one call, with everything that it needs.
pub(crate) struct SendLoop<'a, A> {
    pub(super) sender: A,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) policy: &'a RetryPolicy,
    pub(super) lane: Lane,
    pub(super) sleepers: Option<&'a Sleepers>,
    pub(super) deadline: Duration,
    pub(super) budget: &'a BudgetBalance,
    pub(super) recovery: &'a Arc<Recovery>,
    pub(super) limits: &'a Limits,
    pub(super) tokens: &'a dyn TokenProvider,
    pub(super) server_time: &'a ServerTime,
    pub(super) user_agent: &'a HeaderValue,
    pub(super) span: &'a Span,
    /// Whether a call of the client got a response, so that its runtime has what it needs.
    pub(super) has_drivers: bool,
}

/// A successful response, and how it was obtained.
pub(crate) struct Delivery {
    pub(super) response: RawResponse,
    pub(super) attempts: u32,
    pub(super) elapsed: Duration,
}

impl AsRef<RawResponse> for Delivery {
    fn as_ref(&self) -> &RawResponse {
        &self.response
    }
}

impl<A: AttemptSender> raw::Transport for SendLoop<'_, A> {
    type Response = Delivery;
    type Error = Error;

    fn send(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<Delivery, Error>> + Send {
        let may_be_coded = request.method() == Method::GET;
        let headers = request.headers_mut();
        if let Some(codings) = ACCEPT_ENCODING.as_ref().filter(|_| may_be_coded) {
            headers.insert(header::ACCEPT_ENCODING, codings.clone());
        }
        headers.insert(header::USER_AGENT, self.user_agent.clone());
        // Each attempt replaces it in its copy, which then need not grow.
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(""));
        // Boxed, because the futures around it are moved, and because allocators are fastest for
        // blocks of up to 1 KiB, which the future of the whole call would exceed.
        let call = Box::pin(self.deliver(http, Arc::new(request), operation));
        in_runtime(call, self.has_drivers).instrument(self.span.clone())
    }
}

/// What a call has done so far.
#[derive(Default)]
struct Progress {
    attempts: u32,
    last: Option<Attempt>,
    outcome: Outcome,
    clock_skew: Option<ClockSkew>,
    /// How long it had waited before the last attempt.
    waited: Duration,
}

impl Progress {
    fn needs_new_connection(&self) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|last| last.needs_new_connection)
    }

    /// Returns how long the call waited for its next attempt, if it waited for `waited` in all.
    fn wait_of_attempt(&mut self, waited: Duration) -> Duration {
        waited.saturating_sub(mem::replace(&mut self.waited, waited))
    }
}

/// Why the loop ended.
enum End {
    /// The last attempt succeeded, at this time of the clock.
    Succeeded(Duration),
    /// The last attempt is the result.
    Final,
    NotRetried(NoRetry),
    /// Something other than the last attempt failed.
    Failed(Error),
}

impl<A: AttemptSender> SendLoop<'_, A> {
    async fn deliver(
        &self,
        http: &reqwest::Client,
        request: Arc<Request>,
        operation: &'static Operation,
    ) -> Result<Delivery, Error> {
        let started = self.clock.elapsed();
        let mut progress = Progress::default();
        let end = self
            .run(&mut progress, started, http, &request, operation)
            .await;
        let Progress {
            attempts,
            last,
            outcome,
            clock_skew,
            waited: _,
        } = progress;
        if last.as_ref().is_some_and(Attempt::shows_availability) {
            self.budget.deposit();
        }
        let ended = match &end {
            End::Succeeded(ended) => *ended,
            _ => self.clock.elapsed(),
        };
        let elapsed = ended.saturating_sub(started);
        let (response, failure) = last.map_or((None, None), |last| (last.response, last.failure));
        let (error, no_retry) = match (end, failure, response) {
            (End::Succeeded(_), _, Some(response)) => {
                return Ok(Delivery {
                    response,
                    attempts,
                    elapsed,
                });
            }
            (End::Failed(error), _, response) => (error.with_response(response), None),
            (end, failure, response) => {
                let error = match (failure, response) {
                    (Some(failure), response) => failure.with_response(response),
                    (None, Some(response)) => {
                        Error::of_response(operation, response, self.clock.now())
                    }
                    (None, None) => {
                        Error::invalid_input("the body of the request can be sent once")
                    }
                };
                let no_retry = match end {
                    End::NotRetried(reason) => Some(reason),
                    End::Succeeded(_) | End::Final | End::Failed(_) => None,
                };
                (error, no_retry)
            }
        };
        Err(error
            .with_attempts(attempts, elapsed)
            .with_no_retry(no_retry)
            .with_clock_skew(clock_skew)
            .with_outcome(outcome))
    }

    async fn run(
        &self,
        progress: &mut Progress,
        started: Duration,
        http: &reqwest::Client,
        request: &Arc<Request>,
        operation: &'static Operation,
    ) -> End {
        // A custom clock may skip waits. They count nevertheless, so that every call ends.
        let time_left_at = |elapsed: Duration, waited: Duration| {
            let spent = elapsed.saturating_sub(started).max(waited);
            self.deadline.saturating_sub(spent)
        };
        let time_left = |waited| time_left_at(self.clock.elapsed(), waited);
        let mut waited = Duration::ZERO;
        // The additional attempt after a rejected token does not count, and neither do 429s:
        // only the deadline limits how often they are retried.
        let mut counted = 0;
        let mut lane = self.lane;
        let mut rejected: Option<AccessToken> = None;
        loop {
            let is_retry = progress.last.is_some();
            let mut left = if is_retry {
                time_left(waited)
            } else {
                self.deadline
            };
            match self.wait_for_recovery(left).await {
                Some(slept) => {
                    waited = waited.saturating_add(slept);
                    left = left.saturating_sub(slept);
                }
                None if is_retry => return End::NotRetried(NoRetry::Outage),
                None => return End::Failed(self.deadline_exceeded("the API to recover")),
            }
            let token = match self.token(rejected.as_ref(), left).await {
                Ok(token) => token,
                Err(end) => return end,
            };
            // After the token: a provider that calls this API needs a permit of its own.
            let elapsed = self.clock.elapsed();
            let left = time_left_at(elapsed, waited);
            let turn = match self.turn(operation, lane, left, elapsed).await {
                Ok(turn) => turn,
                Err(expected) => return self.without_turn(expected, is_retry),
            };
            waited = waited.saturating_add(turn.waited());
            let left = left.saturating_sub(turn.waited());
            let next = AttemptRequest {
                operation,
                template: request.clone(),
                token: token.clone(),
                timeout: self.policy.get_attempt_timeout().min(left),
                needs_new_connection: progress.needs_new_connection(),
                previous_requests: progress.attempts,
                waited: progress.wait_of_attempt(waited),
            };
            let Some((attempt, ended)) = self.attempt(turn, http, next).await else {
                progress.outcome = progress.outcome.max(Outcome::Unknown);
                return End::Failed(shut_down());
            };
            let attempt = match attempt {
                // The request could not be built, which a retry would not change.
                Attempt {
                    failure: Some(error),
                    ..
                } if error.is_invalid_input() => return End::Failed(error),
                attempt => &*progress.last.insert(attempt),
            };
            progress.attempts += attempt.requests;
            progress.outcome = progress.outcome.max(attempt.outcome);
            let status = attempt.status();
            log_end(attempt, progress.attempts);
            if attempt.is_success() {
                return End::Succeeded(ended);
            }
            let skew = self.clock_skew(attempt, &token);
            let reveals_skew = skew.is_some() && progress.clock_skew.is_none();
            progress.clock_skew = progress.clock_skew.or(skew);
            // A token that was signed after an unrelated rejection can be the first to reveal a skew.
            if status == Some(StatusCode::UNAUTHORIZED) && (rejected.is_none() || reveals_skew) {
                // After a skew was learned, the next token is signed in the server's time.
                self.tokens.reject(&token);
                rejected = Some(token);
                continue;
            }
            let is_limited = status == Some(StatusCode::TOO_MANY_REQUESTS);
            if is_limited {
                if lane == Lane::Bulk {
                    lane = Lane::Rejected;
                }
            } else {
                counted += 1;
            }
            // The retry rule does not apply.
            if is_deleted(operation, progress.outcome, status) {
                return End::Final;
            }
            let outcome = RetryOutcome::new(
                operation,
                progress.attempts,
                attempt.response.as_ref(),
                attempt.failure(),
            );
            let wait = match self.after_failure(attempt, &outcome, counted, time_left(waited)) {
                Ok(wait) => wait,
                Err(end) => return end,
            };
            if !wait.is_zero() {
                tracing::info!(attempt = progress.attempts, delay = ?wait, "waiting for the next attempt");
                self.sleep(wait, is_limited).await;
                waited = waited.saturating_add(wait);
            }
        }
    }

    /// Sleeps before a retry. After a 429, a call of a bulk operation may not count as in flight.
    async fn sleep(&self, wait: Duration, is_limited: bool) {
        let is_asleep = is_limited && wait >= LONG_SLEEP;
        let sleeping = self.sleepers.filter(|_| is_asleep).map(Sleepers::enter);
        self.clock.sleep(wait).await;
        drop(sleeping);
    }

    /// Returns the end of a call that gets no turn in time; `expected` is the wait for its rate.
    fn without_turn(&self, expected: Option<Duration>, is_retry: bool) -> End {
        match expected {
            Some(wait) if is_retry => End::NotRetried(NoRetry::RateLimit(wait)),
            Some(wait) => End::Failed(self.rate_limited(wait)),
            None => End::Failed(self.deadline_exceeded("a permit to send the request")),
        }
    }

    /// Waits while the policy makes this call wait in an outage, and returns the time slept; `None` if
    /// `limit` passes first.
    async fn wait_for_recovery(&self, limit: Duration) -> Option<Duration> {
        if self.policy.get_budget() != RetryBudget::WaitForRecovery {
            return Some(Duration::ZERO);
        }
        let interval = |probes| {
            let share = 1.0 - MAX_PROBE_JITTER * jitter(&**self.clock);
            self.policy.backoff_after(probes, share)
        };
        self.recovery.pass(&**self.clock, limit, interval).await
    }

    /// Returns the wait before the next attempt, whose cost it withdraws from the budget, after
    /// `counted` attempts. The limiter delays a retry after a 429.
    fn wait_before_retry(
        &self,
        attempt: &Attempt,
        counted: u32,
        time_left: Duration,
    ) -> Result<Duration, NoRetry> {
        let random = jitter(&**self.clock);
        let is_limited = attempt.status() == Some(StatusCode::TOO_MANY_REQUESTS);
        let is_charged = !is_limited && attempt.outcome != Outcome::NotSent;
        let budget = self.policy.get_budget();
        let max_pause = self.policy.get_max_pause();
        let requested = requested_wait(attempt, self.clock.now(), max_pause);
        let wait = if let Some(requested) = requested {
            if requested >= time_left {
                return Err(NoRetry::RetryAfter(requested));
            }
            // Spreads the retries of calls that the API rejected at the same time.
            let spread = requested.saturating_add(requested.mul_f64(MAX_SPREAD * random));
            if spread < time_left {
                spread
            } else {
                requested
            }
        } else if is_limited {
            Duration::ZERO
        } else {
            let mut backoff = if is_charged {
                self.policy.backoff_after(counted, random)
            } else {
                // The budget does not limit these retries, so the wait must.
                let share = f64::midpoint(1.0, random);
                let backoff = self.policy.backoff_after(counted, share);
                backoff.max(MIN_UNCHARGED_WAIT)
            };
            if backoff >= time_left && budget == RetryBudget::WaitForRecovery {
                // Uses the rest of the time, because the API may recover in it.
                backoff = (time_left / 2).max(MIN_UNCHARGED_WAIT);
            }
            if backoff >= time_left {
                return Err(NoRetry::Backoff(backoff));
            }
            backoff
        };
        if !is_charged || budget == RetryBudget::Unlimited || self.budget.withdraw() {
            return Ok(wait);
        }
        if budget != RetryBudget::WaitForRecovery {
            return Err(NoRetry::Budget);
        }
        let pause = requested.map_or(wait, |_| wait.min(max_pause));
        self.recovery.begin(self.clock.elapsed(), pause);
        self.limits.limiter().restart();
        // The end of the outage ends a backoff, but not the wait that the API requested.
        Ok(requested.map_or(Duration::ZERO, |_| wait))
    }

    /// Returns the skew that a rejection of `token` reveals, if it is one and does.
    fn clock_skew(&self, attempt: &Attempt, token: &AccessToken) -> Option<ClockSkew> {
        let response = attempt.response.as_ref()?;
        let is_rejected = response.status == StatusCode::UNAUTHORIZED;
        let learn = || {
            let now = self.clock.now();
            self.server_time.learn(token, &response.headers, now)
        };
        is_rejected.then(learn).flatten()
    }

    /// Returns the wait before the next attempt after one that failed, or how the call ends.
    fn after_failure(
        &self,
        attempt: &Attempt,
        outcome: &RetryOutcome<'_>,
        counted: u32,
        time_left: Duration,
    ) -> Result<Duration, End> {
        if attempt.failure.as_ref().is_some_and(Error::is_permanent) {
            return Err(End::Final);
        }
        if attempt.has_lost_response() && time_left.is_zero() {
            return Err(End::Failed(self.deadline_exceeded("the response")));
        }
        if let Some(reason) = self.policy.forbids_retry(outcome, counted) {
            return Err(End::NotRetried(reason));
        }
        self.wait_before_retry(attempt, counted, time_left)
            .map_err(End::NotRetried)
    }

    /// Returns a token other than the rejected one, or how the call ends without it.
    async fn token(
        &self,
        rejected: Option<&AccessToken>,
        limit: Duration,
    ) -> Result<AccessToken, End> {
        let now = self.server_time.at(self.clock.now());
        let token = access_token(self.tokens, now);
        match within(&**self.clock, limit, token).await {
            Some(Ok(token)) => match rejected {
                Some(rejected) if rejected.is_same(&token) => Err(End::Final),
                _ => Ok(token),
            },
            // The 401 for the last token is more useful than the provider's error.
            Some(Err(_)) if rejected.is_some() => Err(End::Final),
            Some(Err(error)) => Err(End::Failed(error)),
            None => Err(End::Failed(self.deadline_exceeded("a token"))),
        }
    }

    /// Waits for a turn to send a request, from the time `elapsed` on. Fails if it does not get one
    /// within `limit`: with the expected wait if the rate is limited.
    async fn turn(
        &self,
        operation: &'static Operation,
        lane: Lane,
        limit: Duration,
        elapsed: Duration,
    ) -> Result<Turn, Option<Duration>> {
        let limiter = self.limits.limiter();
        if let Some(turn) = limiter.turn_now(operation.id, elapsed) {
            return Ok(turn);
        }
        let turn = limiter.turn(operation.id, lane, limit);
        match within(&**self.clock, limit, turn).await {
            Some(Ok(turn)) => Ok(turn),
            Some(Err(RateLimited(wait))) => Err(Some(wait)),
            None => Err(limiter.expected_wait(operation.id, lane)),
        }
    }

    /// Sends one request in its turn, and returns when it ended. It runs in a task if it could hold up
    /// others while this future is not polled. Returns `None` if the runtime was shut down.
    async fn attempt(
        &self,
        turn: Turn,
        http: &reqwest::Client,
        request: AttemptRequest,
    ) -> Option<(Attempt, Duration)> {
        let (sender, clock, recovery) = (
            self.sender.clone(),
            self.clock.clone(),
            self.recovery.clone(),
        );
        let http = http.clone();
        let is_alone = turn.is_alone();
        let max_pause = self.policy.get_max_pause();
        // Boxed for the same reason as the call.
        let exchange = Box::pin(async move {
            let attempt = sender.send(&http, &request).await;
            if attempt.shows_availability() {
                recovery.end();
            }
            if !turn.is_alone() {
                // Lets the connection return to its pool, so that the next request opens no other.
                tokio::task::yield_now().await;
            }
            let verdict = verdict(&attempt, turn.may_be_paced(), &*clock, max_pause);
            let ended = clock.elapsed();
            turn.finish(verdict, ended);
            (attempt, ended)
        });
        if is_alone {
            return Some(exchange.await);
        }
        in_task(exchange.in_current_span()).await
    }

    fn rate_limited(&self, wait: Duration) -> Error {
        let message = format!(
            "the wait for the rate limit ({}) exceeds the deadline of {}; nothing was sent",
            Readable(wait),
            Readable(self.deadline)
        );
        Error::new(ErrorKind::RateLimited, message).with_retry_after(wait)
    }

    fn deadline_exceeded(&self, waiting_for: &str) -> Error {
        Error::new(
            ErrorKind::Deadline,
            format!(
                "the deadline of {} passed while waiting for {waiting_for}",
                Readable(self.deadline)
            ),
        )
    }
}

/// Returns whether a 404 shows that an earlier request has or may have deleted the resource.
fn is_deleted(operation: &Operation, outcome: Outcome, status: Option<StatusCode>) -> bool {
    outcome.is_possibly_done()
        && operation.method == Method::DELETE
        && status == Some(StatusCode::NOT_FOUND)
}

fn log_end(attempt: &Attempt, attempts: u32) {
    tracing::debug!(
        attempt = attempts,
        status = attempt.status().map(|status| status.as_u16()),
        failure = attempt.failure().map(tracing::field::display),
        "attempt ended"
    );
}

fn shut_down() -> Error {
    Error::new(
        ErrorKind::Canceled,
        "the task that sends the request was canceled, because its runtime was shut down",
    )
}

/// The part of the backoff to wait. A custom clock may return any number.
fn jitter(clock: &dyn Clock) -> f64 {
    let random = clock.random();
    if (0.0..=1.0).contains(&random) {
        random
    } else {
        1.0
    }
}
