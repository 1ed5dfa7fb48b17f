use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the calls of a bulk operation that wait as long as a 429 specifies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sleepers(Arc<AtomicUsize>);

impl Sleepers {
    /// Returns how many calls wait now.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts a call until the returned value is dropped.
    pub(crate) fn enter(&self) -> Sleeping<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Sleeping(self)
    }
}

/// A call that waits.
#[derive(Debug)]
pub(crate) struct Sleeping<'a>(&'a Sleepers);

impl Drop for Sleeping<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
