use std::fmt;
use std::time::Duration;

/// What [`run`](super::run) may change on the server. By default, nothing.
///
/// `Debug` shows no id.
///
/// ```
/// use authress_users_contract::live::LiveOptions;
///
/// let options = LiveOptions::default().link("acme", "auth0|1");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveOptions {
    pub(super) link: Option<(String, String)>,
    pub(super) delete: Option<String>,
    pub(super) poll_interval: Duration,
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

    /// Sets the pause before a deleted user is read again, at most nine times. The default is 1 s.
    #[must_use]
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            link: None,
            delete: None,
            poll_interval: Duration::from_secs(1),
        }
    }
}

impl fmt::Debug for LiveOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOptions")
            .field("link", &self.link.is_some())
            .field("delete", &self.delete.is_some())
            .finish_non_exhaustive()
    }
}
