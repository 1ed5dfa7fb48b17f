//! Access keys of service clients, and the tokens that they sign.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::credential_format;
use crate::error::InvalidInput;
use crate::signing_key::SigningKey;

/// The lifetime of a token, in seconds.
pub(crate) const TOKEN_LIFETIME: u64 = 86_400;
const AUDIENCE_SUFFIX: &str = ".accounts.authress.io";
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// An access key of either kind: `{clientId}.{keyId}.{accountId}.{privateKey}`, or a legacy key, which
/// is JSON in base64.
pub(crate) struct AccessKey {
    text: SecretString,
    client_id: String,
    key_id: String,
    audience: String,
    signing_key: SigningKey,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Legacy {
    client_id: String,
    key_id: String,
    audience: String,
    private_key: String,
}

impl AccessKey {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidInput> {
        if credential_format::check(text).is_err() {
            return Err(InvalidInput::AccessKey);
        }
        let key = match *text.split('.').collect::<Vec<_>>() {
            [client_id, key_id, account_id, private_key]
                if [client_id, key_id, account_id]
                    .iter()
                    .all(|part| !part.is_empty()) =>
            {
                let private_key = STANDARD.decode(private_key).ok();
                private_key.and_then(|private_key| {
                    Some(Self {
                        text: text.into(),
                        client_id: client_id.to_owned(),
                        key_id: key_id.to_owned(),
                        audience: format!("{account_id}{AUDIENCE_SUFFIX}"),
                        signing_key: SigningKey::from_ed25519_der(&private_key)?,
                    })
                })
            }
            _ => Self::parse_legacy(text),
        };
        key.ok_or(InvalidInput::AccessKey)
    }

    fn parse_legacy(text: &str) -> Option<Self> {
        let legacy: Legacy = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
        Some(Self {
            text: text.into(),
            client_id: legacy.client_id,
            key_id: legacy.key_id,
            audience: legacy.audience,
            signing_key: SigningKey::from_rsa_pem(&legacy.private_key)?,
        })
    }

    pub(crate) fn is_ed25519(&self) -> bool {
        self.signing_key.ed25519_public_key().is_some()
    }

    pub(crate) fn text(&self) -> SecretString {
        self.text.expose_secret().into()
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the public key; empty for a legacy key.
    pub(crate) fn public_key(&self) -> &[u8] {
        self.signing_key.ed25519_public_key().unwrap_or_default()
    }

    /// Returns the URL of an account without a custom domain.
    pub(crate) fn standard_url(&self) -> String {
        let account = self.audience.split('.').next().unwrap_or_default();
        format!("https://{account}.api.authress.io")
    }

    /// Returns the issuer of tokens for a URL that is an Authress custom domain, or its fake.
    pub(crate) fn issuer(&self, url: &str) -> String {
        let client = utf8_percent_encode(&self.client_id, COMPONENT);
        format!("{url}/v1/clients/{client}")
    }

    /// Returns a token that is valid for a day from `issued_at` (in seconds since 1970).
    ///
    /// None if a legacy key cannot sign.
    pub(crate) fn token(&self, url: &str, issued_at: u64) -> Option<SecretString> {
        let header = json!({
            "alg": self.signing_key.algorithm(),
            "kid": self.key_id,
            "typ": "at+jwt",
        });
        let claims = json!({
            "aud": self.audience,
            "iss": self.issuer(url),
            "sub": self.client_id,
            "client_id": self.client_id,
            "iat": issued_at,
            "exp": issued_at.saturating_add(TOKEN_LIFETIME),
            "scope": "openid",
        });
        let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        let [header, claims] = [header, claims].map(|part| encode(part.to_string().as_bytes()));
        let message = format!("{header}.{claims}");
        let signature = self.signing_key.sign(message.as_bytes())?;
        Some(format!("{message}.{}", encode(&signature)).into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const KEY: &str = "sc_service_client.uDeF.acc-test_account_id.\
                       MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";

    #[test]
    fn tokens_have_the_members_of_the_official_clients() {
        let key = AccessKey::parse(KEY).unwrap();
        let token = key.token(&key.standard_url(), 1_700_000_000).unwrap();
        let part = |index: usize| -> Value {
            let part = token.expose_secret().split('.').nth(index).unwrap();
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        assert_eq!(
            part(0),
            json!({ "alg": "EdDSA", "kid": "uDeF", "typ": "at+jwt" })
        );
        assert_eq!(
            part(1),
            json!({
                "aud": "acc-test_account_id.accounts.authress.io",
                "iss": "https://acc-test_account_id.api.authress.io/v1/clients/sc_service_client",
                "sub": "sc_service_client",
                "client_id": "sc_service_client",
                "iat": 1_700_000_000,
                "exp": 1_700_086_400,
                "scope": "openid",
            })
        );
        assert_eq!(
            URL_SAFE_NO_PAD.encode(key.public_key()),
            "vMwoaO0xuoR7rA5YLRxU9b_Eht6PfDuJhg1yFYbv6EM"
        );
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in [
            "",
            "a.b.c.d",
            "a.b.c",
            "e30=",
            &KEY[1..KEY.len() - 9],
            &format!(".{KEY}"),
            &format!("\u{feff}{KEY}"),
            &format!("KEY={KEY}"),
        ] {
            assert!(AccessKey::parse(text).is_err(), "{text}");
        }
    }
}
