use std::fmt;
use std::sync::Arc;

use super::api_url;
use crate::auth::{AccessToken, StaticToken, TokenProvider};
use crate::error::Error;
use crate::transport::{self, Call, Shared};

/// A client for the API of one Authress account.
///
/// It is cheap to clone, `Send` and `Sync`; clones share connections, tokens and the retry budget, so
/// one client serves a whole app. See the guide, which begins with
/// [a first call](crate::guide::getting_started), and the example
/// [`quickstart`](https://docs.rs/crate/authress-users-ext/latest/source/examples/quickstart.rs).
///
/// ```
/// use authress_users_contract::MockAuthress;
/// use authress_users_ext::AuthressClient;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().users(3).start().await?;
/// let authress = AuthressClient::builder()
///     .api_url(fake.url())
///     .service_client_access_key(fake.access_key())
///     .build()?;
///
/// let mut users = authress.users().get_users().stream();
/// let mut count = 0;
/// while let Some(user) = users.try_next().await? {
///     assert!(fake.has_user(&user.user_id));
///     count += 1;
/// }
/// assert_eq!(count, 3);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "async")]
#[derive(Clone)]
pub struct AuthressClient {
    shared: Arc<Shared>,
    tokens: Arc<dyn TokenProvider>,
}

impl AuthressClient {
    pub(super) fn new(shared: Shared, tokens: Arc<dyn TokenProvider>) -> Self {
        Self {
            shared: Arc::new(shared),
            tokens,
        }
    }

    /// Returns a new call with the client's own options.
    pub(crate) fn call(&self) -> Call {
        Call::new(self.shared.clone(), self.tokens.clone())
    }

    /// Returns the token that a call would carry now, for the raw client or for another service
    /// of the account.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// /// Returns the value of an `Authorization` header for another request to Authress.
    /// async fn authorization(authress: &AuthressClient) -> Result<String> {
    ///     let token = authress.access_token().await?;
    ///     Ok(format!("Bearer {}", token.expose_secret()))
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     assert_eq!(authorization(&authress).await?.split('.').count(), 3);
    /// #     Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns an error of kind [`Token`](crate::ErrorKind::Token) if the provider fails; its source
    /// is the provider's error.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        transport::access_token(&*self.tokens, self.shared.now()).await
    }

    /// Returns a client that acts for the owner of `token` over the same connections.
    ///
    /// The token is used as it is: it is not renewed, and a 401 is returned as an error at once. For a
    /// single call, use `with_access_token` of the request. See the guide on
    /// [authentication](crate::guide::authentication), and the example
    /// [`web_app`](https://docs.rs/crate/authress-users-ext/latest/source/examples/web_app/),
    /// a service that acts for its callers.
    ///
    /// ```
    /// use authress_users_ext::{AccessToken, AuthressClient, Result, UserIdentity};
    ///
    /// /// Reads a user on behalf of the caller, whose token came as `Authorization: Bearer`.
    /// async fn read(authress: &AuthressClient, bearer: &str, user_id: &str) -> Result<UserIdentity> {
    ///     let for_caller = authress.with_access_token(AccessToken::new(bearer)?);
    ///     for_caller.users().get_user(user_id).await
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     use authress_users_ext::secrecy::ExposeSecret as _;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     read(&authress, fake.access_token().expose_secret(), "auth0|1").await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_access_token(&self, token: AccessToken) -> Self {
        Self {
            shared: self.shared.clone(),
            tokens: Arc::new(StaticToken(token)),
        }
    }
}

impl fmt::Debug for AuthressClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthressClient")
            .field("api_url", &api_url::base(self.shared.api_url()))
            .finish_non_exhaustive()
    }
}
