//! What the headers of a response say about the rate limit.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use crate::date_header::date;

/// A later reset is an error of the server, and is ignored.
const MAX_PLAUSIBLE_WAIT: f64 = 86_400.0;
/// Larger numbers of seconds are since the epoch, and still larger ones are milliseconds.
const EPOCH_SECONDS: f64 = 1e9;
const EPOCH_MILLISECONDS: f64 = 1e11;
const MAX_PLAUSIBLE_TIME: f64 = 1e14;
/// `Date` has a resolution of a second, so the local clock is better unless it is wrong.
const DATE_TOLERANCE: Duration = Duration::from_secs(2);

/// The hints of a response other than `Retry-After`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct RateHints {
    /// The requests left until the reset.
    remaining: Option<f64>,
    /// The time until more requests are accepted, at most [`MAX_PLAUSIBLE_WAIT`].
    reset: Option<Duration>,
    /// The requests per second of the strictest policy.
    pub(crate) rate: Option<f64>,
}

impl RateHints {
    /// Reads `RateLimit` and `RateLimit-Policy` of the IETF draft, its older forms, and `X-RateLimit-*`.
    pub(crate) fn of(headers: &HeaderMap, now: impl Fn() -> SystemTime) -> Self {
        let mut hints = Self::default();
        for (name, value) in headers {
            let name = name.as_str();
            let name = name.strip_prefix("x-").unwrap_or(name);
            let Some(name) = name.strip_prefix("ratelimit") else {
                continue;
            };
            let Ok(value) = value.to_str() else { continue };
            match name {
                "" => hints.add_limits(value),
                "-policy" => hints.add_policies(value),
                "-remaining" => hints.add(number(value), None),
                "-reset" => hints.add(None, reset(value, headers, &now)),
                _ => {}
            }
        }
        hints
    }

    /// Returns how long to wait after a 429, at most `limit`.
    pub(crate) fn wait_after_limited(&self, limit: Duration) -> Option<Duration> {
        let has_more = self.remaining.is_some_and(|remaining| remaining >= 1.0);
        self.reset.filter(|_| !has_more).map(|wait| wait.min(limit))
    }

    /// Returns how long other requests are to wait after a request that was accepted, at most `limit`.
    pub(crate) fn wait_after_accepted(&self, limit: Duration) -> Option<Duration> {
        let is_last = self.remaining.is_some_and(|remaining| remaining < 1.0);
        self.reset.filter(|_| is_last).map(|wait| wait.min(limit))
    }

    /// Keeps the strictest of several limits: the least left, and the latest reset among those.
    fn add(&mut self, remaining: Option<f64>, reset: Option<Duration>) {
        if let Some(remaining) = remaining {
            let least = self
                .remaining
                .map_or(remaining, |least| least.min(remaining));
            self.remaining = Some(least);
        }
        self.reset = self.reset.max(reset);
    }

    /// Reads `"name";r=0;t=5, …`, or `limit=5, remaining=0, reset=5`.
    fn add_limits(&mut self, value: &str) {
        let mut all = Self::default();
        for limit in value.split(',') {
            let parameter = |name| parameter(limit, name).and_then(number);
            let remaining = parameter("r").or_else(|| parameter("remaining"));
            let wait = parameter("t").or_else(|| parameter("reset")).and_then(wait);
            // The reset of a limit that has more left says nothing.
            let has_more = remaining.is_some_and(|remaining| remaining >= 1.0);
            all.add(remaining, wait.filter(|_| !has_more));
        }
        self.add(all.remaining, all.reset);
    }

    /// Reads `"name";q=100;w=60, …`, or `100;w=60, …`.
    fn add_policies(&mut self, value: &str) {
        for policy in value.split(',') {
            let quota = parameter(policy, "q").or_else(|| policy.split(';').next());
            let window = parameter(policy, "w").and_then(number);
            if let (Some(quota), Some(window)) = (quota.and_then(number), window)
                && quota > 0.0
                && window > 0.0
            {
                let rate = quota / window;
                self.rate = Some(self.rate.map_or(rate, |lowest| lowest.min(rate)));
            }
        }
    }
}

/// Returns the value of `name=value` among parts that semicolons separate.
fn parameter<'a>(parts: &'a str, name: &str) -> Option<&'a str> {
    parts.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then_some(value)
    })
}

fn number(value: &str) -> Option<f64> {
    let number: f64 = value.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// A wait in seconds. A negative one is over.
fn wait(seconds: f64) -> Option<Duration> {
    let wait = Duration::try_from_secs_f64(seconds.clamp(0.0, MAX_PLAUSIBLE_WAIT)).ok()?;
    (seconds <= MAX_PLAUSIBLE_WAIT).then_some(wait)
}

/// Reads a reset in seconds from now, or in seconds or milliseconds since the epoch.
fn reset(value: &str, headers: &HeaderMap, now: impl Fn() -> SystemTime) -> Option<Duration> {
    let number = number(value)?;
    if number < EPOCH_SECONDS {
        return wait(number);
    }
    let since_epoch = match number {
        ..EPOCH_MILLISECONDS => number,
        ..MAX_PLAUSIBLE_TIME => number / 1_000.0,
        _ => return None,
    };
    let now = now();
    let now = match date(headers) {
        Some(date) if difference(date, now) > DATE_TOLERANCE => date,
        _ => now,
    };
    let now = now.duration_since(UNIX_EPOCH).ok()?;
    wait(since_epoch - now.as_secs_f64())
}

fn difference(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .unwrap_or_else(|negative| negative.duration())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;
    use crate::defaults::MAX_PAUSE;

    /// Sun, 06 Nov 1994 08:49:37 GMT, and half a second.
    const NOW: Duration = Duration::from_millis(784_111_777_500);
    /// 16:00:00 on 12 December 2026, and half a second.
    const LATER: Duration = Duration::from_millis(1_797_091_200_500);

    fn hints(headers: &[(&str, &str)], now: Duration) -> RateHints {
        let headers = headers.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        RateHints::of(&headers.collect(), || UNIX_EPOCH + now)
    }

    /// The waits in milliseconds after a 429 and after an accepted request.
    fn waits(headers: &[(&str, &str)]) -> [Option<u128>; 2] {
        let hints = hints(headers, LATER);
        [
            hints.wait_after_limited(MAX_PAUSE),
            hints.wait_after_accepted(MAX_PAUSE),
        ]
        .map(|wait| wait.map(|wait| wait.as_millis()))
    }

    #[test]
    fn reads_a_reset_in_every_unit() {
        for (value, expected) in [
            ("7", Some(7_000)),
            ("0.25", Some(250)),
            ("0", Some(0)),
            ("-3", Some(0)),
            ("400", Some(300_000)),
            ("1797091202", Some(1_500)),
            ("1797091200.75", Some(250)),
            ("1797091200", Some(0)),
            ("1797091201250", Some(750)),
            ("1797091200000", Some(0)),
            ("1797092000000", Some(300_000)),
            // Not plausible: more than a day, microseconds, and what is not a number.
            ("100000", None),
            ("1897091200", None),
            ("1797091201250000", None),
            ("inf", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                waits(&[("x-ratelimit-reset", value)]),
                [expected, None],
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_reset_counts_if_nothing_is_left() {
        for (headers, expected) in [
            (
                &[("ratelimit-remaining", "0"), ("ratelimit-reset", "2")][..],
                [Some(2_000); 2],
            ),
            (
                &[("ratelimit-remaining", "3"), ("ratelimit-reset", "2")],
                [None; 2],
            ),
            (
                &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2")],
                [Some(2_000); 2],
            ),
            (&[("x-ratelimit-remaining", "0")], [None; 2]),
            (&[("ratelimit", "\"default\";r=0;t=5")], [Some(5_000); 2]),
            (&[("ratelimit", "\"default\";r=1;t=5")], [None; 2]),
            (
                &[("ratelimit", "\"second\";r=0;t=1, \"hour\";r=70;t=200")],
                [Some(1_000); 2],
            ),
            (&[("ratelimit", "\"default\"; t=5; r=0")], [Some(5_000); 2]),
            (
                &[("ratelimit", "limit=5, remaining=0, reset=3")],
                [Some(3_000); 2],
            ),
            (&[("ratelimit", "t=5")], [Some(5_000), None]),
            (&[("ratelimit", "nonsense")], [None; 2]),
        ] {
            assert_eq!(waits(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn reads_the_strictest_policy() {
        for (value, expected) in [
            ("\"default\";q=100;w=10", Some(10.0)),
            ("\"burst\";q=20;w=1, \"hour\";q=3600;w=3600", Some(1.0)),
            ("100;w=20", Some(5.0)),
            ("100, 100;w=20", Some(5.0)),
            ("\"default\";q=0;w=10", None),
            ("\"default\";q=10;w=0", None),
            ("\"default\";q=10", None),
        ] {
            assert_eq!(
                hints(&[("ratelimit-policy", value)], NOW).rate,
                expected,
                "{value}"
            );
        }
    }

    #[test]
    fn a_wrong_local_clock_is_replaced_by_the_date() {
        let headers = [
            ("x-ratelimit-reset", "784111780"),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        let wait = |now| hints(&headers, now).wait_after_limited(MAX_PAUSE);
        // A small number is not since the epoch, whatever the local time is.
        assert_eq!(wait(NOW), None);
        let headers = [
            ("x-ratelimit-reset", "1797091203"),
            ("date", "Sat, 12 Dec 2026 16:00:00 GMT"),
        ];
        let wait = |now| hints(&headers, now).wait_after_limited(MAX_PAUSE);
        assert_eq!(wait(LATER), Some(Duration::from_millis(2_500)));
        for wrong in [
            LATER + IMPLAUSIBLE_SKEW,
            LATER.saturating_sub(IMPLAUSIBLE_SKEW),
        ] {
            assert_eq!(wait(wrong), Some(Duration::from_secs(3)));
        }
    }

    const IMPLAUSIBLE_SKEW: Duration = Duration::from_secs(90_000);

    proptest! {
        #[test]
        fn no_hint_exceeds_the_bound(
            name in prop::sample::select(vec![
                "ratelimit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset",
                "x-ratelimit-remaining", "x-ratelimit-reset",
            ]),
            value in "[ -~]{0,40}|[0-9.,;=rtqw\" -]{0,30}|[0-9]{0,25}",
        ) {
            let hints = hints(&[(name, &value)], LATER);
            for limit in [Duration::ZERO, MAX_PAUSE, Duration::MAX] {
                let longest = Some(limit.min(Duration::from_secs(86_400)));
                prop_assert!(hints.wait_after_limited(limit) <= longest);
                prop_assert!(hints.wait_after_accepted(limit) <= longest);
            }
            prop_assert!(hints.rate.is_none_or(|rate| rate >= 0.0));
        }
    }
}
