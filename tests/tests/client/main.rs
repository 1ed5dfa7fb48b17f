//! The client held against its document: what can be sent, what is decoded, what there is.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test that fails may panic, and a table is as long as it is"
)]

mod bodies;
mod decoding;
mod document;
mod generated_types;
mod json_schema;
mod operations;
mod reachability;
mod schemas;

mod source;

use authress_users_contract::MockAuthress;
use authress_users_ext::AuthressClient;
use secrecy::ExposeSecret as _;

/// A client whose token is given, so that a 401 is final and every answer belongs to one request.
fn authress(fake: &MockAuthress) -> AuthressClient {
    AuthressClient::builder()
        .api_url(fake.url())
        .access_token(fake.access_token().expose_secret())
        .build()
        .unwrap()
}

/// A new seed, or the one of `CLIENT_SEED` to see a failure again; printed either way.
fn seed() -> u64 {
    let given = std::env::var("CLIENT_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|_| fastrand::u64(..));
    println!("CLIENT_SEED={seed}");
    seed
}
