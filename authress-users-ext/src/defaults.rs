//! The numbers that hold unless somebody sets others.

use std::time::Duration;

/// How many requests a call may send, the first included.
pub(crate) const ATTEMPTS: u32 = 4;
/// The longest wait before the second attempt; it doubles with each.
pub(crate) const INITIAL_BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait before any attempt.
pub(crate) const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// How long one attempt may take.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// How long the making of a connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many bytes of a body are read.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// How many requests of a client may be under way at once.
pub(crate) const CONCURRENCY_LIMIT: usize = 100;
/// How many retries all calls of a client may make before any of them has earned one.
pub(crate) const RETRY_RESERVE: u32 = 30;
/// How many calls that the API answered earn one retry.
pub(crate) const CALLS_PER_RETRY: u32 = 5;
/// The statuses behind which the same request may succeed later.
pub(crate) const RETRYABLE_STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The rows of the table as they must stand in both READMEs.
    fn rows() -> [String; 8] {
        let [first @ .., last] = RETRYABLE_STATUSES.map(|status| status.to_string());
        let statuses = format!("{} and {last}", first.join(", "));
        let mebibytes = BODY_LIMIT / 1024 / 1024;
        [
            format!(
                "| requests of one call | at most {ATTEMPTS}, and one more for a token that is refused |"
            ),
            format!("the statuses {statuses} |"),
            format!(
                "a random part of {INITIAL_BACKOFF:?}, doubled each time, at most {MAX_BACKOFF:?}"
            ),
            format!(
                "| one attempt | at most {ATTEMPT_TIMEOUT:?}, {CONNECT_TIMEOUT:?} of it to connect |"
            ),
            format!("| the whole call, with waits and tokens | at most {DEADLINE:?} |"),
            format!(
                "| retries of all calls together | {RETRY_RESERVE}, and one more for every \
                 {CALLS_PER_RETRY} calls that the API answers |"
            ),
            format!("| a body | at most {mebibytes} MiB |"),
            format!("| requests at once | at most {CONCURRENCY_LIMIT} |"),
        ]
    }

    #[test]
    fn the_readmes_name_the_numbers_that_are_used() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["README.md", "../README.md"] {
            let text = fs::read_to_string(package.join(file)).unwrap();
            for row in rows() {
                assert!(text.contains(&row), "{file} lacks {row:?}");
            }
        }
    }

    #[test]
    fn the_docs_of_the_settings_name_the_numbers_that_are_used() {
        let policy = include_str!("retry/policy.rs");
        for text in [
            format!(
                "at most {ATTEMPTS} attempts of {} seconds",
                ATTEMPT_TIMEOUT.as_secs()
            ),
            format!("all within {} seconds", DEADLINE.as_secs()),
            format!("first included: 1 to 100; {ATTEMPTS} by default"),
            format!(
                "{} ms and {} s by default",
                INITIAL_BACKOFF.as_millis(),
                MAX_BACKOFF.as_secs()
            ),
            format!("{} s by\n    /// default", ATTEMPT_TIMEOUT.as_secs()),
            format!(
                "its attempts, waits and tokens; {} s by default",
                DEADLINE.as_secs()
            ),
            format!("starts full, at {RETRY_RESERVE}"),
            format!("one with every {CALLS_PER_RETRY} calls"),
        ] {
            assert!(policy.contains(&text), "{text}");
        }
        let builder = include_str!("client/builder.rs");
        for text in [
            format!("{} seconds by default. Not zero", CONNECT_TIMEOUT.as_secs()),
            format!("{} MiB by default", BODY_LIMIT / 1024 / 1024),
            format!("at once; {CONCURRENCY_LIMIT} by default"),
            format!(
                "{ATTEMPTS} attempts within {} seconds by default",
                DEADLINE.as_secs()
            ),
        ] {
            assert!(builder.contains(&text), "{text}");
        }
        let call = include_str!("transport/call.rs");
        let text = format!("deadline, {} seconds unless", DEADLINE.as_secs());
        assert!(call.contains(&text), "{text}");
    }
}
