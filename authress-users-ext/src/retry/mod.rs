//! Whether, when and how often a request is sent again.

mod budget;
mod outcome;
mod policy;

pub(crate) use budget::RetryBudget;
pub use outcome::{RetryOutcome, RetryRule};
pub use policy::RetryPolicy;
