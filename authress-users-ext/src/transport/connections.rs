//! The connections of a client: a pool that is replaced after a fault, and connections outside it.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::{Extensions, Version};
use hyper_util::client::legacy::connect::{Connected, HttpInfo};

use crate::error::Error;

/// How long a generation of the pool is used at least.
const MIN_AGE: Duration = Duration::from_secs(1);

/// Values of [`Connections::protocol`] below those with the port of an HTTP/2 connection.
const UNKNOWN: u32 = 0;
const HTTP1: u32 = 1;
const HTTP2: u32 = 1 << 16;

/// Whether an HTTP client keeps connections for further requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    Kept,
    Off,
}

type MakeClient = Box<dyn Fn(Pooling) -> Result<reqwest::Client, Error> + Send + Sync>;

/// A client whose pool replaced an earlier one.
pub(super) struct Generation(reqwest::Client);

/// The connections of a client. The first pool is that of the client which every call passes along.
pub(crate) struct Connections {
    make: MakeClient,
    /// The current generation; none is the first.
    current: ArcSwapOption<Generation>,
    last_change: Mutex<Option<Duration>>,
    /// Opens a connection for each request.
    unpooled: OnceLock<Option<reqwest::Client>>,
    /// The protocol of the last response, and with HTTP/2 the local port of its connection.
    protocol: AtomicU32,
}

impl Connections {
    pub(crate) fn new(
        make: impl Fn(Pooling) -> Result<reqwest::Client, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            make: Box::new(make),
            current: ArcSwapOption::empty(),
            last_change: Mutex::new(None),
            unpooled: OnceLock::new(),
            protocol: AtomicU32::new(UNKNOWN),
        }
    }

    pub(super) fn current(&self) -> Option<Arc<Generation>> {
        self.current.load_full()
    }

    /// Leaves the pool of `used`, unless that has happened already. Returns false if the pool was
    /// replaced too recently to be replaced again.
    ///
    /// The connections of the old pool close when their last response is complete, and those of the
    /// first one when they have been idle for a while.
    pub(super) fn leave(&self, used: Option<&Arc<Generation>>, now: Duration) -> bool {
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
    pub(super) fn unpooled(&self) -> Option<&reqwest::Client> {
        self.unpooled
            .get_or_init(|| (self.make)(Pooling::Off).ok())
            .as_ref()
    }

    /// Notes the protocol and the connection of a response.
    pub(super) fn observe(&self, version: Version, extensions: &Extensions) {
        let protocol = if version == Version::HTTP_2 {
            HTTP2 | u32::from(local_port(extensions))
        } else {
            HTTP1
        };
        self.protocol.store(protocol, Ordering::Relaxed);
    }

    /// Whether the last response came over HTTP/1, which has one connection for each request in
    /// flight.
    pub(super) fn is_http1(&self) -> bool {
        self.protocol.load(Ordering::Relaxed) == HTTP1
    }

    /// Whether a connection that the request did not establish itself has served another request.
    ///
    /// Requests that wait for the same new HTTP/2 connection have not established it either, so only
    /// the connection of the last response counts.
    pub(super) fn has_served(&self, connection: &Connected) -> bool {
        match self.protocol.load(Ordering::Relaxed) {
            UNKNOWN => false,
            HTTP1 => true,
            http2 => {
                let mut extensions = Extensions::new();
                connection.get_extras(&mut extensions);
                http2 == HTTP2 | u32::from(local_port(&extensions))
            }
        }
    }
}

impl Generation {
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0
    }
}

fn local_port(extensions: &Extensions) -> u16 {
    extensions
        .get::<HttpInfo>()
        .map_or(0, |info| info.local_addr().port())
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
        let connections = Connections::new(move |_| {
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
        let connections = Connections::new(|_| Err(Error::configuration("no")));
        assert!(!connections.leave(None, Duration::ZERO));
        assert!(connections.current().is_none() && connections.unpooled().is_none());
    }
}
