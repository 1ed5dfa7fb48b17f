use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use authress_users_ext::{Clock, ClockFuture};

/// A clock that does not run. A sleep completes at once and advances it by its duration; a test
/// advances it with [`advance`](Self::advance).
#[derive(Debug, Clone)]
pub(crate) struct TestClock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    start: SystemTime,
    /// The random number of the jitter.
    random: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    elapsed: Duration,
    waits: Vec<Duration>,
    limits: BTreeMap<u64, (Duration, Option<Waker>)>,
    next_limit: u64,
}

impl TestClock {
    /// Returns a clock without jitter.
    pub(crate) fn new() -> Self {
        Self::with_random(1.0)
    }

    pub(crate) fn with_random(random: f64) -> Self {
        let state = Mutex::default();
        Self(Arc::new(Shared {
            start: SystemTime::now(),
            random,
            state,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Advances the clock, which also ends limits.
    pub(crate) fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.elapsed += by;
        let now = state.elapsed;
        let over = state.limits.values_mut().filter(|(end, _)| *end <= now);
        let wakers: Vec<_> = over.filter_map(|(_, waker)| waker.take()).collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Returns the sleeps so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.state().waits.clone()
    }

    /// Returns how far the clock was advanced.
    pub(crate) fn elapsed_so_far(&self) -> Duration {
        self.state().elapsed
    }

    /// Returns the number of limits that are running.
    pub(crate) fn limits(&self) -> usize {
        self.state().limits.len()
    }

    /// Waits, without a timer, until a limit is running.
    pub(crate) async fn until_a_limit_is_running(&self) {
        while self.limits() == 0 {
            tokio::task::yield_now().await;
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        self.0.start + self.state().elapsed
    }

    fn elapsed(&self) -> Duration {
        self.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        self.state().waits.push(duration);
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        let mut state = self.state();
        let number = state.next_limit;
        state.next_limit += 1;
        let end = state.elapsed + duration;
        state.limits.insert(number, (end, None));
        drop(state);
        let running = RunningLimit {
            clock: self,
            number,
        };
        Box::pin(poll_fn(move |context| {
            // Captures the whole value; a closure would capture only its fields.
            let running = &running;
            let mut state = running.clock.state();
            let now = state.elapsed;
            match state.limits.get_mut(&running.number) {
                Some((end, waker)) if *end > now => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        }))
    }

    fn random(&self) -> f64 {
        self.0.random
    }
}

/// Removes the limit when its future is dropped.
struct RunningLimit<'a> {
    clock: &'a TestClock,
    number: u64,
}

impl Drop for RunningLimit<'_> {
    fn drop(&mut self) {
        self.clock.state().limits.remove(&self.number);
    }
}
