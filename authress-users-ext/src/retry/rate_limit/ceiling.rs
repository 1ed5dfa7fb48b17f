//! Limits of the rate that are set up front.

use std::borrow::Cow;

/// The burst of a limit, in seconds; at least one request.
const BURST: f64 = 0.04;

/// The largest rate at which a client sends requests, for
/// [`rate_limit`](crate::AuthressClientBuilder::rate_limit).
///
/// ```
/// use authress_users_ext::{AuthressClient, RateLimit};
///
/// let builder = AuthressClient::builder()
///     .rate_limit(RateLimit::per_second(50.0))
///     .rate_limit(RateLimit::per_second(5.0).for_operation("getUsers"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimit {
    per_second: f64,
    operation: Option<Cow<'static, str>>,
}

impl RateLimit {
    /// Returns a limit in requests per second for all operations together.
    ///
    /// The rate must be finite and greater than zero; it may be below one.
    #[must_use]
    pub fn per_second(requests: f64) -> Self {
        Self {
            per_second: requests,
            operation: None,
        }
    }

    /// Limits one operation, by its id in the spec: `getUsers`, `getUser`, `deleteUser` or
    /// `linkTenantUser`.
    #[must_use]
    pub fn for_operation(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.operation = Some(id.into());
        self
    }

    /// Returns which bound is violated, if any, when these operations exist.
    pub(crate) fn check(&self, operations: &[&str]) -> Result<(), String> {
        let Self {
            per_second,
            operation,
        } = self;
        if !per_second.is_finite() || *per_second <= 0.0 {
            return Err(format!(
                "requests per second must be finite and greater than zero, got {per_second}"
            ));
        }
        match operation {
            Some(id) if !operations.contains(&&**id) => Err(format!(
                "unknown operation; use one of {}",
                operations.join(", ")
            )),
            _ => Ok(()),
        }
    }
}

/// A limit that counts requests. Times are seconds of a monotonic clock.
#[derive(Debug)]
pub(super) struct Ceiling {
    /// The seconds between two requests.
    interval: f64,
    /// How much earlier than in regular intervals a request may be sent.
    tolerance: f64,
    /// When the next request is due in regular intervals.
    next: f64,
}

impl Ceiling {
    /// Returns the strictest of the limits of an operation, or of all operations together.
    pub(super) fn strictest(limits: &[RateLimit], operation: Option<&str>) -> Option<Self> {
        limits
            .iter()
            .filter(|limit| limit.operation.as_deref() == operation)
            .map(|limit| limit.per_second)
            .reduce(f64::min)
            .map(|per_second| Self {
                interval: 1.0 / per_second,
                tolerance: (BURST - 1.0 / per_second).max(0.0),
                next: 0.0,
            })
    }

    /// Returns when the next request may be sent.
    pub(super) fn ready_at(&self) -> f64 {
        self.next - self.tolerance
    }

    /// Counts a request.
    pub(super) fn take(&mut self, now: f64) {
        self.next = self.next.max(now) + self.interval;
    }

    /// Returns how long a request behind `waiting` others waits, in seconds.
    #[expect(clippy::cast_precision_loss, reason = "no queue is that long")]
    pub(super) fn expected_wait(&self, now: f64, waiting: usize) -> f64 {
        (self.ready_at() - now).max(0.0) + waiting as f64 * self.interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many requests are sent in some seconds.
    fn sent_in(seconds: f64, limit: RateLimit) -> u32 {
        let mut ceiling = Ceiling::strictest(&[limit], None).unwrap();
        let (mut now, mut sent) = (0.0, 0);
        while now <= seconds {
            sent += 1;
            ceiling.take(now);
            now = ceiling.ready_at().max(now);
        }
        sent
    }

    #[test]
    fn a_ceiling_lets_its_rate_pass_with_a_short_burst() {
        assert_eq!(sent_in(9.9, RateLimit::per_second(0.5)), 5);
        assert_eq!(sent_in(9.99, RateLimit::per_second(5.0)), 50);
        let sent = sent_in(9.999, RateLimit::per_second(1_000.0));
        assert!((10_000..=10_040).contains(&sent), "{sent}");
    }

    #[test]
    fn the_strictest_limit_of_an_operation_counts() {
        let limits = [7.0, 5.0, 6.0].map(RateLimit::per_second);
        let [seven, five, six] = limits;
        let limits = [seven, five.for_operation("getUsers"), six];
        let rate = |operation| {
            let ceiling = Ceiling::strictest(&limits, operation);
            ceiling.map(|ceiling| (1.0 / ceiling.interval).round())
        };
        assert_eq!(rate(None), Some(6.0));
        assert_eq!(rate(Some("getUsers")), Some(5.0));
        assert_eq!(rate(Some("getUser")), None);
    }
}
