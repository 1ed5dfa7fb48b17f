//! Tests of the client crates against the spec: operations, requests, responses and schemas.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tests may panic, and tables may be long"
)]

mod bodies;
mod decoding;
mod generated_types;
mod json_schema;
mod operations;
mod reachability;
mod schemas;
mod source;
mod spec;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, RetryPolicy};
use secrecy::ExposeSecret as _;

/// Returns a client with a fixed token and without retries, so that it sends one request per call, even
/// after a 401 or a 503.
fn authress(fake: &MockAuthress) -> AuthressClient {
    AuthressClient::builder()
        .api_url(fake.url())
        .access_token(fake.access_token().expose_secret())
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap()
}

/// Returns a random seed, or the one in `CLIENT_SEED`, which reproduces a failure. Prints it.
fn seed() -> u64 {
    let given = std::env::var("CLIENT_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|_| fastrand::u64(..));
    println!("CLIENT_SEED={seed}");
    seed
}
