//! Learns the rate that the API allows for one operation.
//!
//! Until the first 429, only the window of requests in flight holds requests back. From then on a
//! token bucket paces them. Its rate follows a form of CUBIC: a 429 cuts the rate to a share of the
//! rate that was accepted; it returns to the old maximum within one probing period and then grows
//! beyond it. Times are seconds of a monotonic clock.

use std::collections::VecDeque;

use super::cycle::Cycle;

/// The share of the rate that is kept after a 429. A smaller cut starves a second client that
/// shares the limit.
const CUT: f64 = 0.86;
/// The shortest probing period, in seconds.
const PROBING_PERIOD: f64 = 2.5;
/// The probing period grows to this many times the wait that the last 429 requested.
const PROBING_PER_WAIT: f64 = 10.0;
/// The requests per second that are added one probing period after the maximum was reached again. It
/// does not grow with the rate, so that the smaller of two clients that share a limit catches up.
const BEYOND: f64 = 2.5;
/// The smallest and the largest `BEYOND`, as shares of the maximum.
const LEAST_BEYOND: f64 = 0.05;
const MOST_BEYOND: f64 = 0.15;
/// The share of `BEYOND` that is added per square of probing periods, because the limit has changed.
const FAR_BEYOND: f64 = 0.1;
/// The growth per second until the first 429 under pacing, because the first estimate is a guess.
const FIRST_GROWTH: f64 = 0.5;
/// At least so many requests per second are added per second until then, because another client may
/// have left almost nothing for the first requests.
const FIRST_STEP: f64 = 10.0;
/// The depth of the token bucket, in seconds.
const DEPTH: f64 = 0.04;
/// Below this rate, in requests per second, a request follows a pause at once.
const SLOW: f64 = 10.0;
/// The lowest rate, in requests per second.
const LOWEST_RATE: f64 = 0.5;
/// The first window of requests in flight, its growth per accepted request, and its limit.
const FIRST_WINDOW: f64 = 8.0;
const WINDOW_GROWTH: f64 = 0.5;
const LARGEST_WINDOW: f64 = 100.0;
/// A hint up to this long holds back only the rejected call; a longer one holds back all.
const SHORT_HINT: f64 = 2.0;
/// Pacing ends after this many probing periods without a 429, and not before [`FORGET_AFTER`].
const FORGET_PERIODS: f64 = 10.0;
const FORGET_AFTER: f64 = 600.0;

/// When one more request may be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Admission {
    /// It may be sent now.
    Now,
    /// Not before this time.
    At(f64),
    /// Not before a request in flight ends.
    AfterResponse,
}

/// What the response to a request says about the rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    /// An accepted request, after which others are to wait for `pause` seconds, or 0, and the
    /// announced rate.
    Accepted { pause: f64, rate: Option<f64> },
    /// A 429 that requests a wait of `hint` seconds, or 0, and the announced rate.
    Limited { hint: f64, rate: Option<f64> },
    /// No response, or one that says nothing about the rate.
    Unknown,
}

/// The rate limiter of one operation.
#[derive(Debug)]
pub(super) struct Pacer {
    window: f64,
    in_flight: u32,
    /// A request that was admitted alone is in flight.
    is_first_in_flight: bool,
    accepted: RecentCount,
    started: f64,
    pacing: Option<Pacing>,
}

/// The state since the first 429.
#[derive(Debug)]
struct Pacing {
    rate: f64,
    tokens: f64,
    refilled: f64,
    paused_until: f64,
    /// 429s to requests sent before this time are of an earlier rate.
    reacted: f64,
    last_limited: f64,
    /// The time for which the pacer itself held requests back. Estimates grow with it and not with
    /// the clock, so an idle or slow client neither forgets its rate nor overestimates it.
    active: f64,
    is_holding: bool,
    maximum: f64,
    /// The rate that the API announces, or infinity.
    announced: f64,
    cut_at: f64,
    /// 429s in a row that the pacer reacted to.
    failures: u32,
    is_first_growth: bool,
    /// The wait that recent 429s requested, decaying.
    cost: f64,
    /// The requests that the server's bucket saved during a pause, until the server shows that it
    /// saves none.
    owed: f64,
    server_saves: bool,
    cycle: Cycle,
}

impl Pacer {
    pub(super) fn new(now: f64) -> Self {
        Self {
            window: FIRST_WINDOW,
            in_flight: 0,
            is_first_in_flight: false,
            accepted: RecentCount::default(),
            started: now,
            pacing: None,
        }
    }

    /// Returns whether one more request may be sent. After [`Admission::Now`] it counts as in flight
    /// until [`release`](Self::release).
    pub(super) fn admit(&mut self, now: f64) -> Admission {
        self.forget(now);
        let limit = match &self.pacing {
            // While nothing is accepted, one request at a time shows when that changes. One that was
            // admitted alone may not be polled, so it must not hold up that request.
            Some(pacing) if pacing.failures > 1 => {
                1.0 + f64::from(u8::from(self.is_first_in_flight))
            }
            _ => self.window,
        };
        if f64::from(self.in_flight) >= limit.floor() {
            return Admission::AfterResponse;
        }
        if let Some(pacing) = &mut self.pacing
            && let Some(time) = pacing.take_token(now)
        {
            return Admission::At(time);
        }
        self.in_flight += 1;
        Admission::Now
    }

    /// Counts a request that no other one precedes, so that the window includes it.
    pub(super) fn admit_alone(&mut self) {
        self.in_flight += 1;
        self.is_first_in_flight = true;
    }

    /// Counts the end of a request that was admitted, alone or not.
    pub(super) fn release(&mut self, is_alone: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.is_first_in_flight &= !is_alone;
    }

    /// Learns from the response to a request that was sent at `sent`.
    pub(super) fn record(&mut self, now: f64, sent: f64, verdict: Verdict) {
        match verdict {
            Verdict::Unknown => {}
            Verdict::Accepted {
                pause,
                rate: announced,
            } => {
                self.window = (self.window + WINDOW_GROWTH).min(LARGEST_WINDOW);
                self.accepted.add(now);
                if let Some(pacing) = &mut self.pacing {
                    pacing.accept(now, sent);
                    pacing.announce(announced);
                    if pause > 0.0 {
                        pacing.hold(now + pause);
                    }
                }
            }
            Verdict::Limited {
                hint,
                rate: announced,
            } => {
                let measured = self.accepted.last(now, 2.0) / (now - self.started).clamp(0.5, 2.0);
                match &mut self.pacing {
                    None => {
                        let guess = (0.7 * self.accepted.last(now, 1.0)).max(1.0);
                        let started = self.started.max(now - 2.0);
                        let cycle = Cycle::new(started, self.accepted.last(now, 2.0), now);
                        let pacing = self.pacing.insert(Pacing::new(now, guess, cycle));
                        pacing.announce(announced);
                        pacing.pause(now, hint, hint);
                    }
                    // One reaction per round trip, not one per 429.
                    Some(pacing) if sent >= pacing.reacted => {
                        pacing.cut(measured);
                        pacing.announce(announced);
                        let hold = if hint > SHORT_HINT { hint } else { 0.0 };
                        pacing.pause(now, hint, hold);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// Starts with few requests in flight again, after an outage.
    pub(super) fn restart(&mut self) {
        self.window = FIRST_WINDOW;
    }

    /// No request waits any more, so the time from now on is not held back.
    pub(super) fn stop_holding(&mut self) {
        if let Some(pacing) = &mut self.pacing {
            pacing.is_holding = false;
        }
    }

    /// Returns whether requests are paced at all.
    pub(super) fn is_pacing(&self) -> bool {
        self.pacing.is_some()
    }

    /// Returns for how long no request is sent, in seconds.
    pub(super) fn pause(&self, now: f64) -> f64 {
        let paused_until = self
            .pacing
            .as_ref()
            .map_or(now, |pacing| pacing.paused_until);
        (paused_until - now).max(0.0)
    }

    /// Returns how long a request behind `waiting` others is expected to wait, in seconds; `None` if
    /// requests are not paced.
    pub(super) fn expected_wait(&self, now: f64, waiting: usize) -> Option<f64> {
        let pacing = self.pacing.as_ref()?;
        let pause = self.pause(now);
        #[expect(clippy::cast_precision_loss, reason = "no queue is that long")]
        let missing = (waiting as f64 + 1.0 - pacing.tokens).max(0.0);
        let queue = if pacing.is_first_growth {
            first_wait(pacing.rate, missing)
        } else {
            missing / pacing.rate
        };
        Some(pause + queue)
    }

    fn forget(&mut self, now: f64) {
        let Some(pacing) = &self.pacing else { return };
        if now - pacing.last_limited > FORGET_AFTER.max(FORGET_PERIODS * pacing.period()) {
            self.pacing = None;
        }
    }
}

impl Pacing {
    fn new(now: f64, rate: f64, cycle: Cycle) -> Self {
        Self {
            rate,
            tokens: 0.0,
            refilled: now,
            paused_until: now,
            reacted: now,
            last_limited: now,
            active: 0.0,
            is_holding: false,
            maximum: rate,
            announced: f64::INFINITY,
            cut_at: 0.0,
            failures: 0,
            is_first_growth: true,
            cost: 0.0,
            owed: 0.0,
            server_saves: true,
            cycle,
        }
    }

    fn period(&self) -> f64 {
        (PROBING_PER_WAIT * self.cost).max(PROBING_PERIOD)
    }

    /// Takes a token, or returns the time at which to try again.
    fn take_token(&mut self, now: f64) -> Option<f64> {
        if now < self.paused_until {
            return Some(self.paused_until);
        }
        let elapsed = (now - self.refilled).max(0.0);
        self.refilled = now;
        let held = if self.is_holding { elapsed } else { 0.0 };
        self.is_holding = false;
        self.active += held;
        self.rate = self.grown(held);
        let catch_up = (0.25 * self.rate * elapsed).min(self.owed);
        self.owed -= catch_up;
        let depth = (DEPTH * self.rate).max(1.0);
        self.tokens = (self.tokens + elapsed * self.rate + catch_up).min(depth);
        if self.tokens < 1.0 {
            self.is_holding = true;
            return Some(now + ((1.0 - self.tokens) / self.rate).max(0.001));
        }
        self.tokens -= 1.0;
        None
    }

    fn grown(&self, held: f64) -> f64 {
        let rate = if self.is_first_growth {
            self.rate + (FIRST_GROWTH * self.rate).max(FIRST_STEP) * held
        } else {
            let period = self.period();
            let x = (self.active - self.cut_at - period) / period;
            let change = if x < 0.0 {
                (1.0 - CUT) * self.maximum * x.powi(3)
            } else {
                let [least, most] = [LEAST_BEYOND, MOST_BEYOND].map(|share| share * self.maximum);
                BEYOND.clamp(least, most) * x.powi(2) * (1.0 + FAR_BEYOND * x.powi(2))
            };
            self.maximum + change
        };
        rate.min(self.announced).max(LOWEST_RATE)
    }

    /// Replaces the first guess by an announced rate, and never exceeds it.
    fn announce(&mut self, rate: Option<f64>) {
        let Some(rate) = rate else { return };
        self.announced = rate;
        if self.is_first_growth {
            (self.rate, self.maximum) = (rate.max(LOWEST_RATE), rate.max(LOWEST_RATE));
            self.is_first_growth = false;
        }
    }

    /// Sends nothing before `time`, which does not count as held back by the pacer.
    fn hold(&mut self, time: f64) {
        if time > self.paused_until {
            self.paused_until = time;
            self.refilled = self.refilled.max(time);
            if self.rate < SLOW {
                self.tokens = self.tokens.max(1.0);
            }
        }
    }

    /// Ends the 429s in a row, if the request was sent after the last of them.
    fn accept(&mut self, now: f64, sent: f64) {
        self.cycle.accept();
        if self.failures == 0 || sent < self.reacted {
            return;
        }
        self.failures = 0;
        if let Some(average) = self.cycle.end(now, self.last_limited, self.active) {
            // A window saves nothing.
            self.owed = 0.0;
            if average < self.maximum {
                self.set_maximum(average);
            }
        }
    }

    /// Lowers the rate after a 429, once for all 429s in a row.
    fn cut(&mut self, measured: f64) {
        if self.failures > 0 {
            return;
        }
        let rate = self.rate.min(measured.max(0.6 * self.rate));
        // A falling maximum leaves room for other clients.
        let is_falling = !self.is_first_growth && rate < self.maximum;
        let room = if is_falling {
            f64::midpoint(1.0, CUT)
        } else {
            1.0
        };
        self.set_maximum(rate * room);
    }

    fn set_maximum(&mut self, maximum: f64) {
        // The rate grows by shares of the maximum.
        self.maximum = maximum.max(LOWEST_RATE);
        self.rate = CUT * self.maximum;
        self.cut_at = self.active;
        self.is_first_growth = false;
    }

    /// Holds all requests back for `hold` seconds, and at least for a backoff that grows with the
    /// 429s in a row.
    fn pause(&mut self, now: f64, hint: f64, hold: f64) {
        self.cost = (0.7 * self.cost).max(if hint > SHORT_HINT { hint } else { 0.0 });
        if self.failures == 0 {
            self.cycle.block(now);
        }
        self.failures += 1;
        let doublings = i32::try_from(self.failures - 1).unwrap_or(i32::MAX).min(16);
        let backoff = ((1.0 / self.rate).max(0.02) * 2_f64.powi(doublings)).min(1.0);
        let pause = backoff.max(hold);
        if self.owed > 0.0 {
            self.server_saves = false;
        }
        self.owed = if self.server_saves {
            0.9 * self.rate * pause
        } else {
            0.0
        };
        // A slow client sends a request right after the pause, which a fast one hardly waits for.
        self.tokens = f64::from(u8::from(self.rate < SLOW));
        self.reacted = now;
        self.last_limited = now;
        self.refilled = now + pause;
        self.paused_until = now + pause;
    }
}

/// Returns how long so many requests wait at a first rate, which is a guess that grows by a fixed step
/// and exponentially once it is high.
fn first_wait(rate: f64, requests: f64) -> f64 {
    let high = rate.max(FIRST_STEP / FIRST_GROWTH);
    let early = requests.min((high.powi(2) - rate.powi(2)) / (2.0 * FIRST_STEP));
    let reached = (rate.powi(2) + 2.0 * FIRST_STEP * early).sqrt();
    let late = FIRST_GROWTH * (requests - early) / high;
    (reached - rate) / FIRST_STEP + late.ln_1p() / FIRST_GROWTH
}

/// The times of the events of the last two seconds.
#[derive(Debug, Default)]
struct RecentCount {
    times: VecDeque<f64>,
}

impl RecentCount {
    /// The events that are kept at most, so that memory does not grow with the rate. A client that
    /// is faster than this in two seconds is not paced more precisely.
    const MOST: usize = 20_000;

    fn add(&mut self, now: f64) {
        self.trim(now);
        if self.times.len() < Self::MOST {
            self.times.push_back(now);
        }
    }

    fn trim(&mut self, now: f64) {
        while self.times.front().is_some_and(|time| now - time > 2.0) {
            self.times.pop_front();
        }
    }

    /// The events of the last `seconds`, at most 2.
    #[expect(clippy::cast_precision_loss, reason = "at most `MOST`")]
    fn last(&mut self, now: f64, seconds: f64) -> f64 {
        self.trim(now);
        let recent = self
            .times
            .iter()
            .rev()
            .take_while(|time| now - **time <= seconds);
        recent.count() as f64
    }
}
