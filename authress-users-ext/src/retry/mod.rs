//! Decides whether, when and how often a request is retried.

mod budget;
mod outcome;
mod policy;
mod rate_limit;
mod recovery;
mod rule;
mod sleepers;

pub(crate) use budget::BudgetBalance;
pub use budget::RetryBudget;
pub use outcome::RetryOutcome;
pub use policy::RetryPolicy;
pub use rate_limit::RateLimit;
pub(crate) use rate_limit::{Lane, Limiter, RateHints, RateLimited, Turn, Verdict};
pub(crate) use recovery::Recovery;
pub use rule::RetryRule;
pub(crate) use sleepers::Sleepers;
