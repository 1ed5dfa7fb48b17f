use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;

/// A JWT that the API accepts as a bearer token. Cheap to clone; never printed.
///
/// ```
/// use authress_users_ext::AccessToken;
///
/// let token = AccessToken::new("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")?;
/// assert_eq!(format!("{token:?}"), "AccessToken(..)");
///
/// // An access key is not a token, and is refused before it can be sent as one.
/// assert!(AccessToken::new("sc_1.key.acc-1.MC4CAQ==").is_err());
/// # Ok::<(), authress_users_ext::Error>(())
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<Parts>);

struct Parts {
    jwt: SecretString,
    // Made once for a token, not once for a request.
    header: HeaderValue,
}

impl AccessToken {
    /// Takes a JWT: three parts of base64url, joined by dots. White space around it is dropped.
    ///
    /// # Errors
    /// A configuration error that says what the text is instead: empty, an access key, not a JWT.
    pub fn new(jwt: impl Into<SecretString>) -> Result<Self, Error> {
        let given: SecretString = jwt.into();
        let jwt = given.expose_secret().trim();
        let refused = |rule| Error::invalid_setting("access_token", rule);
        if jwt.is_empty() {
            return Err(refused("it is empty"));
        }
        let parts = jwt.split('.').count();
        if parts == 4 {
            return Err(refused(
                "it looks like an access key, which must never be sent: give it to \
                 service_client_access_key",
            ));
        }
        let of_base64url = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
        };
        if parts != 3 || !jwt.split('.').all(of_base64url) {
            return Err(refused(
                "it is not a JWT (three parts of base64url, joined by dots)",
            ));
        }
        let mut header = HeaderValue::try_from(format!("Bearer {jwt}"))
            .map_err(|_| refused("it can't stand in a header"))?;
        header.set_sensitive(true);
        Ok(Self(Arc::new(Parts {
            jwt: SecretString::from(jwt),
            header,
        })))
    }

    /// The JWT itself, for handing it on to another service. Keep it out of logs.
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
    fn what_is_no_jwt_is_refused_with_the_reason_and_without_the_text() {
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
    fn white_space_around_a_token_is_dropped() {
        assert_eq!(
            AccessToken::new(" a.b.c\n").unwrap().expose_secret(),
            "a.b.c"
        );
    }
}
