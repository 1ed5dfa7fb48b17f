use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwapOption;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use url::Url;

use super::access_key::ServiceClientAccessKey;
use super::provider::{TokenFuture, TokenProvider};
use super::token::AccessToken;
use crate::client::api_url;
use crate::clock::Clock;
use crate::error::Error;

/// How long a signed token is valid.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long before its end a token is no longer given out.
const RENEWED_AHEAD: Duration = Duration::from_secs(3_600);
/// What a URL component keeps as it is besides letters and digits.
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

/// Signs tokens with an access key and keeps the current one until shortly before its end.
pub(crate) struct ServiceClientTokens {
    key: ServiceClientAccessKey,
    issuer: String,
    clock: Arc<dyn Clock>,
    /// Read by every attempt of every call, which never wait for each other here.
    current: ArcSwapOption<SignedToken>,
    /// The seconds that recent tokens are dated with. Held while signing, so that however many
    /// wait, one signs. Signing never waits itself.
    dates: Mutex<BTreeSet<u64>>,
}

struct SignedToken {
    token: AccessToken,
    issued_at: SystemTime,
}

impl SignedToken {
    /// A clock that was set back also ends a token: the API would find it issued in the future.
    fn is_fresh(&self, now: SystemTime) -> bool {
        now.duration_since(self.issued_at)
            .is_ok_and(|age| age < TOKEN_LIFETIME.saturating_sub(RENEWED_AHEAD))
    }
}

/// The payload; its members stand in the order in which the official clients send them.
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
        api_url: Option<&Url>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let issuer = issuer(&key, api_url);
        Self {
            key,
            issuer,
            clock,
            current: ArcSwapOption::empty(),
            dates: Mutex::default(),
        }
    }

    fn token(&self) -> Result<AccessToken, Error> {
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let mut dates = self.dates.lock().unwrap_or_else(PoisonError::into_inner);
        // Another caller may have signed while this one waited.
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let now = self.clock.now();
        let mut issued_at = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        dates.retain(|date| date + RENEWED_AHEAD.as_secs() > issued_at);
        // Time is counted in seconds and Ed25519 signs the same text the same way: with a date
        // that was used, the "new" token would be one that was just refused.
        while dates.contains(&issued_at) {
            issued_at = issued_at.saturating_sub(1);
        }
        let token = self.sign(issued_at)?;
        dates.insert(issued_at);
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
                Error::configuration("the access key could not sign a token").with_source(reason)
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
        // Of many callers that were refused together, only the first finds its token here; and a
        // newer one that comes between the look and the exchange stays.
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

/// Who a token says it is from: the account's custom domain, or the account's own host when
/// there is no custom domain.
fn issuer(key: &ServiceClientAccessKey, api_url: Option<&Url>) -> String {
    let origin = match api_url {
        Some(url) if !api_url::is_authress_host(url) => api_url::base(url),
        _ => account_url(key),
    };
    format!(
        "{origin}/v1/clients/{}",
        utf8_percent_encode(&key.client_id, COMPONENT)
    )
}

/// Where the API of the key's account is when no URL says so.
pub(crate) fn account_url(key: &ServiceClientAccessKey) -> String {
    format!("https://{}.api.authress.io", key.account_id)
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
        ServiceClientAccessKey::parse(&SecretString::from(text)).unwrap()
    }

    fn tokens_at(now: u64) -> (ServiceClientTokens, Arc<ClockAt>) {
        let clock = Arc::new(ClockAt(AtomicU64::new(now)));
        (
            ServiceClientTokens::new(key(KEY), None, clock.clone()),
            clock,
        )
    }

    fn part(jwt: &str, index: usize) -> Value {
        let part = jwt.split('.').nth(index).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn the_golden_vector_holds() {
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
        // Ed25519 signs the same text the same way, and the members are in the golden order.
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
    fn the_issuer_is_the_custom_domain_or_else_the_accounts_own_host() {
        let own = "https://acc-test_account_id.api.authress.io";
        for (url, origin) in [
            (None, own),
            (Some("https://acc-test_account_id.api.authress.io"), own),
            (
                Some("https://acc-test_account_id.api-eu-west.authress.io/"),
                own,
            ),
            (Some("https://other.api.authress.io/base"), own),
            (Some("https://authress.io"), own),
            (Some("https://API.AUTHRESS.IO"), own),
            (Some("https://auth.example.com"), "https://auth.example.com"),
            (Some("auth.example.com///"), "https://auth.example.com"),
            (
                Some("https://auth.example.com/base/"),
                "https://auth.example.com/base",
            ),
            (
                Some("https://auth.example.com:8443"),
                "https://auth.example.com:8443",
            ),
            (Some("https://myauthress.io"), "https://myauthress.io"),
            (
                Some("https://myauthress.io.evil.com"),
                "https://myauthress.io.evil.com",
            ),
            (
                Some("https://authress.io.evil.com"),
                "https://authress.io.evil.com",
            ),
            (Some("localhost:8888"), "http://localhost:8888"),
            (Some("http://127.0.0.1:8888/"), "http://127.0.0.1:8888"),
        ] {
            let url = url.map(|url| api_url::parse(url).unwrap());
            assert_eq!(
                issuer(&key(KEY), url.as_ref()),
                format!("{origin}/v1/clients/sc_service_client"),
                "{url:?}"
            );
        }
    }

    #[test]
    fn the_client_id_is_percent_encoded_in_the_issuer() {
        let odd = KEY.replace("sc_service_client", "sc/ü1!~*'()|");
        assert_eq!(
            issuer(&key(&odd), None),
            "https://acc-test_account_id.api.authress.io/v1/clients/sc%2F%C3%BC1!~*'()%7C"
        );
    }

    #[test]
    fn a_token_is_reused_until_one_hour_before_its_end() {
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
    fn a_clock_that_was_set_back_ends_a_token() {
        let (tokens, clock) = tokens_at(1_000_000);
        let first = tokens.token().unwrap();
        clock.0.store(999_000, Ordering::Relaxed);
        assert!(!tokens.token().unwrap().is_same(&first));
    }

    #[test]
    fn a_refused_token_is_replaced_by_another_within_the_same_second() {
        let (tokens, clock) = tokens_at(1_000_000);
        let mut refused: Vec<AccessToken> = Vec::new();
        for now in [
            1_000_000, 1_000_000, 1_000_000, 1_000_001, 1_000_001, 1_000_002,
        ] {
            clock.0.store(now, Ordering::Relaxed);
            let token = tokens.token().unwrap();
            assert!(
                refused.iter().all(|other| !other.is_same(&token)),
                "{}",
                refused.len()
            );
            tokens.reject(&token);
            refused.push(token);
        }
        let last = tokens.token().unwrap();
        // Someone else who was refused another one changes nothing any more.
        tokens.reject(&refused[0]);
        assert!(tokens.token().unwrap().is_same(&last));
    }
}
