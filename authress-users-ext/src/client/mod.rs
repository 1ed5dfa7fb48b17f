pub(crate) mod api_url;
mod builder;

use std::fmt;
use std::sync::Arc;

use crate::auth::{AccessToken, StaticToken, TokenProvider};
use crate::error::Error;
use crate::transport::{self, Shared};
use crate::users::Users;

pub use builder::AuthressClientBuilder;

/// A client for the API of one Authress account.
///
/// Cheap to clone, `Send` and `Sync`; clones share connections, tokens and the budget for retries. One
/// client serves a whole app. The guide begins with [its first call](crate::guide::getting_started).
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
#[derive(Clone)]
pub struct AuthressClient {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tokens: Arc<dyn TokenProvider>,
}

impl AuthressClient {
    /// Starts the configuration of a client; its methods name every setting and its default.
    #[must_use]
    pub fn builder() -> AuthressClientBuilder {
        AuthressClientBuilder::default()
    }

    /// A client configured by the environment: `AUTHRESS_API_URL`, and one of
    /// `AUTHRESS_ACCESS_KEY` and `AUTHRESS_ACCESS_TOKEN`. An empty variable counts as unset; the
    /// URL may be left out with a key, which names its account.
    /// [`AuthressClientBuilder::from_env`] sets more than that.
    ///
    /// ```
    /// use authress_users_ext::AuthressClient;
    ///
    /// match AuthressClient::from_env() {
    ///     Ok(authress) => println!("ready: {authress:?}"),
    ///     // For instance: neither AUTHRESS_ACCESS_KEY nor AUTHRESS_ACCESS_TOKEN is set; …
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    ///
    /// # Errors
    /// A configuration error that names the variable that is missing, not text, one too many,
    /// or refused.
    pub fn from_env() -> Result<Self, Error> {
        AuthressClientBuilder::from_env()?.build()
    }

    /// The users of the account, with the operations that the API has on them.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users::new(&self.shared, &self.tokens)
    }

    /// The token that a call of this client would carry now: for the raw crate, or for another
    /// service of the account.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().start().await?;
    /// # let (url, key) = (fake.url(), fake.access_key());
    /// let authress = AuthressClient::builder().api_url(url).service_client_access_key(key).build()?;
    /// assert_eq!(authress.access_token().await?.expose_secret().split('.').count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// One of kind [`Token`](crate::ErrorKind::Token), with the provider's reason as its source.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        transport::access_token(&*self.tokens).await
    }

    /// A client that acts for the caller whose token this is, on the same connections.
    ///
    /// The token is used as it is: not renewed, and a 401 is the error at once. The guide has more of
    /// [where tokens come from](crate::guide::authentication); the example `web_app` is a service that
    /// acts for its callers. For a single call there is `with_access_token` of the request.
    ///
    /// ```
    /// use authress_users_ext::AccessToken;
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// # let authress = AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// // What came in, behind `Authorization: Bearer`.
    /// # use secrecy::ExposeSecret as _;
    /// # let jwt = fake.access_token().expose_secret().to_owned();
    /// let on_behalf_of_a_user = authress.with_access_token(AccessToken::new(jwt)?);
    /// let user = on_behalf_of_a_user.users().get_user("auth0|1").await?;
    /// # Ok(())
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
