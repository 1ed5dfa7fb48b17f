//! Runs the examples as processes, against a fake.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

#[cfg(feature = "rustls")]
#[path = "../client/authority.rs"]
mod authority;
#[cfg(feature = "rustls")]
mod behind_proxy;
mod delete_users;
#[cfg(unix)]
mod erasure_worker;
mod export_users;
mod link_users;
mod opentelemetry;
#[cfg(unix)]
mod process;
mod settings;
mod sqlite_sync;
#[cfg(unix)]
mod user_service;
#[cfg(unix)]
mod web_app;

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use authress_users_contract::MockAuthress;
use secrecy::ExposeSecret as _;
use serde_json::Value;

const VARIABLES: [&str; 3] = [
    "AUTHRESS_API_URL",
    "AUTHRESS_ACCESS_KEY",
    "AUTHRESS_ACCESS_TOKEN",
];

/// Starts a strict fake with users.
async fn fake_with(users: usize) -> MockAuthress {
    let builder = MockAuthress::builder().strict().users(users);
    builder.start().await.unwrap()
}

/// Returns a command for an example, without settings. `cargo test` builds the examples first.
fn example(name: &str) -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.extend([
        "examples",
        &format!("{name}{}", std::env::consts::EXE_SUFFIX),
    ]);
    assert!(
        path.exists(),
        "run `cargo test`, or `cargo build --examples` before a single test"
    );
    let mut command = Command::new(path);
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Returns a command for an example that uses the account of `fake`.
fn example_on(fake: &MockAuthress, name: &str) -> Command {
    let mut command = example(name);
    command
        .env("AUTHRESS_API_URL", fake.url())
        .env("AUTHRESS_ACCESS_KEY", fake.access_key().expose_secret());
    command
}

/// Runs a process to its end without blocking the fake.
async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// Runs a process whose standard output is closed.
async fn output_without_reader(mut command: Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
        .await
        .unwrap()
}

/// Returns the JSON value of each line.
fn records(lines: &[u8]) -> Vec<Value> {
    let lines = str::from_utf8(lines).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the outcome of each line of input.
fn outcomes(results: &[u8]) -> BTreeMap<u64, String> {
    let outcome = |record: &Value| {
        let outcome = record["outcome"].as_str().unwrap().to_owned();
        (record["line"].as_u64().unwrap(), outcome)
    };
    let records = records(results);
    let outcomes: BTreeMap<_, _> = records.iter().map(outcome).collect();
    assert_eq!(outcomes.len(), records.len(), "one result per line");
    outcomes
}

/// Returns the standard output and the standard error as text.
fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// Creates a temporary folder.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}
