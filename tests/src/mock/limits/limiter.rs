//! Decides which requests exceed the rate limits of the fake.

use std::time::Duration;

use http::HeaderMap;

use super::rate_limit::{Quota, RateLimit, seconds};
use super::rate_limit_headers::QuotaStatus;
use crate::operation::Operation;

/// Absorbs rounding, so that a request at the exact time of its token is accepted.
const TOLERANCE: f64 = 1e-9;

/// The limits in force: at most one for each operation, and one for all.
#[derive(Default)]
pub(crate) struct Limiter(Vec<Counter>);

/// Whether a request is within the limits, and the headers that describe them.
#[derive(Default)]
pub(crate) struct Admission {
    pub(crate) is_rejected: bool,
    pub(crate) headers: HeaderMap,
}

/// A limit with the requests that it accepts at present.
struct Counter {
    limit: RateLimit,
    available: f64,
    /// The time of the last refill of a bucket, or the start of a window.
    refilled: Duration,
}

impl Limiter {
    /// Adds a limit, or replaces the one for the same operations.
    ///
    /// A replaced limit passes on the requests that it still accepts, so that a change does not cause a burst.
    pub(crate) fn set(&mut self, limit: RateLimit, now: Duration) {
        let capacity = limit.quota.capacity();
        let old = self
            .0
            .iter()
            .position(|own| own.limit.operation == limit.operation);
        let available = old.map_or(capacity, |index| {
            let mut old = self.0.swap_remove(index);
            old.refill(now);
            old.available.min(capacity)
        });
        self.0.push(Counter {
            limit,
            available,
            refilled: now,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts a request if every limit of its operation accepts it.
    pub(crate) fn admit(&mut self, operation: Operation, now: Duration) -> Admission {
        let applies = |own: &&mut Counter| own.limit.operation.is_none_or(|own| own == operation);
        let mut counters: Vec<_> = self.0.iter_mut().filter(applies).collect();
        for counter in &mut counters {
            counter.refill(now);
        }
        let exceeded = counters.iter().filter(|counter| !counter.accepts());
        if let Some(counter) = exceeded.max_by_key(|counter| counter.reset(now)) {
            return counter.admission(true, now);
        }
        for counter in &mut counters {
            counter.available -= 1.0;
        }
        let tightest = counters
            .iter()
            .min_by(|a, b| a.available.total_cmp(&b.available));
        tightest.map_or_else(Admission::default, |counter| counter.admission(false, now))
    }
}

impl Counter {
    fn accepts(&self) -> bool {
        self.available >= 1.0 - TOLERANCE
    }

    fn refill(&mut self, now: Duration) {
        // The system's clock may go back.
        let elapsed = now.saturating_sub(self.refilled);
        match self.limit.quota {
            Quota::TokenBucket { rate, capacity } => {
                self.available = (self.available + elapsed.as_secs_f64() * rate).min(capacity);
                self.refilled = self.refilled.max(now);
            }
            Quota::FixedWindow { requests, window } if elapsed >= window => {
                let started = elapsed.as_nanos() % window.as_nanos();
                let started = Duration::from_nanos(u64::try_from(started).unwrap_or_default());
                self.available = requests;
                self.refilled = now.saturating_sub(started);
            }
            Quota::FixedWindow { .. } => {}
        }
    }

    fn remaining(&self) -> f64 {
        (self.available + TOLERANCE).floor().max(0.0)
    }

    /// Returns the time until more requests are accepted.
    fn reset(&self, now: Duration) -> Duration {
        match self.limit.quota {
            Quota::TokenBucket { capacity, .. } if self.available >= capacity => Duration::ZERO,
            Quota::TokenBucket { rate, .. } => {
                seconds((self.remaining() + 1.0 - self.available) / rate)
            }
            Quota::FixedWindow { window, .. } => {
                self.refilled.saturating_add(window).saturating_sub(now)
            }
        }
    }

    fn admission(&self, is_rejected: bool, now: Duration) -> Admission {
        let status = QuotaStatus {
            is_rejected,
            capacity: self.limit.quota.capacity(),
            window: self.limit.quota.window(),
            remaining: self.remaining(),
            reset: self.reset(now),
            now,
        };
        Admission {
            is_rejected,
            headers: self.limit.headers.describe(&status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::limits::rate_limit_headers::RateLimitHeaders;

    const START: Duration = Duration::from_secs(1_000_000);

    fn limiter(limits: impl IntoIterator<Item = RateLimit>) -> Limiter {
        let mut limiter = Limiter::default();
        for limit in limits {
            limiter.set(limit, START);
        }
        limiter
    }

    /// Returns how many of ten requests are accepted at a time after the start.
    fn accepted(limiter: &mut Limiter, operation: Operation, after_millis: u64) -> usize {
        let now = START + Duration::from_millis(after_millis);
        let requests = (0..10).map(|_| limiter.admit(operation, now));
        requests.filter(|admission| !admission.is_rejected).count()
    }

    #[test]
    fn a_token_bucket_refills_at_its_rate_up_to_its_burst() {
        let mut limiter = limiter([RateLimit::token_bucket(10.0, 3).unwrap()]);
        let mut accepted = |after| accepted(&mut limiter, Operation::GetUser, after);
        assert_eq!(accepted(0), 3);
        assert_eq!(accepted(99), 0);
        assert_eq!(accepted(100), 1);
        assert_eq!(accepted(390), 2);
        assert_eq!(accepted(400), 1, "the rest of a token is kept");
        assert_eq!(accepted(60_000), 3);
        assert_eq!(accepted(59_000), 0, "the clock may go back");
        assert_eq!(accepted(60_100), 1);
    }

    #[test]
    fn a_fixed_window_accepts_its_requests_once() {
        let window = Duration::from_secs(10);
        let mut limiter = limiter([RateLimit::fixed_window(4, window).unwrap()]);
        let mut accepted = |after| accepted(&mut limiter, Operation::GetUser, after);
        assert_eq!(accepted(9_000), 4);
        assert_eq!(accepted(9_999), 0);
        assert_eq!(
            accepted(10_000),
            4,
            "windows follow the clock, not the requests"
        );
        assert_eq!(accepted(35_000), 4);
        assert_eq!(accepted(39_999), 0);
        assert_eq!(accepted(40_000), 4);
    }

    #[test]
    fn a_request_must_be_within_every_limit() {
        let own = RateLimit::token_bucket(1.0, 2)
            .unwrap()
            .operation(Operation::DeleteUser);
        let mut limiter = limiter([RateLimit::token_bucket(1.0, 5).unwrap(), own]);
        assert_eq!(accepted(&mut limiter, Operation::DeleteUser, 0), 2);
        let rest = accepted(&mut limiter, Operation::GetUser, 0);
        assert_eq!(rest, 3, "rejected requests do not count");
    }

    #[test]
    fn the_reset_is_the_time_of_the_next_accepted_request() {
        let bucket = RateLimit::token_bucket(4.0, 1).unwrap();
        let window = RateLimit::fixed_window(1, Duration::from_millis(700)).unwrap();
        for (limit, reset) in [(bucket, 250), (window, 700)] {
            let mut limiter = limiter([limit.headers(RateLimitHeaders::XRateLimitEpochMillis)]);
            let headers = limiter.admit(Operation::GetUser, START).headers;
            assert_eq!(
                headers["x-ratelimit-reset"],
                format!("{}", 1_000_000_000 + reset)
            );
            assert_eq!(accepted(&mut limiter, Operation::GetUser, reset - 1), 0);
            assert_eq!(accepted(&mut limiter, Operation::GetUser, reset), 1);
        }
    }

    #[test]
    fn the_headers_describe_the_limit_that_decides() {
        let seconds = RateLimitHeaders::RetryAfterSeconds;
        let slow = RateLimit::token_bucket(0.1, 1).unwrap().headers(seconds);
        let fast = RateLimit::token_bucket(1.0, 1).unwrap().headers(seconds);
        let mut limiter = limiter([slow, fast.operation(Operation::GetUser)]);
        assert!(limiter.admit(Operation::GetUser, START).headers.is_empty());
        let rejected = limiter.admit(Operation::GetUser, START);
        assert_eq!(rejected.headers["retry-after"], "10");
    }

    #[test]
    fn a_replaced_limit_passes_on_its_remaining_requests() {
        let mut limiter = limiter([RateLimit::token_bucket(1.0, 8).unwrap()]);
        for _ in 0..5 {
            limiter.admit(Operation::GetUser, START);
        }
        limiter.set(RateLimit::token_bucket(100.0, 100).unwrap(), START);
        assert_eq!(accepted(&mut limiter, Operation::GetUser, 0), 3);
        limiter.set(
            RateLimit::token_bucket(100.0, 2).unwrap(),
            START + Duration::from_secs(1),
        );
        assert_eq!(accepted(&mut limiter, Operation::GetUser, 1_000), 2);
        limiter.clear();
        assert_eq!(accepted(&mut limiter, Operation::GetUser, 1_000), 10);
    }

    #[test]
    fn extreme_rates_do_not_overflow() {
        for rate in [f64::MIN_POSITIVE, f64::MAX] {
            let limit = RateLimit::token_bucket(rate, 1).unwrap();
            let mut limiter = limiter([limit.headers(RateLimitHeaders::RateLimitPolicy)]);
            for now in [START, START, Duration::MAX] {
                assert!(!limiter.admit(Operation::GetUser, now).headers.is_empty());
            }
        }
    }
}
