use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::operations::OPERATIONS;
use http::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::api_url;
use super::client::AuthressClient;
use super::credential::Credential;
use super::environment;
use super::http_settings::{ConfigureHttp, HttpSettings};
use crate::auth::{CallerTokensOnly, ServerTime, ServiceClient, Signer, TokenProvider};
use crate::clock::{Clock, SystemClock};
use crate::defaults;
use crate::error::Error;
use crate::retry::{BudgetBalance, RateLimit, RetryPolicy};
use crate::transport::{
    Connections, Limits, Middleware, Middlewares, Pooling, ServedConnections, Shared,
};

/// Whether this crate enables TLS in its HTTP client.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

impl AuthressClient {
    /// Returns a builder with the default settings.
    #[must_use]
    pub fn builder() -> AuthressClientBuilder {
        AuthressClientBuilder::default()
    }

    /// Builds a client from environment variables.
    ///
    /// These are `AUTHRESS_API_URL`, and either `AUTHRESS_ACCESS_KEY` or `AUTHRESS_ACCESS_TOKEN`.
    ///
    /// An empty variable counts as unset. The URL is optional with an access key, which names its
    /// account. To change other settings too, use [`AuthressClientBuilder::from_env`].
    ///
    /// ```
    /// use authress_users_ext::AuthressClient;
    ///
    /// match AuthressClient::from_env() {
    ///     Ok(authress) => println!("ready: {authress:?}"),
    ///     // For example: neither AUTHRESS_ACCESS_KEY nor AUTHRESS_ACCESS_TOKEN is set; …
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns a configuration error that names the variable that is missing or invalid, or that
    /// conflicts with another one.
    pub fn from_env() -> Result<Self, Error> {
        AuthressClientBuilder::from_env()?.build()
    }
}

/// Configures an [`AuthressClient`].
///
/// A credential is required, and usually the URL; everything else has a default.
/// [`build`](Self::build) validates all settings and names the one that is invalid.
///
/// ```
/// use std::time::Duration;
/// use authress_users_ext::secrecy::SecretString;
/// use authress_users_ext::{AuthressClient, Result};
///
/// fn client(access_key: SecretString) -> Result<AuthressClient> {
///     AuthressClient::builder()
///         .api_url("https://auth.example.com")
///         .service_client_access_key(access_key)
///         .connect_timeout(Duration::from_secs(2))
///         .build()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     let fake = authress_users_contract::MockAuthress::builder().start().await?;
/// #     client(fake.access_key())?;
/// #     Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct AuthressClientBuilder {
    api_url: Option<String>,
    credential: Option<Credential>,
    user_agent_suffix: Option<String>,
    connect_timeout: Option<Duration>,
    retry_policy: RetryPolicy,
    body_limit: Option<usize>,
    concurrency_limit: Option<usize>,
    rate_limits: Vec<RateLimit>,
    http: Option<ConfigureHttp>,
    middlewares: Vec<Arc<dyn Middleware>>,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(test)]
    network: Option<Arc<dyn crate::transport::Network>>,
}

impl AuthressClientBuilder {
    /// Sets the URL of the account's API: its custom domain, or
    /// `https://{accountId}.api.authress.io`.
    ///
    /// `https://` is added if the scheme is missing, `http://` for `localhost`. Trailing slashes are
    /// removed; a base path is kept. Plain http is allowed only for the local machine. The URL is
    /// optional with an access key or a service client, which name their account. A URL with a user
    /// name, a query, a fragment or a `..` segment is invalid.
    #[doc(alias = "base_url")]
    #[must_use]
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// Sets the access key of a service client.
    ///
    /// Its form is `{clientId}.{keyId}.{accountId}.{privateKey}`, or the older base64-encoded JSON
    /// object.
    ///
    /// The key signs tokens in this process and is never sent. A token is valid for a day and renewed
    /// an hour before it expires; see the guide on [authentication](crate::guide::authentication).
    /// Replaces an earlier credential.
    #[must_use]
    pub fn service_client_access_key(mut self, key: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::AccessKey(key.into()));
        self
    }

    /// Sets a service client whose tokens `signer` signs, for a key that is in a KMS or an HSM.
    ///
    /// [`ServiceClient`] lists the header and the claims of the tokens. A token is valid for a day,
    /// cached, and renewed an hour before it expires; if the signer fails then, the current token is
    /// used until it expires. [`api_url`](Self::api_url) is optional, since the service client names
    /// its account. Replaces an earlier credential.
    #[doc(alias("kms", "hsm"))]
    #[must_use]
    pub fn service_client(mut self, client: ServiceClient, signer: impl Signer) -> Self {
        self.credential = Some(Credential::ServiceClient(client, Arc::new(signer)));
        self
    }

    /// Sets an access token: a JWT, as accepted by [`AccessToken::new`](crate::AccessToken::new).
    ///
    /// The token is not renewed. Requires [`api_url`](Self::api_url). Replaces an earlier credential.
    #[must_use]
    pub fn access_token(mut self, jwt: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::AccessToken(jwt.into()));
        self
    }

    /// Sets a token provider, which the client calls before every attempt.
    ///
    /// A closure is a provider; see [`TokenProvider`], and
    /// [`CachedTokenProvider`](crate::CachedTokenProvider) for one that fetches tokens. Requires
    /// [`api_url`](Self::api_url). Replaces an earlier credential.
    #[must_use]
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.credential = Some(Credential::Provider(Arc::new(provider)));
        self
    }

    /// Builds a client without a credential of its own, for a service that acts only for its callers.
    ///
    /// Every call needs the token of a caller, by
    /// [`AuthressClient::with_access_token`] or `with_access_token` of the request. A call without one
    /// is an error of kind [`Token`](crate::ErrorKind::Token), and nothing is sent. Requires
    /// [`api_url`](Self::api_url). Replaces an earlier credential.
    ///
    /// ```
    /// use authress_users_ext::{AccessToken, AuthressClient, Result, UserIdentity};
    ///
    /// fn client(url: &str) -> Result<AuthressClient> {
    ///     AuthressClient::builder().api_url(url).caller_tokens_only().build()
    /// }
    ///
    /// /// Reads a user on behalf of the caller, whose token came as `Authorization: Bearer`.
    /// async fn read(authress: &AuthressClient, bearer: &str, user_id: &str) -> Result<UserIdentity> {
    ///     let caller = AccessToken::new(bearer)?;
    ///     authress.users().get_user(user_id).with_access_token(caller).await
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     use authress_users_ext::secrecy::ExposeSecret as _;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = client(&fake.url())?;
    /// #     read(&authress, fake.access_token().expose_secret(), "auth0|1").await?;
    /// #     assert!(authress.users().get_user("auth0|1").await.unwrap_err().is_token());
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("on_behalf_of", "delegated"))]
    #[must_use]
    pub fn caller_tokens_only(mut self) -> Self {
        self.credential = Some(Credential::Provider(Arc::new(CallerTokensOnly)));
        self
    }

    /// Sets the suffix of the `User-Agent` header, which identifies your app:
    /// `Authress SDK; Rust; {version}; {suffix}`.
    ///
    /// Visible ASCII and spaces; none by default.
    #[must_use]
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sets the connect timeout; 5 seconds by default. Must be greater than zero.
    ///
    /// Connecting counts toward the attempt timeout.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the retry policy, which also holds the attempt timeout and the deadline; 4 attempts
    /// within 30 seconds by default.
    ///
    /// See [`RetryPolicy`] and the guide on [retries](crate::guide::retries).
    #[doc(alias("timeout", "deadline", "retry"))]
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry_policy = policy;
        self
    }

    /// Sets how many bytes of a response body are read; 16 MiB by default. Must be greater than
    /// zero.
    ///
    /// A larger body is an error of kind [`BodyTooLarge`](crate::ErrorKind::BodyTooLarge). Of the body of
    /// an error response, at most 64 KiB are kept. The decoded bytes of a compressed body count; see the
    /// guide on [compression](crate::guide::compression).
    #[doc(alias("gzip", "compression"))]
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Sets how many requests the client and its clones send at once; 100 by default. Must be
    /// greater than zero.
    ///
    /// Further requests wait for a permit; the wait counts toward the deadline of their call. A call
    /// that waits before a retry holds no permit. Over HTTP/2, requests share one connection. Over
    /// HTTP/1.1 each request in flight needs a connection of its own, so there are about as many
    /// connections as permits, and never more than twice as many.
    #[doc(alias = "connections")]
    #[must_use]
    pub fn concurrency_limit(mut self, requests: usize) -> Self {
        self.concurrency_limit = Some(requests);
        self
    }

    /// Sets a limit of the rate of requests, for all operations together or for one; none by default.
    ///
    /// Without it, the client learns the rate from the first 429 on. With it, a 429 still lowers the rate
    /// below the limit. Can be called several times; the strictest limit counts. See the guide on
    /// [retries](crate::guide::retries#rate-limits).
    ///
    /// ```
    /// use authress_users_ext::secrecy::SecretString;
    /// use authress_users_ext::{AuthressClient, RateLimit, Result};
    ///
    /// fn client(url: &str, access_key: SecretString) -> Result<AuthressClient> {
    ///     AuthressClient::builder()
    ///         .api_url(url)
    ///         .service_client_access_key(access_key)
    ///         .rate_limit(RateLimit::per_second(50.0))
    ///         .rate_limit(RateLimit::per_second(5.0).for_operation("getUsers"))
    ///         .build()
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     let fake = authress_users_contract::MockAuthress::builder().start().await?;
    /// #     client(&fake.url(), fake.access_key())?.users().get_users().await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("throttle", "429"))]
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limits.push(limit);
        self
    }

    /// Sets a function that configures the HTTP client, such as its certificates, proxy or
    /// connection settings.
    ///
    /// The client applies the function to a new [`reqwest::ClientBuilder`] for each HTTP client that
    /// it makes, and then sets redirects, retries and the connect timeout itself. It makes further HTTP
    /// clients to leave connections that hang or closed, at most one a second; see the guide on
    /// [connections](crate::guide::retries#connections). HTTP/2 pings are set before the function runs:
    /// an interval of 10 s and a timeout of 5 s, while idle too. The client switches off
    /// [`connection_verbose`](reqwest::ClientBuilder::connection_verbose), which logs the token. With a
    /// plain http URL it uses no proxy, which would see the token. It decodes compressed responses itself,
    /// so reqwest's own decompression is off, whatever the function sets.
    ///
    /// ```
    /// use authress_users_ext::AuthressClient;
    /// use authress_users_ext::reqwest::Proxy;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = Proxy::https("http://proxy.example.com:3128")?;
    /// let authress = AuthressClient::builder()
    ///     .http(move |http| http.proxy(proxy.clone()))
    ///     .api_url("https://auth.example.com")
    ///     .access_token("eyJh.eyJz.c2ln")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("proxy", "tls", "certificate", "reqwest"))]
    #[must_use]
    pub fn http<F>(mut self, configure: F) -> Self
    where
        F: Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    {
        self.http = Some(Arc::new(configure));
        self
    }

    /// Adds a [`Middleware`], which observes every request and may add headers; none by default.
    ///
    /// Middleware runs in the order in which it was added.
    #[doc(alias("interceptor", "hook"))]
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middlewares.push(Arc::new(middleware));
        self
    }

    /// Sets the clock; the system's clock by default. For tests, see [`Clock`].
    #[doc(alias = "mock")]
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Sets a simulated network, in place of the HTTP client.
    #[cfg(test)]
    pub(crate) fn network(mut self, network: Arc<dyn crate::transport::Network>) -> Self {
        self.network = Some(network);
        self
    }

    /// Reads the URL and the credential from the environment, like [`AuthressClient::from_env`].
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, AuthressClientBuilder, Result};
    ///
    /// fn client() -> Result<AuthressClient> {
    ///     AuthressClientBuilder::from_env()?.user_agent_suffix("my-app").build()
    /// }
    ///
    /// if let Err(error) = client() {
    ///     eprintln!("{error}"); // names the variable
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns a configuration error that names the variable that is missing or invalid, or that
    /// conflicts with another one.
    pub fn from_env() -> Result<Self, Error> {
        let environment = environment::read()?;
        Ok(Self {
            api_url: environment.api_url,
            credential: Some(environment.credential),
            ..Self::default()
        })
    }

    /// Builds the client. Sends nothing and signs no token.
    ///
    /// # Errors
    /// Returns a configuration error that names the invalid setting and the reason, for example a
    /// missing credential, a malformed access key, or a URL that would expose tokens.
    pub fn build(self) -> Result<AuthressClient, Error> {
        self.retry_policy.check().map_err(Error::configuration)?;
        let operations = OPERATIONS.iter().map(|operation| operation.id);
        let operations: Vec<_> = operations.collect();
        for limit in &self.rate_limits {
            limit
                .check(&operations)
                .map_err(|rule| Error::invalid_setting("rate_limit", rule))?;
        }
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let api_url = self
            .api_url
            .map(|url| api_url::parse(api_url::SETTING, &url))
            .transpose()?;
        let credential = self.credential.ok_or_else(|| {
            Error::configuration(
                "no credential is set; set service_client_access_key, service_client, access_token or \
                 token_provider, or caller_tokens_only for a client without a credential of its own",
            )
        })?;
        let (tokens, api_url) = credential.resolve(api_url)?;
        let api_url = api_url.ok_or_else(|| {
            Error::configuration(
                "api_url is not set; it is optional only with an access key or a service client, which name \
                 their account",
            )
        })?;
        let connect_timeout = not_zero(
            "connect_timeout",
            self.connect_timeout,
            defaults::CONNECT_TIMEOUT,
        )?;
        let requests_in_flight = not_zero(
            "concurrency_limit",
            self.concurrency_limit,
            defaults::CONCURRENCY_LIMIT,
        )?;
        let body_limit = not_zero("body_limit", self.body_limit, defaults::BODY_LIMIT)?;
        check_tls(&api_url, HAS_TLS || self.http.is_some())?;
        let served = ServedConnections::default();
        let http_settings = HttpSettings {
            served: served.clone(),
            configure: self.http,
            connect_timeout,
            is_plain: api_url.scheme() == "http",
        };
        let http = http_settings.client(Pooling::Kept)?;
        let shared = Shared {
            raw: authress_users_client::Client::new(api_url, http, ()),
            user_agent: user_agent(self.user_agent_suffix.as_deref())?,
            retry_policy: self.retry_policy,
            retry_budget: BudgetBalance::new(),
            recovery: Arc::default(),
            limits: Limits::new(
                clock.clone(),
                requests_in_flight,
                self.rate_limits,
                body_limit,
            ),
            middlewares: Middlewares::new(self.middlewares),
            connections: Connections::new(served, move |pooling| http_settings.client(pooling)),
            clock,
            server_time: ServerTime::default(),
            #[cfg(test)]
            network: self.network,
        };
        Ok(AuthressClient::new(shared, tokens))
    }
}

/// Fails early with advice, where the first request would fail with less.
fn check_tls(url: &Url, may_have_tls: bool) -> Result<(), Error> {
    if url.scheme() == "https" && !may_have_tls {
        return Err(Error::invalid_setting(
            api_url::SETTING,
            "https requires TLS, and authress-users-ext was built without it; enable \
             its feature `rustls` or `native-tls`, or configure an HTTP client that has TLS with http()",
        ));
    }
    Ok(())
}

fn not_zero<T: Default + PartialEq>(
    setting: &'static str,
    given: Option<T>,
    default: T,
) -> Result<T, Error> {
    match given {
        Some(value) if value == T::default() => {
            Err(Error::invalid_setting(setting, "must be greater than zero"))
        }
        Some(value) => Ok(value),
        None => Ok(default),
    }
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, Error> {
    let name = concat!("Authress SDK; Rust; ", env!("CARGO_PKG_VERSION"), ";");
    let complete = match suffix.map(str::trim).filter(|suffix| !suffix.is_empty()) {
        Some(suffix) => format!("{name} {suffix}"),
        None => name.to_owned(),
    };
    complete
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte))
        .then(|| HeaderValue::try_from(complete).ok())
        .flatten()
        .ok_or_else(|| {
            Error::invalid_setting(
                "user_agent_suffix",
                "it may contain only visible ASCII and spaces",
            )
        })
}

impl fmt::Debug for AuthressClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL is not validated yet and may contain a password.
        f.debug_struct("AuthressClientBuilder")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_without_tls_is_rejected_with_advice() {
        let https = api_url::parse("api_url", "auth.example.com").unwrap();
        let error = check_tls(&https, false).unwrap_err().to_string();
        for advice in ["`rustls`", "`native-tls`", "http()"] {
            assert!(error.contains(advice), "{error}");
        }
        assert!(check_tls(&https, true).is_ok());
        let local = api_url::parse("api_url", "localhost").unwrap();
        assert!(check_tls(&local, false).is_ok());
    }

    #[test]
    fn https_needs_the_tls_of_a_feature_or_of_a_configured_client() {
        let builder = || {
            AuthressClient::builder()
                .api_url("https://auth.example.com")
                .access_token("a.b.c")
        };
        assert_eq!(builder().build().is_ok(), HAS_TLS);
        assert!(builder().http(|http| http).build().is_ok());
    }
}
