//! `delete_users`: one result per line, dry runs, and resuming.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use tempfile::TempDir;

use crate::{
    example, example_on, fake_with, folder, outcomes, output, output_without_reader, records, texts,
};

fn delete(fake: &MockAuthress, folder: &Path, options: &[&str]) -> Command {
    let mut command = example_on(fake, "delete_users");
    command.current_dir(folder).arg("ids").args(options);
    command
}

/// Starts a fake with users, and writes their ids to the file `ids` of a folder.
async fn fake_and_ids(users: usize) -> (MockAuthress, TempDir) {
    let (fake, folder) = (fake_with(users).await, folder());
    fs::write(folder.path().join("ids"), fake.user_ids().join("\n")).unwrap();
    (fake, folder)
}

#[tokio::test]
async fn every_line_has_a_result() {
    let fake = fake_with(3).await;
    let ids = fake.user_ids();
    let folder = folder();
    let mut input = b"\xef\xbb\xbf".to_vec();
    input.extend(format!("{}\r\n\r\n{}\n  \n{}\n", ids[0], ids[1], ids[0]).bytes());
    input.extend(b"missing|0\n..\n\xff\n auth0|1\n");
    input.extend(format!("{}\n{}", "a".repeat(129), ids[2]).bytes());
    fs::write(folder.path().join("ids"), input).unwrap();

    let dry_run = output(delete(&fake, folder.path(), &[])).await;
    let expected = |found: &str, missing: &str| {
        [
            (1, found),
            (2, "blank"),
            (3, found),
            (4, "blank"),
            (5, "duplicate"),
            (6, missing),
            (7, "invalid"),
            (8, "invalid"),
            (9, "invalid"),
            (10, "invalid"),
            (11, found),
        ]
        .map(|(line, outcome)| (line, outcome.to_owned()))
        .into()
    };
    assert_eq!(
        outcomes(&dry_run.stdout),
        expected("would_delete", "user_not_found")
    );
    assert_eq!(dry_run.status.code(), Some(1), "some lines are invalid");
    assert_eq!(fake.user_ids(), ids, "a dry run only reads");
    assert!(
        fake.requests()
            .iter()
            .all(|request| request.method() == "GET")
    );

    let result = output(delete(&fake, folder.path(), &["--yes"])).await;
    assert_eq!(
        outcomes(&result.stdout),
        expected("deleted", "already_gone")
    );
    assert_eq!(result.status.code(), Some(1));
    assert!(fake.user_ids().is_empty());
    let (stdout, stderr) = texts(&result);
    assert!(stdout.contains(r#""sameAsLine":1"#), "{stdout}");
    assert!(stderr.contains("deleted 3, already gone 1, blank 2, duplicate 1, invalid 4."));
    assert!(
        !stderr.contains("missing|0"),
        "ids appear only in the results"
    );

    let again = output(delete(&fake, folder.path(), &["--yes"])).await;
    assert_eq!(
        outcomes(&again.stdout),
        expected("already_gone", "already_gone")
    );
    fake.assert_no_findings();
}

#[tokio::test]
async fn one_failed_line_does_not_stop_the_others() {
    let (fake, folder) = fake_and_ids(20).await;
    fake.fail_next(Operation::DeleteUser, Fault::status(400).unwrap());
    let result = output(delete(&fake, folder.path(), &["--yes"])).await;
    assert_eq!(result.status.code(), Some(1));
    assert_eq!(fake.user_ids().len(), 1);
    let failed: Vec<_> = records(&result.stdout)
        .into_iter()
        .filter(|record| record["outcome"] == "failed")
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["userId"], fake.user_ids()[0]);
    assert!(
        failed[0]["error"]
            .as_str()
            .unwrap()
            .contains("400 Bad Request")
    );
    assert!(failed[0]["errorId"].is_string());

    let again = output(delete(&fake, folder.path(), &["--yes"])).await;
    assert_eq!(again.status.code(), Some(0));
    assert!(fake.user_ids().is_empty());
}

#[tokio::test]
async fn stops_after_a_401() {
    let (fake, folder) = fake_and_ids(50).await;
    fake.reject_next(1_000);
    let options = ["--yes", "--concurrency", "1"];
    let result = output(delete(&fake, folder.path(), &options)).await;
    assert_eq!(result.status.code(), Some(1));
    let (_, stderr) = texts(&result);
    assert!(stderr.contains("failed 1, not processed 49"), "{stderr}");
    assert!(
        stderr.contains("error: deleteUser: 401 Unauthorized"),
        "{stderr}"
    );
    assert!(fake.request_count() <= 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_runs_resume_without_repeating_deletions() {
    let (fake, folder) = fake_and_ids(60).await;
    let ids = fake.user_ids();
    let options = ["--yes", "--results", "results", "--concurrency", "2"];
    for _ in 0..4 {
        let until = fake.request_count() + 7;
        for _ in 0..7 {
            fake.fail_next(Operation::DeleteUser, Fault::Delay(Duration::ZERO));
        }
        fake.fail_next(
            Operation::DeleteUser,
            Fault::Delay(Duration::from_secs(3_600)),
        );
        fake.fail_next(
            Operation::DeleteUser,
            Fault::Delay(Duration::from_secs(3_600)),
        );
        let mut command = delete(&fake, folder.path(), &options);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while fake.request_count() < until {
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        fake.stop_faults();
        // A partial record, as a killed process leaves it.
        let mut written = fs::read(folder.path().join("results")).unwrap();
        written.extend(b"{\"line\":7,\"userId\":\"auth0|half");
        fs::write(folder.path().join("results"), written).unwrap();
    }
    let result = output(delete(&fake, folder.path(), &options)).await;
    assert_eq!(result.status.code(), Some(0), "{:?}", texts(&result));
    assert!(fake.user_ids().is_empty());
    let records = records(&fs::read(folder.path().join("results")).unwrap());
    let mut reported: Vec<_> = records
        .iter()
        .map(|record| record["userId"].as_str().unwrap().to_owned())
        .collect();
    reported.sort();
    let mut expected = ids;
    expected.sort();
    assert_eq!(reported, expected, "one result per user in all runs");

    let before = fake.request_count();
    let result = output(delete(&fake, folder.path(), &options)).await;
    assert!(texts(&result).1.contains("60 were done by an earlier run"));
    assert_eq!(fake.request_count(), before);
    // Results of one account do not apply to another.
    let other = fake_with(60).await;
    let result = output(delete(&other, folder.path(), &options)).await;
    assert!(result.status.success() && other.user_ids().is_empty());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_completes_the_calls_in_flight() {
    let (fake, folder) = fake_and_ids(30).await;
    for _ in 0..3 {
        fake.fail_next(
            Operation::DeleteUser,
            Fault::Delay(Duration::from_millis(500)),
        );
    }
    let mut command = delete(&fake, folder.path(), &["--yes", "--concurrency", "3"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    while fake.request_count() < 3 {
        tokio::task::yield_now().await;
    }
    let mut interrupt = Command::new("kill");
    interrupt.args(["-INT", &child.id().to_string()]);
    assert!(output(interrupt).await.status.success());
    let result = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let result = result.await.unwrap();
    assert_eq!(result.status.code(), Some(1));
    let done = records(&result.stdout);
    assert_eq!(done.len(), 30 - fake.user_ids().len());
    assert!(done.iter().all(|record| record["outcome"] == "deleted"));
    assert!(texts(&result).1.contains("Run the same command again"));
}

#[tokio::test]
async fn rejects_files_that_are_not_results() {
    let (fake, folder) = fake_and_ids(1).await;
    for content in ["precious", "precious\n", "{}\n"] {
        fs::write(folder.path().join("results"), content).unwrap();
        let result = output(delete(
            &fake,
            folder.path(),
            &["--yes", "--results", "results"],
        ))
        .await;
        let (_, stderr) = texts(&result);
        assert!(stderr.contains("something other than results"), "{stderr}");
        assert_eq!(
            fs::read_to_string(folder.path().join("results")).unwrap(),
            content
        );
    }
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn reads_ids_from_standard_input() {
    let (fake, folder) = fake_and_ids(2).await;
    for options in [&["--yes"][..], &["-"]] {
        let mut command = example_on(&fake, "delete_users");
        command.args(options);
        command.stdin(fs::File::open(folder.path().join("ids")).unwrap());
        let result = output(command).await;
        assert_eq!(result.status.code(), Some(0), "{:?}", texts(&result));
        assert_eq!(records(&result.stdout).len(), 2);
    }
    assert!(fake.user_ids().is_empty());
}

#[tokio::test]
async fn deletes_users_of_a_fake_by_default() {
    for (options, outcome) in [(&[][..], "would_delete"), (&["--yes"], "deleted")] {
        let mut command = example("delete_users");
        command.args(options);
        let result = output(command).await;
        assert_eq!(result.status.code(), Some(0), "{:?}", texts(&result));
        let found = records(&result.stdout);
        assert_eq!(found.len(), 6);
        let count = found
            .iter()
            .filter(|record| record["outcome"] == outcome)
            .count();
        assert_eq!(count, 5);
    }
}

#[tokio::test]
async fn a_closed_standard_output_is_an_error() {
    let result = output_without_reader(example("delete_users")).await;
    let (_, stderr) = texts(&result);
    assert_eq!(result.status.code(), Some(1));
    assert!(stderr.contains("could not write the results") && !stderr.contains("panicked"));
}

#[cfg(unix)]
#[tokio::test]
async fn results_are_private_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let (fake, folder) = fake_and_ids(2).await;
    let path = |name: &str| folder.path().join(name);
    for _ in 0..2 {
        let result = output(delete(&fake, folder.path(), &["--results", "results"])).await;
        assert!(result.status.success(), "{result:?}");
        let mode = fs::metadata(path("results")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // A file that others could read becomes private before more is written.
        let readable = fs::Permissions::from_mode(0o644);
        fs::set_permissions(path("results"), readable).unwrap();
    }
    for target in ["results", "missing"] {
        symlink(path(target), path("link")).unwrap();
        let before = fs::read(path("results")).unwrap();
        let result = output(delete(&fake, folder.path(), &["--results", "link"])).await;
        let (_, error) = texts(&result);
        assert!(error.contains("link: is a symbolic link"), "{error}");
        assert_eq!(fs::read(path("results")).unwrap(), before);
        assert!(!path("missing").exists());
        fs::remove_file(path("link")).unwrap();
    }
}
