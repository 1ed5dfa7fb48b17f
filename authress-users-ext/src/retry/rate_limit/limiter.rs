//! Lets each request of a client wait for its turn.
//!
//! Requests that wait are futures, not tasks; one task for all of them keeps the time.

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{Either, select};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::ceiling::RateLimit;
use super::lanes::Lane;
use super::pacer::Verdict;
use super::queues::{NextTurns, Place, Queues, Stage, Wakers};
use crate::clock::Clock;

#[cfg(test)]
mod tests;

/// A shorter limit could end before a turn is due, because times are rounded.
const SHORTEST_LIMIT: Duration = Duration::from_millis(1);

/// Decides when each request of a client is sent.
#[derive(Debug)]
pub(crate) struct Limiter {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Set by the first 429. Until then, no request is paced.
    was_limited: AtomicBool,
    /// Turns are to be given earlier than the timer expects.
    is_earlier: Notify,
}

#[derive(Debug)]
struct State {
    queues: Queues,
    /// The time that sleeps have reached. A clock may skip sleeps.
    reached: f64,
    timer: Option<Timer>,
    timers: u64,
}

/// The task that keeps the time while requests wait.
#[derive(Debug)]
struct Timer {
    number: u64,
    task: AbortHandle,
    /// When it gives the next turns.
    next: NextTurns,
}

/// A request would wait at least this long, which is longer than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateLimited(pub(crate) Duration);

impl Limiter {
    /// Returns a limiter with at most `limit` requests in flight, and with limits of their rate.
    pub(crate) fn new(clock: Arc<dyn Clock>, limit: usize, rate_limits: Vec<RateLimit>) -> Self {
        Self {
            clock,
            state: Mutex::new(State {
                queues: Queues::new(limit, rate_limits),
                reached: 0.0,
                timer: None,
                timers: 0,
            }),
            was_limited: AtomicBool::new(false),
            is_earlier: Notify::new(),
        }
    }

    /// Returns a turn to send a request of an operation, if it need not wait at the time `elapsed` of
    /// the clock.
    pub(crate) fn turn_now(
        self: &Arc<Self>,
        operation: &'static str,
        elapsed: Duration,
    ) -> Option<Turn> {
        let (mut state, now) = self.lock_at(elapsed);
        let queue = state.queues.index(operation, now);
        let is_alone = state.queues.admit_alone(queue);
        let is_admitted = is_alone || state.queues.admit(queue, now);
        is_admitted.then(|| self.taken(queue, is_alone, now))
    }

    /// Waits for a turn to send a request of an operation, which may take `limit`. The caller limits
    /// the wait; this only detects early that it would be longer.
    pub(crate) async fn turn(
        self: &Arc<Self>,
        operation: &'static str,
        lane: Lane,
        limit: Duration,
    ) -> Result<Turn, RateLimited> {
        let elapsed = self.clock.elapsed();
        if let Some(turn) = self.turn_now(operation, elapsed) {
            return Ok(turn);
        }
        let (queue, started) = {
            let (mut state, now) = self.lock_at(elapsed);
            let queue = state.queues.index(operation, now);
            match state.queues.expected_wait(now, queue, lane) {
                Some(wait) if wait > limit.as_secs_f64() => {
                    return Err(RateLimited(to_duration(wait)));
                }
                _ => (queue, now),
            }
        };
        let mut waiting = Waiting {
            limiter: self,
            queue,
            lane,
            deadline: started + limit.as_secs_f64(),
            place: None,
        };
        let now = poll_fn(|context| waiting.poll(context)).await?;
        let mut turn = self.taken(queue, false, now);
        turn.waited = to_duration(now - started);
        Ok(turn)
    }

    fn taken(self: &Arc<Self>, queue: usize, is_alone: bool, now: f64) -> Turn {
        Turn {
            limiter: self.clone(),
            queue,
            is_alone,
            waited: Duration::ZERO,
            sent: now,
            end: None,
        }
    }

    /// Returns how long a new request is expected to wait for its rate; `None` if its operation is not
    /// paced.
    pub(crate) fn expected_wait(&self, operation: &'static str, lane: Lane) -> Option<Duration> {
        let (mut state, now) = self.lock();
        let queue = state.queues.index(operation, now);
        let wait = state.queues.expected_wait(now, queue, lane);
        wait.map(to_duration)
    }

    /// Starts with few requests in flight again.
    pub(crate) fn restart(&self) {
        self.lock().0.queues.restart();
    }

    /// Returns whether no request waits or is in flight.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        let (state, _) = self.lock();
        state.queues.is_idle() && state.timer.is_none()
    }

    /// Locks the state and returns it with the time.
    fn lock(&self) -> (MutexGuard<'_, State>, f64) {
        self.lock_at(self.clock.elapsed())
    }

    fn lock_at(&self, elapsed: Duration) -> (MutexGuard<'_, State>, f64) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = elapsed.as_secs_f64().max(state.reached);
        (state, now)
    }

    /// Gives the turns that are due, and starts or ends the timer.
    fn settle(self: &Arc<Self>, state: &mut State, now: f64, wakers: &mut Wakers) {
        if state.queues.waiting() > 0 {
            state.queues.grant_turns(now, wakers);
        }
        if state.queues.waiting() == 0 {
            if let Some(timer) = state.timer.take() {
                timer.task.abort();
            }
            return;
        }
        let next = state.queues.next_turns();
        match &mut state.timer {
            Some(timer) if !timer.task.is_finished() => {
                if next.is_earlier(&timer.next) {
                    timer.next = next;
                    self.is_earlier.notify_one();
                }
            }
            _ if next.first() == f64::INFINITY => {}
            _ => self.start_timer(state, next, wakers),
        }
    }

    fn start_timer(self: &Arc<Self>, state: &mut State, next: NextTurns, wakers: &mut Wakers) {
        // A turn may end outside of a runtime. The requests that wait are polled in theirs.
        let Ok(runtime) = Handle::try_current() else {
            state.timer = None;
            state.queues.wake_all(wakers);
            return;
        };
        state.timers += 1;
        let number = state.timers;
        let is_started = Arc::new(AtomicBool::new(false));
        let running = RunningTimer {
            limiter: self.clone(),
            number,
            is_started: is_started.clone(),
        };
        let task = runtime.spawn(running.run()).abort_handle();
        if is_started.swap(true, Ordering::AcqRel) {
            // The runtime shuts down, and has dropped the timer.
            state.timer = None;
            state.queues.wake_all(wakers);
            return;
        }
        state.timer = Some(Timer { number, task, next });
    }

    /// Gives the turns that are due after a sleep until `reached`, and returns when there are more, in
    /// seconds from now; `None` if the timer with this number has nothing to wait for.
    fn advance(&self, number: u64, reached: f64) -> Option<(NextTurns, f64)> {
        let mut wakers = Wakers::default();
        let (mut state, now) = self.lock();
        let State {
            queues,
            timer,
            reached: reached_so_far,
            ..
        } = &mut *state;
        let running = timer.as_mut().filter(|timer| timer.number == number)?;
        *reached_so_far = reached_so_far.max(reached);
        let now = now.max(reached);
        queues.pass_on(now, &mut wakers);
        queues.grant_turns(now, &mut wakers);
        let next = queues.next_turns();
        if queues.waiting() == 0 || next.first() == f64::INFINITY {
            *timer = None;
            return None;
        }
        running.next = next;
        Some((next, now))
    }
}

/// The timer in its task.
struct RunningTimer {
    limiter: Arc<Limiter>,
    number: u64,
    /// Set once by the start of the timer and once by its end, whichever comes first.
    is_started: Arc<AtomicBool>,
}

impl RunningTimer {
    async fn run(self) {
        let limiter = &*self.limiter;
        let mut reached = 0.0;
        while let Some((next, now)) = limiter.advance(self.number, reached) {
            let wait = |time: f64| to_duration((time - now).max(0.0));
            let sleep = if next.send_at.is_finite() {
                limiter.clock.sleep(wait(next.send_at))
            } else {
                Box::pin(pending())
            };
            // A limit, because a clock that skips sleeps does not skip the polling of futures.
            let pass_on = if next.pass_on_at.is_finite() {
                limiter
                    .clock
                    .limit(wait(next.pass_on_at).max(SHORTEST_LIMIT))
            } else {
                Box::pin(pending())
            };
            let earlier = std::pin::pin!(limiter.is_earlier.notified());
            if let Either::Left(_) = select(sleep, select(pass_on, earlier)).await {
                reached = next.send_at;
            }
        }
    }
}

impl Drop for RunningTimer {
    /// Without this timer, for example because its runtime was shut down, a request that waits in
    /// another runtime starts a new one.
    fn drop(&mut self) {
        // A runtime that shuts down drops the timer while the caller of `spawn` holds the lock.
        if !self.is_started.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut wakers = Wakers::default();
        let (mut state, _) = self.limiter.lock();
        let is_current = |timer: &mut Timer| timer.number == self.number;
        if state.timer.take_if(is_current).is_some() {
            state.queues.wake_all(&mut wakers);
        }
    }
}

/// A request that waits. Dropping it removes it, or gives its turn back.
struct Waiting<'a> {
    limiter: &'a Arc<Limiter>,
    queue: usize,
    lane: Lane,
    deadline: f64,
    place: Option<Place>,
}

impl Waiting<'_> {
    /// Returns the time at which the request took its turn.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<f64, RateLimited>> {
        let mut wakers = Wakers::default();
        let (mut state, now) = self.limiter.lock();
        let place = *self.place.get_or_insert_with(|| {
            let waker = context.waker().clone();
            state.queues.enqueue(self.queue, self.lane, waker)
        });
        loop {
            match state.queues.poll(place, context.waker()) {
                Stage::Granted => {
                    self.place = None;
                    return Poll::Ready(Ok(now));
                }
                Stage::Waiting => {}
                Stage::PassedOn => continue,
            }
            break;
        }
        let pause = state.queues.pause(now, self.queue);
        if now + pause > self.deadline && pause > 0.0 {
            return Poll::Ready(Err(RateLimited(to_duration(pause))));
        }
        self.limiter.settle(&mut state, now, &mut wakers);
        // It may have got its turn just now, and is woken in that case.
        Poll::Pending
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(place) = self.place.take() else {
            return;
        };
        let mut wakers = Wakers::default();
        let (mut state, now) = self.limiter.lock();
        state.queues.cancel(place);
        self.limiter.settle(&mut state, now, &mut wakers);
    }
}

/// The permission to send one request. Its end is counted when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    limiter: Arc<Limiter>,
    queue: usize,
    is_alone: bool,
    waited: Duration,
    sent: f64,
    /// The response and when it was complete.
    end: Option<(Verdict, Duration)>,
}

impl Turn {
    /// Returns how long the request waited.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// Returns whether no other request was in flight or waited.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Returns whether requests may be paced. If not, what an accepted request announces has no
    /// effect.
    pub(crate) fn may_be_paced(&self) -> bool {
        self.limiter.was_limited.load(Ordering::Relaxed)
    }

    /// Ends the turn with the response to the request, which was complete at the time `elapsed` of the
    /// clock.
    pub(crate) fn finish(mut self, verdict: Verdict, elapsed: Duration) {
        if matches!(verdict, Verdict::Limited { .. }) {
            self.limiter.was_limited.store(true, Ordering::Relaxed);
        }
        self.end = Some((verdict, elapsed));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (verdict, elapsed) = self
            .end
            .unwrap_or_else(|| (Verdict::Unknown, self.limiter.clock.elapsed()));
        let (mut state, now) = self.limiter.lock_at(elapsed);
        state.queues.release(self.queue, self.is_alone);
        let times = (self.sent, now);
        let is_long_pause = state.queues.record(self.queue, times, verdict);
        if state.queues.waiting() == 0 && state.timer.is_none() {
            return;
        }
        let mut wakers = Wakers::default();
        if is_long_pause {
            // Some requests may not have the time.
            state.queues.wake_queue(self.queue, &mut wakers);
        }
        self.limiter.settle(&mut state, now, &mut wakers);
        // Before the wakers, which wake when they are dropped.
        drop(state);
    }
}

fn to_duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
