//! Distinguishes used connections from new ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Extensions;
use hyper_util::client::legacy::connect::{Connected, HttpInfo};

const PORTS_PER_WORD: u32 = u64::BITS;
const WORDS: u32 = (1 << u16::BITS) / PORTS_PER_WORD;

/// The connections of a client that have delivered a response. Bits by local port, so that noting a
/// response takes no lock.
#[derive(Clone)]
pub(crate) struct ServedConnections(Arc<[AtomicU64]>);

impl Default for ServedConnections {
    fn default() -> Self {
        Self((0..WORDS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl ServedConnections {
    /// Adds the connection of a response with these extensions.
    pub(crate) fn add(&self, response: &Extensions) {
        if let Some((word, bit)) = self.bit(response)
            && word.load(Ordering::Relaxed) & bit == 0
        {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Removes a new connection, since an earlier one may have had its port.
    pub(crate) fn remove(&self, connection: &Connected) {
        if let Some((word, bit)) = self.bit(&extensions(connection)) {
            word.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    pub(crate) fn contains(&self, connection: &Connected) -> bool {
        self.bit(&extensions(connection))
            .is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// Returns the bit of a connection, and the word that holds it; `None` for one without a port.
    fn bit(&self, extensions: &Extensions) -> Option<(&AtomicU64, u64)> {
        let port = u32::from(extensions.get::<HttpInfo>()?.local_addr().port());
        let word = self.0.get((port / PORTS_PER_WORD) as usize)?;
        Some((word, 1 << (port % PORTS_PER_WORD)))
    }
}

fn extensions(connection: &Connected) -> Extensions {
    let mut extensions = Extensions::new();
    connection.get_extras(&mut extensions);
    extensions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_without_a_port_counts_as_new() {
        let (served, connection) = (ServedConnections::default(), Connected::new());
        served.add(&extensions(&connection));
        assert!(!served.contains(&connection));
    }
}
