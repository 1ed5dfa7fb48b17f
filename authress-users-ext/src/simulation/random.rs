//! Random numbers that a seed determines.

use std::ops::Range;
use std::time::Duration;

/// A sequence of random numbers.
pub(super) struct Random(fastrand::Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Returns another sequence, so that two parts of a simulation do not affect each other.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// Returns a number from 0 up to, but not including, 1.
    pub(super) fn share(&mut self) -> f64 {
        self.0.f64()
    }

    /// Returns true with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    pub(super) fn number(&mut self, range: Range<usize>) -> usize {
        self.0.usize(range)
    }

    pub(super) fn milliseconds(&mut self, range: Range<u64>) -> Duration {
        let microseconds = self.0.u64(range.start * 1_000..range.end * 1_000);
        Duration::from_micros(microseconds)
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.number(0..choices.len())]
    }
}
