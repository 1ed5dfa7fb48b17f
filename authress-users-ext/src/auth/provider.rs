use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;

use super::token::AccessToken;

/// What [`TokenProvider::access_token`] returns: a token, or the reason why there is none.
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<AccessToken, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Gives the client its tokens.
///
/// The client asks before every attempt of a call and keeps nothing itself: a provider that
/// fetches tokens from elsewhere should keep each for as long as it is valid. After a 401 the
/// client calls [`reject`](Self::reject) and asks once more; the call is repeated if the token
/// it gets then is another one.
///
/// A closure that returns a future is a provider:
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
/// One that keeps a token until the API refuses it:
///
/// ```
/// use std::sync::Mutex;
/// use authress_users_ext::{AccessToken, AuthressClient, TokenFuture, TokenProvider};
/// # use authress_users_contract::MockAuthress;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// /// Tokens from a vault.
/// struct Vault {
///     kept: Mutex<Option<AccessToken>>,
/// #   secret: secrecy::SecretString,
/// }
///
/// impl Vault {
///     async fn fetch(&self) -> Result<AccessToken, authress_users_ext::Error> {
///         // … here, a request to the vault.
/// #       AccessToken::new(self.secret.clone())
///     }
/// }
///
/// impl TokenProvider for Vault {
///     fn access_token(&self) -> TokenFuture<'_> {
///         Box::pin(async {
///             let kept = self.kept.lock().map_err(|_| "poisoned")?.clone();
///             if let Some(token) = kept {
///                 return Ok(token);
///             }
///             let token = self.fetch().await?;
///             *self.kept.lock().map_err(|_| "poisoned")? = Some(token.clone());
///             Ok(token)
///         })
///     }
///
///     fn reject(&self, _: &AccessToken) {
///         if let Ok(mut kept) = self.kept.lock() {
///             *kept = None;
///         }
///     }
/// }
///
/// # let secret = fake.access_token();
/// # let url = fake.url();
/// let authress = AuthressClient::builder()
///     .api_url(url)
///     .token_provider(Vault { kept: Mutex::new(None), secret })
///     .build()?;
/// authress.users().get_user("auth0|1").await?;
/// # Ok(())
/// # }
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// A token that is valid now.
    ///
    /// # Errors
    /// Whatever kept the provider from it. The call ends with an error of kind
    /// [`Token`](crate::ErrorKind::Token) that has this one as its source.
    fn access_token(&self) -> TokenFuture<'_>;

    /// Says that the API refused `token` with a 401, so that it should not be given again.
    /// Does nothing by default.
    fn reject(&self, token: &AccessToken) {
        let _ = token;
    }
}

impl<F, Answer, Reason> TokenProvider for F
where
    F: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<AccessToken, Reason>> + Send + 'static,
    Reason: Into<Box<dyn StdError + Send + Sync>>,
{
    fn access_token(&self) -> TokenFuture<'_> {
        let answer = self();
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

/// Gives the same token always.
#[derive(Debug)]
pub(crate) struct StaticToken(pub(crate) AccessToken);

impl TokenProvider for StaticToken {
    fn access_token(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}
