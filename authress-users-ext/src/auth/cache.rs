use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use futures::FutureExt as _;
use futures::future::{Shared, WeakShared};
use tokio::runtime::Handle;

use super::provider::{TokenFuture, TokenProvider};
use super::token::AccessToken;

/// The share of a token's lifetime, at its end, in which it is renewed.
const RENEWAL_SHARE: u32 = 10;
/// The longest time before its expiry at which a token is renewed.
const MAX_RENEWAL_MARGIN: Duration = Duration::from_secs(3_600);
/// How long a failed renewal is not repeated while the token is valid.
const MAX_RENEWAL_INTERVAL: Duration = Duration::from_secs(30);

/// Caches the token of another provider.
///
/// - **One request.** Concurrent calls share one request to the provider.
/// - **Early renewal.** A token is renewed during the last tenth of its lifetime, but at most an hour
///   before it expires. Calls use the current token meanwhile.
/// - **Failures.** If the renewal fails, calls use the current token until it expires, and the renewal
///   is repeated at most every 30 seconds.
/// - **Panics.** A panic of the provider is an error for every call that shares the request.
/// - **Rejections.** A token that the API rejects is dropped, and the provider's
///   [`reject`](TokenProvider::reject) is called once. A newer token stays.
///
/// The expiry is [`AccessToken::expires_at`]; a token without one is used until the API rejects it. It
/// is compared with the client's clock, corrected by the server's if they differ.
///
/// ```
/// use authress_users_ext::secrecy::SecretString;
/// use authress_users_ext::{AccessToken, AuthressClient, CachedTokenProvider, Result};
///
/// fn client(url: &str, token: SecretString) -> Result<AuthressClient> {
///     let vault = move || {
///         // A request to the vault goes here.
///         let token = token.clone();
///         async move { AccessToken::new(token) }
///     };
///     AuthressClient::builder()
///         .api_url(url)
///         .token_provider(CachedTokenProvider::new(vault))
///         .build()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = client(&fake.url(), fake.access_token())?;
/// #     authress.users().get_user("auth0|1").await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "cache")]
pub struct CachedTokenProvider<P>(Arc<Cache<P>>);

struct Cache<P> {
    provider: P,
    /// Lock-free, since every attempt of every call reads it.
    current: ArcSwapOption<Cached>,
    /// The request in flight; it ends when none of its callers waits any longer.
    renewal: Mutex<Option<WeakShared<Renewal>>>,
}

/// The result of one request to the provider, for all of its callers.
type Renewal =
    Pin<Box<dyn Future<Output = Result<AccessToken, Arc<dyn StdError + Send + Sync>>> + Send>>;

#[derive(Clone)]
struct Cached {
    token: AccessToken,
    times: Option<Times>,
}

/// When a token is used. Absent if its expiry is unknown.
#[derive(Clone)]
struct Times {
    /// Before this, the clock was set back, so that the other times mean nothing.
    start: SystemTime,
    renewal: SystemTime,
    expiry: SystemTime,
}

impl Cached {
    fn new(token: AccessToken, now: SystemTime) -> Self {
        let times = token.remaining_lifetime(now).and_then(|lifetime| {
            let margin = (lifetime / RENEWAL_SHARE).min(MAX_RENEWAL_MARGIN);
            let expiry = now.checked_add(lifetime)?;
            Some(Times {
                start: now.checked_sub(margin)?,
                renewal: expiry.checked_sub(margin)?,
                expiry,
            })
        });
        Self { token, times }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        let is_within = |times: &Times| times.start <= now && now < times.renewal;
        self.times.as_ref().is_none_or(is_within)
    }

    fn is_usable(&self, now: SystemTime) -> bool {
        let is_within = |times: &Times| times.start <= now && now < times.expiry;
        self.times.as_ref().is_none_or(is_within)
    }

    /// Returns this token with its next renewal later, but before it expires.
    fn postponed(&self, now: SystemTime) -> Self {
        let mut postponed = self.clone();
        if let Some(times) = &mut postponed.times {
            let left = times.expiry.duration_since(now).unwrap_or_default();
            times.renewal = now + (left / 2).min(MAX_RENEWAL_INTERVAL);
        }
        postponed
    }
}

impl<P: TokenProvider> CachedTokenProvider<P> {
    /// Caches the tokens of `provider`. Nothing is requested before the first call.
    pub fn new(provider: P) -> Self {
        Self(Arc::new(Cache {
            provider,
            current: ArcSwapOption::empty(),
            renewal: Mutex::new(None),
        }))
    }

    /// Returns the request in flight, or starts one.
    fn renew(&self, now: SystemTime) -> Renewing {
        let mut slot = self.0.renewal();
        if let Some(renewal) = slot.as_ref().and_then(WeakShared::upgrade) {
            return Renewing::Joined(renewal);
        }
        // Another caller's request may have ended since this one read the token.
        if let Some(cached) = &*self.0.current.load()
            && cached.is_fresh(now)
        {
            return Renewing::Ended(cached.token.clone());
        }
        let cache = self.0.clone();
        let renewal: Renewal = Box::pin(async move {
            // After a panic, a shared future would panic in every later caller too.
            let request = async { cache.provider.access_token_at(now).await };
            let token = AssertUnwindSafe(request)
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err("the token provider panicked".into()));
            match &token {
                Ok(token) => cache.store(token.clone(), now),
                Err(_) => cache.postpone_renewal(now),
            }
            *cache.renewal() = None;
            token.map_err(Arc::from)
        });
        let renewal = renewal.shared();
        *slot = renewal.downgrade();
        Renewing::Started(renewal)
    }

    /// Renews a token that is still valid.
    fn renew_early(&self, current: AccessToken, now: SystemTime) -> TokenFuture<'_> {
        let renewal = match self.renew(now) {
            Renewing::Ended(token) => return Box::pin(ready(Ok(token))),
            Renewing::Joined(_) => return Box::pin(ready(Ok(current))),
            Renewing::Started(renewal) => renewal,
        };
        match renewal.clone().now_or_never() {
            // A key in this process signs without waiting.
            Some(renewed) => Box::pin(ready(Ok(renewed.unwrap_or(current)))),
            None => match Handle::try_current() {
                Ok(runtime) => {
                    runtime.spawn(renewal);
                    Box::pin(ready(Ok(current)))
                }
                Err(_) => Box::pin(async { Ok(renewal.await.unwrap_or(current)) }),
            },
        }
    }
}

enum Renewing {
    Started(Shared<Renewal>),
    /// Another caller started it.
    Joined(Shared<Renewal>),
    Ended(AccessToken),
}

impl<P> Cache<P> {
    fn renewal(&self) -> MutexGuard<'_, Option<WeakShared<Renewal>>> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, token: AccessToken, now: SystemTime) {
        self.current.store(Some(Arc::new(Cached::new(token, now))));
    }

    fn postpone_renewal(&self, now: SystemTime) {
        let current = self.current.load();
        if let Some(cached) = &*current
            && cached.is_usable(now)
        {
            tracing::warn!("could not renew the access token; the current one is still valid");
            let postponed = Some(Arc::new(cached.postponed(now)));
            self.current.compare_and_swap(&*current, postponed);
        }
    }
}

impl<P: TokenProvider> TokenProvider for CachedTokenProvider<P> {
    fn access_token(&self) -> TokenFuture<'_> {
        self.access_token_at(SystemTime::now())
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        if let Some(cached) = &*self.0.current.load() {
            if cached.is_fresh(now) {
                return Box::pin(ready(Ok(cached.token.clone())));
            }
            if cached.is_usable(now) {
                return self.renew_early(cached.token.clone(), now);
            }
        }
        match self.renew(now) {
            Renewing::Ended(token) => Box::pin(ready(Ok(token))),
            Renewing::Started(renewal) | Renewing::Joined(renewal) => {
                Box::pin(async { renewal.await.map_err(Into::into) })
            }
        }
    }

    fn reject(&self, token: &AccessToken) {
        let current = self.0.current.load();
        let is_current = |cached: &Arc<Cached>| cached.token.is_same(token);
        if !current.as_ref().is_some_and(is_current) {
            return;
        }
        // Only one of several callers with the same token drops it, and a newer one stays.
        let previous = self.0.current.compare_and_swap(&*current, None);
        if previous.as_ref().map(Arc::as_ptr) == current.as_ref().map(Arc::as_ptr) {
            self.0.provider.reject(token);
        }
    }
}

impl<P> fmt::Debug for CachedTokenProvider<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedTokenProvider")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::UNIX_EPOCH;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use futures::channel::oneshot;
    use futures::future::{JoinAll, join_all};

    use super::*;

    type Response = Result<AccessToken, &'static str>;

    /// Responds when the test does.
    #[derive(Clone, Default)]
    struct Vault(Arc<Mutex<State>>);

    #[derive(Default)]
    struct State {
        requests: VecDeque<oneshot::Sender<Response>>,
        requested: usize,
        rejected: usize,
    }

    impl Vault {
        fn state(&self) -> MutexGuard<'_, State> {
            self.0.lock().unwrap()
        }

        fn respond(&self, response: Response) {
            let request = self.state().requests.pop_front().unwrap();
            assert!(request.send(response).is_ok());
        }

        fn requested(&self) -> usize {
            self.state().requested
        }
    }

    impl TokenProvider for Vault {
        fn access_token(&self) -> TokenFuture<'_> {
            let (sender, receiver) = oneshot::channel();
            let mut state = self.state();
            state.requested += 1;
            state.requests.push_back(sender);
            drop(state);
            Box::pin(async { receiver.await?.map_err(Into::into) })
        }

        fn reject(&self, _: &AccessToken) {
            self.state().rejected += 1;
        }
    }

    const NOW: u64 = 1_700_000_000;

    fn time(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn token(issued_at: u64, lifetime: u64) -> AccessToken {
        let exp = issued_at + lifetime;
        let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{issued_at},"exp":{exp}}}"#));
        AccessToken::new(format!("e30.{payload}.c2ln")).unwrap()
    }

    fn cached() -> (Vault, CachedTokenProvider<Vault>) {
        let vault = Vault::default();
        (vault.clone(), CachedTokenProvider::new(vault))
    }

    /// Polls a call, which then waits for the provider.
    fn waiting<F: Future + Unpin>(mut call: F) -> F {
        assert!((&mut call).now_or_never().is_none());
        call
    }

    /// Returns 200 calls that wait for the provider.
    fn many(provider: &CachedTokenProvider<Vault>) -> JoinAll<TokenFuture<'_>> {
        waiting(join_all(
            (0..200).map(|_| provider.access_token_at(time(NOW))),
        ))
    }

    /// Returns the token of a call that does not wait.
    fn at_once(provider: &CachedTokenProvider<Vault>, now: u64) -> AccessToken {
        let token = provider.access_token_at(time(now)).now_or_never();
        token.expect("a token is cached").unwrap()
    }

    /// Returns a provider whose cache holds `token`.
    async fn holding(token: &AccessToken) -> (Vault, CachedTokenProvider<Vault>) {
        let (vault, provider) = cached();
        let call = waiting(provider.access_token_at(time(NOW)));
        vault.respond(Ok(token.clone()));
        assert!(call.await.unwrap().is_same(token));
        (vault, provider)
    }

    #[tokio::test]
    async fn concurrent_calls_share_one_request_and_its_error() {
        let (vault, provider) = cached();
        let calls = many(&provider);
        assert_eq!(vault.requested(), 1);
        vault.respond(Err("sealed"));
        for result in calls.await {
            assert_eq!(result.unwrap_err().to_string(), "sealed");
        }
        let calls = many(&provider);
        assert_eq!(vault.requested(), 2, "an error is not cached");
        let first = token(NOW, 3_600);
        vault.respond(Ok(first.clone()));
        for result in calls.await {
            assert!(result.unwrap().is_same(&first));
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_for_every_caller_and_does_not_last() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let provider = CachedTokenProvider::new(move || {
            let call = counter.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                if call == 0 {
                    // Unlike `panic!`, this prints nothing.
                    std::panic::resume_unwind(Box::new("the vault is broken"));
                }
                AccessToken::new("a.b.c")
            }
        });
        let callers: Vec<_> = (0..3).map(|_| provider.access_token()).collect();
        // The last caller is not polled again, so the request is kept.
        let mut waiting = provider.access_token();
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        for result in join_all(callers).await {
            let error = result.unwrap_err().to_string();
            assert_eq!(error, "the token provider panicked");
        }
        assert!(provider.access_token().await.is_ok());
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_dropped_call_does_not_stop_the_others() {
        let (vault, provider) = cached();
        let first = waiting(provider.access_token_at(time(NOW)));
        let second = waiting(provider.access_token_at(time(NOW)));
        drop(first);
        vault.respond(Ok(token(NOW, 60)));
        second.await.unwrap();
        assert_eq!(vault.requested(), 1);
    }

    #[tokio::test]
    async fn a_request_without_callers_is_dropped() {
        let (vault, provider) = cached();
        drop(waiting(provider.access_token_at(time(NOW))));
        let call = waiting(provider.access_token_at(time(NOW)));
        let request = vault.state().requests.pop_front().unwrap();
        assert!(request.is_canceled());
        vault.respond(Ok(token(NOW, 60)));
        call.await.unwrap();
    }

    #[tokio::test]
    async fn renews_in_the_last_tenth_of_the_lifetime_but_at_most_an_hour_early() {
        for (lifetime, margin) in [
            (86_400, 3_600),
            (36_000, 3_600),
            (3_600, 360),
            (300, 30),
            (10, 1),
        ] {
            let first = token(NOW, lifetime);
            let (vault, provider) = holding(&first).await;
            let renewal = NOW + lifetime - margin;
            at_once(&provider, renewal - 1);
            assert_eq!(vault.requested(), 1);
            // Calls use the current token until the provider responds.
            for _ in 0..3 {
                assert!(at_once(&provider, renewal).is_same(&first));
            }
            assert_eq!(vault.requested(), 2);
            let second = token(renewal, lifetime);
            vault.respond(Ok(second.clone()));
            tokio::task::yield_now().await;
            assert!(at_once(&provider, renewal).is_same(&second));
        }
    }

    #[tokio::test]
    async fn keeps_a_valid_token_when_renewals_fail() {
        let first = token(NOW, 3_600);
        let (vault, provider) = holding(&first).await;
        let renewal = NOW + 3_240;
        for (now, requested) in [
            (renewal, 2),
            (renewal + 29, 2),
            (renewal + 30, 3),
            (renewal + 59, 3),
            (renewal + 60, 4),
        ] {
            assert!(at_once(&provider, now).is_same(&first));
            assert_eq!(vault.requested(), requested, "{now}");
            if vault.state().requests.len() == 1 {
                vault.respond(Err("sealed"));
                tokio::task::yield_now().await;
            }
        }
        let call = waiting(provider.access_token_at(time(NOW + 3_600)));
        vault.respond(Err("sealed"));
        assert_eq!(call.await.unwrap_err().to_string(), "sealed");
    }

    #[tokio::test]
    async fn a_rejection_drops_only_the_rejected_token() {
        let (first, second) = (token(NOW, 600), token(NOW + 1, 600));
        let (vault, provider) = holding(&first).await;
        for _ in 0..200 {
            provider.reject(&first);
        }
        assert_eq!(vault.state().rejected, 1);
        let calls = many(&provider);
        assert_eq!(vault.requested(), 2);
        vault.respond(Ok(second.clone()));
        calls.await;
        provider.reject(&first);
        assert!(at_once(&provider, NOW).is_same(&second));
        assert_eq!(vault.state().rejected, 1);
    }

    #[tokio::test]
    async fn a_call_after_a_rejection_does_not_get_the_result_of_an_earlier_request() {
        let (vault, provider) = cached();
        let mut calls = [(); 2].map(|()| waiting(provider.access_token_at(time(NOW))));
        let first = token(NOW, 600);
        vault.respond(Ok(first.clone()));
        (&mut calls[0]).await.unwrap();
        provider.reject(&first);
        // The second call still holds the request that has ended.
        drop(waiting(provider.access_token_at(time(NOW))));
        assert_eq!(vault.requested(), 2);
    }

    #[tokio::test]
    async fn a_token_without_expiry_is_used_until_it_is_rejected() {
        let opaque = AccessToken::new("e30.e30.c2ln").unwrap();
        let (vault, provider) = holding(&opaque).await;
        at_once(&provider, NOW + 1_000_000_000);
        at_once(&provider, 0);
        assert_eq!(vault.requested(), 1);
        provider.reject(&opaque);
        drop(waiting(provider.access_token_at(time(NOW))));
    }

    #[tokio::test]
    async fn a_new_token_that_seems_expired_is_used_for_its_lifetime() {
        // The local clock is two hours fast, and no response has shown it yet.
        let (vault, provider) = holding(&token(NOW - 7_200, 3_600)).await;
        at_once(&provider, NOW + 3_239);
        assert_eq!(vault.requested(), 1);
        at_once(&provider, NOW + 3_240);
        assert_eq!(vault.requested(), 2);
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_renews_the_token() {
        let (vault, provider) = holding(&token(NOW, 3_600)).await;
        at_once(&provider, NOW - 360);
        assert_eq!(vault.requested(), 1);
        let call = waiting(provider.access_token_at(time(NOW - 361)));
        vault.respond(Ok(token(NOW - 361, 3_600)));
        call.await.unwrap();
    }

    #[test]
    fn renews_outside_a_runtime() {
        let (vault, provider) = cached();
        let call = waiting(provider.access_token_at(time(NOW)));
        vault.respond(Ok(token(NOW, 60)));
        call.now_or_never().unwrap().unwrap();
        let call = provider.access_token_at(time(NOW + 55));
        let second = token(NOW + 55, 60);
        vault.respond(Ok(second.clone()));
        assert!(call.now_or_never().unwrap().unwrap().is_same(&second));
    }
}
