use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use super::account::Account;
use super::defect::Defect;
use super::rate_limit::RateLimit;
use super::seed;
use super::state::{Observer, RandomFaults};
use super::user::User;
use crate::error::InvalidInput;
use crate::finding::Finding;

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
    pub(crate) port: u16,
    pub(crate) latency: Duration,
    pub(crate) rate_limits: Vec<RateLimit>,
    pub(crate) random_faults: Option<RandomFaults>,
    pub(crate) defect: Option<Defect>,
    pub(crate) on_finding: Option<Observer>,
    pub(crate) is_strict: bool,
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

    /// Sets the port of 127.0.0.1 to listen on. By default, and for 0, the system chooses one.
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

    /// Passes each finding to `observer`, on a thread of the fake.
    ///
    /// The fake then keeps neither findings nor requests, so that it can run for a long time.
    pub fn on_finding(mut self, observer: impl Fn(&Finding) + Send + Sync + 'static) -> Self {
        self.on_finding = Some(Arc::new(observer));
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
