use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use super::token::AccessToken;

/// The future of [`TokenProvider::access_token`]: a token, or the provider's error.
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<AccessToken, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Provides the client with access tokens.
///
/// The client calls the provider before every attempt and caches nothing; wrap a provider that fetches
/// tokens in a [`CachedTokenProvider`](crate::CachedTokenProvider). After a 401 the client calls
/// [`reject`](Self::reject) and then requests a token again; if that is another token, it repeats the
/// request once.
///
/// A closure that returns a future is a provider, and so are an `Arc` of a provider and a
/// `Box<dyn TokenProvider>`:
///
/// ```
/// use authress_users_ext::{AccessToken, AuthressClient};
///
/// let authress = AuthressClient::builder()
///     .api_url("https://auth.example.com")
///     .token_provider(|| async { AccessToken::new("eyJh.eyJz.c2ln") })
///     .build()?;
/// # Ok::<(), authress_users_ext::Error>(())
/// ```
///
/// A provider of tokens that a vault issues. The cache renews them early, and requests one token for
/// all concurrent calls:
///
/// ```
/// use authress_users_ext::secrecy::SecretString;
/// use authress_users_ext::{
///     AccessToken, AuthressClient, CachedTokenProvider, Result, TokenFuture, TokenProvider,
/// };
///
/// /// Reads tokens from a vault.
/// struct Vault {
///     token: SecretString,
/// }
///
/// impl TokenProvider for Vault {
///     fn access_token(&self) -> TokenFuture<'_> {
///         Box::pin(async {
///             // A request to the vault goes here.
///             let jwt = self.token.clone();
///             Ok(AccessToken::new(jwt)?)
///         })
///     }
/// }
///
/// fn client(url: &str, vault: Vault) -> Result<AuthressClient> {
///     AuthressClient::builder()
///         .api_url(url)
///         .token_provider(CachedTokenProvider::new(vault))
///         .build()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = client(&fake.url(), Vault { token: fake.access_token() })?;
/// #     authress.users().get_user("auth0|1").await?;
/// #     Ok(())
/// # }
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// Returns a token that is valid now.
    ///
    /// # Errors
    /// Any error ends the call with an error of kind [`Token`](crate::ErrorKind::Token), whose source
    /// it is.
    fn access_token(&self) -> TokenFuture<'_>;

    /// Returns a token that is valid at `now`, which is what the client calls.
    ///
    /// `now` is the time of the client's clock, corrected by the server's if a rejected token has
    /// shown that they differ. A provider that signs tokens or compares their expiry overrides this
    /// method; by default it calls [`access_token`](Self::access_token).
    ///
    /// # Errors
    /// As for [`access_token`](Self::access_token).
    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        let _ = now;
        self.access_token()
    }

    /// Reports that the API rejected `token` with 401, so that it must not be returned again.
    ///
    /// Does nothing by default.
    fn reject(&self, token: &AccessToken) {
        let _ = token;
    }
}

impl<F, Fut, Reason> TokenProvider for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<AccessToken, Reason>> + Send + 'static,
    Reason: Into<Box<dyn StdError + Send + Sync>>,
{
    fn access_token(&self) -> TokenFuture<'_> {
        let token = self();
        Box::pin(async move { token.await.map_err(Into::into) })
    }
}

impl<P: TokenProvider + ?Sized> TokenProvider for Arc<P> {
    fn access_token(&self) -> TokenFuture<'_> {
        (**self).access_token()
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        (**self).access_token_at(now)
    }

    fn reject(&self, token: &AccessToken) {
        (**self).reject(token);
    }
}

// Not for every `Box<P>`: a boxed closure is a closure, and would be a provider twice.
impl TokenProvider for Box<dyn TokenProvider> {
    fn access_token(&self) -> TokenFuture<'_> {
        (**self).access_token()
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        (**self).access_token_at(now)
    }

    fn reject(&self, token: &AccessToken) {
        (**self).reject(token);
    }
}

/// Always returns the same token.
#[derive(Debug)]
pub(crate) struct StaticToken(pub(crate) AccessToken);

impl TokenProvider for StaticToken {
    fn access_token(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

/// Has no token, since every call must use the token of its caller.
#[derive(Debug)]
pub(crate) struct CallerTokensOnly;

impl TokenProvider for CallerTokensOnly {
    fn access_token(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Err(MissingCallerToken.into())))
    }
}

/// A call without the token of a caller.
#[derive(Debug)]
pub(crate) struct MissingCallerToken;

impl fmt::Display for MissingCallerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the call has no caller's token, and the client has no credential of its own; \
             set the token with with_access_token",
        )
    }
}

impl StdError for MissingCallerToken {}
