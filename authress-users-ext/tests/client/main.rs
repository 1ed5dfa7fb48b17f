//! Tests of the client over real HTTP, against the fake.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test that fails may panic, and a table is as long as it is"
)]

mod additional_members;
mod authentication;
#[cfg(feature = "rustls")]
mod authority;
mod bad_input;
mod bulk;
mod clock;
mod clock_skew;
mod compression;
mod connections;
mod conventions;
mod environment;
mod errors;
mod hangs;
mod hostile;
mod http2_server;
mod ids;
mod leniency;
mod listing;
mod memory;
mod middleware;
mod operations;
mod outage;
mod paused_time;
mod prefetch;
mod rate_limits;
mod redaction;
mod replays;
mod resuming;
mod retries;
mod statuses;
mod storm;
mod telemetry;
mod timeouts;
mod tls;
mod token_sources;
mod without_runtime;

use std::error::Error as _;
use std::time::Duration;

use authress_users_contract::{MockAuthress, MockAuthressBuilder};
use authress_users_ext::{AuthressClient, AuthressClientBuilder, Error, RetryPolicy};

/// Starts a fake and builds a client for it.
async fn start(builder: MockAuthressBuilder) -> (MockAuthress, AuthressClient) {
    let fake = builder.start().await.expect("a loopback port is free");
    let authress = client_of(&fake)
        .build()
        .expect("the fake's URL and key are good");
    (fake, authress)
}

/// Starts a strict fake with users.
async fn fake_with(users: usize) -> MockAuthress {
    let builder = MockAuthress::builder().strict().users(users);
    builder.start().await.expect("a loopback port is free")
}

fn client_of(fake: &MockAuthress) -> AuthressClientBuilder {
    AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
}

/// Returns the attempt timeout that applies by default.
fn attempt_timeout() -> Duration {
    RetryPolicy::default().get_attempt_timeout()
}

/// Waits, without a timer, until the condition holds on the other side of a socket.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

/// The secret in ids, tokens and bodies of tests, which no text may contain.
const SECRET: &str = "sekrit";

fn assert_shows_nothing(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(reason) = cause {
        shown = format!("{shown} {reason} {reason:?}");
        cause = reason.source();
    }
    assert!(!shown.contains(SECRET), "{shown}");
}
