//! The access keys of the fake, and the verification of tokens that they sign.

use std::sync::{LazyLock, OnceLock};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::access_key::AccessKey;

const ACCOUNT_ID: &str = "acc-fake";
const CLIENT_ID: &str = "sc_fake_client";
const KEY_ID: &str = "fake-key";
const LEGACY_CLIENT_ID: &str = "sc_fake_legacy_client";
const LEGACY_KEY_ID: &str = "fake-legacy-key";
/// How far `iat` may be ahead of the clock of the fake.
const CLOCK_SKEW: u64 = 60;

/// Why a token is rejected.
pub(crate) const EXPIRED: &str = "The token has expired.";
pub(crate) const WRONG_SIGNATURE: &str = "The token's signature is wrong.";

/// The keys of one fake.
pub(crate) struct Keys {
    access_key: AccessKey,
}

impl Keys {
    pub(crate) fn new(access_key: AccessKey) -> Self {
        install_crypto();
        Self { access_key }
    }

    pub(crate) fn generate() -> Self {
        // Key generation fails only without a source of randomness, and then TLS fails as well.
        let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new())
            .expect("the system has randomness");
        let private_key = STANDARD.encode(document.as_ref());
        let text = format!("{CLIENT_ID}.{KEY_ID}.{ACCOUNT_ID}.{private_key}");
        Self::new(AccessKey::parse(&text).expect("the key was just made"))
    }

    pub(crate) fn access_key(&self) -> SecretString {
        self.access_key.text()
    }

    /// Returns a token signed with the access key, valid for a day from `issued_at` (in seconds).
    pub(crate) fn token(&self, url: &str, issued_at: u64) -> SecretString {
        self.access_key
            .token(url, issued_at)
            .expect("the key was made for signing")
    }

    /// Returns the public key of the access key, base64url-encoded, and its id.
    pub(crate) fn public_key(&self) -> (String, &str) {
        let key = URL_SAFE_NO_PAD.encode(self.access_key.public_key());
        (key, self.access_key.key_id())
    }

    /// Returns the issuer of tokens of the access key for a URL of the fake.
    pub(crate) fn issuer(&self, url: &str) -> String {
        self.access_key.issuer(url)
    }

    /// Checks key, signature, time, issuer, audience and client of a token.
    ///
    /// `urls` are the URLs of the fake. The standard URL of the account is always accepted. The error
    /// is the title of the 401 response.
    pub(crate) fn check(&self, token: &str, urls: &[String], now: u64) -> Result<(), &'static str> {
        let header = decode_header(token).map_err(|_| "The token is not a JWT.")?;
        let own = &self.access_key;
        let (signer, algorithm, key) = match header.kid.as_deref() {
            Some(id) if id == own.key_id() => {
                let key = DecodingKey::from_ed_der(own.public_key());
                (own, Algorithm::EdDSA, key)
            }
            Some(LEGACY_KEY_ID) => {
                let legacy = legacy();
                let key = legacy.public_key.clone();
                (&legacy.access_key, Algorithm::RS256, key)
            }
            _ => return Err("The token's key is unknown."),
        };
        let mut validation = Validation::new(algorithm);
        validation.set_audience(&[signer.audience()]);
        let standard = [signer.standard_url()];
        let issuers = urls.iter().chain(&standard);
        let issuers: Vec<_> = issuers.map(|url| signer.issuer(url)).collect();
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
                _ => WRONG_SIGNATURE,
            })?
            .claims;
        if claims["sub"] != signer.client_id() {
            return Err("The token's subject is not the key's client.");
        }
        if claims["exp"].as_u64().is_none_or(|end| end <= now) {
            return Err(EXPIRED);
        }
        if claims["iat"]
            .as_u64()
            .is_none_or(|start| start > now.saturating_add(CLOCK_SKEW))
        {
            return Err("The token was issued in the future.");
        }
        Ok(())
    }
}

/// A legacy access key. Generating an RSA key is slow, so a process generates only one.
struct LegacyKey {
    access_key: AccessKey,
    public_key: DecodingKey,
}

/// Installs the crypto provider. jsonwebtoken panics if a crate in the build enables both providers
/// and none is installed.
fn install_crypto() {
    static INSTALLED: LazyLock<()> = LazyLock::new(|| {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    });
    LazyLock::force(&INSTALLED);
}

pub(crate) fn legacy_access_key() -> SecretString {
    legacy().access_key.text()
}

fn legacy() -> &'static LegacyKey {
    static KEY: OnceLock<LegacyKey> = OnceLock::new();
    KEY.get_or_init(|| {
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
            "audience": format!("{ACCOUNT_ID}.accounts.authress.io"),
            "privateKey": pem,
        });
        let text = STANDARD.encode(key.to_string());
        LegacyKey {
            access_key: AccessKey::parse(&text).expect("the key was just made"),
            public_key: DecodingKey::from_rsa_der(pair.public_key().as_ref()),
        }
    })
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::access_key::TOKEN_LIFETIME;

    const URL: &str = "http://127.0.0.1:1234";
    const NOW: u64 = 1_700_000_000;

    #[test]
    fn tokens_are_valid_until_they_expire() {
        let keys = Keys::generate();
        let token = keys.token(URL, NOW);
        let check = |now| keys.check(token.expose_secret(), &[URL.to_owned()], now);
        assert_eq!(check(NOW), Ok(()));
        assert_eq!(check(NOW + TOKEN_LIFETIME - 1), Ok(()));
        assert_eq!(check(NOW + TOKEN_LIFETIME), Err("The token has expired."));
        assert_eq!(
            check(NOW - CLOCK_SKEW - 1),
            Err("The token was issued in the future.")
        );
    }

    #[test]
    fn a_legacy_key_signs_valid_tokens() {
        let legacy = AccessKey::parse(legacy_access_key().expose_secret()).unwrap();
        let token = legacy.token(URL, NOW).unwrap();
        let keys = Keys::generate();
        let urls = [URL.to_owned()];
        assert_eq!(keys.check(token.expose_secret(), &urls, NOW), Ok(()));
    }

    #[test]
    fn invalid_tokens_are_rejected_with_a_reason() {
        let keys = Keys::generate();
        let urls = [URL.to_owned()];
        let private_key = keys.access_key();
        let private_key = private_key.expose_secret().rsplit('.').next().unwrap();
        let private_key = STANDARD.decode(private_key).unwrap();
        let sign = |change: &dyn Fn(&mut Header, &mut Value)| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.kid = Some(KEY_ID.to_owned());
            let mut claims = json!({
                "aud": keys.access_key.audience(), "iss": keys.issuer(URL), "sub": CLIENT_ID,
                "iat": NOW, "exp": NOW + 60,
            });
            change(&mut header, &mut claims);
            let token = encode(&header, &claims, &EncodingKey::from_ed_der(&private_key)).unwrap();
            keys.check(&token, &urls, NOW)
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
            keys.check(other.expose_secret(), &urls, NOW),
            Err("The token's signature is wrong.")
        );
        assert_eq!(
            keys.check("a.b", &urls, NOW),
            Err("The token is not a JWT.")
        );
    }

    #[test]
    fn the_standard_url_of_the_account_is_an_issuer() {
        let keys = Keys::generate();
        let token = keys.token(&keys.access_key.standard_url(), NOW);
        assert_eq!(keys.check(token.expose_secret(), &[], NOW), Ok(()));
        let token = keys.token("https://acc-other.api.authress.io", NOW);
        assert_eq!(
            keys.check(token.expose_secret(), &[], NOW),
            Err("The token's issuer is wrong.")
        );
    }
}
