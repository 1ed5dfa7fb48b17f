use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::budget::RetryBudget;
use super::outcome::RetryOutcome;
use super::rate_limit::Lane;
use super::rule::RetryRule;
use crate::defaults;
use crate::error::NoRetry;

/// The largest number of attempts that a policy may allow, except for [`UNLIMITED_ATTEMPTS`].
const MAX_ATTEMPTS: u32 = 100;
/// Only the deadline and the budget limit the attempts.
const UNLIMITED_ATTEMPTS: u32 = u32::MAX;

/// How often and how long a call is attempted, for a client or for one call.
///
/// By default, a call sends at most 4 requests of 10 seconds each within 30 seconds. Between attempts
/// it waits with exponential backoff and full jitter (100 ms base, 5 s cap), or as long as the
/// `Retry-After` of a 429 or 503 specifies, plus up to 20 %. A 429 does not count as an attempt. All calls
/// of a client share a [`RetryBudget`]. Only operations that the API's spec marks as idempotent are
/// retried; all four are. See the guide on [retries](crate::guide::retries).
///
/// The bounds are checked where the policy is used: by
/// [`build`](crate::AuthressClientBuilder::build), or when the request is sent.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result, RetryPolicy};
/// use std::time::Duration;
///
/// async fn read(authress: &AuthressClient) -> Result<()> {
///     let patient = RetryPolicy::default().attempts(8).deadline(Duration::from_secs(120));
///     authress.users().get_user("auth0|1").with_retry_policy(patient).await?;
///     authress.users().get_user("auth0|1").with_retry_policy(RetryPolicy::none()).await?;
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     read(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "retry")]
#[derive(Clone)]
pub struct RetryPolicy {
    attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    attempt_timeout: Duration,
    deadline: Duration,
    max_pause: Duration,
    budget: RetryBudget,
    rule: Option<Arc<dyn RetryRule>>,
    lane: Lane,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: defaults::ATTEMPTS,
            initial_backoff: defaults::INITIAL_BACKOFF,
            max_backoff: defaults::MAX_BACKOFF,
            attempt_timeout: defaults::ATTEMPT_TIMEOUT,
            deadline: defaults::DEADLINE,
            max_pause: defaults::MAX_PAUSE,
            budget: RetryBudget::default(),
            rule: None,
            lane: Lane::Interactive,
        }
    }
}

impl RetryPolicy {
    /// Returns a policy that sends one request, with the default timeouts.
    ///
    /// A token that is rejected with 401 is still renewed once, and a request whose connection failed is
    /// [replayed](crate::guide::retries#connections).
    #[must_use]
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// Returns a policy for the calls of a batch job, which should finish rather than fail soon.
    ///
    /// It waits for recovery in an outage ([`RetryBudget::WaitForRecovery`]), with a deadline of 10
    /// minutes for each call, no limit of attempts, and backoff with a cap of 10 s. The attempt timeout
    /// is the default one. Requests of other calls go first, except for one in ten.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result, RetryPolicy};
    ///
    /// async fn delete_patiently(authress: &AuthressClient) -> Result<()> {
    ///     let patient = RetryPolicy::batch();
    ///     authress.users().delete_user("auth0|1").with_retry_policy(patient).await?;
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     delete_patiently(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn batch() -> Self {
        Self {
            attempts: UNLIMITED_ATTEMPTS,
            max_backoff: defaults::BATCH_MAX_BACKOFF,
            deadline: defaults::BATCH_DEADLINE,
            budget: RetryBudget::WaitForRecovery,
            lane: Lane::Bulk,
            ..Self::default()
        }
    }

    /// Sets how many requests a call may send, the first included: 1 to 100; 4 by default.
    /// [`u32::MAX`] sets no limit.
    ///
    /// The additional request after a rejected token does not count. Neither do requests that the
    /// API rejects with 429, which are retried until the deadline, unless `attempts` is 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the base and the cap of the exponential backoff; 100 ms and 5 s by default.
    ///
    /// Before retry *n*, a call waits a random time (full jitter) of at most `initial` × 2ⁿ⁻¹ and at
    /// most `max`. After a connection failure, it waits at least half of that and at least 50 ms. After
    /// a 429, the rate limiter sets the wait instead. `initial` must not exceed `max`.
    #[doc(alias = "jitter")]
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// Sets how long one attempt may take, from the request to the end of the response; 10 s by
    /// default.
    ///
    /// Must be greater than zero.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets how long a whole call may take, with attempts, waits and tokens; 30 s by default.
    /// Must be greater than zero.
    #[doc(alias = "timeout")]
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the longest time for which a hint of the API stops other calls of the client; 5 minutes by
    /// default.
    ///
    /// Hints are the `Retry-After` of a 429 or 503 and the reset of a rate limit. A call waits for its
    /// own `Retry-After` even if that is longer, within its deadline. Zero ignores hints except for that.
    ///
    /// ```
    /// use std::time::Duration;
    /// use authress_users_ext::RetryPolicy;
    ///
    /// let policy = RetryPolicy::batch().max_pause(Duration::from_secs(60));
    /// assert_eq!(policy.get_max_pause(), Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn max_pause(mut self, limit: Duration) -> Self {
        self.max_pause = limit;
        self
    }

    /// Sets the budget that limits retries; [`RetryBudget::Shared`] by default.
    #[must_use]
    pub fn budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the rule that decides which outcomes are retried; by default,
    /// [`RetryOutcome::is_retried_by_default`].
    #[must_use]
    pub fn rule(mut self, rule: impl RetryRule) -> Self {
        self.rule = Some(Arc::new(rule));
        self
    }

    /// Returns how many requests a call may send; [`u32::MAX`] if there is no limit.
    #[must_use]
    pub fn get_attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the base and the cap of the exponential backoff.
    #[must_use]
    pub fn get_backoff(&self) -> (Duration, Duration) {
        (self.initial_backoff, self.max_backoff)
    }

    /// Returns how long one attempt may take.
    #[must_use]
    pub fn get_attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// Returns how long a whole call may take.
    #[must_use]
    pub fn get_deadline(&self) -> Duration {
        self.deadline
    }

    /// Returns the longest time for which a hint of the API stops other calls.
    #[must_use]
    pub fn get_max_pause(&self) -> Duration {
        self.max_pause
    }

    /// Returns the budget that limits retries.
    #[must_use]
    pub fn get_budget(&self) -> RetryBudget {
        self.budget
    }

    /// Returns the rule, or `None` for the default one.
    #[must_use]
    pub fn get_rule(&self) -> Option<&dyn RetryRule> {
        self.rule.as_deref()
    }

    /// Returns how urgent requests are.
    pub(crate) fn lane(&self) -> Lane {
        self.lane
    }

    /// Returns which bound is violated, if any.
    pub(crate) fn check(&self) -> Result<(), String> {
        let is_count = (1..=MAX_ATTEMPTS).contains(&self.attempts);
        let violation = if !is_count && self.attempts != UNLIMITED_ATTEMPTS {
            format!(
                "attempts must be between 1 and {MAX_ATTEMPTS}, got {}",
                self.attempts
            )
        } else if self.initial_backoff > self.max_backoff {
            format!(
                "the initial backoff must not exceed the maximum of {:?}, got {:?}",
                self.max_backoff, self.initial_backoff
            )
        } else if self.attempt_timeout.is_zero() {
            "attempt_timeout must be greater than zero".to_owned()
        } else if self.deadline.is_zero() {
            "deadline must be greater than zero".to_owned()
        } else {
            return Ok(());
        };
        Err(format!("retry_policy: {violation}"))
    }

    /// Returns why attempts or rule do not allow a retry after `counted` attempts, if they do not.
    pub(crate) fn forbids_retry(
        &self,
        outcome: &RetryOutcome<'_>,
        counted: u32,
    ) -> Option<NoRetry> {
        // A 429 does not count, but a policy of one attempt never retries.
        let are_attempts_used = counted.max(1) >= self.attempts;
        match &self.rule {
            // A rule is called only when it decides.
            Some(_) if are_attempts_used => Some(NoRetry::Attempts),
            Some(rule) => (!rule.should_retry(outcome)).then_some(NoRetry::Rule),
            None if !outcome.is_retried_by_default() => Some(NoRetry::NotRetryable),
            None => are_attempts_used.then_some(NoRetry::Attempts),
        }
    }

    /// Returns `share`, from 0 to 1, of the longest backoff after `counted` attempts.
    pub(crate) fn backoff_after(&self, counted: u32, share: f64) -> Duration {
        let factor = 1_u32
            .checked_shl(counted.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let longest = self
            .initial_backoff
            .saturating_mul(factor)
            .min(self.max_backoff);
        // The longest durations exceed the range when they are rounded.
        Duration::try_from_secs_f64(longest.as_secs_f64() * share).unwrap_or(longest)
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("initial_backoff", &self.initial_backoff)
            .field("max_backoff", &self.max_backoff)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("deadline", &self.deadline)
            .field("max_pause", &self.max_pause)
            .field("budget", &self.budget)
            .field("lane", &self.lane)
            .field("has_rule", &self.rule.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_cap() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = [1, 2, 3, 4, 5, 6, 7, 8, 33, 34, u32::MAX]
            .map(|counted| policy.backoff_after(counted, 1.0).as_millis())
            .into();
        assert_eq!(
            waits,
            [
                100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000
            ]
        );
    }

    #[test]
    fn the_longest_backoff_saturates() {
        let policy = RetryPolicy::default().backoff(Duration::MAX, Duration::MAX);
        for counted in [1, 2, u32::MAX] {
            assert_eq!(policy.backoff_after(counted, 1.0), Duration::MAX);
            let half = policy.backoff_after(counted, 0.5);
            assert!(half > Duration::MAX / 3 && half < Duration::MAX);
        }
    }
}
