use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::credential_format;
use crate::error::Error;

/// A JWT that the API accepts as a bearer token.
///
/// It is cheap to clone, and `Debug` does not show it.
///
/// ```
/// use authress_users_ext::AccessToken;
///
/// let token = AccessToken::new("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")?;
/// assert_eq!(format!("{token:?}"), "AccessToken(..)");
///
/// // An access key is not a token, and must never be sent.
/// assert!(AccessToken::new("sc_1.key.acc-1.MC4CAQ==").is_err());
/// # Ok::<(), authress_users_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    jwt: SecretString,
    // Built once per token instead of once per request.
    header: HeaderValue,
    issued_at: Option<SystemTime>,
    expires_at: Option<SystemTime>,
}

/// The claims of a JWT that say when it is valid. Its issuer may omit them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Times {
    iat: Value,
    exp: Value,
}

impl Times {
    fn of(jwt: &str) -> Self {
        let payload = jwt.split('.').nth(1).unwrap_or_default();
        URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .unwrap_or_default()
    }
}

/// Reads a `NumericDate` (RFC 7519), which may have a fraction.
fn numeric_date(seconds: &Value) -> Option<SystemTime> {
    let since_epoch = Duration::try_from_secs_f64(seconds.as_f64()?).ok()?;
    UNIX_EPOCH.checked_add(since_epoch)
}

impl AccessToken {
    /// Validates a JWT: three base64url parts, joined by dots. Surrounding white space is removed.
    ///
    /// # Errors
    /// Returns a configuration error if the text is empty, an access key, or not a JWT. The error names
    /// a character that does not belong there and its position, and does not contain the text.
    pub fn new(jwt: impl Into<SecretString>) -> Result<Self, Error> {
        Self::parse("access_token", &jwt.into())
    }

    /// Validates the JWT that `setting` holds.
    pub(crate) fn parse(setting: &'static str, jwt: &SecretString) -> Result<Self, Error> {
        let given = jwt.expose_secret();
        let jwt = given.trim();
        let invalid = |reason: &'static str| Error::invalid_setting(setting, reason);
        if jwt.is_empty() {
            return Err(invalid("it is empty"));
        }
        let parts = jwt.split('.').count();
        if parts == 4 {
            return Err(invalid(
                "it looks like an access key, which must never be sent; set it as \
                 service_client_access_key",
            ));
        }
        let is_part_of_jwt =
            |character: char| character.is_ascii_alphanumeric() || "-_=.".contains(character);
        credential_format::check(given, is_part_of_jwt)
            .map_err(|reason| Error::invalid_setting(setting, format!("not a JWT: {reason}")))?;
        if parts != 3 || jwt.split('.').any(str::is_empty) {
            return Err(invalid("not a JWT (three base64url parts, joined by dots)"));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {jwt}"))
            .map_err(|_| invalid("not a valid header value"))?;
        header.set_sensitive(true);
        let times = Times::of(jwt);
        Ok(Self(Arc::new(Parts {
            jwt: SecretString::from(jwt),
            header,
            issued_at: numeric_date(&times.iat),
            expires_at: numeric_date(&times.exp),
        })))
    }

    /// Returns when the token expires, if that is known.
    ///
    /// This is its claim `exp`, or what [`with_expiry`](Self::with_expiry) set.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use authress_users_ext::AccessToken;
    ///
    /// let token = AccessToken::new("e30.eyJleHAiOjE3MDAwODY0MDB9.c2ln")?; // {"exp":1700086400}
    /// assert_eq!(token.expires_at(), Some(UNIX_EPOCH + Duration::from_secs(1_700_086_400)));
    /// # Ok::<(), authress_users_ext::Error>(())
    /// ```
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.0.expires_at
    }

    /// Sets when the token expires, in place of its claim `exp`: for issuers that report the expiry
    /// beside the token.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use authress_users_ext::AccessToken;
    ///
    /// let expires_in = Duration::from_secs(300);
    /// let token = AccessToken::new("e30.e30.c2ln")?;
    /// assert_eq!(token.expires_at(), None);
    /// let token = token.with_expiry(SystemTime::now() + expires_in);
    /// assert!(token.expires_at().is_some());
    /// # Ok::<(), authress_users_ext::Error>(())
    /// ```
    #[must_use]
    pub fn with_expiry(self, at: SystemTime) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        parts.expires_at = Some(at);
        Self(Arc::new(parts))
    }

    /// Returns the JWT, for example to pass it to another service. Keep it out of logs.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.jwt.expose_secret()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.header.clone()
    }

    /// Whether `time` is within the times of the token. One that is not known does not limit it.
    pub(crate) fn is_valid_at(&self, time: SystemTime) -> bool {
        let Parts {
            issued_at,
            expires_at,
            ..
        } = &*self.0;
        issued_at.is_none_or(|start| start <= time) && expires_at.is_none_or(|end| time < end)
    }

    /// Returns how long the token is valid from `now`; `None` if its expiry is unknown.
    ///
    /// A token that was issued now and seems expired shows that the local clock is fast. It counts as
    /// issued at `now`.
    pub(super) fn remaining_lifetime(&self, now: SystemTime) -> Option<Duration> {
        let expires_at = self.0.expires_at?;
        match expires_at.duration_since(now) {
            Ok(left) if !left.is_zero() => Some(left),
            _ => expires_at.duration_since(self.0.issued_at?).ok(),
        }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.expose_secret() == other.expose_secret()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_text_that_is_not_a_jwt_without_showing_it() {
        for (given, rule) in [
            ("", "empty"),
            ("  \n", "empty"),
            ("sc_secret.key.acc-1.MC4CAQ==", "access key"),
            ("secret", "not a JWT"),
            ("secret.secret", "not a JWT"),
            ("a..secret", "not a JWT"),
            ("a.b.secret\u{1}", "not a JWT"),
            ("a.b.sécret", "not a JWT"),
            ("a.b.c.d.secret", "not a JWT"),
        ] {
            let error = AccessToken::new(given).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(rule), "{shown}");
            assert!(!shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn reads_the_expiry_from_the_claim() {
        for (claims, seconds) in [
            (r#"{"exp":1700086400}"#, Some(1_700_086_400)),
            (r#"{"exp":1.7e9,"iat":"x"}"#, Some(1_700_000_000)),
            (r#"{"exp":"1700086400"}"#, None),
            (r#"{"exp":-1}"#, None),
            (r#"{"exp":1e300}"#, None),
            (r#"{"exp":null}"#, None),
            ("{}", None),
            ("[]", None),
            ("exp", None),
        ] {
            for padding in ["", "=="] {
                let payload = URL_SAFE_NO_PAD.encode(claims);
                let token = AccessToken::new(format!("e30.{payload}{padding}.c2ln")).unwrap();
                let expected = seconds.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
                assert_eq!(token.expires_at(), expected, "{claims}");
            }
        }
    }

    #[test]
    fn a_given_expiry_replaces_the_claim_and_keeps_the_token() {
        let given = UNIX_EPOCH + Duration::from_secs(1);
        let token = AccessToken::new("e30.eyJleHAiOjE3MDAwODY0MDB9.c2ln").unwrap();
        let changed = token.clone().with_expiry(given);
        assert_eq!(changed.expires_at(), Some(given));
        assert!(changed.is_same(&token) && token.expires_at() != Some(given));
    }

    #[test]
    fn trims_white_space() {
        assert_eq!(
            AccessToken::new(" a.b.c\n").unwrap().expose_secret(),
            "a.b.c"
        );
    }
}
