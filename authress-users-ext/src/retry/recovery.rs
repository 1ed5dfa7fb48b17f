use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use tokio::sync::Notify;

use crate::clock::Clock;

/// Holds calls back in an outage, except for one probe per backoff interval.
///
/// An outage begins when the retry budget of the client's calls is exhausted, and ends with the
/// first response that shows that the API is available.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    /// Whether there is an outage, so that calls in good times take no lock.
    is_outage: AtomicBool,
    outage: Mutex<Option<Outage>>,
    ended: Notify,
}

#[derive(Debug)]
struct Outage {
    probes: u32,
    /// When the next probe may be sent, on the clock of [`Clock::elapsed`].
    next_probe: Duration,
}

impl Recovery {
    /// Begins an outage unless there is one. The first probe may be sent after `wait`, and no probe
    /// before that.
    pub(crate) fn begin(&self, now: Duration, wait: Duration) {
        let next_probe = now.saturating_add(wait);
        let mut outage = self.lock();
        match &mut *outage {
            Some(outage) => outage.next_probe = outage.next_probe.max(next_probe),
            None => {
                *outage = Some(Outage {
                    probes: 0,
                    next_probe,
                });
            }
        }
        self.is_outage.store(true, Ordering::Release);
    }

    /// Ends the outage, if there is one.
    pub(crate) fn end(&self) {
        if self.is_outage.load(Ordering::Acquire) {
            let mut outage = self.lock();
            *outage = None;
            self.is_outage.store(false, Ordering::Release);
            drop(outage);
            self.ended.notify_waiters();
        }
    }

    /// Waits until the outage is over or this call may send a probe, and returns the time slept;
    /// `None` if `limit` passes first. `backoff` is the interval after a number of probes.
    pub(crate) async fn pass(
        &self,
        clock: &dyn Clock,
        limit: Duration,
        backoff: impl Fn(u32) -> Duration,
    ) -> Option<Duration> {
        let mut slept = Duration::ZERO;
        if !self.is_outage.load(Ordering::Acquire) {
            return Some(slept);
        }
        let started = clock.elapsed();
        // A clock may skip sleeps, so the end of one counts as its time.
        let mut reached = started;
        loop {
            let mut ended = pin!(self.ended.notified());
            ended.as_mut().enable();
            let now = clock.elapsed().max(reached);
            let wait = {
                let mut outage = self.lock();
                let Some(outage) = &mut *outage else {
                    return Some(slept);
                };
                if now >= outage.next_probe {
                    outage.probes = outage.probes.saturating_add(1);
                    outage.next_probe = now.saturating_add(backoff(outage.probes));
                    return Some(slept);
                }
                outage.next_probe.saturating_sub(now)
            };
            let left = limit.checked_sub(now.saturating_sub(started))?;
            if left.is_zero() {
                return None;
            }
            let wait = wait.min(left);
            if let Either::Left(_) = select(clock.sleep(wait), ended).await {
                slept = slept.saturating_add(wait);
                reached = now.saturating_add(wait);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
