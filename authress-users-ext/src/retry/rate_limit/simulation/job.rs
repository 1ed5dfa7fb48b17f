//! Jobs of a client.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::super::lanes::Lane;
use super::super::pacer::Verdict;
use super::client::{Client, Shared, give_turns, send_when_admitted};
use super::events::Simulation;
use super::server::{Hint, Server};

/// A bulk job, and an interactive call every half second while it runs.
pub(super) struct Job {
    client: Shared<Client>,
    server: Shared<Server>,
    plan: Plan,
    pub(super) counts: RefCell<Counts>,
}

/// What a job does.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) calls: usize,
    pub(super) in_flight: usize,
    pub(super) hint: Hint,
    /// The mean time of a round trip, in seconds.
    pub(super) latency: f64,
}

#[derive(Default)]
pub(super) struct Counts {
    to_start: usize,
    left: usize,
    pub(super) accepted: usize,
    pub(super) rejected: usize,
    asleep: usize,
    /// The calls that were started while others slept.
    surplus: usize,
    pub(super) interactive: VecDeque<f64>,
    pub(super) end: Option<f64>,
}

impl Job {
    pub(super) fn start(
        simulation: &mut Simulation,
        (client, server): (&Shared<Client>, &Shared<Server>),
        plan: Plan,
    ) -> Rc<Self> {
        let job = Rc::new(Self {
            client: client.clone(),
            server: server.clone(),
            plan,
            counts: RefCell::new(Counts {
                to_start: plan.calls,
                left: plan.calls,
                ..Counts::default()
            }),
        });
        for _ in 0..plan.in_flight {
            job.start_bulk(simulation);
        }
        let other = job.clone();
        simulation.at(simulation.now + 0.5, move |simulation| {
            other.start_interactive(simulation);
        });
        job
    }

    fn start_bulk(self: &Rc<Self>, simulation: &mut Simulation) {
        {
            let mut counts = self.counts.borrow_mut();
            if counts.to_start == 0 {
                return;
            }
            counts.to_start -= 1;
        }
        self.queue(simulation, Lane::Bulk, simulation.now);
    }

    fn start_interactive(self: &Rc<Self>, simulation: &mut Simulation) {
        if self.counts.borrow().left > 0 {
            self.queue(simulation, Lane::Interactive, simulation.now);
            let job = self.clone();
            simulation.at(simulation.now + 0.5, move |simulation| {
                job.start_interactive(simulation);
            });
        }
    }

    fn queue(self: &Rc<Self>, simulation: &mut Simulation, lane: Lane, started: f64) {
        let job = self.clone();
        send_when_admitted(&self.client, simulation, lane, move |simulation| {
            job.send(simulation, lane, started);
        });
    }

    fn half_latency(&self) -> f64 {
        self.plan.latency / 2.0 * (0.8 + 0.4 * fastrand::f64())
    }

    fn send(self: Rc<Self>, simulation: &mut Simulation, lane: Lane, started: f64) {
        let sent = simulation.now;
        simulation.at(sent + self.half_latency(), move |simulation| {
            let now = simulation.now;
            let is_accepted = self.server.borrow_mut().allows(now);
            let hint = if is_accepted {
                0.0
            } else {
                (self.plan.hint)(&self.server.borrow(), now)
            };
            simulation.at(now + self.half_latency(), move |simulation| {
                self.end(simulation, lane, (started, sent), is_accepted, hint);
            });
        });
    }

    fn end(
        self: Rc<Self>,
        simulation: &mut Simulation,
        lane: Lane,
        (started, sent): (f64, f64),
        is_accepted: bool,
        hint: f64,
    ) {
        let now = simulation.now;
        let verdict = if is_accepted {
            Verdict::Accepted {
                pause: 0.0,
                rate: None,
            }
        } else {
            Verdict::Limited { hint, rate: None }
        };
        {
            let pacer = &mut self.client.borrow_mut().pacer;
            pacer.release(false);
            pacer.record(now, sent, verdict);
        }
        give_turns(&self.client, simulation);
        let mut counts = self.counts.borrow_mut();
        if !is_accepted {
            counts.rejected += 1;
            let again = if lane == Lane::Bulk {
                Lane::Rejected
            } else {
                lane
            };
            let sleeps =
                again == Lane::Rejected && hint > 0.5 && counts.asleep < 4 * self.plan.in_flight;
            if sleeps {
                counts.asleep += 1;
            }
            drop(counts);
            if sleeps {
                // A call that sleeps is not in flight.
                self.start_bulk(simulation);
            }
            simulation.at(
                now + hint * (1.0 + 0.2 * fastrand::f64()),
                move |simulation| {
                    if sleeps {
                        let mut counts = self.counts.borrow_mut();
                        counts.asleep -= 1;
                        counts.surplus += 1;
                    }
                    self.queue(simulation, again, started);
                },
            );
            return;
        }
        counts.accepted += 1;
        if lane == Lane::Interactive {
            counts.interactive.push_back(now - started);
            return;
        }
        counts.left -= 1;
        if counts.left == 0 {
            counts.end = Some(now);
        }
        if counts.surplus > 0 {
            counts.surplus -= 1;
        } else {
            drop(counts);
            self.start_bulk(simulation);
        }
    }

    pub(super) fn accepted(&self) -> f64 {
        count(self.counts.borrow().accepted)
    }
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}
