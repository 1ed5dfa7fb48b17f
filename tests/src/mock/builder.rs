use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::account::Account;
use super::defect::DEFECTS;
use super::seed;
use super::server::Observer;
use super::server::{MockAuthress, RandomFaults};
use crate::finding::Finding;

/// What a new [`MockAuthress`] holds and how it behaves. Made by [`MockAuthress::builder`].
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
    pub(crate) random_faults: Option<RandomFaults>,
    pub(crate) defect: Option<&'static str>,
    pub(crate) on_finding: Option<Observer>,
}

impl MockAuthressBuilder {
    /// Adds `count` users: the same ones always, with names, e-mail addresses and ids of the
    /// shapes that real ones have.
    pub fn users(mut self, count: usize) -> Self {
        for number in 0..count {
            self.account.add_user(seed::user(number));
        }
        self
    }

    /// Adds a user at the end of the list, or replaces the one with the same id: an id, or a JSON object
    /// with a `userId` and whatever else the user is to have.
    pub fn user(mut self, user: impl Into<User>) -> Self {
        self.account.add_user(user.into().0);
        self
    }

    /// Adds a tenant, which has no users yet.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.account.add_tenant(tenant.into());
        self
    }

    /// Listens on this port of 127.0.0.1. By default, and for 0, the system chooses a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Answers no request before `latency` has passed. By default, at once.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Lets this share (0 to 1; none by default) of the exchanges fail in ways that `seed` decides: the
    /// same seed
    /// gives the same faults in the same order. All of them are over within milliseconds.
    pub fn random_faults(mut self, seed: u64, share: f64) -> Self {
        self.random_faults = Some(RandomFaults {
            random: Rng::with_seed(seed),
            share,
        });
        self
    }

    /// Makes the fake break a rule of [`RULES`](crate::RULES) for good, one of
    /// [`DEFECTS`](crate::DEFECTS), to try out whether that is found. Such a fake judges no answer
    /// of its own.
    ///
    /// # Panics
    /// If it can't break that rule.
    pub fn defect(mut self, rule: &str) -> Self {
        let defect = DEFECTS.iter().find(|defect| **defect == rule);
        assert!(defect.is_some(), "the fake can't break {rule}; see DEFECTS");
        self.defect = defect.copied();
        self
    }

    /// Hands every finding to `observer` as it happens, on a thread of the fake's. They are then not
    /// kept, and neither are the requests: a fake that serves for long stays small.
    pub fn on_finding(mut self, observer: impl Fn(&Finding) + Send + Sync + 'static) -> Self {
        self.on_finding = Some(Arc::new(observer));
        self
    }

    /// Starts the fake on 127.0.0.1. It serves from a thread of its own until it is dropped.
    ///
    /// # Errors
    /// If the port is not free, or no thread can be started.
    pub async fn start(self) -> io::Result<MockAuthress> {
        MockAuthress::start(self).await
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

/// A user as the API shows it: made of an id alone, or of a JSON object with a `userId`.
#[derive(Clone)]
pub struct User(pub(crate) Value);

impl From<&str> for User {
    fn from(id: &str) -> Self {
        Self(json!({ "userId": id }))
    }
}

impl From<String> for User {
    fn from(id: String) -> Self {
        Self::from(&*id)
    }
}

impl From<Value> for User {
    /// # Panics
    /// If the object has no text as its `userId`: a test that adds it is wrong.
    fn from(user: Value) -> Self {
        assert!(
            user["userId"].is_string(),
            "a user is a JSON object with a text as its userId"
        );
        Self(user)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").finish_non_exhaustive()
    }
}
