use std::sync::atomic::{AtomicU32, Ordering};

use crate::defaults::{CALLS_PER_RETRY, RETRY_RESERVE};

/// Limits how many retries the calls of a client may send together.
///
/// ```
/// use authress_users_ext::{RetryBudget, RetryPolicy};
///
/// let policy = RetryPolicy::default().budget(RetryBudget::Unlimited);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryBudget {
    /// Draws on the budget that all calls of the client share. The default.
    ///
    /// The budget has 30 retries at first, plus one for every 5 calls that do not end with a retryable
    /// failure, never more than 30. So it limits an outage to 30 additional retries. Retries after
    /// connection failures and after 429 responses do not use it.
    #[default]
    Shared,
    /// Retries as often as the policy's attempts and deadline allow, also in an outage.
    Unlimited,
    /// Draws on the shared budget, and waits for the API to recover while it is exhausted.
    ///
    /// In such an outage, the client's calls with this budget send one request per backoff interval
    /// together, as a probe. When the API responds again, the waiting calls continue, few at first.
    /// Part of [`RetryPolicy::batch`](crate::RetryPolicy::batch).
    WaitForRecovery,
}

/// The balance of the retry budget that all calls of a client share.
#[derive(Debug)]
pub(crate) struct BudgetBalance {
    /// In calls, so that all amounts are whole numbers.
    calls: AtomicU32,
}

impl BudgetBalance {
    const FULL: u32 = RETRY_RESERVE * CALLS_PER_RETRY;

    /// Returns a full budget.
    pub(crate) fn new() -> Self {
        Self {
            calls: AtomicU32::new(Self::FULL),
        }
    }

    /// Adds the share of one call that got a response. A full budget is only read.
    pub(crate) fn deposit(&self) {
        // Fails if the budget is full.
        let _ = self.update(|calls| (calls < Self::FULL).then_some(calls + 1));
    }

    /// Takes the cost of one retry and returns true, or returns false if the budget is exhausted.
    pub(crate) fn withdraw(&self) -> bool {
        self.update(|calls| calls.checked_sub(CALLS_PER_RETRY))
            .is_ok()
    }

    fn update(&self, change: impl FnMut(u32) -> Option<u32>) -> Result<u32, u32> {
        self.calls
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdraw_all(budget: &BudgetBalance) -> u32 {
        (0..1_000).map(|_| u32::from(budget.withdraw())).sum()
    }

    #[test]
    fn starts_full_and_is_refilled_by_calls_with_a_response() {
        let budget = BudgetBalance::new();
        assert_eq!(withdraw_all(&budget), RETRY_RESERVE);
        for _ in 0..20 {
            budget.deposit();
        }
        assert_eq!(withdraw_all(&budget), 20 / CALLS_PER_RETRY);
    }

    #[test]
    fn never_exceeds_the_reserve() {
        let budget = BudgetBalance::new();
        for _ in 0..1_000_000 {
            budget.deposit();
        }
        assert_eq!(withdraw_all(&budget), RETRY_RESERVE);
    }
}
