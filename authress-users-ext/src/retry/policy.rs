use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::outcome::{RetryOutcome, RetryRule};
use crate::defaults;

/// How many attempts a policy may allow at most: more is a loop, not a retry.
const MAX_ATTEMPTS: u32 = 100;

/// How often and how long a call is tried; for a client or for one call.
///
/// The default: at most 4 attempts of 10 seconds each, all within 30 seconds; between them a
/// random part of 100 ms, 200 ms, 400 ms and so on up to 5 seconds, or what the `Retry-After` of a 429
/// or 503 asks for; and no more retries than the client's budget affords, which starts full, at 30, and
/// regains one with every 5 calls that the API answers. Only operations that the API's document calls
/// idempotent are retried; all four are. The [guide](crate::guide::retries) has more.
///
/// Bounds are looked at where the policy is used: by
/// [`build`](crate::AuthressClientBuilder::build), or when the request is sent.
///
/// ```
/// use std::time::Duration;
/// use authress_users_ext::RetryPolicy;
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// let patient = RetryPolicy::default().attempts(8).deadline(Duration::from_secs(120));
/// authress.users().get_user("auth0|1").with_retry_policy(patient).await?;
/// authress.users().get_user("auth0|1").with_retry_policy(RetryPolicy::none()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    attempts: u32,
    backoff: Backoff,
    attempt_timeout: Duration,
    deadline: Duration,
    has_budget: bool,
    rule: Option<Arc<dyn RetryRule>>,
}

/// The waits between attempts, before chance shortens them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    initial: Duration,
    max: Duration,
}

impl Backoff {
    /// The longest wait after so many attempts.
    pub(crate) fn after(self, attempts: u32) -> Duration {
        let doubled = 1_u32
            .checked_shl(attempts.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.initial.saturating_mul(doubled).min(self.max)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: defaults::ATTEMPTS,
            backoff: Backoff {
                initial: defaults::INITIAL_BACKOFF,
                max: defaults::MAX_BACKOFF,
            },
            attempt_timeout: defaults::ATTEMPT_TIMEOUT,
            deadline: defaults::DEADLINE,
            has_budget: true,
            rule: None,
        }
    }
}

impl RetryPolicy {
    /// One attempt, with the default time limits. A token that the API refuses is still replaced
    /// once.
    #[must_use]
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// How many requests a call may send, the first included: 1 to 100; 4 by default. The one
    /// more that a refused token costs is not counted.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The waits between attempts: a random part of `initial`, of its double, and so on, at most
    /// of `max`; 100 ms and 5 s by default. `initial` is not more than `max`.
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.backoff = Backoff { initial, max };
        self
    }

    /// How long one attempt may take, from the request to the end of the answer; 10 s by
    /// default. Not zero.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take with all its attempts, waits and tokens; 30 s by default. Not
    /// zero.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether retries are paid from the budget that all calls of the client share; true by
    /// default. Without it, an outage is answered with as many requests as attempts allow.
    #[must_use]
    pub fn budget(mut self, budget: bool) -> Self {
        self.has_budget = budget;
        self
    }

    /// Decides in place of the default which outcomes are retried; see [`RetryRule`]. By default,
    /// [`RetryOutcome::is_retried_by_default`].
    #[must_use]
    pub fn rule(mut self, rule: impl RetryRule) -> Self {
        self.rule = Some(Arc::new(rule));
        self
    }

    /// Names the rule that is broken, if one is.
    pub(crate) fn check(&self) -> Result<(), String> {
        let rule = if self.attempts == 0 || self.attempts > MAX_ATTEMPTS {
            format!(
                "attempts must be 1 to {MAX_ATTEMPTS}, and is {}",
                self.attempts
            )
        } else if self.backoff.initial > self.backoff.max {
            "backoff must not start above its maximum".to_owned()
        } else if self.attempt_timeout.is_zero() {
            "attempt_timeout must be more than zero".to_owned()
        } else if self.deadline.is_zero() {
            "deadline must be more than zero".to_owned()
        } else {
            return Ok(());
        };
        Err(format!("retry_policy is refused: {rule}"))
    }

    pub(crate) fn wants_retry(&self, outcome: &RetryOutcome<'_>, counted: u32) -> bool {
        counted < self.attempts
            && match &self.rule {
                Some(rule) => rule.should_retry(outcome),
                None => outcome.is_retried_by_default(),
            }
    }

    pub(crate) fn has_budget(&self) -> bool {
        self.has_budget
    }

    pub(crate) fn waits(&self) -> Backoff {
        self.backoff
    }

    pub(crate) fn time_per_attempt(&self) -> Duration {
        self.attempt_timeout
    }

    pub(crate) fn time_in_all(&self) -> Duration {
        self.deadline
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("backoff", &self.backoff)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("deadline", &self.deadline)
            .field("budget", &self.has_budget)
            .field("has_rule", &self.rule.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_maximum() {
        let backoff = RetryPolicy::default().waits();
        let waits: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 8, 33, 34, u32::MAX]
            .map(|n| backoff.after(n).as_millis())
            .into();
        assert_eq!(
            waits,
            [
                100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000
            ]
        );
    }
}
