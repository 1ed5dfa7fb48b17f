//! `live`: exit codes, progress and options.

use crate::mock::Fake;
use crate::{command, run, texts};

#[test]
fn live_servers_need_a_credential() {
    let (code, out, error) = run(&["live", "--base-url", "http://127.0.0.1:1"], b"");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        error.starts_with("no credential: set AUTHRESS_ACCESS_KEY"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn credentials_that_are_not_utf8_are_not_missing() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let key = OsStr::from_bytes(b"sc_1.k1.acc-1.\xff");
    for (token, expected) in [
        ("", "invalid AUTHRESS_ACCESS_KEY: it has U+FFFD"),
        ("a.b.c", "ambiguous credential"),
    ] {
        let output = command()
            .args(["live", "--base-url", "http://127.0.0.1:1"])
            .env("AUTHRESS_ACCESS_KEY", key)
            .env("AUTHRESS_ACCESS_TOKEN", token)
            .output();
        let (code, _, error) = texts(output.unwrap());
        assert_eq!(code, 2);
        assert!(error.starts_with(expected), "{error}");
    }
}

/// Validates a fake, with its access key.
fn live(fake: &Fake, arguments: &[&str]) -> (i32, String, String) {
    let output = command()
        .args(["live", "--base-url", &fake.url])
        .args(arguments)
        .env("AUTHRESS_ACCESS_KEY", &fake.access_key)
        .output();
    texts(output.unwrap())
}

#[test]
fn a_run_names_what_it_tried_and_reports_progress() {
    let fake = Fake::start(&["--users", "8", "--quiet"]);
    let (code, out, error) = live(&fake, &[]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("tried: access: "), "{out}");
    assert!(out.contains("altered signatures"), "{out}");
    assert!(out.contains("expired tokens"), "{out}");
    assert!(out.contains("--delete-user would add"), "{out}");
    assert!(error.contains("access: expired tokens (after "), "{error}");
    let (code, _, error) = live(&fake, &["--quiet", "--rate", "1000"]);
    assert_eq!((code, error.as_str()), (0, ""));
    fake.end("-TERM");
}

#[test]
fn a_defect_is_a_finding() {
    let fake = Fake::start(&["--users", "8", "--quiet", "--defect", "filter-ignored"]);
    let (code, out, error) = live(&fake, &["--quiet"]);
    assert_eq!(code, 1);
    assert!(out.contains("error[live-filter]"), "{out}");
    assert!(error.contains("violates"), "{error}");
    fake.end("-TERM");
}

#[test]
fn invalid_options_are_explained() {
    let (code, _, error) = run(&["mock", "--defect", "list"], b"");
    assert_eq!(code, 2);
    assert!(error.contains("pages-overlap, pages-skip-user"), "{error}");
    let url = ["--base-url", "http://127.0.0.1:1"];
    let (code, _, error) = run(&["live", url[0], url[1], "--rate", "0"], b"");
    assert_eq!(code, 2);
    assert!(
        error.contains("a positive number of requests per second"),
        "{error}"
    );
}
