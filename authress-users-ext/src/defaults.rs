//! Default values.

use std::time::Duration;

/// Requests per call, the first included.
pub(crate) const ATTEMPTS: u32 = 4;
/// Base of the exponential backoff.
pub(crate) const INITIAL_BACKOFF: Duration = Duration::from_millis(100);
/// Cap of the exponential backoff.
pub(crate) const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// Time limit of one attempt.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit of a whole call.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// Cap of the exponential backoff of a batch call, which also limits the probes of an outage.
pub(crate) const BATCH_MAX_BACKOFF: Duration = Duration::from_secs(10);
/// Time limit of a whole batch call.
pub(crate) const BATCH_DEADLINE: Duration = Duration::from_secs(600);
/// The longest time for which a hint of the API, such as `Retry-After`, stops other requests.
pub(crate) const MAX_PAUSE: Duration = Duration::from_secs(300);
/// Time limit for connecting.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often an HTTP/2 connection is checked with a ping.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(10);
/// How long the response to a ping may take.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest response body, in bytes.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// Requests of a client in flight at once.
pub(crate) const CONCURRENCY_LIMIT: usize = 100;
/// Calls of a bulk operation in flight at once.
pub(crate) const BULK_CONCURRENCY: usize = 16;
/// Retries in a full retry budget.
pub(crate) const RETRY_RESERVE: u32 = 30;
/// Calls with a response that refill the retry budget by one retry.
pub(crate) const CALLS_PER_RETRY: u32 = 5;
/// Statuses after which the same request may succeed later.
pub(crate) const RETRYABLE_STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];
/// Gateway errors of content delivery networks, which are like 502 and 504.
pub(crate) const CDN_STATUSES: [u16; 6] = [520, 521, 522, 523, 524, 530];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Returns the texts that the settings table of both READMEs must contain.
    fn rows() -> [String; 8] {
        let [first @ .., last] = RETRYABLE_STATUSES.map(|status| status.to_string());
        let statuses = format!("{} and {last}", first.join(", "));
        let mebibytes = BODY_LIMIT / 1024 / 1024;
        [
            format!("| attempts | {ATTEMPTS} requests per call, plus one"),
            format!("and the statuses {statuses} |"),
            format!("exponential with full jitter: {INITIAL_BACKOFF:?} base, {MAX_BACKOFF:?} cap;"),
            format!(
                "| attempt timeout | {ATTEMPT_TIMEOUT:?}, of which {CONNECT_TIMEOUT:?} to connect |"
            ),
            format!("| deadline | {DEADLINE:?} for the whole call, with waits and tokens |"),
            format!(
                "| retry budget | {RETRY_RESERVE} retries for all calls together, plus 1 for every \
                 {CALLS_PER_RETRY} calls that do not end with a retryable failure |"
            ),
            format!("| body limit | {mebibytes} MiB |"),
            format!("| concurrency limit | {CONCURRENCY_LIMIT} requests in flight |"),
        ]
    }

    #[test]
    fn the_readmes_state_the_default_values() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["README.md", "../README.md"] {
            let text = fs::read_to_string(package.join(file)).unwrap();
            for row in rows() {
                assert!(text.contains(&row), "{file} lacks {row:?}");
            }
        }
        let text = fs::read_to_string(package.join("../README.md")).unwrap();
        let minutes = BATCH_DEADLINE.as_secs() / 60;
        assert!(text.contains(&format!("waits up to {minutes} minutes")));
    }

    /// Joins lines and removes comment marks, so that a text may span lines.
    fn docs(source: &str) -> String {
        source
            .lines()
            .map(|line| line.trim().trim_start_matches('/').trim())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_guide_states_the_default_values() {
        let retries = docs(include_str!("../guide/retries.md"));
        let bulk_jobs = docs(include_str!("../guide/bulk_jobs.md"));
        let migration = docs(include_str!("../guide/migration.md"));
        let [deadline, batch_deadline] = [DEADLINE, BATCH_DEADLINE].map(|limit| limit.as_secs());
        for (page, text) in [
            (
                &retries,
                format!(
                    "full jitter ({} ms base, {} s cap)",
                    INITIAL_BACKOFF.as_millis(),
                    MAX_BACKOFF.as_secs()
                ),
            ),
            (&retries, format!("The deadline ({deadline} s) covers")),
            (
                &retries,
                format!("a timeout of {} s.", ATTEMPT_TIMEOUT.as_secs()),
            ),
            (
                &retries,
                format!(
                    "{RETRY_RESERVE} retries at first, plus 1 for every {CALLS_PER_RETRY} calls"
                ),
            ),
            (
                &retries,
                format!(
                    "a deadline of {} minutes for each call",
                    batch_deadline / 60
                ),
            ),
            (
                &retries,
                format!(
                    "interval (up to {} s) as a probe",
                    BATCH_MAX_BACKOFF.as_secs()
                ),
            ),
            (
                &retries,
                format!("longer than {} minutes, or what", MAX_PAUSE.as_secs() / 60),
            ),
            (
                &retries,
                format!("sends a ping every {} s", PING_INTERVAL.as_secs()),
            ),
            (
                &retries,
                format!("does not respond within {} s", PING_TIMEOUT.as_secs()),
            ),
            (
                &retries,
                format!("at most {CONCURRENCY_LIMIT} requests at once"),
            ),
            (
                &retries,
                format!("An outage of up to {} minutes", batch_deadline / 60),
            ),
            (
                &bulk_jobs,
                format!("by default {} minutes", batch_deadline / 60),
            ),
            (&migration, format!("are built in: {deadline} s for a call")),
        ] {
            assert!(page.contains(&text), "{text}");
        }
    }

    #[test]
    fn the_help_of_the_examples_states_the_deadline_of_a_batch() {
        let minutes = BATCH_DEADLINE.as_secs() / 60;
        let text = format!("fails after {minutes} minutes at the latest");
        for example in ["export_users", "delete_users", "link_users"] {
            let path = format!("examples/{example}/main.rs");
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            assert!(
                fs::read_to_string(file).unwrap().contains(&text),
                "{example}"
            );
        }
    }

    #[test]
    fn the_docs_of_the_settings_state_the_default_values() {
        let policy = docs(include_str!("retry/policy.rs"));
        for text in [
            format!(
                "at most {ATTEMPTS} requests of {} seconds each within {} seconds",
                ATTEMPT_TIMEOUT.as_secs(),
                DEADLINE.as_secs()
            ),
            format!("the first included: 1 to 100; {ATTEMPTS} by default"),
            format!(
                "({} ms base, {} s cap)",
                INITIAL_BACKOFF.as_millis(),
                MAX_BACKOFF.as_secs()
            ),
            format!(
                "exponential backoff; {} ms and {} s by default",
                INITIAL_BACKOFF.as_millis(),
                MAX_BACKOFF.as_secs()
            ),
            format!("the response; {} s by default", ATTEMPT_TIMEOUT.as_secs()),
            format!("waits and tokens; {} s by default", DEADLINE.as_secs()),
            format!("{} minutes by default", MAX_PAUSE.as_secs() / 60),
            format!(
                "a deadline of {} minutes for each call",
                BATCH_DEADLINE.as_secs() / 60
            ),
            format!("backoff with a cap of {} s", BATCH_MAX_BACKOFF.as_secs()),
        ] {
            assert!(policy.contains(&text), "{text}");
        }
        let budget = docs(include_str!("retry/budget.rs"));
        let text =
            format!("{RETRY_RESERVE} retries at first, plus one for every {CALLS_PER_RETRY} calls");
        assert!(budget.contains(&text), "{text}");
        let builder = docs(include_str!("client/builder.rs"));
        for text in [
            format!(
                "the connect timeout; {} seconds by default",
                CONNECT_TIMEOUT.as_secs()
            ),
            format!("{} MiB by default", BODY_LIMIT / 1024 / 1024),
            format!("send at once; {CONCURRENCY_LIMIT} by default"),
            format!(
                "{ATTEMPTS} attempts within {} seconds by default",
                DEADLINE.as_secs()
            ),
            format!(
                "an interval of {} s and a timeout of {} s, while idle too",
                PING_INTERVAL.as_secs(),
                PING_TIMEOUT.as_secs()
            ),
        ] {
            assert!(builder.contains(&text), "{text}");
        }
        let bulk = docs(include_str!("bulk/stream.rs"));
        let minutes = BATCH_DEADLINE.as_secs() / 60;
        for text in [
            format!("1 to 1,000; {BULK_CONCURRENCY} by default"),
            format!("up to {minutes} minutes per item"),
            format!("the deadline of the retry policy, {minutes} minutes by default"),
        ] {
            assert!(bulk.contains(&text), "{text}");
        }
        let call = docs(include_str!("transport/call.rs"));
        let text = format!("the retry policy, {} s by default", DEADLINE.as_secs());
        assert!(call.contains(&text), "{text}");
    }
}
