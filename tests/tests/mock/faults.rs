//! Faults on the wire.

use std::io;
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use http::Method;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{fake, get, json_of, request};

/// Returns the bytes received for a request of a user, and how the connection ended.
async fn exchange(fake: &MockAuthress, fault: Fault) -> (String, io::Result<()>) {
    fake.fail_next(Operation::GetUser, fault);
    let address = fake.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&*address).await.unwrap();
    let request = format!(
        "GET /v1/users/auth0%7C000000 HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         accept: application/links+json\r\nauthorization: Bearer {}\r\n\r\n",
        fake.access_token().expose_secret()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let end = stream.read_to_end(&mut received).await.map(drop);
    (String::from_utf8_lossy(&received).into_owned(), end)
}

fn is_reset(end: &io::Result<()>) -> bool {
    end.as_ref()
        .is_err_and(|reason| reason.kind() == io::ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn connections_are_reset_before_or_after_the_headers() {
    let fake = fake(1).await;
    let (received, end) = exchange(&fake, Fault::ResetBeforeHeaders).await;
    assert!(received.is_empty() && is_reset(&end), "{end:?}");
    let (received, end) = exchange(&fake, Fault::ResetAfterHeaders).await;
    // A reset may discard the bytes sent before it.
    let head = received.is_empty() || received.ends_with("\r\n\r\n");
    assert!(head && is_reset(&end), "{received} {end:?}");
    assert_eq!(fake.request_count(), 2, "both were executed");
}

#[tokio::test]
async fn bodies_are_truncated_slowed_chunked_and_oversized() {
    let fake = fake(1).await;
    let (whole, _) = exchange(&fake, Fault::Delay(Duration::ZERO)).await;
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())));
    assert!(!head.contains("x-authress-fake"), "{head}");

    let (received, end) = exchange(&fake, Fault::CutBody).await;
    let (head, part) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())) && end.is_ok());
    assert_eq!(part, &body[..body.len() / 2]);

    let (received, end) = exchange(&fake, Fault::SlowDrip(Duration::ZERO)).await;
    assert!(received.ends_with(&format!("\r\n\r\n{body}")) && end.is_ok());

    let (received, end) = exchange(&fake, Fault::Chunked).await;
    let (head, chunks) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"));
    assert_eq!(chunks, format!("{:X}\r\n{body}\r\n0\r\n\r\n", body.len()));
    assert!(end.is_ok());

    let (received, end) = exchange(&fake, Fault::ClaimedLength(10_000)).await;
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 10000") && body.len() == 10_000 && end.is_ok());
}

#[tokio::test]
async fn responses_have_the_injected_status_headers_and_body() {
    let fake = fake(30).await;
    let after = async |fault: Fault| {
        fake.fail_next(Operation::GetUsers, fault);
        get(&fake, "/v1/users?limit=10").await
    };
    assert_eq!(after(Fault::status(502).unwrap()).await.status(), 502);
    let limited = after(Fault::status_with_retry_after(429, "7").unwrap()).await;
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    let expired = after(Fault::ExpiredToken).await;
    assert_eq!(expired.status(), 401);
    assert_eq!(json_of(expired).await["title"], "The token has expired.");
    assert_eq!(
        after(Fault::Html).await.headers()["content-type"],
        "text/html"
    );
    let packed = after(Fault::Gzip).await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    assert!(
        after(Fault::InvalidUtf8)
            .await
            .bytes()
            .await
            .unwrap()
            .contains(&0xff)
    );

    // Only pages after the first have a cursor to repeat.
    let first = json_of(after(Fault::RepeatedCursor).await).await;
    let cursor = first["pagination"]["next"]["cursor"].as_str().unwrap();
    fake.fail_next(Operation::GetUsers, Fault::RepeatedCursor);
    let second = json_of(get(&fake, &format!("/v1/users?limit=10&cursor={cursor}")).await).await;
    assert_eq!(second["pagination"]["next"]["cursor"], cursor);
    fake.assert_no_findings();
}

#[tokio::test]
async fn only_error_responses_prevent_the_execution_of_a_request() {
    let fake = fake(4).await;
    for (fault, is_executed) in [
        (Fault::status(500).unwrap(), false),
        (Fault::ExpiredToken, false),
        (Fault::ResetBeforeHeaders, true),
        (Fault::ResetAfterHeaders, true),
    ] {
        let id = fake.user_ids().remove(0);
        fake.fail_next(Operation::DeleteUser, fault.clone());
        let path = format!("/v1/users/{}", id.replace('|', "%7C"));
        let _ = request(&fake, Method::DELETE, &path).send().await;
        assert_eq!(!fake.has_user(&id), is_executed, "{fault:?}");
    }
}

#[tokio::test]
async fn random_faults_affect_their_share_until_stopped() {
    let fake = MockAuthress::builder()
        .strict()
        .users(1)
        .random_faults(7, 0.5)
        .start()
        .await
        .unwrap();
    let mut failed = 0;
    for _ in 0..100 {
        let response = request(&fake, Method::GET, "/v1/users/auth0%7C000000")
            .send()
            .await;
        failed += usize::from(
            response.is_err() || response.is_ok_and(|response| !response.status().is_success()),
        );
    }
    assert!((10..60).contains(&failed), "{failed}");
    fake.stop_faults();
    for _ in 0..100 {
        assert_eq!(get(&fake, "/v1/users").await.status(), 200);
    }
}

#[tokio::test]
async fn head_requests_and_invalid_http_get_a_response() {
    let fake = fake(1).await;
    let head = request(&fake, Method::HEAD, "/v1/users")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 405);
    assert_eq!(head.headers()["allow"], "GET");
    fake.ignore_findings();
    let address = fake.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&*address).await.unwrap();
    stream.write_all(b"GET\r\n\r\n").await.unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    assert!(
        received.starts_with(b"HTTP/1.1 400"),
        "{}",
        String::from_utf8_lossy(&received)
    );
}

#[tokio::test]
async fn a_body_of_more_than_16_mib_gets_413() {
    const MAX: usize = 16 * 1024 * 1024;
    let fake = fake(1).await;
    let address = fake.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&*address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n",
        2 * MAX
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // No more, since the fake closes a connection with unread bytes by a reset.
    stream.write_all(&vec![b' '; MAX + 1]).await.unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await.unwrap();
    assert!(received.starts_with(b"HTTP/1.1 413"));
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn delays_may_be_endless() {
    let (sender, mut durations) = tokio::sync::mpsc::unbounded_channel();
    let fake = MockAuthress::builder()
        .users(1)
        .latency(Duration::MAX)
        .on_exchange(move |exchange| sender.send(exchange.duration).unwrap())
        .start()
        .await
        .unwrap();
    fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::MAX));
    tokio::select! {
        response = get(&fake, "/v1/users") => panic!("{}", response.status()),
        duration = durations.recv() => assert_eq!(duration, Some(Duration::MAX)),
    }
}

#[tokio::test]
async fn dot_segments_are_reported_and_rejected() {
    let fake = fake(1).await;
    let address = fake.url().trim_start_matches("http://").to_owned();
    for path in [
        "/v1/users/..",
        "/v1/users/%2e%2E",
        "/v1/x/../users",
        "/v1/users/.",
    ] {
        let mut stream = TcpStream::connect(&*address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             accept: application/links+json\r\nauthorization: Bearer {}\r\n\r\n",
            fake.access_token().expose_secret()
        );
        let before = fake.verify().len();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        assert!(received.starts_with(b"HTTP/1.1 400"), "{path}");
        let findings = &fake.verify()[before..];
        assert_eq!(findings.len(), 1, "{path}: {findings:?}");
        assert_eq!(findings[0].rule, "request-dot-segment");
        assert_eq!(fake.requests().last().unwrap().path(), path);
    }
}

#[tokio::test]
async fn open_connections_are_counted() {
    let fake = fake(1).await;
    let address = fake.url().trim_start_matches("http://").to_owned();
    let connection = TcpStream::connect(&*address).await.unwrap();
    while fake.open_connections() != 1 {
        tokio::task::yield_now().await;
    }
    drop(connection);
    while fake.open_connections() != 0 {
        tokio::task::yield_now().await;
    }
}
