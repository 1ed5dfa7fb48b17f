//! The access keys of the fake, and the verification of tokens that they sign.

use std::sync::{LazyLock, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde_json::{Value, json};

const ACCOUNT_ID: &str = "acc-fake";
const CLIENT_ID: &str = "sc_fake_client";
const KEY_ID: &str = "fake-key";
const LEGACY_CLIENT_ID: &str = "sc_fake_legacy_client";
const LEGACY_KEY_ID: &str = "fake-legacy-key";
const TOKEN_LIFETIME: u64 = 86_400;
/// How far `iat` may be ahead of the clock of the fake.
const CLOCK_SKEW: u64 = 60;
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

/// The keys of one fake.
pub(crate) struct Keys {
    private_key: Vec<u8>,
    public_key: Vec<u8>,
}

impl Keys {
    pub(crate) fn generate() -> Self {
        install_crypto();
        // Key generation fails only without a source of randomness, and then TLS fails as well.
        let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new())
            .expect("the system has randomness");
        let private_key = document.as_ref().to_vec();
        let pair = Ed25519KeyPair::from_pkcs8(&private_key).expect("the key was just made");
        Self {
            public_key: pair.public_key().as_ref().to_vec(),
            private_key,
        }
    }

    pub(crate) fn access_key(&self) -> SecretString {
        let private_key = STANDARD.encode(&self.private_key);
        format!("{CLIENT_ID}.{KEY_ID}.{ACCOUNT_ID}.{private_key}").into()
    }

    /// Returns a token signed with the access key, valid for a day from `issued_at` (in seconds).
    pub(crate) fn token(&self, url: &str, issued_at: u64) -> SecretString {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(KEY_ID.to_owned());
        let claims = json!({
            "aud": audience(),
            "iss": issuer(url, CLIENT_ID),
            "sub": CLIENT_ID,
            "client_id": CLIENT_ID,
            "iat": issued_at,
            "exp": issued_at + TOKEN_LIFETIME,
            "scope": "openid",
        });
        encode(
            &header,
            &claims,
            &EncodingKey::from_ed_der(&self.private_key),
        )
        .expect("the key was made for signing")
        .into()
    }

    /// Checks key, signature, time, issuer, audience and client of a token.
    ///
    /// `urls` are the URLs of the fake. The error is the title of the 401 response.
    pub(crate) fn check(&self, token: &str, urls: &[&str], now: u64) -> Result<(), &'static str> {
        let header = decode_header(token).map_err(|_| "The token is not a JWT.")?;
        let (client, algorithm, key) = match header.kid.as_deref() {
            Some(KEY_ID) => (
                CLIENT_ID,
                Algorithm::EdDSA,
                DecodingKey::from_ed_der(&self.public_key),
            ),
            Some(LEGACY_KEY_ID) => (
                LEGACY_CLIENT_ID,
                Algorithm::RS256,
                legacy().public_key.clone(),
            ),
            _ => return Err("The token's key is unknown."),
        };
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&[audience()]);
        let issuers: Vec<_> = urls.iter().map(|url| issuer(url, client)).collect();
        validation.set_issuer(&issuers);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Checked below against the clock of the fake.
        validation.validate_exp = false;
        let claims = decode::<Value>(token, &key, &validation)
            .map_err(|reason| match reason.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidIssuer => "The token's issuer is wrong.",
                jsonwebtoken::errors::ErrorKind::InvalidAudience => {
                    "The token's audience is wrong."
                }
                jsonwebtoken::errors::ErrorKind::MissingRequiredClaim(_) => {
                    "The token lacks a claim."
                }
                _ => "The token's signature is wrong.",
            })?
            .claims;
        if claims["sub"] != client {
            return Err("The token's subject is not the key's client.");
        }
        if claims["exp"].as_u64().is_none_or(|end| end <= now) {
            return Err("The token has expired.");
        }
        if claims["iat"]
            .as_u64()
            .is_none_or(|start| start > now + CLOCK_SKEW)
        {
            return Err("The token was issued in the future.");
        }
        Ok(())
    }
}

/// A legacy access key. Generating an RSA key is slow, so a process generates only one.
struct LegacyKey {
    access_key: SecretString,
    public_key: DecodingKey,
}

pub(crate) fn legacy_access_key() -> SecretString {
    legacy().access_key.clone()
}

fn legacy() -> &'static LegacyKey {
    static KEY: OnceLock<LegacyKey> = OnceLock::new();
    KEY.get_or_init(|| {
        install_crypto();
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("the system has randomness");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("the key was just made");
        let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        for line in STANDARD.encode(der.as_ref()).as_bytes().chunks(64) {
            pem.extend(line.iter().map(|byte| char::from(*byte)));
            pem.push('\n');
        }
        pem += "-----END PRIVATE KEY-----\n";
        let key = json!({
            "clientId": LEGACY_CLIENT_ID,
            "keyId": LEGACY_KEY_ID,
            "audience": audience(),
            "privateKey": pem,
        });
        LegacyKey {
            access_key: STANDARD.encode(key.to_string()).into(),
            public_key: DecodingKey::from_rsa_der(pair.public_key().as_ref()),
        }
    })
}

fn audience() -> String {
    format!("{ACCOUNT_ID}.accounts.authress.io")
}

/// Returns the issuer of tokens. The URL of the fake stands for an Authress custom domain.
fn issuer(url: &str, client: &str) -> String {
    format!(
        "{url}/v1/clients/{}",
        utf8_percent_encode(client, COMPONENT)
    )
}

/// Installs the crypto provider. jsonwebtoken panics if a crate in the build enables both providers
/// and none is installed.
fn install_crypto() {
    static INSTALLED: LazyLock<()> = LazyLock::new(|| {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    });
    LazyLock::force(&INSTALLED);
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const URL: &str = "http://127.0.0.1:1234";
    const NOW: u64 = 1_700_000_000;

    #[test]
    fn tokens_are_valid_until_they_expire() {
        let keys = Keys::generate();
        let token = keys.token(URL, NOW);
        let check = |now| keys.check(token.expose_secret(), &[URL], now);
        assert_eq!(check(NOW), Ok(()));
        assert_eq!(check(NOW + TOKEN_LIFETIME - 1), Ok(()));
        assert_eq!(check(NOW + TOKEN_LIFETIME), Err("The token has expired."));
        assert_eq!(
            check(NOW - CLOCK_SKEW - 1),
            Err("The token was issued in the future.")
        );
    }

    #[test]
    fn invalid_tokens_are_rejected_with_a_reason() {
        let keys = Keys::generate();
        let sign = |change: &dyn Fn(&mut Header, &mut Value)| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.kid = Some(KEY_ID.to_owned());
            let mut claims = json!({
                "aud": audience(), "iss": issuer(URL, CLIENT_ID), "sub": CLIENT_ID,
                "iat": NOW, "exp": NOW + 60,
            });
            change(&mut header, &mut claims);
            let token = encode(
                &header,
                &claims,
                &EncodingKey::from_ed_der(&keys.private_key),
            )
            .unwrap();
            keys.check(&token, &[URL], NOW)
        };
        assert_eq!(sign(&|_, _| {}), Ok(()));
        assert_eq!(
            sign(&|_, claims| claims["iss"] = "x".into()),
            Err("The token's issuer is wrong.")
        );
        assert_eq!(
            sign(&|_, claims| claims["aud"] = "x".into()),
            Err("The token's audience is wrong.")
        );
        assert_eq!(
            sign(&|_, claims| claims["sub"] = "x".into()),
            Err("The token's subject is not the key's client.")
        );
        assert_eq!(
            sign(&|_, claims| claims["exp"] = NOW.into()),
            Err("The token has expired.")
        );
        assert_eq!(
            sign(&|header, _| header.kid = Some("x".into())),
            Err("The token's key is unknown.")
        );
        assert_eq!(
            sign(&|header, _| header.kid = Some(LEGACY_KEY_ID.into())),
            Err("The token's signature is wrong.")
        );
        let other = Keys::generate().token(URL, NOW);
        assert_eq!(
            keys.check(other.expose_secret(), &[URL], NOW),
            Err("The token's signature is wrong.")
        );
        assert_eq!(
            keys.check("a.b", &[URL], NOW),
            Err("The token is not a JWT.")
        );
    }
}
