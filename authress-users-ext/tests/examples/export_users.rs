//! `export_users`: an export loses and repeats no user, whenever it is killed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation, StubResponse};
use serde_json::{Value, json};

use crate::{
    example, example_on, fake_with, folder, output, output_without_reader, records, texts,
};

const USERS: usize = 120;
const PAGE_SIZE: usize = 5;
const PAGES: usize = 24;

fn export(fake: &MockAuthress, folder: &Path) -> Command {
    let mut command = example_on(fake, "export_users");
    command
        .current_dir(folder)
        .args(["--output", "users", "--checkpoint", "checkpoint"])
        .args(["--page-size", &PAGE_SIZE.to_string()]);
    command
}

fn ids(lines: &str) -> Vec<String> {
    records(lines.as_bytes())
        .iter()
        .map(|user| user["userId"].as_str().unwrap().to_owned())
        .collect()
}

/// Runs an export, and kills it at some point after the request with this number; the next request
/// gets no response.
async fn kill_after(fake: &MockAuthress, mut command: Command, requests: usize) {
    let until = fake.request_count() + requests;
    for _ in 0..requests {
        fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
    }
    fake.fail_next(
        Operation::GetUsers,
        Fault::Delay(Duration::from_secs(3_600)),
    );
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    while fake.request_count() < until && child.try_wait().unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fake.stop_faults();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeatedly_killed_export_completes() {
    for format in ["ndjson", "csv"] {
        let fake = fake_with(USERS).await;
        let folder = folder();
        let command = || {
            let mut command = export(&fake, folder.path());
            command.args(["--format", format]);
            command
        };
        // Two pages are prefetched, so after five requests at least one page is written.
        for _ in 0..8 {
            kill_after(&fake, command(), 5).await;
        }
        let result = output(command()).await;
        assert!(result.status.success(), "{:?}", texts(&result));
        assert!(fake.request_count() > PAGES, "the export was killed");
        let users = fs::read_to_string(folder.path().join("users")).unwrap();
        if format == "ndjson" {
            assert_eq!(ids(&users), fake.user_ids());
        } else {
            let mut reader = csv::Reader::from_reader(users.as_bytes());
            let ids: Vec<_> = reader
                .records()
                .map(|user| user.unwrap()[0].to_owned())
                .collect();
            assert_eq!(ids, fake.user_ids());
        }
        let again = output(command()).await;
        assert!(texts(&again).1.contains("complete"), "{:?}", texts(&again));
        assert_eq!(
            users,
            fs::read_to_string(folder.path().join("users")).unwrap()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn truncates_a_partial_write_of_a_killed_export() {
    let fake = fake_with(USERS).await;
    let folder = folder();
    let (users, next) = (
        folder.path().join("users"),
        folder.path().join("checkpoint.next"),
    );
    for requests in [0, 1, 2, 3, 4, 5, 4, 3] {
        kill_after(&fake, export(&fake, folder.path()), requests).await;
        if !folder.path().join("checkpoint").exists() {
            continue;
        }
        let mut written = fs::read(&users).unwrap_or_default();
        // Longer than the rest of the export, which would not overwrite it.
        written.extend("{\"userId\":\"auth0|half a u".repeat(5_000).bytes());
        fs::write(&users, written).unwrap();
        fs::write(&next, "{\"export\":{\"acc").unwrap();
    }
    let result = output(export(&fake, folder.path())).await;
    assert!(result.status.success(), "{:?}", texts(&result));
    assert_eq!(ids(&fs::read_to_string(&users).unwrap()), fake.user_ids());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_export_resumes() {
    let fake = fake_with(USERS).await;
    let folder = folder();
    for failing in [0, 3, 1, 7] {
        for _ in 0..failing {
            fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
        }
        // A status that is not retried.
        fake.fail_next(Operation::GetUsers, Fault::status(501).unwrap());
        let result = output(export(&fake, folder.path())).await;
        assert_eq!(result.status.code(), Some(1));
        assert!(texts(&result).1.contains("Run the same command again"));
        fake.stop_faults();
    }
    let result = output(export(&fake, folder.path())).await;
    assert!(
        texts(&result).1.contains("55 of them by an earlier run"),
        "{:?}",
        texts(&result)
    );
    let users = fs::read_to_string(folder.path().join("users")).unwrap();
    assert_eq!(ids(&users), fake.user_ids());
    assert_eq!(fake.request_count(), PAGES + 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejects_the_checkpoint_of_another_export() {
    let fake = MockAuthress::builder()
        .strict()
        .users(USERS)
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let folder = folder();
    kill_after(&fake, export(&fake, folder.path()), 5).await;
    let before = fs::read(folder.path().join("users")).unwrap();
    fs::write(folder.path().join("other"), "precious").unwrap();
    let other = fake_with(1).await;
    for (fake, options, reported) in [
        (&fake, &["--tenant", "acme"][..], "--tenant differ"),
        (&fake, &["--filter", "sekrit"], "--filter differ"),
        (&fake, &["--format", "csv"], "--format differ"),
        (&other, &[], "the account differ"),
    ] {
        let mut command = export(fake, folder.path());
        command.args(options);
        let (_, stderr) = texts(&output(command).await);
        assert!(
            stderr.contains(reported) && !stderr.contains("sekrit"),
            "{stderr}"
        );
    }
    let mut command = example_on(&fake, "export_users");
    command.current_dir(folder.path());
    command.args(["--output", "other", "--checkpoint", "checkpoint"]);
    let (_, stderr) = texts(&output(command).await);
    assert!(stderr.contains("--page-size, --output differ"), "{stderr}");
    assert_eq!(fs::read(folder.path().join("users")).unwrap(), before);
    assert_eq!(fs::read(folder.path().join("other")).unwrap(), b"precious");

    fs::remove_file(folder.path().join("users")).unwrap();
    let result = output(export(&fake, folder.path())).await;
    assert_eq!(
        result.status.success(),
        before.is_empty(),
        "{:?}",
        texts(&result)
    );
}

#[tokio::test]
async fn never_overwrites_an_existing_file() {
    let fake = fake_with(1).await;
    let folder = folder();
    fs::write(folder.path().join("users"), "precious").unwrap();
    let (_, stderr) = texts(&output(export(&fake, folder.path())).await);
    assert!(stderr.contains("users exists"), "{stderr}");
    assert!(!folder.path().join("checkpoint").exists());
    let mut command = example_on(&fake, "export_users");
    command.args(["--checkpoint", "checkpoint"]);
    let result = output(command).await;
    assert_eq!(
        result.status.code(),
        Some(2),
        "a checkpoint needs an output"
    );
    assert_eq!(fs::read(folder.path().join("users")).unwrap(), b"precious");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_cycle_is_not_resumed() {
    let fake = fake_with(0).await;
    let folder = folder();
    for next in ["b", "c", "b"] {
        let body = json!({
            "users": [{ "userId": next }],
            "pagination": { "next": { "cursor": next } },
        });
        fake.respond_next(
            Operation::GetUsers,
            StubResponse::new(200).unwrap().body(body.to_string()),
        );
    }
    fake.ignore_findings();
    let (_, stderr) = texts(&output(export(&fake, folder.path())).await);
    assert!(stderr.contains("would never end"), "{stderr}");
    let requests = fake.request_count();
    let (_, stderr) = texts(&output(export(&fake, folder.path())).await);
    assert!(stderr.contains("returned a cursor twice"), "{stderr}");
    assert_eq!(fake.request_count(), requests);
    fake.ignore_findings();
}

#[tokio::test]
async fn exports_all_members() {
    let fake = fake_with(0).await;
    let user =
        r#"{"userId":"auth0|1","score":123456789012345678901234567890,"x":1.50,"tags":["é\n"]}"#;
    let spread = user.replace(',', ",\r\n  ");
    let body = format!("{{\"users\":[\n{spread}\n]}}");
    fake.respond_next(
        Operation::GetUsers,
        StubResponse::new(200).unwrap().body(body),
    );
    let (stdout, _) = texts(&output(example_on(&fake, "export_users")).await);
    let expected: Value = serde_json::from_str(user).unwrap();
    assert_eq!(records(stdout.as_bytes()), [expected]);
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
}

#[tokio::test]
async fn members_that_cannot_be_represented_are_reported() {
    let fake = fake_with(0).await;
    let body = r#"{"users":[{"userId":"a","x":1e999,"y":1},{"userId":"b"}]}"#;
    let page = || StubResponse::new(200).unwrap().body(body);
    fake.respond_next(Operation::GetUsers, page());
    let result = output(example_on(&fake, "export_users")).await;
    let expected = [json!({ "userId": "a", "y": 1 }), json!({ "userId": "b" })];
    assert_eq!(records(&result.stdout), expected);
    let (_, stderr) = texts(&result);
    assert!(stderr.contains("are not in the output: 1.\n"), "{stderr}");
    assert!(stderr.contains("2 users in"), "{stderr}");

    // CSV has no such members in any case.
    fake.respond_next(Operation::GetUsers, page());
    let mut command = example_on(&fake, "export_users");
    command.args(["--format", "csv"]);
    let (stdout, stderr) = texts(&output(command).await);
    assert_eq!(stdout, "userId,name,email,picture\na,,,\nb,,,\n");
    assert!(!stderr.contains("cannot be represented"), "{stderr}");
}

#[tokio::test]
async fn exports_users_that_are_not_unicode_or_do_not_match_the_spec() {
    let body = concat!(
        "\u{feff}",
        r#"{"users":[{"userId":"a","name":"Ada \ud83d"},{"userId":"b","name":7},{"userId":"c"}]}"#
    );
    for (format, expected) in [
        (
            "ndjson",
            "{\"name\":\"Ada \u{fffd}\",\"userId\":\"a\"}\n{\"userId\":\"b\",\"name\":7}\n{\"userId\":\"c\"}\n",
        ),
        ("csv", "userId,name,email,picture\na,Ada \u{fffd},,\nc,,,\n"),
    ] {
        let fake = MockAuthress::builder().start().await.unwrap();
        let page = StubResponse::new(200).unwrap().body(body);
        fake.respond_next(Operation::GetUsers, page);
        let mut command = example_on(&fake, "export_users");
        command.args(["--format", format]);
        let result = output(command).await;
        let (stdout, stderr) = texts(&result);
        assert!(result.status.success(), "{stderr}");
        assert_eq!(stdout, expected);
        let is_csv = format == "csv";
        assert_eq!(
            stderr.contains("Users that do not match the spec are not in the CSV file: 1."),
            is_csv,
            "{stderr}"
        );
        assert!(
            stderr.contains(if is_csv { "2 users in" } else { "3 users in" }),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn csv_is_quoted_and_formulas_are_escaped() {
    let fake = MockAuthress::builder()
        .strict()
        .user(
            json!({ "userId": "+49|1", "name": "=HYPERLINK(\"http://x\",\"y\")", "email": "a,b" }),
        )
        .user(json!({ "userId": "auth0|2", "name": "two\nlines", "picture": "@x" }))
        .start()
        .await
        .unwrap();
    let mut command = example_on(&fake, "export_users");
    command.args(["--format", "csv"]);
    let (stdout, _) = texts(&output(command).await);
    assert_eq!(
        stdout,
        "userId,name,email,picture\n\
         +49|1,\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",\"a,b\",\n\
         auth0|2,\"two\nlines\",,'@x\n"
    );
}

#[tokio::test]
async fn exports_by_tenant_and_filter() {
    let fake = MockAuthress::builder()
        .strict()
        .users(30)
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let mut command = example_on(&fake, "export_users");
    command.args(["--tenant", "acme", "--filter", "ada"]);
    let result = output(command).await;
    assert!(result.status.success() && result.stdout.is_empty());
    let requests = fake.requests();
    assert_eq!(requests[0].query("tenantId"), Some("acme"));
    assert_eq!(requests[0].query("filter"), Some("ada"));
    fake.assert_no_findings();
}

#[tokio::test]
async fn exports_a_fake_without_a_progress_bar_by_default() {
    let result = output(example("export_users")).await;
    let (stdout, stderr) = texts(&result);
    assert!(result.status.success());
    assert_eq!(stdout.lines().count(), 250);
    assert!(stderr.contains("using a fake") && stderr.contains("250 users in"));
    assert!(
        !stderr.contains('\u{1b}') && !stderr.contains('\r'),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_closed_pipe_is_not_an_error() {
    let mut command = example("export_users");
    command.args(["--fake-users", "20000"]);
    let result = output_without_reader(command).await;
    let (_, stderr) = texts(&result);
    assert!(
        result.status.success() && !stderr.contains("panicked"),
        "{stderr}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let fake = fake_with(20).await;
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("victim"), "unchanged").unwrap();
    // The temporary file of the checkpoint has a known name.
    symlink(path("victim"), path("checkpoint.next")).unwrap();
    let result = output(export(&fake, folder.path())).await;
    assert!(result.status.success(), "{result:?}");
    for name in ["users", "checkpoint"] {
        let metadata = fs::symlink_metadata(path(name)).unwrap();
        assert!(metadata.is_file(), "{name}");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert!(fs::symlink_metadata(path("checkpoint.next")).is_err());

    // A link in place of the checkpoint, and links to an existing file and to nothing as the output.
    fs::rename(path("checkpoint"), path("elsewhere")).unwrap();
    symlink(path("elsewhere"), path("checkpoint")).unwrap();
    let result = output(export(&fake, folder.path())).await;
    let (_, error) = texts(&result);
    assert!(error.contains("checkpoint: is a symbolic link"), "{error}");
    fs::remove_file(path("checkpoint")).unwrap();
    // A pipe would block the export for good.
    let mut pipe = Command::new("mkfifo");
    pipe.arg(path("checkpoint"));
    assert!(output(pipe).await.status.success());
    let (_, error) = texts(&output(export(&fake, folder.path())).await);
    assert!(error.contains("not a regular file"), "{error}");
    fs::remove_file(path("checkpoint")).unwrap();
    for target in ["victim", "missing"] {
        fs::remove_file(path("users")).unwrap();
        symlink(path(target), path("users")).unwrap();
        let result = output(export(&fake, folder.path())).await;
        assert!(!result.status.success(), "{target}");
        assert!(fs::symlink_metadata(path("checkpoint")).is_err());
    }
    assert_eq!(fs::read_to_string(path("victim")).unwrap(), "unchanged");
    assert!(!path("missing").exists());
}
