//! Virtual time: a queue of events, which is the clock of the client.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::random::Random;
use crate::clock::{Clock, ClockFuture};

/// When the server's wall clock starts, in seconds since the epoch.
const START: Duration = Duration::from_secs(1_700_000_000);

/// The server's wall clock at the virtual time `now`.
pub(super) fn wall_clock(now: Duration) -> SystemTime {
    UNIX_EPOCH + START + now
}

/// The virtual time at which the server's wall clock shows `date`.
pub(super) fn at_date(date: SystemTime) -> Duration {
    let epoch = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    epoch.saturating_sub(START)
}

/// Locks a mutex of the simulation.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The events of a simulation in the order of their times. Time passes only from event to event.
#[derive(Default)]
pub(super) struct Time {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    scheduled: u64,
    events: BinaryHeap<Event>,
    timers: usize,
}

struct Event {
    at: Duration,
    /// Events of the same time happen in the order in which they were scheduled.
    number: u64,
    action: Action,
}

enum Action {
    Wake(Arc<Timer>),
    Call(Box<dyn FnOnce() + Send>),
}

#[derive(Default)]
struct Timer(Mutex<TimerState>);

#[derive(Default)]
struct TimerState {
    has_fired: bool,
    is_dropped: bool,
    waker: Option<Waker>,
}

impl Time {
    pub(super) fn now(&self) -> Duration {
        lock(&self.state).now
    }

    /// Calls `action` after `delay`.
    pub(super) fn after(&self, delay: Duration, action: impl FnOnce() + Send + 'static) {
        lock(&self.state).schedule(delay, Action::Call(Box::new(action)));
    }

    /// Waits for `delay`, which begins now and not with the first poll.
    pub(super) fn sleep(
        self: &Arc<Self>,
        delay: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let timer = Arc::new(Timer::default());
        let mut state = lock(&self.state);
        state.schedule(delay, Action::Wake(timer.clone()));
        state.timers += 1;
        drop(state);
        let pending = PendingTimer {
            time: self.clone(),
            timer,
        };
        poll_fn(move |context| {
            let mut timer = lock(&pending.timer.0);
            if timer.has_fired {
                return Poll::Ready(());
            }
            timer.waker = Some(context.waker().clone());
            Poll::Pending
        })
    }

    /// Moves to the next event and performs it. Returns false if there is none.
    pub(super) fn advance(&self) -> bool {
        loop {
            let mut state = lock(&self.state);
            let Some(event) = state.events.pop() else {
                return false;
            };
            match event.action {
                Action::Wake(timer) => {
                    let mut timer = lock(&timer.0);
                    if timer.is_dropped {
                        continue;
                    }
                    state.now = event.at;
                    drop(state);
                    timer.has_fired = true;
                    if let Some(waker) = timer.waker.take() {
                        waker.wake();
                    }
                }
                Action::Call(action) => {
                    state.now = event.at;
                    drop(state);
                    action();
                }
            }
            return true;
        }
    }

    /// How many futures of [`sleep`](Self::sleep) exist.
    pub(super) fn timers(&self) -> usize {
        lock(&self.state).timers
    }
}

impl State {
    fn schedule(&mut self, delay: Duration, action: Action) {
        self.scheduled += 1;
        self.events.push(Event {
            at: self.now.saturating_add(delay),
            number: self.scheduled,
            action,
        });
    }
}

/// A timer that counts until it is dropped.
struct PendingTimer {
    time: Arc<Time>,
    timer: Arc<Timer>,
}

impl Drop for PendingTimer {
    fn drop(&mut self) {
        let mut timer = lock(&self.timer.0);
        timer.is_dropped = true;
        let waker = timer.waker.take();
        drop(timer);
        drop(waker);
        lock(&self.time.state).timers -= 1;
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    /// The earliest event is the greatest, since a heap returns the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

/// The clock of one client: virtual time, late timers, and a wall clock that can be wrong.
pub(super) struct SimulatedClock {
    time: Arc<Time>,
    random: Mutex<Random>,
    /// How late timers fire at most. Those of Tokio count in milliseconds.
    lateness: Duration,
    skew: Skew,
}

/// How far a wall clock is from the server's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Skew {
    Ahead(Duration),
    Behind(Duration),
}

impl SimulatedClock {
    pub(super) fn new(time: Arc<Time>, random: Random, lateness: Duration, skew: Skew) -> Self {
        Self {
            time,
            random: Mutex::new(random),
            lateness,
            skew,
        }
    }

    fn timer(&self, duration: Duration) -> ClockFuture<'_> {
        let late = self.lateness.mul_f64(lock(&self.random).share());
        Box::pin(self.time.sleep(duration.saturating_add(late)))
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> SystemTime {
        let now = wall_clock(self.time.now());
        match self.skew {
            Skew::Ahead(skew) => now + skew,
            Skew::Behind(skew) => now - skew,
        }
    }

    fn elapsed(&self) -> Duration {
        self.time.now()
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        if duration.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        self.timer(duration)
    }

    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        self.timer(duration)
    }

    fn random(&self) -> f64 {
        lock(&self.random).share()
    }
}

impl fmt::Debug for SimulatedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedClock").finish_non_exhaustive()
    }
}
