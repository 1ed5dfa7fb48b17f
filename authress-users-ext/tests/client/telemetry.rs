//! The `tracing` output of calls, which contains no ids.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{AttemptEnd, AttemptStart, Middleware, RetryPolicy};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::{self, format::FmtSpan};
use tracing_subscriber::prelude::*;

use crate::clock::TestClock;
use crate::{client_of, fake_with};

thread_local! {
    /// The output of this thread, while it is recorded.
    static OUTPUT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Teller;

impl io::Write for Teller {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        OUTPUT
            .with_borrow_mut(|output| output.as_mut().map(|output| output.extend_from_slice(text)));
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the output of `call` at all levels. One subscriber serves all threads, since subscribers of
/// single threads can miss events.
pub(crate) async fn recorded_by(call: impl Future<Output = ()>) -> String {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let is_recording = dynamic_filter_fn(|_, _| OUTPUT.with_borrow(Option::is_some));
        let layer = fmt::layer()
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(|| Teller)
            .with_filter(is_recording);
        tracing_subscriber::registry().with(layer).init();
    });
    OUTPUT.set(Some(Vec::new()));
    call.await;
    String::from_utf8(OUTPUT.take().unwrap_or_default()).unwrap()
}

#[tokio::test]
async fn a_call_has_one_span_with_events_for_attempts_and_waits() {
    let fake = MockAuthress::builder()
        .strict()
        .user("sekrit|1")
        .tenant("sekrit")
        .start()
        .await
        .unwrap();
    let authress = client_of(&fake).clock(TestClock::new()).build().unwrap();
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    fake.fail_next(Operation::GetUser, Fault::CutBody);
    let text = recorded_by(async {
        authress.users().get_user("sekrit|1").await.unwrap();
    })
    .await;
    let ours: Vec<_> = text
        .lines()
        .filter(|line| line.contains("authress_users_ext"))
        .collect();
    let port = fake.url().rsplit(':').next().unwrap().to_owned();
    for line in &ours {
        for attribute in [
            "getUser{",
            "otel.kind=\"client\"",
            "otel.name=GET /v1/users/{userId}",
            "http.request.method=\"GET\"",
            "url.template=\"/v1/users/{userId}\"",
            "server.address=\"127.0.0.1\"",
            &format!("server.port={port}"),
        ] {
            assert!(line.contains(attribute), "{attribute}: {line}");
        }
    }
    let lines_with = |what: &[&str]| {
        ours.iter()
            .filter(|line| what.iter().all(|what| line.contains(what)))
            .count()
    };
    assert_eq!(
        lines_with(&["attempt ended", "attempt=1", "status=503"]),
        1,
        "{text}"
    );
    assert_eq!(
        lines_with(&["attempt ended", "attempt=2", "failure=connection closed"]),
        1,
        "{text}"
    );
    assert_eq!(
        lines_with(&["attempt ended", "attempt=3", "status=200"]),
        1,
        "{text}"
    );
    assert_eq!(
        lines_with(&["waiting for the next attempt", "attempt=1", "delay=100ms"]),
        1,
        "{text}"
    );
    assert_eq!(
        lines_with(&["waiting for the next attempt", "attempt=2", "delay=200ms"]),
        1,
        "{text}"
    );
    let end = [
        "close",
        "http.response.status_code=200",
        "http.request.resend_count=2",
    ];
    assert_eq!(lines_with(&end), 1, "{text}");
    assert_eq!(lines_with(&["otel.status_code"]), 0, "{text}");
    assert_eq!(ours.len(), 6, "{text}");
}

#[tokio::test]
async fn error_type_is_the_status_or_the_kind() {
    let fake = fake_with(0).await;
    let once = client_of(&fake).retry_policy(RetryPolicy::none());
    let authress = once.clock(TestClock::new()).build().unwrap();
    let text = recorded_by(async {
        authress.users().delete_user("sekrit|1").await.unwrap_err();
        fake.fail_next(Operation::GetUsers, Fault::CutBody);
        authress.users().get_users().await.unwrap_err();
    })
    .await;
    for (name, attribute) in [
        ("deleteUser{", "error.type=404"),
        ("deleteUser{", "http.response.status_code=404"),
        ("deleteUser{", "otel.status_code=\"ERROR\""),
        ("getUsers{", "otel.status_code=\"ERROR\""),
        ("getUsers{", "error.type=ConnectionClosed"),
    ] {
        let is_told = |line: &str| line.contains(name) && line.contains(attribute);
        assert!(text.lines().any(is_told), "{attribute}: {text}");
    }
}

#[tokio::test]
async fn no_level_records_personal_data() {
    let fake = MockAuthress::builder()
        .strict()
        .user(serde_json::json!({ "userId": "sekrit|1", "name": "sekrit" }))
        .tenant("sekrit")
        .start()
        .await
        .unwrap();
    let authress = client_of(&fake).clock(TestClock::new()).build().unwrap();
    let text = recorded_by(async {
        let users = authress.users();
        users.get_user("sekrit|1").await.unwrap();
        users
            .get_users()
            .filter("sekrit")
            .tenant_id("sekrit")
            .await
            .unwrap();
        users.link_tenant_user("sekrit", "sekrit|1").await.unwrap();
        fake.fail_next(
            Operation::DeleteUser,
            Fault::status_with_retry_after(503, "1").unwrap(),
        );
        users.delete_user("sekrit|1").await.unwrap();
        users.get_user("sekrit|1").await.unwrap_err();
    })
    .await;
    // Other libraries decide what they record at which level.
    let ours = text.lines().filter(|line| line.contains("authress_users"));
    assert!(ours.clone().count() >= 10, "{text}");
    for line in ours {
        assert!(
            !line.contains("sekrit") && !line.contains("Bearer"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn middleware_runs_in_the_span_of_the_call() {
    struct Logger;

    impl Middleware for Logger {
        fn before(&self, attempt: &mut AttemptStart<'_>) {
            tracing::info!("before {}", attempt.number());
        }

        fn after(&self, attempt: &AttemptEnd) {
            tracing::info!("after {}", attempt.number());
        }
    }

    let fake = MockAuthress::builder().users(1).start().await.unwrap();
    let builder = client_of(&fake).clock(TestClock::new());
    let authress = builder.middleware(Logger).build().unwrap();
    fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
    let text = recorded_by(async {
        authress.users().get_users().await.unwrap();
    })
    .await;
    for event in ["before 1", "after 1", "before 2", "after 2"] {
        let is_in_span = |line: &str| line.ends_with(event) && line.contains("getUsers{");
        assert_eq!(
            text.lines().filter(|line| is_in_span(line)).count(),
            1,
            "{text}"
        );
    }
}
