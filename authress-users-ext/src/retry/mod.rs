//! Decides whether, when and how often a request is retried.

mod budget;
mod outcome;
mod policy;
mod rule;

pub(crate) use budget::BudgetBalance;
pub use budget::RetryBudget;
pub use outcome::RetryOutcome;
pub use policy::RetryPolicy;
pub use rule::RetryRule;
