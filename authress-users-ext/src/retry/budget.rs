use std::sync::{Mutex, PoisonError};

use crate::defaults::{CALLS_PER_RETRY, RETRY_RESERVE};

/// What all calls of a client may spend on retries together. In an outage nobody earns anything:
/// the load on the API grows by the reserve, and not fourfold.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    /// In calls, so that all of it is whole numbers.
    balance: Mutex<u32>,
}

impl RetryBudget {
    const FULL: u32 = RETRY_RESERVE * CALLS_PER_RETRY;

    pub(crate) fn new() -> Self {
        Self {
            balance: Mutex::new(Self::FULL),
        }
    }

    /// Counts a call that the API answered.
    pub(crate) fn earn(&self) {
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        *balance = (*balance + 1).min(Self::FULL);
    }

    /// Whether another retry is affordable; if so, it is paid for.
    pub(crate) fn spend(&self) -> bool {
        let mut balance = self.balance.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = balance.checked_sub(CALLS_PER_RETRY);
        *balance = rest.unwrap_or(*balance);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spend_all(budget: &RetryBudget) -> u32 {
        (0..1_000).map(|_| u32::from(budget.spend())).sum()
    }

    #[test]
    fn a_new_client_has_the_reserve_and_answered_calls_earn_more() {
        let budget = RetryBudget::new();
        assert_eq!(spend_all(&budget), RETRY_RESERVE);
        for _ in 0..20 {
            budget.earn();
        }
        assert_eq!(spend_all(&budget), 20 / CALLS_PER_RETRY);
    }

    #[test]
    fn good_times_save_up_no_more_than_the_reserve() {
        let budget = RetryBudget::new();
        for _ in 0..1_000_000 {
            budget.earn();
        }
        assert_eq!(spend_all(&budget), RETRY_RESERVE);
    }
}
