//! The requests of a client that wait, and those that are in flight.
//!
//! A request needs a turn from the pacer of its operation and a permit of the client's requests in
//! flight. Times are seconds of a monotonic clock.

use std::ptr;
use std::task::Waker;

use super::ceiling::{Ceiling, RateLimit};
use super::lanes::{Lane, Lanes, Turns};
use super::pacer::{Admission, Pacer, Verdict};

/// A turn that its future does not take for so many seconds goes to the next request, because the
/// future may not be polled while its owner awaits another call.
const CLAIM_WITHIN: f64 = 0.05;
/// When requests are held back for longer than this, each checks whether it has the time.
const LONG_PAUSE: f64 = 2.0;

/// The queues of a client, one per operation.
#[derive(Debug)]
pub(super) struct Queues {
    /// The largest number of requests in flight.
    limit: usize,
    in_flight: usize,
    rate_limits: Vec<RateLimit>,
    /// The limit of all operations together.
    ceiling: Option<Ceiling>,
    /// By operation id; the API has few.
    operations: Vec<Queue>,
    turns: Turns,
    next_ticket: u64,
    /// The requests in all lanes.
    waiting: usize,
    /// Turns that were not taken yet.
    grants: Vec<Grant>,
    /// When the next request may be sent without a response, or infinity.
    wake_at: f64,
}

#[derive(Debug)]
struct Queue {
    operation: &'static str,
    ceiling: Option<Ceiling>,
    pacer: Pacer,
    lanes: Lanes<Waker>,
    /// No more requests can be sent now.
    is_blocked: bool,
}

/// A request in a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) queue: usize,
    pub(super) lane: Lane,
    pub(super) ticket: u64,
}

#[derive(Debug)]
struct Grant {
    ticket: u64,
    queue: usize,
    at: f64,
}

/// When turns are to be given without a response.
#[derive(Debug, Clone, Copy)]
pub(super) struct NextTurns {
    /// When the next request may be sent, or infinity.
    pub(super) send_at: f64,
    /// When the oldest turn is passed on, or infinity.
    pub(super) pass_on_at: f64,
}

impl NextTurns {
    pub(super) fn first(self) -> f64 {
        self.send_at.min(self.pass_on_at)
    }

    /// Whether either time is earlier. A clock may skip sleeps, so the order of the two is not that in
    /// which their waits end.
    pub(super) fn is_earlier(self, other: &Self) -> bool {
        self.send_at < other.send_at || self.pass_on_at < other.pass_on_at
    }
}

/// The state of a request in a queue.
pub(super) enum Stage {
    Waiting,
    Granted,
    /// The request waits again, because another one got its turn.
    PassedOn,
}

/// Wakes futures when it is dropped, which must be after the state is unlocked.
#[derive(Default)]
pub(super) struct Wakers(Vec<Waker>);

impl Drop for Wakers {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

impl Queues {
    /// Returns queues with at most `limit` requests in flight.
    pub(super) fn new(limit: usize, rate_limits: Vec<RateLimit>) -> Self {
        Self {
            limit,
            in_flight: 0,
            ceiling: Ceiling::strictest(&rate_limits, None),
            rate_limits,
            operations: Vec::new(),
            turns: Turns::default(),
            next_ticket: 0,
            waiting: 0,
            grants: Vec::new(),
            wake_at: f64::INFINITY,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Starts with few requests in flight again.
    pub(super) fn restart(&mut self) {
        for queue in &mut self.operations {
            queue.pacer.restart();
        }
    }

    pub(super) fn index(&mut self, operation: &'static str, now: f64) -> usize {
        // The ids are almost always the same constants.
        let is_same = |id: &'static str| ptr::eq(id, operation) || id == operation;
        let mut queues = self.operations.iter();
        let found = queues.position(|queue| is_same(queue.operation));
        found.unwrap_or_else(|| self.add(operation, now))
    }

    #[cold]
    fn add(&mut self, operation: &'static str, now: f64) -> usize {
        self.operations.push(Queue {
            operation,
            ceiling: Ceiling::strictest(&self.rate_limits, Some(operation)),
            pacer: Pacer::new(now),
            lanes: Lanes::new(),
            is_blocked: false,
        });
        self.operations.len() - 1
    }

    /// Admits a request at once if it is the only one and nothing limits it. It holds up no other if its
    /// future is not polled.
    pub(super) fn admit_alone(&mut self, index: usize) -> bool {
        let is_alone = self.in_flight == 0 && self.waiting == 0 && self.limit > 1;
        let is_limited = !self.rate_limits.is_empty() || self.operations[index].pacer.is_pacing();
        let is_admitted = is_alone && !is_limited;
        if is_admitted {
            self.in_flight += 1;
            self.operations[index].pacer.admit_alone();
        }
        is_admitted
    }

    /// Admits a request at once if no other one goes before it.
    pub(super) fn admit(&mut self, index: usize, now: f64) -> bool {
        let is_admitted = self.operations[index].lanes.is_empty()
            && self.in_flight < self.limit
            && self.admission(index, now) == Admission::Now;
        self.in_flight += usize::from(is_admitted);
        is_admitted
    }

    /// Returns when a request of a queue may be sent, and counts it if that is now.
    fn admission(&mut self, index: usize, now: f64) -> Admission {
        let queue = &mut self.operations[index];
        let ceilings = [self.ceiling.as_ref(), queue.ceiling.as_ref()];
        let ready_at = ceilings.into_iter().flatten().map(Ceiling::ready_at);
        let ready_at = ready_at.fold(now, f64::max);
        if ready_at > now {
            queue.pacer.stop_holding();
            return Admission::At(ready_at);
        }
        let admission = queue.pacer.admit(now);
        if admission == Admission::Now {
            let ceilings = [self.ceiling.as_mut(), queue.ceiling.as_mut()];
            ceilings
                .into_iter()
                .flatten()
                .for_each(|ceiling| ceiling.take(now));
        }
        admission
    }

    pub(super) fn enqueue(&mut self, queue: usize, lane: Lane, waker: Waker) -> Place {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let place = Place {
            queue,
            lane,
            ticket,
        };
        self.insert(place, waker);
        place
    }

    fn insert(&mut self, place: Place, waker: Waker) {
        self.waiting += 1;
        let lanes = &mut self.operations[place.queue].lanes;
        lanes.insert(place.lane, place.ticket, waker);
    }

    /// Returns whether the request got its turn, which it then has taken.
    pub(super) fn poll(&mut self, place: Place, waker: &Waker) -> Stage {
        let lanes = &mut self.operations[place.queue].lanes;
        if let Some(registered) = lanes.get_mut(place.lane, place.ticket) {
            registered.clone_from(waker);
            Stage::Waiting
        } else if self.take_grant(place) {
            Stage::Granted
        } else {
            self.insert(place, waker.clone());
            Stage::PassedOn
        }
    }

    /// Removes a request that waits or has a turn that it did not take.
    pub(super) fn cancel(&mut self, place: Place) {
        let queue = &mut self.operations[place.queue];
        if queue.lanes.remove(place.lane, place.ticket).is_some() {
            self.waiting -= 1;
            if queue.lanes.is_empty() {
                queue.pacer.stop_holding();
            }
        } else if self.take_grant(place) {
            self.release(place.queue, false);
        }
    }

    fn take_grant(&mut self, place: Place) -> bool {
        let mut grants = self.grants.iter();
        let found = grants.position(|grant| grant.ticket == place.ticket);
        found.map(|found| self.grants.swap_remove(found)).is_some()
    }

    /// Counts the end of a request in flight, which was admitted alone or not.
    pub(super) fn release(&mut self, queue: usize, is_alone: bool) {
        self.in_flight -= 1;
        self.operations[queue].pacer.release(is_alone);
    }

    /// Learns from the response to a request. Returns whether the requests that wait have to wait for
    /// much longer now.
    pub(super) fn record(
        &mut self,
        queue: usize,
        (sent, now): (f64, f64),
        verdict: Verdict,
    ) -> bool {
        let pacer = &mut self.operations[queue].pacer;
        if self.waiting == 0 {
            pacer.record(now, sent, verdict);
            return false;
        }
        let pause = pacer.pause(now);
        pacer.record(now, sent, verdict);
        pacer.pause(now) > pause.max(LONG_PAUSE)
    }

    /// Returns how long a new request of `lane` is expected to wait, if it is paced.
    pub(super) fn expected_wait(&self, now: f64, queue: usize, lane: Lane) -> Option<f64> {
        let Queue {
            pacer,
            lanes,
            ceiling,
            ..
        } = &self.operations[queue];
        let waiting = lanes.before(lane);
        let paced = pacer.expected_wait(now, waiting);
        [&self.ceiling, ceiling]
            .into_iter()
            .flatten()
            .map(|ceiling| ceiling.expected_wait(now, waiting))
            .chain(paced)
            .reduce(f64::max)
    }

    /// Returns for how long no request of a queue is sent, in seconds.
    pub(super) fn pause(&self, now: f64, queue: usize) -> f64 {
        self.operations[queue].pacer.pause(now)
    }

    /// Gives turns to the requests that can be sent now.
    pub(super) fn grant_turns(&mut self, now: f64, wakers: &mut Wakers) {
        self.wake_at = f64::INFINITY;
        for queue in &mut self.operations {
            queue.is_blocked = false;
        }
        while self.waiting > 0 && self.in_flight < self.limit {
            let is_bulk_turn = self.turns.is_bulk();
            let urgency = |lane| (is_bulk_turn && lane != Lane::Bulk, lane);
            let next = self
                .operations
                .iter()
                .enumerate()
                .filter(|(_, queue)| !queue.is_blocked)
                .filter_map(|(index, queue)| Some((queue.lanes.next(is_bulk_turn)?, index)))
                .min_by_key(|(lane, _)| urgency(*lane));
            let Some((lane, index)) = next else { break };
            match self.admission(index, now) {
                Admission::Now => {
                    self.in_flight += 1;
                    self.turns.count();
                    self.grant(index, lane, now, wakers);
                }
                Admission::At(time) => {
                    self.operations[index].is_blocked = true;
                    self.wake_at = self.wake_at.min(time);
                }
                Admission::AfterResponse => self.operations[index].is_blocked = true,
            }
        }
    }

    /// Gives a turn to the first request of a lane.
    fn grant(&mut self, queue: usize, lane: Lane, at: f64, wakers: &mut Wakers) {
        if let Some((ticket, waker)) = self.operations[queue].lanes.pop(lane) {
            self.waiting -= 1;
            self.grants.push(Grant { ticket, queue, at });
            wakers.0.push(waker);
        }
    }

    /// Passes turns on that were not taken in time, if other requests wait.
    pub(super) fn pass_on(&mut self, now: f64, wakers: &mut Wakers) {
        let is_late = |grant: &Grant| now - grant.at >= CLAIM_WITHIN;
        while self.waiting > 0
            && let Some(late) = self.grants.iter().position(is_late)
        {
            let Grant { queue, .. } = self.grants.swap_remove(late);
            let next = |queue: &Queue| queue.lanes.next(false);
            let most_urgent = self.operations.iter().filter_map(next).min();
            match next(&self.operations[queue]) {
                Some(lane) if Some(lane) == most_urgent => self.grant(queue, lane, now, wakers),
                // A request of another operation is more urgent.
                _ => self.release(queue, false),
            }
        }
    }

    /// Returns when turns are to be given next.
    pub(super) fn next_turns(&self) -> NextTurns {
        let grants = self.grants.iter().map(|grant| grant.at + CLAIM_WITHIN);
        NextTurns {
            send_at: self.wake_at,
            pass_on_at: grants.fold(f64::INFINITY, f64::min),
        }
    }

    /// Wakes the requests that wait in a queue.
    pub(super) fn wake_queue(&self, queue: usize, wakers: &mut Wakers) {
        let lanes = &self.operations[queue].lanes;
        wakers.0.extend(lanes.iter().cloned());
    }

    /// Wakes all requests that wait.
    pub(super) fn wake_all(&self, wakers: &mut Wakers) {
        for queue in 0..self.operations.len() {
            self.wake_queue(queue, wakers);
        }
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.waiting == 0 && self.grants.is_empty()
    }
}
