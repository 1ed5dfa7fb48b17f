//! Rate limits of the simulated API, and the headers that describe them.

use std::time::Duration;

use http::header::{HeaderName, RETRY_AFTER};

use super::time::wall_clock;

/// How an API counts requests.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counting {
    /// A token bucket that holds this many requests.
    Bucket(f64),
    /// Windows of this length.
    Window(Duration),
}

/// What a 429 says about the time until the next request is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    None,
    /// `Retry-After` with this many seconds.
    RetryAfter(u64),
    /// `Retry-After` with the exact time, rounded up to seconds.
    ExactSeconds,
    /// `Retry-After` as a date, rounded up to seconds.
    ExactDate,
    /// `X-RateLimit-Reset` with the exact time, in milliseconds since the epoch.
    ExactReset,
}

/// A rate limit.
#[derive(Debug, Clone)]
pub(super) struct RateLimit {
    /// Requests per second.
    rate: f64,
    counting: Counting,
    hint: Hint,
    /// The requests left in the bucket, or counted in the window.
    amount: f64,
    counted_at: f64,
}

impl RateLimit {
    pub(super) fn new(rate: f64, counting: Counting, hint: Hint, now: Duration) -> Self {
        Self {
            rate,
            counting,
            hint,
            amount: match counting {
                Counting::Bucket(burst) => burst,
                Counting::Window(_) => 0.0,
            },
            counted_at: now.as_secs_f64(),
        }
    }

    /// Counts a request that arrives at `now`. If it is rejected, returns the headers of the 429.
    pub(super) fn reject(&mut self, now: Duration) -> Option<Vec<(HeaderName, String)>> {
        let seconds = now.as_secs_f64();
        let wait = match self.counting {
            Counting::Bucket(burst) => {
                let refilled = self.amount + (seconds - self.counted_at) * self.rate;
                self.amount = refilled.min(burst);
                self.counted_at = seconds;
                if self.amount >= 1.0 {
                    self.amount -= 1.0;
                    return None;
                }
                (1.0 - self.amount) / self.rate
            }
            Counting::Window(length) => {
                let length = length.as_secs_f64();
                let start = (seconds / length).floor() * length;
                if start > self.counted_at {
                    self.amount = 0.0;
                    self.counted_at = start;
                }
                self.amount += 1.0;
                if self.amount <= self.rate * length {
                    return None;
                }
                start + length - seconds
            }
        };
        Some(self.headers(now, Duration::from_secs_f64(wait)))
    }

    fn headers(&self, now: Duration, wait: Duration) -> Vec<(HeaderName, String)> {
        let ceiling =
            |duration: Duration| duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
        let at = now + wait;
        match self.hint {
            Hint::None => Vec::new(),
            Hint::RetryAfter(seconds) => vec![(RETRY_AFTER, seconds.to_string())],
            Hint::ExactSeconds => vec![(RETRY_AFTER, ceiling(wait).to_string())],
            Hint::ExactDate => {
                let date = wall_clock(Duration::from_secs(ceiling(at)));
                vec![(RETRY_AFTER, httpdate::fmt_http_date(date))]
            }
            Hint::ExactReset => {
                let at = wall_clock(at);
                let epoch = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let name = HeaderName::from_static("x-ratelimit-reset");
                vec![(name, epoch.as_millis().to_string())]
            }
        }
    }
}
