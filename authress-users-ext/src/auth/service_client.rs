use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::credential_format;
use super::provider::{TokenFuture, TokenProvider};
use super::signer::Signer;
use super::token::AccessToken;

/// How long a signed token is valid.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long the `iat` of a signed token is not used again.
const REUSE_INTERVAL: Duration = Duration::from_secs(3_600);
/// The characters that `encodeURIComponent` keeps in addition to letters and digits.
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

/// A service client of an account, whose tokens a [`Signer`](crate::Signer) signs.
///
/// The ids are those of the access key that Authress shows when the key is created:
/// `{clientId}.{keyId}.{accountId}.{privateKey}`. None of them is secret.
///
/// Each token is a JWT with these members; `origin` is the custom domain if
/// [`api_url`](crate::AuthressClientBuilder::api_url) is one, or else
/// `https://{accountId}.api.authress.io`:
///
/// | part | member | value |
/// |---|---|---|
/// | header | `alg` | `EdDSA` or `RS256`, by [`Signer::algorithm`](crate::Signer::algorithm) |
/// | header | `kid` | `key_id` |
/// | header | `typ` | `at+jwt` |
/// | payload | `aud` | `{account_id}.accounts.authress.io` |
/// | payload | `iss` | `{origin}/v1/clients/{client_id}`, with the id percent-encoded |
/// | payload | `sub`, `client_id` | `client_id` |
/// | payload | `iat` | now, in seconds since 1970 |
/// | payload | `exp` | a day after `iat` |
/// | payload | `scope` | `openid` |
///
/// A token is renewed an hour before it expires, and after a 401.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result, ServiceClient, Signer};
///
/// fn client(signer: impl Signer) -> Result<AuthressClient> {
///     let client = ServiceClient {
///         client_id: "sc_reports".into(),
///         key_id: "uDeF".into(),
///         account_id: "acc-1".into(),
///     };
///     AuthressClient::builder().service_client(client, signer).build()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServiceClient {
    /// The id of the service client, such as `sc_reports`.
    pub client_id: String,
    /// The id that Authress gave to the key. A KMS has another one for it.
    pub key_id: String,
    /// The id of the account.
    pub account_id: String,
}

impl ServiceClient {
    /// Returns the URL of the API of the client's account.
    pub(crate) fn account_url(&self) -> String {
        format!("https://{}.api.authress.io", self.account_id)
    }

    pub(crate) fn audience(&self) -> String {
        format!("{}.accounts.authress.io", self.account_id)
    }

    /// Checks the ids, which become parts of a host name and of claims.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (name, id) in [
            ("clientId", &self.client_id),
            ("keyId", &self.key_id),
            ("accountId", &self.account_id),
        ] {
            if id.is_empty() {
                return Err(format!("{name} is empty"));
            }
        }
        credential_format::check_id("clientId", &self.client_id)?;
        credential_format::check_id("keyId", &self.key_id)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if self.account_id.bytes().all(is_plain) {
            Ok(())
        } else {
            Err("the account id may contain only letters, digits, `-` and `_`".to_owned())
        }
    }
}

/// Signs a token on each call.
pub(crate) struct ServiceClientTokens<S> {
    client: ServiceClient,
    audience: String,
    issuer: String,
    signer: S,
    /// The `iat` of recent tokens.
    issue_times: Mutex<BTreeSet<u64>>,
}

/// The JWT header, with its members in the order that the official clients use.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// The JWT payload, with its members in the order that the official clients use.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    scope: &'a str,
}

impl<S: Signer> ServiceClientTokens<S> {
    pub(crate) fn new(
        client: ServiceClient,
        audience: String,
        issuer_url: &str,
        signer: S,
    ) -> Self {
        let client_id = utf8_percent_encode(&client.client_id, COMPONENT);
        let issuer = format!("{issuer_url}/v1/clients/{client_id}");
        Self {
            client,
            audience,
            issuer,
            signer,
            issue_times: Mutex::default(),
        }
    }

    async fn token(&self, now: SystemTime) -> Result<AccessToken, Box<dyn StdError + Send + Sync>> {
        let issued_at = self.issue_time(now);
        let signed = self.sign(issued_at).await;
        if signed.is_err() {
            self.issue_times().remove(&issued_at);
        }
        Ok(AccessToken::new(signed?)?)
    }

    /// Returns the `iat` of the next token: now, or the last second before that was not used.
    /// Ed25519 is deterministic: with the same `iat`, the "new" token would equal one that was just
    /// rejected.
    fn issue_time(&self, now: SystemTime) -> u64 {
        let mut issued_at = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut issue_times = self.issue_times();
        issue_times.retain(|issued| issued + REUSE_INTERVAL.as_secs() > issued_at);
        while !issue_times.insert(issued_at) {
            let later = || issue_times.last().map_or(0, |last| last + 1);
            // A clock that was never set has no earlier second.
            issued_at = issued_at.checked_sub(1).unwrap_or_else(later);
        }
        issued_at
    }

    fn issue_times(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.issue_times
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a signed JWT (RFC 7519).
    async fn sign(&self, issued_at: u64) -> Result<String, Box<dyn StdError + Send + Sync>> {
        let algorithm = self.signer.algorithm();
        let header = Header {
            alg: algorithm.name(),
            kid: &self.client.key_id,
            typ: "at+jwt",
        };
        let claims = Claims {
            aud: &self.audience,
            iss: &self.issuer,
            sub: &self.client.client_id,
            client_id: &self.client.client_id,
            iat: issued_at,
            exp: issued_at + TOKEN_LIFETIME.as_secs(),
            scope: "openid",
        };
        let mut jwt = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims)?, &mut jwt);
        let signature = self.signer.sign(jwt.as_bytes()).await?;
        algorithm.check(&signature)?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }
}

impl<S: Signer> TokenProvider for ServiceClientTokens<S> {
    fn access_token(&self) -> TokenFuture<'_> {
        self.access_token_at(SystemTime::now())
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        Box::pin(self.token(now))
    }
}

impl<S> fmt::Debug for ServiceClientTokens<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceClientTokens")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use futures::FutureExt as _;
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::super::access_key::ServiceClientAccessKey;
    use super::super::cache::CachedTokenProvider;
    use super::super::signer::{SignatureFuture, SigningAlgorithm};
    use super::super::signing_key::SigningKey;
    use super::*;

    const KEY: &str = "sc_service_client.uDeF.acc-test_account_id.\
        MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";
    const ISSUER_URL: &str = "https://acc-test_account_id.api.authress.io";
    const PUBLIC_KEY: &str = "vMwoaO0xuoR7rA5YLRxU9b_Eht6PfDuJhg1yFYbv6EM";
    const SIGNATURE: &str =
        "BLMYrXMQ4nAJgjYejLGQXwQ0f-pJT6rpaa1Cgwl7LzISA2RvhY8bxWkxi-fnQ4dJHbQ6eNB42Fw7xnAJwRBWBg";

    fn key(text: &str) -> ServiceClientAccessKey {
        ServiceClientAccessKey::parse("access_key", &SecretString::from(text)).unwrap()
    }

    fn tokens(key_text: &str) -> ServiceClientTokens<SigningKey> {
        let key = key(key_text);
        ServiceClientTokens::new(key.client, key.audience, ISSUER_URL, key.signing_key)
    }

    fn token_at(tokens: &impl TokenProvider, now: u64) -> AccessToken {
        let now = UNIX_EPOCH + Duration::from_secs(now);
        let token = tokens.access_token_at(now).now_or_never();
        token.expect("a local key does not wait").unwrap()
    }

    fn part(jwt: &str, index: usize) -> Value {
        let part = jwt.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn matches_the_golden_vector() {
        let token = token_at(&tokens(KEY), 1_700_000_000);
        let jwt = token.expose_secret();
        assert_eq!(
            part(jwt, 0),
            json!({"alg": "EdDSA", "kid": "uDeF", "typ": "at+jwt"})
        );
        assert_eq!(
            part(jwt, 1),
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
        let (message, signature) = jwt.rsplit_once('.').unwrap();
        // Ed25519 is deterministic, and the members are in the order of the golden vector.
        assert_eq!(signature, SIGNATURE);
        let public_key = URL_SAFE_NO_PAD.decode(PUBLIC_KEY).unwrap();
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(
                message.as_bytes(),
                &URL_SAFE_NO_PAD.decode(signature).unwrap(),
            )
            .unwrap();
    }

    #[test]
    fn percent_encodes_the_client_id_in_the_issuer() {
        let tokens = tokens(&KEY.replace("sc_service_client", "sc/ü1!~*'()|"));
        assert_eq!(
            tokens.issuer,
            format!("{ISSUER_URL}/v1/clients/sc%2F%C3%BC1!~*'()%7C")
        );
    }

    #[test]
    fn reuses_a_token_until_one_hour_before_it_expires() {
        let tokens = CachedTokenProvider::new(tokens(KEY));
        let first = token_at(&tokens, 1_000_000);
        let renewal = 1_000_000 + 86_400 - 3_600;
        assert!(token_at(&tokens, renewal - 1).is_same(&first));
        assert!(!token_at(&tokens, renewal).is_same(&first));
    }

    #[test]
    fn signs_again_when_the_clock_was_set_back() {
        let tokens = CachedTokenProvider::new(tokens(KEY));
        let first = token_at(&tokens, 1_000_000);
        assert!(token_at(&tokens, 1_000_000 - 3_600).is_same(&first));
        assert!(!token_at(&tokens, 1_000_000 - 3_601).is_same(&first));
    }

    #[test]
    fn replaces_a_rejected_token_within_the_same_second() {
        for start in [1_000_000, 0] {
            let tokens = CachedTokenProvider::new(tokens(KEY));
            let mut rejected: Vec<AccessToken> = Vec::new();
            for now in [0, 0, 0, 1, 1, 2] {
                let token = token_at(&tokens, start + now);
                let is_new = rejected.iter().all(|other| !other.is_same(&token));
                assert!(is_new, "{}", rejected.len());
                tokens.reject(&token);
                rejected.push(token);
            }
            let last = token_at(&tokens, start + 2);
            // A late rejection of an older token has no effect.
            tokens.reject(&rejected[0]);
            assert!(token_at(&tokens, start + 2).is_same(&last));
        }
    }

    #[test]
    fn a_signature_of_another_length_is_an_error() {
        struct Malformed(SigningAlgorithm, usize);

        impl Signer for Malformed {
            fn algorithm(&self) -> SigningAlgorithm {
                self.0
            }

            fn sign<'a>(&'a self, _: &'a [u8]) -> SignatureFuture<'a> {
                Box::pin(ready(Ok(vec![1; self.1])))
            }
        }

        for (algorithm, length, is_valid) in [
            (SigningAlgorithm::EdDsa, 0, false),
            (SigningAlgorithm::EdDsa, 88, false),
            (SigningAlgorithm::EdDsa, 64, true),
            (SigningAlgorithm::Rs256, 64, false),
            (SigningAlgorithm::Rs256, 512, true),
        ] {
            let (client, signer) = (key(KEY).client, Malformed(algorithm, length));
            let tokens = ServiceClientTokens::new(client, String::new(), ISSUER_URL, signer);
            let token = tokens.access_token().now_or_never().unwrap();
            assert_eq!(token.is_ok(), is_valid, "{length}");
            if let Err(reason) = token {
                let start = format!("the signer returned a signature of {length} bytes, but");
                assert!(reason.to_string().starts_with(&start), "{reason}");
            }
        }
    }

    #[test]
    fn a_failed_signature_does_not_use_up_the_second() {
        struct Offline(AtomicUsize);

        impl Signer for Offline {
            fn algorithm(&self) -> SigningAlgorithm {
                SigningAlgorithm::EdDsa
            }

            fn sign<'a>(&'a self, _: &'a [u8]) -> SignatureFuture<'a> {
                let is_first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
                let signature = if is_first {
                    Err("offline".into())
                } else {
                    Ok(vec![1; 64])
                };
                Box::pin(ready(signature))
            }
        }

        let client = key(KEY).client;
        let signer = Offline(AtomicUsize::new(0));
        let tokens = ServiceClientTokens::new(client, "audience".to_owned(), ISSUER_URL, signer);
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let failed = tokens.access_token_at(now).now_or_never().unwrap();
        assert_eq!(failed.unwrap_err().to_string(), "offline");
        let token = token_at(&tokens, 1_000_000);
        assert_eq!(part(token.expose_secret(), 1)["iat"], 1_000_000);
    }
}
