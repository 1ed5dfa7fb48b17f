use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

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

struct Parts {
    jwt: SecretString,
    // Built once per token instead of once per request.
    header: HeaderValue,
}

impl AccessToken {
    /// Validates a JWT: three base64url parts, joined by dots. Surrounding white space is removed.
    ///
    /// # Errors
    /// Returns a configuration error if the text is empty, an access key, or not a JWT. The error
    /// does not contain the text.
    pub fn new(jwt: impl Into<SecretString>) -> Result<Self, Error> {
        Self::parse("access_token", &jwt.into())
    }

    /// Validates the JWT that `setting` holds.
    pub(crate) fn parse(setting: &'static str, jwt: &SecretString) -> Result<Self, Error> {
        let jwt = jwt.expose_secret().trim();
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
        let is_base64url = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
        };
        if parts != 3 || !jwt.split('.').all(is_base64url) {
            return Err(invalid("not a JWT (three base64url parts, joined by dots)"));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {jwt}"))
            .map_err(|_| invalid("not a valid header value"))?;
        header.set_sensitive(true);
        Ok(Self(Arc::new(Parts {
            jwt: SecretString::from(jwt),
            header,
        })))
    }

    /// Returns the JWT, for example to pass it to another service. Keep it out of logs.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.0.jwt.expose_secret()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.header.clone()
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
    fn trims_white_space() {
        assert_eq!(
            AccessToken::new(" a.b.c\n").unwrap().expose_secret(),
            "a.b.c"
        );
    }
}
