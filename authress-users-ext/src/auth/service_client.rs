use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::access_key::ServiceClientAccessKey;
use super::provider::{TokenFuture, TokenProvider};
use super::token::AccessToken;
use crate::clock::Clock;
use crate::error::Error;

/// How long a signed token is valid.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long before it expires a token is renewed.
const RENEWAL_MARGIN: Duration = Duration::from_secs(3_600);
/// The characters that `encodeURIComponent` keeps besides letters and digits.
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

/// Signs tokens with an access key and caches the current one until shortly before it expires.
pub(crate) struct ServiceClientTokens {
    key: ServiceClientAccessKey,
    issuer: String,
    clock: Arc<dyn Clock>,
    /// Lock-free, since every attempt of every call reads it.
    current: ArcSwapOption<SignedToken>,
    /// The `iat` of recent tokens. Locked while signing, so that only one of many callers signs.
    issue_times: Mutex<BTreeSet<u64>>,
}

struct SignedToken {
    token: AccessToken,
    issued_at: SystemTime,
}

impl SignedToken {
    /// A token from the future is not fresh either: the clock was set back, and the API would
    /// reject the token.
    fn is_fresh(&self, now: SystemTime) -> bool {
        now.duration_since(self.issued_at)
            .is_ok_and(|age| age < TOKEN_LIFETIME.saturating_sub(RENEWAL_MARGIN))
    }
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

impl ServiceClientTokens {
    pub(crate) fn new(
        key: ServiceClientAccessKey,
        issuer_url: &str,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let client_id = utf8_percent_encode(&key.client_id, COMPONENT);
        let issuer = format!("{issuer_url}/v1/clients/{client_id}");
        Self {
            key,
            issuer,
            clock,
            current: ArcSwapOption::empty(),
            issue_times: Mutex::default(),
        }
    }

    fn token(&self) -> Result<AccessToken, Error> {
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let mut issue_times = self
            .issue_times
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Another caller may have signed while this one waited for the lock.
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let now = self.clock.now();
        let mut issued_at = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        issue_times.retain(|issued| issued + RENEWAL_MARGIN.as_secs() > issued_at);
        // Ed25519 is deterministic: with an `iat` that was used before, the "new" token would equal
        // one that was just rejected.
        while issue_times.contains(&issued_at) {
            issued_at = issued_at.saturating_sub(1);
        }
        let token = self.sign(issued_at)?;
        issue_times.insert(issued_at);
        let signed = SignedToken {
            token: token.clone(),
            issued_at: now,
        };
        self.current.store(Some(Arc::new(signed)));
        Ok(token)
    }

    fn fresh(&self) -> Option<AccessToken> {
        let current = self.current.load();
        let signed = current.as_ref()?;
        signed
            .is_fresh(self.clock.now())
            .then(|| signed.token.clone())
    }

    fn sign(&self, issued_at: u64) -> Result<AccessToken, Error> {
        let claims = Claims {
            aud: &self.key.audience,
            iss: &self.issuer,
            sub: &self.key.client_id,
            client_id: &self.key.client_id,
            iat: issued_at,
            exp: issued_at + TOKEN_LIFETIME.as_secs(),
            scope: "openid",
        };
        let signing_key = &self.key.signing_key;
        let jwt = signing_key
            .token(&self.key.key_id, &claims)
            .map_err(|reason| {
                Error::configuration("could not sign a token with the access key")
                    .with_source(reason)
            })?;
        AccessToken::new(jwt)
    }
}

impl TokenProvider for ServiceClientTokens {
    fn access_token(&self) -> TokenFuture<'_> {
        Box::pin(async { self.token().map_err(Into::into) })
    }

    fn reject(&self, token: &AccessToken) {
        let current = self.current.load();
        // Only the first of several callers with the same rejected token clears it, and a newer
        // token stays.
        if current
            .as_ref()
            .is_some_and(|signed| signed.token.is_same(token))
        {
            self.current.compare_and_swap(&*current, None);
        }
    }
}

impl fmt::Debug for ServiceClientTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceClientTokens")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use secrecy::SecretString;
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "sc_service_client.uDeF.acc-test_account_id.\
        MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";
    const ISSUER_URL: &str = "https://acc-test_account_id.api.authress.io";
    const PUBLIC_KEY: &str = "vMwoaO0xuoR7rA5YLRxU9b_Eht6PfDuJhg1yFYbv6EM";
    const SIGNATURE: &str =
        "BLMYrXMQ4nAJgjYejLGQXwQ0f-pJT6rpaa1Cgwl7LzISA2RvhY8bxWkxi-fnQ4dJHbQ6eNB42Fw7xnAJwRBWBg";

    #[derive(Debug)]
    struct ClockAt(AtomicU64);

    impl Clock for ClockAt {
        fn now(&self) -> SystemTime {
            UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn key(text: &str) -> ServiceClientAccessKey {
        ServiceClientAccessKey::parse("access_key", &SecretString::from(text)).unwrap()
    }

    fn tokens_at(now: u64) -> (ServiceClientTokens, Arc<ClockAt>) {
        let clock = Arc::new(ClockAt(AtomicU64::new(now)));
        (
            ServiceClientTokens::new(key(KEY), ISSUER_URL, clock.clone()),
            clock,
        )
    }

    fn part(jwt: &str, index: usize) -> Value {
        let part = jwt.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn matches_the_golden_vector() {
        let (tokens, _) = tokens_at(1_700_000_000);
        let token = tokens.token().unwrap();
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
        let key = key(&KEY.replace("sc_service_client", "sc/ü1!~*'()|"));
        let clock = Arc::new(ClockAt(AtomicU64::new(0)));
        let tokens = ServiceClientTokens::new(key, ISSUER_URL, clock);
        assert_eq!(
            tokens.issuer,
            format!("{ISSUER_URL}/v1/clients/sc%2F%C3%BC1!~*'()%7C")
        );
    }

    #[test]
    fn reuses_a_token_until_one_hour_before_it_expires() {
        let (tokens, clock) = tokens_at(1_000_000);
        let first = tokens.token().unwrap();
        clock
            .0
            .store(1_000_000 + 86_400 - 3_600 - 1, Ordering::Relaxed);
        assert!(tokens.token().unwrap().is_same(&first));
        clock.0.store(1_000_000 + 86_400 - 3_600, Ordering::Relaxed);
        assert!(!tokens.token().unwrap().is_same(&first));
    }

    #[test]
    fn signs_again_when_the_clock_was_set_back() {
        let (tokens, clock) = tokens_at(1_000_000);
        let first = tokens.token().unwrap();
        clock.0.store(999_000, Ordering::Relaxed);
        assert!(!tokens.token().unwrap().is_same(&first));
    }

    #[test]
    fn replaces_a_rejected_token_within_the_same_second() {
        let (tokens, clock) = tokens_at(1_000_000);
        let mut rejected: Vec<AccessToken> = Vec::new();
        for now in [
            1_000_000, 1_000_000, 1_000_000, 1_000_001, 1_000_001, 1_000_002,
        ] {
            clock.0.store(now, Ordering::Relaxed);
            let token = tokens.token().unwrap();
            assert!(
                rejected.iter().all(|other| !other.is_same(&token)),
                "{}",
                rejected.len()
            );
            tokens.reject(&token);
            rejected.push(token);
        }
        let last = tokens.token().unwrap();
        // A late rejection of an older token has no effect.
        tokens.reject(&rejected[0]);
        assert!(tokens.token().unwrap().is_same(&last));
    }
}
