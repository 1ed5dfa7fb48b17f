use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use super::token::AccessToken;
use crate::date_header::date;
use crate::error::ClockSkew;

/// The largest skew that is corrected. A larger one is reported only: a wrong `Date` must not move
/// the time of tokens without bound.
const MAX_CORRECTION: Duration = Duration::from_secs(48 * 3_600);

/// The server's time: the local time, corrected by the skew that a rejected token revealed.
#[derive(Debug, Default)]
pub(crate) struct ServerTime {
    /// In nanoseconds; positive if the server's clock is ahead.
    offset: AtomicI64,
}

impl ServerTime {
    /// Returns the server's time at the local time `local`.
    pub(crate) fn at(&self, local: SystemTime) -> SystemTime {
        let offset = self.offset.load(Ordering::Relaxed);
        let by = Duration::from_nanos(offset.unsigned_abs());
        let corrected = if offset < 0 {
            local.checked_sub(by)
        } else {
            local.checked_add(by)
        };
        corrected.unwrap_or(local)
    }

    /// Returns the skew if it explains why the API rejected `token`, and remembers it unless it is
    /// too large: the token is valid at the local time, but not at the `Date` of the 401.
    pub(crate) fn learn(
        &self,
        token: &AccessToken,
        headers: &HeaderMap,
        local: SystemTime,
    ) -> Option<ClockSkew> {
        let server = date(headers)?;
        let is_valid_here = token.is_valid_at(local) || token.is_valid_at(self.at(local));
        if token.is_valid_at(server) || !is_valid_here {
            return None;
        }
        let skew = ClockSkew::between(local, server);
        if skew.magnitude() <= MAX_CORRECTION {
            let by = i64::try_from(skew.magnitude().as_nanos()).unwrap_or_default();
            let offset = match skew {
                ClockSkew::Ahead(_) => -by,
                ClockSkew::Behind(_) => by,
            };
            self.offset.store(offset, Ordering::Relaxed);
        }
        Some(skew)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use http::header;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn time(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn token(claims: &str) -> AccessToken {
        let payload = URL_SAFE_NO_PAD.encode(claims);
        AccessToken::new(format!("e30.{payload}.c2ln")).unwrap()
    }

    /// A token that is valid for a day from `issued_at`.
    fn signed_at(issued_at: u64) -> AccessToken {
        let expires_at = issued_at + 86_400;
        token(&format!(r#"{{"iat":{issued_at},"exp":{expires_at}}}"#))
    }

    fn headers(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::DATE, date.parse().unwrap())])
    }

    fn dated(server: u64) -> HeaderMap {
        headers(&httpdate::fmt_http_date(time(server)))
    }

    /// Returns the time that was learned for `NOW`, in seconds from `NOW`.
    fn learned(token: &AccessToken, headers: &HeaderMap) -> (Option<ClockSkew>, i64) {
        let server_time = ServerTime::default();
        let skew = server_time.learn(token, headers, time(NOW));
        let corrected = server_time.at(time(NOW));
        let seconds = corrected.duration_since(UNIX_EPOCH).unwrap().as_secs();
        (skew, seconds.cast_signed() - NOW.cast_signed())
    }

    #[test]
    fn learns_the_skew_that_explains_a_rejection() {
        let token = signed_at(NOW);
        for (server, offset) in [
            (NOW - 1, -1),
            (NOW - 120, -120),
            (NOW - 48 * 3_600, -48 * 3_600),
            (NOW + 86_400, 86_400),
            (NOW + 25 * 3_600, 25 * 3_600),
            (NOW + 48 * 3_600, 48 * 3_600),
        ] {
            let (skew, corrected) = learned(&token, &dated(server));
            assert_eq!(corrected, offset);
            assert_eq!(skew.unwrap().magnitude().as_secs(), offset.unsigned_abs());
        }
    }

    #[test]
    fn reports_a_skew_beyond_48_hours_without_correction() {
        let token = signed_at(NOW);
        for server in [NOW - 48 * 3_600 - 1, NOW + 48 * 3_600 + 1, 0] {
            let (skew, corrected) = learned(&token, &dated(server));
            assert!(skew.is_some());
            assert_eq!(corrected, 0);
        }
    }

    #[test]
    fn ignores_rejections_that_time_does_not_explain() {
        let valid = signed_at(NOW);
        for date in [
            HeaderMap::new(),
            headers("yesterday"),
            headers("1700000000"),
            headers(""),
            HeaderMap::from_iter([(
                header::DATE,
                http::HeaderValue::from_bytes(b"\xff").unwrap(),
            )]),
            dated(NOW),
            dated(NOW + 86_399),
        ] {
            assert_eq!(learned(&valid, &date), (None, 0), "{date:?}");
        }
        // Expired here as well, or from an issuer whose clock is ahead of both.
        let expired = signed_at(NOW - 2 * 86_400);
        assert_eq!(learned(&expired, &dated(NOW)), (None, 0));
        let early = signed_at(NOW + 300);
        assert_eq!(learned(&early, &dated(NOW)), (None, 0));
        for without_times in ["{}", r#"{"iat":"now","exp":[]}"#, "no JSON"] {
            assert_eq!(
                learned(&token(without_times), &dated(NOW + 90_000)),
                (None, 0)
            );
        }
    }

    #[test]
    fn forgets_the_skew_when_the_local_clock_was_set() {
        let server_time = ServerTime::default();
        let slow = time(NOW - 90_000);
        server_time.learn(&signed_at(NOW - 90_000), &dated(NOW), slow);
        assert_eq!(server_time.at(slow), time(NOW));
        // The clock is right from now on, so that corrected tokens come from the future.
        let corrected = signed_at(NOW + 90_000);
        server_time.learn(&corrected, &dated(NOW), time(NOW));
        assert_eq!(server_time.at(time(NOW)), time(NOW));
    }
}
