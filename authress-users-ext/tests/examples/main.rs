//! The examples as their users run them: processes, with a fake behind them.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod delete_users;
mod export_users;
mod link_users;
mod settings;
#[cfg(unix)]
mod web_app;

use std::process::{Command, Output, Stdio};

use authress_users_contract::MockAuthress;
use secrecy::ExposeSecret as _;

const VARIABLES: [&str; 3] = [
    "AUTHRESS_API_URL",
    "AUTHRESS_ACCESS_KEY",
    "AUTHRESS_ACCESS_TOKEN",
];

/// An example with nothing set. `cargo test` builds the examples before it runs any test.
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

/// An example that works on the account of `fake`.
fn example_on(fake: &MockAuthress, name: &str) -> Command {
    let mut command = example(name);
    command
        .env("AUTHRESS_API_URL", fake.url())
        .env("AUTHRESS_ACCESS_KEY", fake.access_key().expose_secret());
    command
}

/// Runs a process to its end without holding up the fake.
async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// What was written to standard output and to standard error.
fn told(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// A folder of a test's own.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}
