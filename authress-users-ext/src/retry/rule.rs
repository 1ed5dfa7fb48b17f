use std::sync::Arc;

use super::outcome::RetryOutcome;

/// Decides whether to retry after an attempt.
///
/// The attempts, the deadline and the retry budget of the policy apply in addition to the rule. A
/// closure is a rule:
///
/// ```
/// use authress_users_ext::{RetryOutcome, RetryPolicy};
///
/// // Retries what is retried by default, except 429.
/// let policy = RetryPolicy::default().rule(|outcome: &RetryOutcome<'_>| {
///     outcome.is_retried_by_default() && outcome.status().is_none_or(|status| status != 429)
/// });
/// ```
///
/// So are an `Arc` of a rule and a `Box<dyn RetryRule>`.
pub trait RetryRule: Send + Sync + 'static {
    /// Returns whether to send the request again after `outcome`.
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool;
}

impl<F> RetryRule for F
where
    F: Fn(&RetryOutcome<'_>) -> bool + Send + Sync + 'static,
{
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool {
        self(outcome)
    }
}

impl<R: RetryRule + ?Sized> RetryRule for Arc<R> {
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool {
        (**self).should_retry(outcome)
    }
}

// Not for every `Box<R>`: a boxed closure is a closure, and would be a rule twice.
impl RetryRule for Box<dyn RetryRule> {
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool {
        (**self).should_retry(outcome)
    }
}
