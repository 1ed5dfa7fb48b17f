use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use crate::date_header::date;

/// Reads `Retry-After`, in seconds or as a date. A date is compared with the `Date` of the response,
/// which is from the same clock, and without one with the local time `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let end = httpdate::parse_http_date(value).ok()?;
    let now = date(headers).unwrap_or(now);
    // A date in the past means no wait.
    Some(end.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn reads_seconds_and_dates() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            assert_eq!(
                retry_after(&headers, now),
                expected.map(Duration::from_secs),
                "{value:?}"
            );
        }
    }

    #[test]
    fn compares_dates_with_the_date_of_the_response() {
        // Ten minutes slow, ten minutes fast, and in another year.
        for local in [784_111_177, 784_112_377, 1_700_000_000] {
            let now = UNIX_EPOCH + Duration::from_secs(local);
            let wait = |retry_after: &str, date: &str| {
                let headers = HeaderMap::from_iter([
                    (header::RETRY_AFTER, retry_after.parse().unwrap()),
                    (header::DATE, date.parse().unwrap()),
                ]);
                super::retry_after(&headers, now)
            };
            let date = "Sun, 06 Nov 1994 08:49:37 GMT";
            let end = "Sun, 06 Nov 1994 08:49:40 GMT";
            assert_eq!(wait(end, date), Some(Duration::from_secs(3)));
            assert_eq!(wait(date, end), Some(Duration::ZERO));
            assert_eq!(wait("7", date), Some(Duration::from_secs(7)));
            let by_local_time = wait(end, "a while ago");
            assert_eq!(
                by_local_time,
                Some(Duration::from_secs(784_111_780_u64.saturating_sub(local)))
            );
        }
    }
}
