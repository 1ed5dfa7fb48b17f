use std::env;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::api_url;
use crate::auth::{
    AccessToken, ServiceClientAccessKey, ServiceClientTokens, StaticToken, TokenProvider,
    account_url,
};
use crate::client::AuthressClient;
use crate::clock::{Clock, SystemClock};
use crate::defaults;
use crate::error::Error;
use crate::retry::{RetryBudget, RetryPolicy};
use crate::transport::{Limits, Shared};

const API_URL: &str = "AUTHRESS_API_URL";
const ACCESS_KEY: &str = "AUTHRESS_ACCESS_KEY";
const ACCESS_TOKEN: &str = "AUTHRESS_ACCESS_TOKEN";

/// Whether this crate asks its HTTP client for TLS.
const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// Configures an [`AuthressClient`]: a credential, usually the URL, and whatever should differ
/// from the defaults. Nothing is judged before [`build`](Self::build), which names the setting that it
/// refuses.
///
/// ```
/// use std::time::Duration;
/// use authress_users_ext::AuthressClient;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = authress_users_contract::MockAuthress::builder().start().await?;
/// # let access_key = fake.access_key();
/// let authress = AuthressClient::builder()
///     .api_url("https://auth.example.com")
///     .service_client_access_key(access_key)
///     .connect_timeout(Duration::from_secs(2))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct AuthressClientBuilder {
    api_url: Option<String>,
    credential: Option<Credential>,
    user_agent_suffix: Option<String>,
    connect_timeout: Option<Duration>,
    retry_policy: RetryPolicy,
    body_limit: Option<usize>,
    concurrency_limit: Option<usize>,
    http: Option<reqwest::ClientBuilder>,
    clock: Option<Arc<dyn Clock>>,
}

enum Credential {
    AccessKey(SecretString),
    AccessToken(SecretString),
    Provider(Arc<dyn TokenProvider>),
}

impl Credential {
    fn check(&self) -> Result<(), Error> {
        match self {
            Self::AccessKey(key) => ServiceClientAccessKey::parse(key).map(drop),
            Self::AccessToken(token) => AccessToken::new(token.clone()).map(drop),
            Self::Provider(_) => Ok(()),
        }
    }
}

impl AuthressClientBuilder {
    /// The URL of the account's API: its custom domain, or `https://{accountId}.api.authress.io`.
    ///
    /// `https://` is added where no scheme stands, `http://` for `localhost`; trailing slashes
    /// go, a base path stays. Plain http is accepted for the local machine alone. With an access
    /// key the URL may be left out: the key names its account. A user name, a query, a fragment and
    /// `..` in the path are refused.
    #[must_use]
    pub fn api_url(mut self, url: impl Into<String>) -> Self {
        self.api_url = Some(url.into());
        self
    }

    /// The access key of a service client, of either kind:
    /// `{clientId}.{keyId}.{accountId}.{privateKey}`, or the older base64 of a JSON object.
    ///
    /// The key signs tokens on this machine and is never sent. A token lasts a day and is
    /// renewed an hour before its end; the guide says [more](crate::guide::authentication). Replaces a
    /// credential that was set before.
    #[must_use]
    pub fn service_client_access_key(mut self, key: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::AccessKey(key.into()));
        self
    }

    /// A token that was made elsewhere, for as long as it lasts: a JWT, as [`AccessToken::new`] takes
    /// it. It is not renewed, and needs [`api_url`](Self::api_url). Replaces a credential that was set
    /// before.
    #[must_use]
    pub fn access_token(mut self, jwt: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::AccessToken(jwt.into()));
        self
    }

    /// Your own source of tokens, asked before every attempt; a closure will do, see
    /// [`TokenProvider`]. Needs [`api_url`](Self::api_url). Replaces a credential that was set before.
    #[must_use]
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.credential = Some(Credential::Provider(Arc::new(provider)));
        self
    }

    /// What names your app behind this crate in the `User-Agent` header:
    /// `Authress SDK; Rust; {version}; {suffix}`. Visible ASCII and spaces; none by default.
    #[must_use]
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// How long the making of a connection may take; 5 seconds by default. Not zero.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How often and how long calls are tried: 4 attempts within 30 seconds by default, see
    /// [`RetryPolicy`] and the [guide](crate::guide::retries). Its bounds are looked at by
    /// [`build`](Self::build).
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry_policy = policy;
        self
    }

    /// How many bytes of a body are read before the call ends in an error; 16 MiB by default.
    /// Not zero.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// How many requests of this client and its clones may be under way at once; 100 by default.
    /// Not zero.
    ///
    /// A request beyond them waits for its turn as a part of its call's deadline; a call that waits
    /// before a retry takes no place. Over HTTP/2 requests share one connection. Over HTTP/1.1 a
    /// request has one to itself while it lasts, so that there are as many connections as this
    /// allows requests: now and then a few more, where one is opened before the last has come back,
    /// and never more than twice as many.
    #[must_use]
    pub fn concurrency_limit(mut self, requests: usize) -> Self {
        self.concurrency_limit = Some(requests);
        self
    }

    /// The HTTP client to build upon, for certificates, proxies or connection settings of your
    /// own. Redirects, retries and the connect timeout are set on top of it; a URL with plain http
    /// uses no proxy, which would see the token. By default, one of reqwest's with the TLS that this
    /// crate's features choose.
    ///
    /// ```
    /// use authress_users_ext::AuthressClient;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example.com:3128")?;
    /// let authress = AuthressClient::builder()
    ///     .http(reqwest::Client::builder().proxy(proxy))
    ///     .api_url("https://auth.example.com")
    ///     .access_token("eyJh.eyJz.c2ln")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    /// Where the client takes the time from; the machine's clock by default. For tests, see [`Clock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Starts with what the environment says, as [`AuthressClient::from_env`] does, for an app that
    /// sets more than that.
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
    /// A configuration error that names the variable that is missing, not text, one too many,
    /// or refused.
    pub fn from_env() -> Result<Self, Error> {
        let read = |name: &str| match env::var(name) {
            Ok(value) if value.trim().is_empty() => Ok(None),
            Ok(value) => Ok(Some(value)),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => {
                Err(Error::configuration(format!("{name} is not text")))
            }
        };
        let api_url = read(API_URL)?;
        let credential = match (read(ACCESS_KEY)?, read(ACCESS_TOKEN)?) {
            (Some(key), None) => Credential::AccessKey(key.into()),
            (None, Some(_)) if api_url.is_none() => {
                return Err(Error::configuration(format!(
                    "{API_URL} is not set; a token does not say which account's API it is for"
                )));
            }
            (None, Some(token)) => Credential::AccessToken(token.into()),
            (None, None) => {
                return Err(Error::configuration(format!(
                    "neither {ACCESS_KEY} nor {ACCESS_TOKEN} is set; one of them holds the \
                     credential"
                )));
            }
            (Some(_), Some(_)) => {
                return Err(Error::configuration(format!(
                    "both {ACCESS_KEY} and {ACCESS_TOKEN} are set; unset one of them"
                )));
            }
        };
        // Refused here, where the variable can be named, and not by `build`.
        if let Some(url) = &api_url {
            api_url::parse(url).map_err(|error| error.with_variable(API_URL))?;
        }
        let variable = match credential {
            Credential::AccessKey(_) => ACCESS_KEY,
            Credential::AccessToken(_) | Credential::Provider(_) => ACCESS_TOKEN,
        };
        credential
            .check()
            .map_err(|error| error.with_variable(variable))?;
        Ok(Self {
            api_url,
            credential: Some(credential),
            ..Self::default()
        })
    }

    /// Builds the client. Nothing is sent and no token is signed yet.
    ///
    /// # Errors
    /// A configuration error that names the setting and the rule that it broke: no credential,
    /// an access key or token that is none, a URL that would send tokens astray, a zero where
    /// none makes sense.
    pub fn build(self) -> Result<AuthressClient, Error> {
        self.retry_policy.check().map_err(Error::configuration)?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let given_url = self.api_url.as_deref().map(api_url::parse).transpose()?;
        let (tokens, url): (Arc<dyn TokenProvider>, Url) = match self.credential {
            None => {
                return Err(Error::configuration(
                    "there is no credential: set service_client_access_key, access_token or \
                     token_provider",
                ));
            }
            Some(Credential::AccessKey(key)) => {
                let key = ServiceClientAccessKey::parse(&key)?;
                let url = match &given_url {
                    Some(url) => url.clone(),
                    None => api_url::parse(&account_url(&key))?,
                };
                let tokens = ServiceClientTokens::new(key, given_url.as_ref(), clock.clone());
                (Arc::new(tokens), url)
            }
            Some(Credential::AccessToken(token)) => (
                Arc::new(StaticToken(AccessToken::new(token)?)),
                required(given_url)?,
            ),
            Some(Credential::Provider(provider)) => (provider, required(given_url)?),
        };
        let connect_timeout = not_zero(
            "connect_timeout",
            self.connect_timeout,
            defaults::CONNECT_TIMEOUT,
        )?;
        let permits = not_zero(
            "concurrency_limit",
            self.concurrency_limit,
            defaults::CONCURRENCY_LIMIT,
        )?;
        refuse_without_tls(&url, HAS_TLS || self.http.is_some())?;
        let mut http = self
            .http
            .unwrap_or_default()
            .connect_timeout(connect_timeout)
            // A redirect would carry the token to wherever it leads.
            .redirect(reqwest::redirect::Policy::none())
            // Whether a request is sent again is decided in one place, by the operation.
            .retry(reqwest::retry::never())
            .referer(false);
        if url.scheme() == "http" {
            // A proxy would see the token that plain http may carry to this machine alone.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|reason| {
            Error::configuration("the HTTP client can't be built").with_source(reason)
        })?;
        Ok(AuthressClient {
            shared: Arc::new(Shared {
                raw: authress_users_client::Client::new(url, http, ()),
                user_agent: user_agent(self.user_agent_suffix.as_deref())?,
                retry_policy: self.retry_policy,
                retry_budget: RetryBudget::new(),
                limits: Limits::new(
                    permits,
                    not_zero("body_limit", self.body_limit, defaults::BODY_LIMIT)?,
                ),
                clock,
            }),
            tokens,
        })
    }
}

fn required(url: Option<Url>) -> Result<Url, Error> {
    url.ok_or_else(|| {
        Error::configuration("api_url is not set; only an access key names its account itself")
    })
}

/// What is refused here would fail with the first request, and say less.
fn refuse_without_tls(url: &Url, may_have_tls: bool) -> Result<(), Error> {
    if url.scheme() == "https" && !may_have_tls {
        return Err(Error::configuration(
            "api_url is refused: it is https, and authress-users-ext was built without TLS. Turn on \
             its feature `rustls` or `native-tls`, or give an HTTP client that has TLS to http()",
        ));
    }
    Ok(())
}

fn not_zero<T: Default + PartialEq>(name: &str, given: Option<T>, default: T) -> Result<T, Error> {
    match given {
        Some(value) if value == T::default() => Err(Error::configuration(format!(
            "{name} is refused: it must be more than zero"
        ))),
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
            Error::configuration(
                "user_agent_suffix is refused: it may hold visible ASCII and spaces only",
            )
        })
}

impl fmt::Debug for AuthressClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is given as the URL may hold a password; build() refuses that, printing must too.
        f.debug_struct("AuthressClientBuilder")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_without_tls_is_refused_with_the_ways_out() {
        let https = api_url::parse("auth.example.com").unwrap();
        let error = refuse_without_tls(&https, false).unwrap_err().to_string();
        for way_out in ["`rustls`", "`native-tls`", "http()"] {
            assert!(error.contains(way_out), "{error}");
        }
        assert!(refuse_without_tls(&https, true).is_ok());
        let local = api_url::parse("localhost").unwrap();
        assert!(refuse_without_tls(&local, false).is_ok());
    }

    #[test]
    fn a_client_builds_with_the_tls_that_it_was_built_with_or_that_it_is_given() {
        let builder = || {
            AuthressClient::builder()
                .api_url("https://auth.example.com")
                .access_token("a.b.c")
        };
        assert_eq!(builder().build().is_ok(), HAS_TLS);
        assert!(builder().http(reqwest::Client::builder()).build().is_ok());
    }
}
