use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::types::{TenantId, UserId};
use secrecy::SecretString;

use super::clock::{Clock, SystemClock};
use super::credential::check_token;
use super::error::LiveError;

/// Receives a line of text before each probe of a run.
type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// What [`run`](super::run) may change on the server, and how fast it sends.
///
/// By default, it changes nothing. `Debug` shows no id and no token.
///
/// ```
/// use authress_users_contract::live::LiveOptions;
///
/// let options = LiveOptions::default().link("acme", "auth0|1").rate(10.0);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct LiveOptions {
    pub(super) link: Option<(String, String)>,
    pub(super) delete: Option<String>,
    pub(super) unsafe_probes: bool,
    pub(super) poll_interval: Duration,
    pub(super) expired_token: Option<SecretString>,
    pub(super) rate: Option<f64>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) progress: Progress,
}

impl LiveOptions {
    /// Allows linking this user to this tenant. Both must exist.
    #[must_use]
    pub fn link(mut self, tenant: impl Into<String>, user: impl Into<String>) -> Self {
        self.link = Some((tenant.into(), user.into()));
        self
    }

    /// Allows deleting this user.
    #[must_use]
    pub fn delete(mut self, user: impl Into<String>) -> Self {
        self.delete = Some(user.into());
        self
    }

    /// Allows requests with undocumented methods that may change something on a faulty server: PUT and
    /// POST. Not allowed by default.
    #[must_use]
    pub fn unsafe_probes(mut self) -> Self {
        self.unsafe_probes = true;
        self
    }

    /// Sets the pause before a deleted user is read again, at most nine times. The default is 1 s.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Sets a token that has expired, to learn whether the server rejects it. None by default.
    #[must_use]
    pub fn expired_token(mut self, token: SecretString) -> Self {
        self.expired_token = Some(token);
        self
    }

    /// Sets the most requests per second. There is no limit by default.
    ///
    /// [`run`](super::run) fails with [`LiveError::Rate`] if the rate is not positive and finite.
    #[must_use]
    pub fn rate(mut self, requests_per_second: f64) -> Self {
        self.rate = Some(requests_per_second);
        self
    }

    /// Replaces the clock of all waits, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets a function that receives a line of text before each probe, without ids.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }

    /// Returns the pause before each request.
    pub(super) fn pause(&self) -> Option<Duration> {
        let pause = |rate: f64| Duration::try_from_secs_f64(rate.recip()).unwrap_or(Duration::MAX);
        self.rate.map(pause)
    }

    /// Validates the values. A request for an invalid id could address another resource.
    pub(super) fn check(&self) -> Result<(), LiveError> {
        if let Some(rate) = self.rate
            && !(rate.is_finite() && rate > 0.0)
        {
            return Err(LiveError::Rate(rate));
        }
        if let Some(token) = &self.expired_token {
            check_token(token)?;
        }
        if let Some((tenant, user)) = &self.link {
            check::<TenantId>("tenant to link", tenant)?;
            check::<UserId>("user to link", user)?;
        }
        match &self.delete {
            Some(user) => check::<UserId>("user to delete", user),
            None => Ok(()),
        }
    }
}

fn check<T: FromStr<Err: fmt::Display>>(subject: &'static str, id: &str) -> Result<(), LiveError> {
    match id.parse::<T>() {
        Ok(_) => Ok(()),
        Err(reason) => Err(LiveError::Id {
            subject,
            reason: reason.to_string(),
        }),
    }
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            link: None,
            delete: None,
            unsafe_probes: false,
            poll_interval: Duration::from_secs(1),
            expired_token: None,
            rate: None,
            clock: Arc::new(SystemClock),
            progress: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for LiveOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOptions")
            .field("link", &self.link.is_some())
            .field("delete", &self.delete.is_some())
            .field("unsafe_probes", &self.unsafe_probes)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
