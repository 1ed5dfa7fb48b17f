//! Requests that wait to be sent, by importance.

use std::collections::BTreeMap;

/// How urgent a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// Its caller waits for one response.
    Interactive,
    /// The API rejected it with 429 before.
    Rejected,
    /// Part of a bulk job.
    Bulk,
}

/// One of so many turns prefers bulk requests, so that none waits forever.
const TURNS_PER_BULK: u32 = 10;

/// Counts turns.
#[derive(Debug, Default)]
pub(super) struct Turns(u32);

impl Turns {
    /// Returns whether the next turn prefers bulk requests.
    pub(super) fn is_bulk(&self) -> bool {
        (self.0 + 1).is_multiple_of(TURNS_PER_BULK)
    }

    pub(super) fn count(&mut self) {
        self.0 = (self.0 + 1) % TURNS_PER_BULK;
    }
}

/// The waiting requests of one operation, in the order in which they are sent.
///
/// A request has a ticket that is larger than those of earlier requests.
#[derive(Debug)]
pub(super) struct Lanes<T> {
    queues: [BTreeMap<u64, T>; 3],
}

impl<T> Lanes<T> {
    pub(super) fn new() -> Self {
        Self {
            queues: [const { BTreeMap::new() }; 3],
        }
    }

    pub(super) fn insert(&mut self, lane: Lane, ticket: u64, request: T) {
        self.queues[lane as usize].insert(ticket, request);
    }

    pub(super) fn get_mut(&mut self, lane: Lane, ticket: u64) -> Option<&mut T> {
        self.queues[lane as usize].get_mut(&ticket)
    }

    pub(super) fn remove(&mut self, lane: Lane, ticket: u64) -> Option<T> {
        self.queues[lane as usize].remove(&ticket)
    }

    /// Returns the lane whose first request goes next: if `is_bulk_turn`, the bulk lane unless it is
    /// empty.
    pub(super) fn next(&self, is_bulk_turn: bool) -> Option<Lane> {
        let order = if is_bulk_turn {
            [Lane::Bulk, Lane::Interactive, Lane::Rejected]
        } else {
            [Lane::Interactive, Lane::Rejected, Lane::Bulk]
        };
        order
            .into_iter()
            .find(|lane| !self.queues[*lane as usize].is_empty())
    }

    /// Removes the first request of a lane.
    pub(super) fn pop(&mut self, lane: Lane) -> Option<(u64, T)> {
        self.queues[lane as usize].pop_first()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queues.iter().all(BTreeMap::is_empty)
    }

    /// Returns how many requests go before a new one of `lane`, bulk turns aside.
    pub(super) fn before(&self, lane: Lane) -> usize {
        self.queues[..=lane as usize]
            .iter()
            .map(BTreeMap::len)
            .sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.queues.iter().flat_map(BTreeMap::values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_all(lanes: &mut Lanes<u64>) -> Vec<u64> {
        let (mut taken, mut turns) = (Vec::new(), Turns::default());
        while let Some(lane) = lanes.next(turns.is_bulk()) {
            taken.extend(lanes.pop(lane).map(|(_, request)| request));
            turns.count();
        }
        taken
    }

    #[test]
    fn lanes_are_in_order_and_first_in_first_out() {
        let mut lanes = Lanes::new();
        for (ticket, lane) in [
            Lane::Bulk,
            Lane::Rejected,
            Lane::Interactive,
            Lane::Bulk,
            Lane::Interactive,
        ]
        .into_iter()
        .enumerate()
        {
            lanes.insert(lane, ticket as u64, ticket as u64);
        }
        assert_eq!(lanes.before(Lane::Interactive), 2);
        assert_eq!(lanes.before(Lane::Bulk), 5);
        assert_eq!(take_all(&mut lanes), [2, 4, 1, 0, 3]);
        assert!(lanes.is_empty());
    }

    #[test]
    fn every_tenth_turn_is_for_bulk() {
        let mut lanes = Lanes::new();
        for ticket in 0..100 {
            lanes.insert(Lane::Interactive, ticket, ticket);
            lanes.insert(Lane::Bulk, 1_000 + ticket, 1_000 + ticket);
        }
        let taken = take_all(&mut lanes);
        let is_bulk: Vec<_> = taken[..40]
            .iter()
            .map(|request| *request >= 1_000)
            .collect();
        for (turn, is_bulk) in is_bulk.into_iter().enumerate() {
            assert_eq!(is_bulk, (turn + 1) % 10 == 0, "turn {turn}");
        }
    }
}
