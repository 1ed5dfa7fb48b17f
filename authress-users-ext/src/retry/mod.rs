//! Decides whether, when and how often a request is retried.

mod budget;
mod outcome;
mod policy;
mod recovery;
mod rule;

pub(crate) use budget::BudgetBalance;
pub use budget::RetryBudget;
pub use outcome::RetryOutcome;
pub use policy::RetryPolicy;
pub(crate) use recovery::Recovery;
pub use rule::RetryRule;
