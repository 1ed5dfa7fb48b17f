#[cfg(target_os = "linux")]
use std::fs::File;
#[cfg(target_os = "linux")]
use std::io::Write as _;
#[cfg(target_os = "linux")]
use std::process::Stdio;
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};

use crate::example_on;
use crate::process::Running;

async fn start_fake() -> MockAuthress {
    let builder = MockAuthress::builder().strict();
    let builder = builder.user("auth0|1").user("auth0|2");
    builder.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completes_deletions_in_flight_after_a_signal() {
    let fake = start_fake().await;
    let mut worker = Running::start(example_on(&fake, "erasure_worker"));
    worker.write("auth0|1");
    let (mut worker, line) = worker.line().await;
    assert_eq!(line, "auth0|1: deleted");
    worker.write("auth0|1");
    let (mut worker, line) = worker.line().await;
    assert_eq!(line, "auth0|1: not found");

    let delay = Fault::Delay(Duration::from_millis(300));
    fake.fail_next(Operation::DeleteUser, delay);
    worker.write("auth0|2");
    while fake.request_count() < 3 {
        tokio::task::yield_now().await;
    }
    worker.signal("TERM").await;
    // Although its standard input is open.
    assert_eq!(
        worker.end().await,
        ("auth0|2: deleted\n".to_owned(), Some(0))
    );
    assert!(!fake.has_user("auth0|2"));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_that_cannot_be_written_are_an_error() {
    let fake = start_fake().await;
    let mut command = example_on(&fake, "erasure_worker");
    let full = File::options().write(true).open("/dev/full").unwrap();
    command
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped());
    let mut worker = command.spawn().unwrap();
    writeln!(worker.stdin.as_mut().unwrap(), "auth0|1").unwrap();
    let output = tokio::task::spawn_blocking(|| worker.wait_with_output().unwrap());
    assert_eq!(output.await.unwrap().status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_failures_in_its_exit_code_and_continues() {
    let fake = start_fake().await;
    fake.fail_next(Operation::DeleteUser, Fault::status(403).unwrap());
    let mut worker = Running::start(example_on(&fake, "erasure_worker"));
    worker.write("auth0|1");
    let (mut worker, line) = worker.line().await;
    assert!(
        line.starts_with("auth0|1: deleteUser: 403 Forbidden"),
        "{line}"
    );
    worker.write("auth0|2");
    worker.close();
    assert_eq!(
        worker.end().await,
        ("auth0|2: deleted\n".to_owned(), Some(1))
    );
    assert!(fake.has_user("auth0|1"));
}
