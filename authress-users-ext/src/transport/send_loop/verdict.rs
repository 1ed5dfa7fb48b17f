//! What the response to an attempt says about the rate that the API allows.

use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::clock::Clock;
use crate::error::retry_after;
use crate::retry::{RateHints, Verdict};
use crate::transport::attempt::Attempt;

/// What an attempt says about the rate that the API allows, and how long it stops other calls, at most
/// `max_pause`.
pub(super) fn verdict(
    attempt: &Attempt,
    may_be_paced: bool,
    clock: &dyn Clock,
    max_pause: Duration,
) -> Verdict {
    if attempt.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
        let wait = requested_wait(attempt, clock.now(), max_pause).unwrap_or_default();
        let hints = attempt.response.as_ref();
        let hints = hints.map(|response| RateHints::of(&response.headers, || clock.now()));
        Verdict::Limited {
            hint: wait.min(max_pause).as_secs_f64(),
            rate: hints.and_then(|hints| hints.rate),
        }
    } else if let Some(response) = &attempt.response
        && attempt.shows_availability()
    {
        let hints = may_be_paced.then(|| RateHints::of(&response.headers, || clock.now()));
        let pause = hints.and_then(|hints| hints.wait_after_accepted(max_pause));
        Verdict::Accepted {
            pause: pause.unwrap_or_default().as_secs_f64(),
            rate: hints.and_then(|hints| hints.rate),
        }
    } else {
        Verdict::Unknown
    }
}

/// The wait that the `Retry-After` of a 429 or 503 specifies, or else the reset of the limit that a
/// 429 names, which counts up to `max_reset`. Zero specifies none.
pub(super) fn requested_wait(
    attempt: &Attempt,
    now: SystemTime,
    max_reset: Duration,
) -> Option<Duration> {
    let response = attempt.response.as_ref()?;
    let is_limited = response.status == StatusCode::TOO_MANY_REQUESTS;
    if !is_limited && response.status != StatusCode::SERVICE_UNAVAILABLE {
        return None;
    }
    let is_some = |wait: &Duration| !wait.is_zero();
    let headers = &response.headers;
    retry_after(headers, now).filter(is_some).or_else(|| {
        let hints = is_limited.then(|| RateHints::of(headers, || now));
        hints?.wait_after_limited(max_reset).filter(is_some)
    })
}
