//! What a call tells to `tracing`: where it went, how it ended, and of whom it was, nothing.

use std::io;
use std::sync::{Arc, Mutex};

use authress_users_contract::{Fault, MockAuthress};
use authress_users_ext::RetryPolicy;
use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::client_of;
use crate::clock::TestClock;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps everything that this thread tells, until the guard is dropped.
    fn start(level: Level) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_call_is_one_span_with_an_event_for_each_attempt_and_each_wait() {
    let fake = MockAuthress::builder()
        .user("sekrit|1")
        .tenant("sekrit")
        .start()
        .await
        .unwrap();
    let authress = client_of(&fake).clock(TestClock::new()).build().unwrap();
    fake.fail_next("getUser", Fault::Status(503));
    fake.fail_next("getUser", Fault::ResetBeforeHeaders);
    let (log, guard) = Log::start(Level::DEBUG);
    authress.users().get_user("sekrit|1").await.unwrap();
    drop(guard);
    let text = log.text();
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
    let told = |what: &[&str]| {
        ours.iter()
            .filter(|line| what.iter().all(|what| line.contains(what)))
            .count()
    };
    assert_eq!(
        told(&["attempt ended", "attempt=1", "status=503"]),
        1,
        "{text}"
    );
    assert_eq!(
        told(&["attempt ended", "attempt=2", "failure=\"interrupted\""]),
        1,
        "{text}"
    );
    assert_eq!(
        told(&["attempt ended", "attempt=3", "status=200"]),
        1,
        "{text}"
    );
    assert_eq!(
        told(&["waiting for the next attempt", "attempt=1", "delay=100ms"]),
        1,
        "{text}"
    );
    assert_eq!(
        told(&["waiting for the next attempt", "attempt=2", "delay=200ms"]),
        1,
        "{text}"
    );
    let end = [
        "close",
        "http.response.status_code=200",
        "http.request.resend_count=2",
    ];
    assert_eq!(told(&end), 1, "{text}");
    assert_eq!(ours.len(), 6, "{text}");
}

#[tokio::test]
async fn the_error_of_a_call_is_told_by_its_status_or_its_kind() {
    let fake = MockAuthress::builder().start().await.unwrap();
    let once = client_of(&fake).retry_policy(RetryPolicy::none());
    let authress = once.clock(TestClock::new()).build().unwrap();
    let (log, guard) = Log::start(Level::INFO);
    authress.users().delete_user("sekrit|1").await.unwrap_err();
    fake.fail_next("getUsers", Fault::ResetBeforeHeaders);
    authress.users().get_users().await.unwrap_err();
    drop(guard);
    let text = log.text();
    for (name, attribute) in [
        ("deleteUser{", "error.type=404"),
        ("deleteUser{", "http.response.status_code=404"),
        ("getUsers{", "error.type=Interrupted"),
    ] {
        let is_told = |line: &str| line.contains(name) && line.contains(attribute);
        assert!(text.lines().any(is_told), "{attribute}: {text}");
    }
}

#[tokio::test]
async fn nothing_that_is_told_at_any_level_is_personal() {
    let fake = MockAuthress::builder()
        .user(serde_json::json!({ "userId": "sekrit|1", "name": "sekrit" }))
        .tenant("sekrit")
        .start()
        .await
        .unwrap();
    let authress = client_of(&fake).clock(TestClock::new()).build().unwrap();
    let (log, guard) = Log::start(Level::TRACE);
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
        "deleteUser",
        Fault::StatusWithRetryAfter(503, "1".to_owned()),
    );
    users.delete_user("sekrit|1").await.unwrap();
    users.get_user("sekrit|1").await.unwrap_err();
    drop(guard);
    // What the libraries below tell is theirs, and so is its level.
    let text = log.text();
    let ours = text.lines().filter(|line| line.contains("authress_users"));
    assert!(ours.clone().count() >= 10, "{text}");
    for line in ours {
        assert!(
            !line.contains("sekrit") && !line.contains("Bearer"),
            "{line}"
        );
    }
}
