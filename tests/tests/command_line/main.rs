//! The binary, run as a child process.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod har;
mod live;
mod mock;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authress-users-contract"));
    command
        .env_remove("AUTHRESS_ACCESS_KEY")
        .env_remove("AUTHRESS_ACCESS_TOKEN");
    command
}

/// Runs a command to its end with a text as standard input.
fn run(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input);
    texts(child.wait_with_output().unwrap())
}

fn texts(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn every_command_shows_the_exit_codes() {
    for arguments in [
        &["--help"][..],
        &["mock", "--help"],
        &["har", "--help"],
        &["live", "--help"],
    ] {
        let (code, out, _) = run(arguments, b"");
        assert_eq!(code, 0);
        assert!(out.contains("2  nothing was validated"), "{out}");
    }
}

#[test]
fn rules_are_listed() {
    let (code, out, _) = run(&["rules", "--json"], b"");
    let rules: serde_json::Value = serde_json::from_str(&out).unwrap();
    let expected = authress_users_contract::RULES.len();
    assert_eq!((code, rules.as_array().unwrap().len()), (0, expected));
    let (code, out, _) = run(&["rules"], b"");
    assert_eq!((code, out.lines().count()), (0, expected));
}
