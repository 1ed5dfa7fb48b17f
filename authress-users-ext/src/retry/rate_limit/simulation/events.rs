//! Events in simulated time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

pub(super) type Action = Box<dyn FnOnce(&mut Simulation)>;

/// Events in the order of their times, which are exact: rounded times would hide that requests are
/// sent too early.
#[derive(Default)]
pub(super) struct Simulation {
    pub(super) now: f64,
    next: u64,
    order: BinaryHeap<Reverse<(u64, u64)>>,
    actions: BTreeMap<u64, (f64, Action)>,
}

impl Simulation {
    pub(super) fn at(&mut self, time: f64, action: impl FnOnce(&mut Self) + 'static) {
        let time = time.max(self.now);
        // The bits of positive numbers are in the order of the numbers.
        self.order.push(Reverse((time.to_bits(), self.next)));
        self.actions.insert(self.next, (time, Box::new(action)));
        self.next += 1;
    }

    pub(super) fn run(&mut self, until: f64) {
        while let Some((time, action)) = self.due(until) {
            self.now = time;
            action(self);
        }
        self.now = until;
    }

    fn due(&mut self, until: f64) -> Option<(f64, Action)> {
        let Reverse((bits, number)) = *self.order.peek()?;
        if f64::from_bits(bits) > until {
            return None;
        }
        self.order.pop();
        self.actions.remove(&number)
    }
}
