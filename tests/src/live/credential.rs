//! Credentials that a server must reject.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::LiveError;
use crate::rules::contains_access_key;

/// `{"alg":"none","typ":"at+jwt"}`
const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";

/// Returns an error if a token is an access key, or not allowed in a header.
pub(super) fn check_token(token: &SecretString) -> Result<(), LiveError> {
    let text = token.expose_secret();
    if text.split('.').count() == 4 || contains_access_key(text) {
        return Err(LiveError::AccessKey);
    }
    match HeaderValue::try_from(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(LiveError::Token),
    }
}

/// The value of `Authorization`, and how a shell writes it without the token.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) what: &'static str,
    pub(super) header: Option<SecretString>,
    pub(super) shell: Option<String>,
}

impl Credential {
    fn new(what: &'static str, header: String, shell: impl Into<String>) -> Self {
        Self {
            what,
            header: Some(header.into()),
            shell: Some(shell.into()),
        }
    }

    /// Returns the token of the run itself.
    pub(super) fn own(token: &str) -> Self {
        let header = format!("Bearer {token}");
        Self::new(
            "the token of the run",
            header,
            "Bearer $AUTHRESS_ACCESS_TOKEN",
        )
    }

    /// Returns credentials that differ from `token` each in one way.
    pub(super) fn invalid(token: &str, expired: Option<&SecretString>) -> Vec<Self> {
        let mut all = vec![
            Self {
                what: "no token",
                header: None,
                shell: None,
            },
            Self::new(
                "a token that is not a JWT",
                "Bearer invalid".to_owned(),
                "Bearer invalid",
            ),
            Self::new(
                "the token as a Basic credential",
                format!("Basic {token}"),
                "Basic $AUTHRESS_ACCESS_TOKEN",
            ),
        ];
        let parts: Vec<_> = token.split('.').collect();
        if let [header, payload, signature] = *parts {
            let other = other_signature(signature);
            all.push(Self::new(
                "a token with another signature",
                format!("Bearer {header}.{payload}.{other}"),
                format!("Bearer ${{AUTHRESS_ACCESS_TOKEN%.*}}.{other}"),
            ));
            let payload_of_shell = "$(printf %s \"$AUTHRESS_ACCESS_TOKEN\" | cut -d. -f2)";
            all.push(Self::new(
                "an unsigned token (alg none)",
                format!("Bearer {UNSIGNED}.{payload}."),
                format!("Bearer {UNSIGNED}.{payload_of_shell}."),
            ));
        }
        if let Some(expired) = expired {
            all.push(Self::new(
                "an expired token",
                format!("Bearer {}", expired.expose_secret()),
                "Bearer $EXPIRED_TOKEN",
            ));
        }
        all
    }
}

/// Returns a signature of the same length that is not that of the token.
fn other_signature(signature: &str) -> String {
    let length = URL_SAFE_NO_PAD
        .decode(signature)
        .map_or(64, |own| own.len());
    URL_SAFE_NO_PAD.encode(vec![0x5a; length])
}
