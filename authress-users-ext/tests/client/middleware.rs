//! Middleware: what it observes and adds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AttemptEnd, AttemptStart, AuthressClient, ErrorKind, Middleware, RetryPolicy,
};
use futures::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::clock::TestClock;
use crate::{attempt_timeout, client_of};

/// Records what it observes, and numbers the requests.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Middleware for Recorder {
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        let (operation, number) = (attempt.operation(), attempt.number());
        let (method, path) = (attempt.method(), attempt.url_template());
        let text = format!("{operation} {number}: {method} {path}");
        self.0.lock().unwrap().push(text);
        attempt.insert_header("x-number", number).unwrap();
        assert!(format!("{attempt:?}").contains("AttemptStart"));
    }

    fn after(&self, attempt: &AttemptEnd) {
        let (operation, number) = (attempt.operation(), attempt.number());
        let status = attempt.status().map(|status| status.as_u16());
        let (error, duration) = (attempt.error(), attempt.duration());
        let text = format!("{operation} {number}: {status:?} {error:?} {duration:?}");
        self.0.lock().unwrap().push(text);
    }
}

#[tokio::test]
async fn observes_every_attempt_of_a_call() {
    let fake = MockAuthress::builder()
        .user("auth0|1")
        .start()
        .await
        .unwrap();
    let recorder = Recorder::default();
    let authress = client_of(&fake)
        .clock(TestClock::new())
        .middleware(recorder.clone())
        .build()
        .unwrap();
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    fake.fail_next(Operation::GetUser, Fault::ExpiredToken);
    fake.fail_next(Operation::GetUser, Fault::CutBody);
    authress.users().get_user("auth0|1").await.unwrap();
    let start = |number| format!("getUser {number}: GET /v1/users/{{userId}}");
    assert_eq!(
        recorder.take(),
        [
            &*start(1),
            "getUser 1: Some(503) None 0ns",
            &start(2),
            "getUser 2: Some(401) None 0ns",
            &start(3),
            "getUser 3: Some(200) Some(ConnectionClosed) 0ns",
            &start(4),
            "getUser 4: Some(200) None 0ns",
        ]
    );
    let requests = fake.requests();
    let numbers: Vec<_> = requests
        .iter()
        .map(|request| request.header("x-number"))
        .collect();
    assert_eq!(numbers, ["1", "2", "3", "4"].map(Some));
    for request in requests {
        assert!(
            request
                .header("user-agent")
                .unwrap()
                .starts_with("Authress SDK; Rust; ")
        );
    }
    authress.users().delete_user("auth0|2").await.unwrap_err();
    assert_eq!(
        recorder.take(),
        [
            "deleteUser 1: DELETE /v1/users/{userId}",
            "deleteUser 1: Some(404) None 0ns"
        ]
    );
}

#[tokio::test]
async fn observes_the_waits_before_each_request() {
    #[derive(Default)]
    struct Waits(Mutex<Vec<Duration>>);

    impl Middleware for Waits {
        fn after(&self, attempt: &AttemptEnd) {
            self.0.lock().unwrap().push(attempt.waited());
        }
    }

    let fake = MockAuthress::builder()
        .user("auth0|1")
        .start()
        .await
        .unwrap();
    let (waits, clock) = (Arc::new(Waits::default()), TestClock::new());
    let builder = client_of(&fake).clock(clock.clone());
    let authress = builder.middleware(waits.clone()).build().unwrap();
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    fake.fail_next(Operation::GetUser, Fault::ExpiredToken);
    let limited = Fault::status_with_retry_after(503, "7").unwrap();
    fake.fail_next(Operation::GetUser, limited);
    authress.users().get_user("auth0|1").await.unwrap();
    let slept = clock.waits();
    assert_eq!(slept.len(), 2);
    assert!(slept[1] >= Duration::from_secs(7), "{slept:?}");
    let zero = Duration::ZERO;
    assert_eq!(*waits.0.lock().unwrap(), [zero, slept[0], zero, slept[1]]);
}

#[tokio::test]
async fn later_middleware_replaces_headers_of_earlier() {
    struct Fixed;

    impl Middleware for Fixed {
        fn before(&self, attempt: &mut AttemptStart<'_>) {
            attempt.insert_header("x-number", "last").unwrap();
        }
    }

    let fake = MockAuthress::builder().users(1).start().await.unwrap();
    let builder = client_of(&fake).middleware(Recorder::default());
    let authress = builder.middleware(Arc::new(Fixed)).build().unwrap();
    authress.users().get_users().await.unwrap();
    assert_eq!(fake.requests()[0].header("x-number"), Some("last"));
}

/// Closes each connection at its second request, and returns the numbers of all requests.
async fn serve() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let seen = numbers.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            for is_last in [false, true] {
                let mut received = Vec::new();
                while !received.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut received).await.unwrap() > 0);
                }
                let text = String::from_utf8(received).unwrap();
                let number = text.split("x-number: ").nth(1).unwrap();
                let number = number.split('\r').next().unwrap().to_owned();
                seen.lock().unwrap().push(number);
                if !is_last {
                    let response = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
                    stream.write_all(response).await.unwrap();
                }
            }
        }
    });
    (url, numbers)
}

#[tokio::test]
async fn observes_replays() {
    let (url, numbers) = serve().await;
    let recorder = Recorder::default();
    let authress = AuthressClient::builder()
        .api_url(url)
        .access_token("e30.e30.c2ln")
        .clock(TestClock::new())
        .retry_policy(RetryPolicy::none())
        .middleware(recorder.clone())
        .build()
        .unwrap();
    authress.users().delete_user("auth0|1").await.unwrap();
    recorder.take();
    let response = authress
        .users()
        .delete_user("auth0|2")
        .send_with_response()
        .await;
    assert_eq!(response.unwrap().attempts(), 2);
    let observed = recorder.take();
    assert_eq!(observed.len(), 4, "{observed:?}");
    assert_eq!(observed[1], "deleteUser 1: None Some(ConnectionClosed) 0ns");
    assert_eq!(observed[3], "deleteUser 2: Some(202) None 0ns");
    assert_eq!(*numbers.lock().unwrap(), ["1", "1", "2"]);
}

#[tokio::test]
async fn observes_failures_without_a_response() {
    let recorder = Recorder::default();
    let clock = TestClock::new();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    let build = |url: &str| {
        AuthressClient::builder()
            .api_url(url)
            .access_token("e30.e30.c2ln")
            .clock(clock.clone())
            .retry_policy(RetryPolicy::none())
            .middleware(recorder.clone())
            .build()
            .unwrap()
    };
    // Accepts the connection and never responds.
    let authress = build(&url);
    let call = tokio::spawn(authress.users().get_user("auth0|1").send());
    clock.until_a_limit_is_running().await;
    clock.advance(attempt_timeout());
    assert_eq!(
        call.await.unwrap().unwrap_err().kind(),
        ErrorKind::AttemptTimeout
    );
    assert_eq!(
        recorder.take()[1],
        format!(
            "getUser 1: None Some(AttemptTimeout) {:?}",
            attempt_timeout()
        )
    );

    drop(closed);
    build(&url).users().get_user("auth0|1").await.unwrap_err();
    assert_eq!(recorder.take()[1], "getUser 1: None Some(Connect) 0ns");
}

#[tokio::test]
async fn observes_a_dropped_call() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let recorder = Recorder::default();
    let authress = AuthressClient::builder()
        .api_url(format!("http://{}", silent.local_addr().unwrap()))
        .access_token("e30.e30.c2ln")
        .clock(TestClock::new())
        .middleware(recorder.clone())
        .build()
        .unwrap();
    let mut call = Box::pin(authress.users().get_user("auth0|1").send());
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(recorder.0.lock().unwrap().len(), 1);
    drop(call);
    assert_eq!(recorder.take()[1], "getUser 1: None Some(Canceled) 0ns");
}
