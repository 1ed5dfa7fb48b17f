//! The connections of a client: a pool that is replaced after a fault, and connections outside it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::{Extensions, Version};

use super::served::ServedConnections;
use crate::error::Error;

/// How long a generation of the pool is used at least.
const MIN_AGE: Duration = Duration::from_secs(1);

/// Whether an HTTP client keeps connections for further requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    Kept,
    Off,
}

type MakeClient = Box<dyn Fn(Pooling) -> Result<reqwest::Client, Error> + Send + Sync>;

/// A client whose pool replaced an earlier one.
pub(crate) struct Generation(reqwest::Client);

/// The connections of a client. The first pool is that of the client which every call passes along.
pub(crate) struct Connections {
    make: MakeClient,
    /// The current generation; none is the first.
    current: ArcSwapOption<Generation>,
    last_change: Mutex<Option<Duration>>,
    /// Opens a connection for each request.
    unpooled: OnceLock<Option<reqwest::Client>>,
    served: ServedConnections,
    is_http1: AtomicBool,
    have_responded: AtomicBool,
}

impl Connections {
    /// Returns the connections of the clients that `make` returns, all of which report to `served`.
    pub(crate) fn new(
        served: ServedConnections,
        make: impl Fn(Pooling) -> Result<reqwest::Client, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            make: Box::new(make),
            current: ArcSwapOption::empty(),
            last_change: Mutex::new(None),
            unpooled: OnceLock::new(),
            served,
            is_http1: AtomicBool::new(false),
            have_responded: AtomicBool::new(false),
        }
    }

    pub(crate) fn current(&self) -> Option<Arc<Generation>> {
        self.current.load_full()
    }

    /// Leaves the pool of `used`, unless that has happened already. Returns false if the pool was
    /// replaced too recently to be replaced again.
    ///
    /// The connections of the old pool close when their last response is complete, and those of the
    /// first one when they have been idle for a while.
    pub(crate) fn leave(&self, used: Option<&Arc<Generation>>, now: Duration) -> bool {
        let mut last_change = self
            .last_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let current = self.current.load();
        if current.as_ref().map(Arc::as_ptr) != used.map(Arc::as_ptr) {
            return true;
        }
        if last_change.is_some_and(|last| now.saturating_sub(last) < MIN_AGE) {
            return false;
        }
        let Ok(http) = (self.make)(Pooling::Kept) else {
            return false;
        };
        self.current.store(Some(Arc::new(Generation(http))));
        *last_change = Some(now);
        true
    }

    /// Returns a client that opens a connection for each request, if one can be built.
    pub(crate) fn unpooled(&self) -> Option<&reqwest::Client> {
        self.unpooled
            .get_or_init(|| (self.make)(Pooling::Off).ok())
            .as_ref()
    }

    /// Notes the protocol and the connection of a response.
    pub(crate) fn observe(&self, version: Version, extensions: &Extensions) {
        self.is_http1
            .store(version < Version::HTTP_2, Ordering::Relaxed);
        self.have_responded.store(true, Ordering::Relaxed);
        self.served.add(extensions);
    }

    /// Whether there was any response.
    pub(crate) fn have_responded(&self) -> bool {
        self.have_responded.load(Ordering::Relaxed)
    }

    /// Whether the last response came over HTTP/1, which has one connection for each request in
    /// flight.
    pub(crate) fn is_http1(&self) -> bool {
        self.is_http1.load(Ordering::Relaxed)
    }

    /// The connections that have delivered a response.
    pub(crate) fn served(&self) -> &ServedConnections {
        &self.served
    }
}

impl Generation {
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_pool_is_left_once_and_not_too_often() {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = made.clone();
        let connections = Connections::new(ServedConnections::default(), move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(reqwest::Client::new())
        });
        let first = connections.current();
        assert!(first.is_none());
        assert!(connections.leave(first.as_ref(), Duration::ZERO));
        let second = connections.current();
        // Another request that used the first pool fails later.
        assert!(connections.leave(first.as_ref(), Duration::ZERO));
        assert_eq!(made.load(Ordering::Relaxed), 1);
        assert!(!connections.leave(second.as_ref(), MIN_AGE / 2));
        assert!(connections.leave(second.as_ref(), MIN_AGE));
        assert_eq!(made.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_client_that_cannot_be_built_leaves_the_pool_in_use() {
        let connections = Connections::new(ServedConnections::default(), |_| {
            Err(Error::configuration("no"))
        });
        assert!(!connections.leave(None, Duration::ZERO));
        assert!(connections.current().is_none() && connections.unpooled().is_none());
    }
}
