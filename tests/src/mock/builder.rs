use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::account::Account;
#[cfg(feature = "cli")]
use super::account::Missing;
use super::defect::Defect;
use super::limits::RateLimit;
use super::seed;
use super::served_exchange::ServedExchange;
use super::state::{Observer, RandomFaults};
use super::user::User;
use crate::access_key::AccessKey;
use crate::error::InvalidInput;
use crate::operation::Operation;

/// Builds a [`MockAuthress`](crate::MockAuthress).
///
/// Returned by [`MockAuthress::builder`](crate::MockAuthress::builder). Invalid values are reported
/// by [`start`](Self::start).
///
/// ```
/// use std::time::Duration;
/// use authress_users_contract::MockAuthress;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder()
///     .users(250)
///     .user(serde_json::json!({ "userId": "auth0|ada", "name": "Ada", "lastLogin": "2026-01-01" }))
///     .tenant("acme")
///     .latency(Duration::from_millis(5))
///     .strict()
///     .start()
///     .await?;
/// assert_eq!(fake.user_ids().len(), 251);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use]
pub struct MockAuthressBuilder {
    pub(crate) account: Account,
    pub(crate) links: Vec<(String, String)>,
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) public_url: Option<String>,
    pub(crate) access_key: Option<AccessKey>,
    pub(crate) denied: HashSet<Operation>,
    pub(crate) latency: Duration,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) random_faults: Option<RandomFaults>,
    pub(crate) defect: Option<Defect>,
    pub(crate) on_exchange: Option<Observer>,
    pub(crate) history: Option<usize>,
    pub(crate) is_strict: bool,
    pub(crate) has_control: bool,
    /// The first invalid value.
    pub(crate) invalid: Option<InvalidInput>,
}

impl MockAuthressBuilder {
    /// Adds `count` users with realistic ids, names and e-mail addresses. The users are the same
    /// in every run.
    pub fn users(mut self, count: usize) -> Self {
        for number in 0..count {
            self.account.add_user(seed::user(number));
        }
        self
    }

    /// Adds a user at the end of the list, or replaces the one with the same id.
    ///
    /// A user is an id, or a JSON object with a `userId` and any other members.
    pub fn user<U>(mut self, user: U) -> Self
    where
        U: TryInto<User>,
        InvalidInput: From<U::Error>,
    {
        match user.try_into() {
            Ok(user) => self.account.add_user(user.into_value()),
            Err(reason) => self.reject(reason.into()),
        }
        self
    }

    /// Adds a tenant without users.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.account.add_tenant(tenant.into());
        self
    }

    /// Links a user to a tenant. Both must be added, before or after this call.
    pub fn link(mut self, tenant: impl Into<String>, user: impl Into<String>) -> Self {
        self.links.push((tenant.into(), user.into()));
        self
    }

    /// Sets the address to listen on. The default is 127.0.0.1.
    ///
    /// With `0.0.0.0`, the fake is reachable from other machines and containers.
    pub fn host(mut self, address: IpAddr) -> Self {
        self.host = Some(address);
        self
    }

    /// Sets the URL at which clients reach the fake, such as that of a proxy in front of it.
    ///
    /// Links in responses start with it, and the fake accepts tokens with this issuer. It accepts the
    /// addresses in `Host`, `X-Forwarded-Host` and `X-Forwarded-Proto` as issuers in any case.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        let url = url.into();
        let url = url.trim_end_matches('/');
        let is_valid = Url::parse(url).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none()
                && url.has_host()
                // They would be in links and in the output.
                && url.username().is_empty()
                && url.password().is_none()
        });
        if !is_valid {
            self.reject(InvalidInput::PublicUrl);
        }
        self.public_url = Some(url.to_owned());
        self
    }

    /// Sets the access key that clients use. By default, each fake has a new one.
    ///
    /// The key must have the form `{clientId}.{keyId}.{accountId}.{privateKey}`. Use a key that is
    /// valid nowhere else.
    pub fn access_key(mut self, access_key: impl Into<SecretString>) -> Self {
        let access_key = access_key.into();
        match AccessKey::parse(access_key.expose_secret()) {
            Ok(key) if key.is_ed25519() => self.access_key = Some(key),
            _ => self.reject(InvalidInput::AccessKey),
        }
        self
    }

    /// Rejects an operation with 403, as [`MockAuthress::deny`](crate::MockAuthress::deny) does.
    pub fn deny(mut self, operation: Operation) -> Self {
        self.denied.insert(operation);
        self
    }

    /// Sets the port to listen on. By default, and for 0, the system chooses one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the minimum time before each response. By default, there is none.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Adds a rate limit, or replaces the one for the same operations. By default, there is none.
    ///
    /// A request must be within the limit of its operation and within the one for all operations.
    /// [`RateLimit`] has an example.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limits.push(limit);
        self
    }

    /// Injects faults into a share of the exchanges, between 0 and 1. By default, there are none.
    ///
    /// Equal seeds give equal faults in the same order. Every fault takes only milliseconds.
    pub fn random_faults(mut self, seed: u64, share: f64) -> Self {
        if !(0.0..=1.0).contains(&share) {
            self.reject(InvalidInput::FaultShare);
        }
        self.random_faults = Some(RandomFaults {
            random: Rng::with_seed(seed),
            share,
        });
        self
    }

    /// Makes the fake break a rule in every response, to test tools that look for violations.
    ///
    /// Such a fake does not validate its own responses.
    pub fn defect(mut self, defect: Defect) -> Self {
        self.defect = Some(defect);
        self
    }

    /// Passes each exchange to `observer`, on the thread of the fake, before its response is sent.
    ///
    /// Errors then do not count as unread when the fake is dropped.
    ///
    /// ```
    /// use authress_users_contract::MockAuthress;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = MockAuthress::builder()
    ///     .on_exchange(|exchange| println!("{} {}", exchange.method, exchange.path))
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_exchange(
        mut self,
        observer: impl Fn(&ServedExchange) + Send + Sync + 'static,
    ) -> Self {
        self.on_exchange = Some(Arc::new(observer));
        self
    }

    /// Keeps only the last `max` requests and the last `max` findings. By default, all are kept.
    ///
    /// The memory of such a fake does not grow with its traffic. It does not find violations by
    /// exchanges that are more than 1,000 pages or 10,000 users apart.
    pub fn history(mut self, max: usize) -> Self {
        self.history = Some(max);
        self
    }

    /// Serves the control of the fake and its page at `/__mock/`, to requests of this machine only.
    ///
    /// The crate's README lists the commands. By default, there is no control.
    pub fn control(mut self) -> Self {
        self.has_control = true;
        self
    }

    /// Panics when the fake is dropped with errors that nothing has read. For tests.
    ///
    /// [`verify`](crate::MockAuthress::verify),
    /// [`assert_no_findings`](crate::MockAuthress::assert_no_findings) and
    /// [`ignore_findings`](crate::MockAuthress::ignore_findings) read them. By default, the fake
    /// prints such errors to stderr.
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Returns whether the account has the user and the tenant of a link.
    #[cfg(feature = "cli")]
    pub(crate) fn can_link(&self, tenant: &str, user: &str) -> Result<(), Missing> {
        self.account.can_link(tenant, user)
    }

    fn reject(&mut self, reason: InvalidInput) {
        self.invalid.get_or_insert(reason);
    }
}

impl fmt::Debug for MockAuthressBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockAuthressBuilder")
            .field("users", &self.account.user_ids().len())
            .field("port", &self.port)
            .field("latency", &self.latency)
            .finish_non_exhaustive()
    }
}
