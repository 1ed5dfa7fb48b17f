//! The average rate of a limit that counts requests in windows.

/// 429s over at least so many seconds show that the API counts in windows.
const LONG_BLOCK: f64 = 1.0;
/// The average counts only if the client used the rate for this share of the time.
const LEAST_BUSY: f64 = 0.7;

/// The time from the end of one block to the end of the next one. A block is a time in which the API
/// rejects every request.
///
/// A limit that counts in windows accepts requests at any rate until the window is full, so only the
/// average over a cycle shows what it allows.
#[derive(Debug)]
pub(super) struct Cycle {
    started: f64,
    /// The requests accepted so far.
    accepted: f64,
    /// For how long the pacer had held requests back when the cycle started.
    held: f64,
    blocked_from: f64,
}

impl Cycle {
    /// Returns the cycle in which the first 429 arrives at `now`, with the requests accepted since
    /// `started`.
    pub(super) fn new(started: f64, accepted: f64, now: f64) -> Self {
        Self {
            started,
            accepted,
            // The time before the first 429 counts as busy, although nothing was held back in it.
            held: started - now,
            blocked_from: now,
        }
    }

    pub(super) fn accept(&mut self) {
        self.accepted += 1.0;
    }

    /// Notes the first 429 in a row.
    pub(super) fn block(&mut self, now: f64) {
        self.blocked_from = now;
    }

    /// Starts the next cycle if the block that lasted until `last_limited` was long. Returns the average
    /// rate of the cycle that ends, unless the client was idle in it. `held` is the time for which the
    /// pacer has held requests back.
    pub(super) fn end(&mut self, now: f64, last_limited: f64, held: f64) -> Option<f64> {
        if last_limited - self.blocked_from < LONG_BLOCK {
            return None;
        }
        let length = now - self.started;
        let busy = held - self.held + now - self.blocked_from;
        let average = self.accepted / length;
        *self = Self {
            started: now,
            accepted: 0.0,
            held,
            blocked_from: now,
        };
        (busy > LEAST_BUSY * length).then_some(average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the average of a window of 10 s in which 50 requests are accepted in some seconds, of
    /// which the pacer holds requests back for `held`.
    fn average(seconds: f64, held: f64) -> Option<f64> {
        let mut cycle = Cycle::new(0.0, 50.0, seconds);
        cycle.end(10.0, 9.5, 0.0);
        (0..50).for_each(|_| cycle.accept());
        cycle.block(10.0 + seconds);
        cycle.end(20.0, 19.5, held)
    }

    #[test]
    fn a_window_shows_its_average() {
        for seconds in [1.0, 5.0, 8.0] {
            assert_eq!(average(seconds, seconds), Some(5.0));
        }
    }

    #[test]
    fn an_idle_client_and_short_blocks_show_nothing() {
        assert_eq!(average(8.0, 1.0), None);
        assert_eq!(average(9.0, 9.0), None);
    }
}
