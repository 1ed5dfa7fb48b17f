use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The last second that an HTTP date can express.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// The headers that describe a [`RateLimit`](crate::RateLimit) to clients.
///
/// `Retry-After` is sent with a 429. The other headers are sent with every response to an operation
/// with a limit. Times are those of the fake's clock, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RateLimitHeaders {
    /// Sends no headers.
    #[default]
    None,
    /// Sends `Retry-After` with this number of seconds, whatever the limit.
    RetryAfter(u32),
    /// Sends `Retry-After` with the seconds until a request is accepted.
    RetryAfterSeconds,
    /// Sends `Retry-After` with the date at which a request is accepted.
    RetryAfterDate,
    /// Sends `X-RateLimit-Limit`, `-Remaining` and `-Reset`, in seconds from now.
    XRateLimitSeconds,
    /// Sends `X-RateLimit-Limit`, `-Remaining` and `-Reset`, in seconds since 1970.
    XRateLimitEpochSeconds,
    /// Sends `X-RateLimit-Limit`, `-Remaining` and `-Reset`, in milliseconds since 1970.
    XRateLimitEpochMillis,
    /// Sends `RateLimit-Limit`, `-Remaining` and `-Reset`, in seconds from now.
    RateLimitReset,
    /// Sends `RateLimit` and `RateLimit-Policy`, as drafted by the IETF.
    RateLimitPolicy,
}

/// What a limit says after a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct QuotaStatus {
    pub(crate) is_rejected: bool,
    pub(crate) capacity: f64,
    pub(crate) window: Duration,
    /// How many more requests are accepted now.
    pub(crate) remaining: f64,
    /// The time until more requests are accepted.
    pub(crate) reset: Duration,
    /// The time of the fake since 1970.
    pub(crate) now: Duration,
}

impl RateLimitHeaders {
    pub(crate) fn describe(self, status: &QuotaStatus) -> HeaderMap {
        let QuotaStatus {
            capacity,
            remaining,
            reset,
            now,
            ..
        } = *status;
        let at = now.saturating_add(reset);
        let reset = whole_seconds(reset);
        let prefixed = |prefix: &str, reset: String| {
            vec![
                (
                    format!("{prefix}-limit"),
                    format!("{:.0}", capacity.floor()),
                ),
                (format!("{prefix}-remaining"), format!("{remaining:.0}")),
                (format!("{prefix}-reset"), reset),
            ]
        };
        let retry_after = |value: String| {
            let header = ("retry-after".to_owned(), value);
            status.is_rejected.then_some(header).into_iter().collect()
        };
        let headers = match self {
            Self::None => Vec::new(),
            Self::RetryAfter(seconds) => retry_after(seconds.to_string()),
            Self::RetryAfterSeconds => retry_after(reset.to_string()),
            Self::RetryAfterDate => retry_after(date(at)),
            Self::XRateLimitSeconds => prefixed("x-ratelimit", reset.to_string()),
            Self::XRateLimitEpochSeconds => prefixed("x-ratelimit", whole_seconds(at).to_string()),
            Self::XRateLimitEpochMillis => {
                prefixed("x-ratelimit", at.as_nanos().div_ceil(1_000_000).to_string())
            }
            Self::RateLimitReset => prefixed("ratelimit", reset.to_string()),
            Self::RateLimitPolicy => {
                let (capacity, window) = (capacity.floor(), whole_seconds(status.window));
                let policy = format!("\"default\";q={capacity:.0};w={window}");
                let limit = format!("\"default\";r={remaining:.0};t={reset}");
                vec![
                    ("ratelimit-policy".to_owned(), policy),
                    ("ratelimit".to_owned(), limit),
                ]
            }
        };
        let valid = |(name, value): (String, String)| {
            let name = HeaderName::try_from(name).ok()?;
            Some((name, HeaderValue::try_from(value).ok()?))
        };
        headers.into_iter().filter_map(valid).collect()
    }
}

fn whole_seconds(time: Duration) -> u64 {
    let started = u64::from(time.subsec_nanos() > 0);
    time.as_secs().saturating_add(started)
}

fn date(at: Duration) -> String {
    let at = Duration::from_secs(whole_seconds(at)).min(LAST_DATE);
    let at: SystemTime = UNIX_EPOCH + at;
    httpdate::fmt_http_date(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the headers as text, in the order of their names.
    fn described(headers: RateLimitHeaders, status: &QuotaStatus) -> Vec<String> {
        let headers = headers.describe(status);
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let mut lines: Vec<_> = headers.iter().map(line).collect();
        lines.sort();
        lines
    }

    const REJECTED: QuotaStatus = QuotaStatus {
        is_rejected: true,
        capacity: 50.0,
        window: Duration::from_millis(1_500),
        remaining: 0.0,
        reset: Duration::from_millis(1_200),
        now: Duration::from_secs(784_111_777),
    };

    #[test]
    fn every_kind_of_header_has_its_documented_form() {
        use RateLimitHeaders as Kind;
        let x = |reset: &str| {
            vec![
                "x-ratelimit-limit: 50".to_owned(),
                "x-ratelimit-remaining: 0".to_owned(),
                format!("x-ratelimit-reset: {reset}"),
            ]
        };
        assert!(described(Kind::None, &REJECTED).is_empty());
        let retry_after = described(Kind::RetryAfter(60), &REJECTED);
        assert_eq!(retry_after, ["retry-after: 60"]);
        let retry_after = described(Kind::RetryAfterSeconds, &REJECTED);
        assert_eq!(retry_after, ["retry-after: 2"]);
        let retry_after = described(Kind::RetryAfterDate, &REJECTED);
        assert_eq!(retry_after, ["retry-after: Sun, 06 Nov 1994 08:49:39 GMT"]);
        assert_eq!(described(Kind::XRateLimitSeconds, &REJECTED), x("2"));
        let epoch = described(Kind::XRateLimitEpochSeconds, &REJECTED);
        assert_eq!(epoch, x("784111779"));
        let epoch = described(Kind::XRateLimitEpochMillis, &REJECTED);
        assert_eq!(epoch, x("784111778200"));
        assert_eq!(
            described(Kind::RateLimitReset, &REJECTED),
            [
                "ratelimit-limit: 50",
                "ratelimit-remaining: 0",
                "ratelimit-reset: 2"
            ]
        );
        assert_eq!(
            described(Kind::RateLimitPolicy, &REJECTED),
            [
                "ratelimit-policy: \"default\";q=50;w=2",
                "ratelimit: \"default\";r=0;t=2"
            ]
        );
    }

    #[test]
    fn accepted_requests_get_no_retry_after() {
        let accepted = QuotaStatus {
            is_rejected: false,
            remaining: 7.0,
            ..REJECTED
        };
        let retry_after = described(RateLimitHeaders::RetryAfterSeconds, &accepted);
        assert!(retry_after.is_empty());
        let remaining = described(RateLimitHeaders::XRateLimitSeconds, &accepted);
        assert_eq!(remaining[1], "x-ratelimit-remaining: 7");
    }

    #[test]
    fn times_beyond_the_last_http_date_are_capped() {
        let endless = QuotaStatus {
            reset: Duration::MAX,
            ..REJECTED
        };
        assert_eq!(
            described(RateLimitHeaders::RetryAfterDate, &endless),
            ["retry-after: Fri, 31 Dec 9999 23:59:59 GMT"]
        );
    }
}
