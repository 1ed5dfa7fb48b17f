use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use authress_users_client::types::{TenantId, UserId};

use super::error::LiveError;

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
    pub(super) unsafe_probes: bool,
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

    /// Allows requests with undocumented methods that may change something on a faulty server, such as
    /// PUT. Not allowed by default.
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

    /// Validates the ids. A request for an invalid one could address another resource.
    pub(super) fn check(&self) -> Result<(), LiveError> {
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
        }
    }
}

impl fmt::Debug for LiveOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveOptions")
            .field("link", &self.link.is_some())
            .field("delete", &self.delete.is_some())
            .field("unsafe_probes", &self.unsafe_probes)
            .finish_non_exhaustive()
    }
}
