use std::sync::{Mutex, PoisonError};

/// How many retries a client may make at any time before calls have earned more.
pub(crate) const RESERVE: u32 = 50;
/// How many calls earn one retry.
pub(crate) const CALLS_PER_RETRY: u32 = 10;

/// What all calls of a client may spend on retries together: in an outage, where every call would
/// be retried, the load on the API grows by a tenth and the reserve, and not fourfold.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    /// In calls, so that all of it is whole numbers.
    balance: Mutex<u32>,
}

impl RetryBudget {
    const FULL: u32 = RESERVE * CALLS_PER_RETRY;

    pub(crate) fn new() -> Self {
        Self {
            balance: Mutex::new(Self::FULL),
        }
    }

    /// Counts a call.
    pub(crate) fn earn(&self) {
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        *balance = (*balance + 1).min(Self::FULL);
    }

    /// Whether another retry is affordable; if so, it is paid for.
    pub(crate) fn spend(&self) -> bool {
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        match balance.checked_sub(CALLS_PER_RETRY) {
            Some(rest) => {
                *balance = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_client_has_the_reserve_and_each_ten_calls_earn_one_retry() {
        let budget = RetryBudget::new();
        assert_eq!(
            (0..1_000).filter(|_| budget.spend()).count(),
            RESERVE as usize
        );
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.earn();
            retries += u32::from(budget.spend());
        }
        assert_eq!(retries, 1_000 / CALLS_PER_RETRY);
    }

    #[test]
    fn good_times_save_up_no_more_than_the_reserve() {
        let budget = RetryBudget::new();
        for _ in 0..1_000_000 {
            budget.earn();
        }
        assert_eq!(
            (0..1_000).filter(|_| budget.spend()).count(),
            RESERVE as usize
        );
    }
}
