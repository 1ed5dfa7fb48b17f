//! What the fake records of its traffic.

use authress_users_contract::{Fault, MockAuthress, Operation, ReceivedRequest};
use http::Method;

use crate::{fake, get, request};

#[tokio::test]
async fn observers_receive_every_exchange() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let fake = MockAuthress::builder()
        .strict()
        .user("sekrit")
        .on_exchange(move |exchange| sender.send(exchange.clone()).unwrap())
        .start()
        .await
        .unwrap();
    get(&fake, "/sekrit").await;
    fake.fail_next(Operation::GetUser, Fault::status(502).unwrap());
    get(&fake, "/v1/users/sekrit").await;
    let seen: Vec<_> = receiver.try_iter().collect();
    assert!(!format!("{seen:?}").contains("sekrit"));
    let shown = seen.iter().map(|own| {
        let path = own.path.as_str();
        (
            own.number,
            path,
            own.status,
            own.has_fault,
            own.findings.len(),
        )
    });
    let shown: Vec<_> = shown.collect();
    assert_eq!(
        shown,
        [
            (1, "/…", 400, false, 1),
            (2, "/v1/users/{userId}", 502, true, 0)
        ]
    );
    // The observer is the reader of the error.
    drop(fake);
}

#[tokio::test]
async fn a_limited_history_keeps_the_last_requests_and_findings() {
    let fake = MockAuthress::builder()
        .users(1)
        .history(2)
        .start()
        .await
        .unwrap();
    let body = "x".repeat(100_000);
    for path in ["/v2", "/v1/users", "/v3", "/v4"] {
        let request = request(&fake, Method::GET, path).body(body.clone());
        request.send().await.unwrap();
    }
    let requests = fake.requests();
    let paths: Vec<_> = requests.iter().map(ReceivedRequest::path).collect();
    assert_eq!(paths, ["/v3", "/v4"]);
    assert!(requests.iter().all(|own| own.body().len() == 64 * 1024));
    let findings: Vec<_> = fake.verify().iter().map(|own| own.exchange).collect();
    assert_eq!((fake.request_count(), findings), (4, vec![3, 4]));
}

#[tokio::test]
async fn requests_are_recorded_without_their_tokens() {
    let fake = fake(1).await;
    get(&fake, "/v1/users/a%2Fb%7C%C3%BC").await;
    get(&fake, "/v1/users?filter=a+b&limit=3").await;
    let requests = fake.requests();
    let [one, list] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (one.method(), one.operation()),
        ("GET", Some(Operation::GetUser))
    );
    assert_eq!(one.path_parameter("userId"), Some("a/b|ü"));
    assert_eq!(
        (list.query("filter"), list.query("limit")),
        (Some("a b"), Some("3"))
    );
    assert_eq!((list.query("cursor"), list.path()), (None, "/v1/users"));
    assert_eq!(list.header("authorization"), Some("(redacted)"));
    assert_eq!(fake.request_count(), 2);
    // Each request has a new token; tokens of the same second are equal.
    assert!((1..=2).contains(&fake.distinct_tokens()));
    let shown = format!("{requests:?}");
    assert!(!shown.contains("a b") && !shown.contains("a/b"), "{shown}");
}
