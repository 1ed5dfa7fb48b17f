//! The loop that sends a request until there is an answer to go by, or no point in going on.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

use authress_users_client::operations::Operation;
use http::{Method, StatusCode, header};
use reqwest::Request;

use super::attempt::{self, Attempt, AttemptFailure, within};
use super::call::Call;
use crate::auth::AccessToken;
use crate::clock::Clock;
use crate::retry::RetryOutcome;

/// How the sending of a call goes, and in the end went.
#[derive(Default)]
pub(crate) struct Delivery {
    /// The last attempt that was made.
    pub(crate) last: Option<Attempt>,
    /// What ended the call besides the last attempt.
    pub(crate) failure: Option<DeliveryFailure>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    /// Why a request that might have been sent again was not.
    pub(crate) no_retry: Option<NoRetry>,
    /// Whether the last answer says that an earlier attempt, whose answer never came, has done
    /// what was asked for.
    pub(crate) already_done: bool,
    /// Whether the answer to some attempt never came, so that nobody knows what it did.
    pub(crate) unanswered: bool,
}

pub(crate) enum DeliveryFailure {
    Token(Box<dyn StdError + Send + Sync>),
    Deadline {
        deadline: Duration,
        waiting_for: &'static str,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum NoRetry {
    /// The wait would have passed the deadline.
    Deadline { wait: Duration, deadline: Duration },
    /// The client's budget for retries is spent.
    Budget,
}

/// Sends `request`, again and again as the call's policy wants it.
pub(crate) async fn deliver(
    call: &Call,
    operation: &'static Operation,
    http: &reqwest::Client,
    mut request: Request,
) -> Delivery {
    let shared = &call.client.shared;
    request
        .headers_mut()
        .insert(header::USER_AGENT, shared.user_agent.clone());
    let started = shared.clock.elapsed();
    let mut delivery = Delivery::default();
    run(&mut delivery, started, call, operation, http, &request).await;
    if delivery.last.as_ref().is_some_and(Attempt::is_answered) {
        shared.retry_budget.earn();
    }
    delivery.elapsed = shared.clock.elapsed().saturating_sub(started);
    delivery
}

async fn run(
    delivery: &mut Delivery,
    started: Duration,
    call: &Call,
    operation: &'static Operation,
    http: &reqwest::Client,
    request: &Request,
) {
    let shared = &call.client.shared;
    let clock = &*shared.clock;
    let policy = call.retry_policy();
    let tokens = call.tokens();
    let deadline = call.deadline();
    let time_left = || deadline.saturating_sub(clock.elapsed().saturating_sub(started));
    let out_of_time = |waiting_for| {
        Some(DeliveryFailure::Deadline {
            deadline,
            waiting_for,
        })
    };

    // The one more attempt that a refused token costs is not counted.
    let mut counted = 0;
    let mut refused: Option<AccessToken> = None;
    loop {
        let token = match within(clock, time_left(), tokens.access_token()).await {
            Some(Ok(token)) => token,
            Some(Err(reason)) => {
                // What the API said to the last token tells more than that there is no other.
                if refused.is_none() {
                    delivery.failure = Some(DeliveryFailure::Token(reason));
                }
                return;
            }
            None => {
                delivery.failure = out_of_time("a token");
                return;
            }
        };
        if refused
            .as_ref()
            .is_some_and(|refused| refused.is_same(&token))
        {
            return;
        }
        // Streams alone can't be cloned, and no body of this API is one.
        let Some(mut next) = request.try_clone() else {
            return;
        };
        next.headers_mut()
            .insert(header::AUTHORIZATION, token.header());

        // Behind the token: a provider that asks this API for it needs a place itself.
        let Some(place) = within(clock, time_left(), shared.places.acquire()).await else {
            delivery.failure = out_of_time("its turn among the client's requests");
            return;
        };
        let timeout = policy.time_per_attempt().min(time_left());
        let attempt = attempt::send(http, next, clock, timeout, shared.body_limit).await;
        drop(place);
        delivery.attempts += 1;
        let attempt = delivery.last.insert(attempt);
        let status = attempt.status();
        tracing::debug!(
            attempt = delivery.attempts,
            status = status.map(|status| status.as_u16()),
            failure = attempt.failure.as_ref().map(AttemptFailure::name),
            "attempt ended"
        );
        if attempt.is_success() {
            return;
        }
        if status == Some(StatusCode::UNAUTHORIZED) && refused.is_none() {
            tokens.reject(&token);
            refused = Some(token);
            continue;
        }
        counted += 1;
        if delivery.unanswered
            && operation.method == Method::DELETE
            && status == Some(StatusCode::NOT_FOUND)
        {
            delivery.already_done = true;
            return;
        }
        delivery.unanswered |= attempt.is_unanswered();
        if attempt.is_unanswered() && time_left().is_zero() {
            delivery.failure = out_of_time("the answer");
            return;
        }
        if !policy.wants_retry(
            &RetryOutcome::new(operation, attempt, delivery.attempts),
            counted,
        ) {
            return;
        }
        let wait = asked_wait(attempt, clock.now())
            .unwrap_or_else(|| policy.waits().after(counted).mul_f64(chance(clock)));
        if wait >= time_left() {
            delivery.no_retry = Some(NoRetry::Deadline { wait, deadline });
            return;
        }
        if policy.has_budget() && !shared.retry_budget.spend() {
            delivery.no_retry = Some(NoRetry::Budget);
            return;
        }
        tracing::info!(attempt = delivery.attempts, delay = ?wait, "waiting for the next attempt");
        clock.sleep(wait).await;
    }
}

/// How much of a backoff is waited, whatever a clock of somebody's own says.
fn chance(clock: &dyn Clock) -> f64 {
    let chance = clock.random();
    if (0.0..=1.0).contains(&chance) {
        chance
    } else {
        1.0
    }
}

/// How long the API asked to wait, with the statuses by which it asks for that.
fn asked_wait(attempt: &Attempt, now: SystemTime) -> Option<Duration> {
    let answer = attempt.answer.as_ref()?;
    matches!(
        answer.status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
    .then(|| answer.retry_after(now))
    .flatten()
}
