//! Requests that are sent again at once because their connection failed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authress_users_ext::{
    AuthressClient, AuthressClientBuilder, Error, ErrorKind, Outcome, RetryPolicy,
};
use futures::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

use crate::clock::TestClock;
use crate::http2_server::{Action, Http2Server, NO_ERROR, Numbers};

const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
/// The last response on its connection.
const LAST: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// After so many successful requests, the client sends 100 at once.
const WARM_UP: usize = 200;

/// Counts what an HTTP/1.1 server gets.
#[derive(Clone, Default)]
struct Counts(Arc<[AtomicUsize; 2]>);

impl Counts {
    fn connections(&self) -> usize {
        self.0[0].load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}

/// Accepts connections, and passes each with its number to `serve`.
async fn listen<F>(serve: impl Fn(Connection, usize) -> F + Send + 'static) -> (SocketAddr, Counts)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let counts = Counts::default();
    let counted = counts.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = counted.0[0].fetch_add(1, Ordering::SeqCst);
            let connection = Connection {
                stream,
                counts: counted.clone(),
            };
            tokio::spawn(serve(connection, number));
        }
    });
    (address, counts)
}

struct Connection {
    stream: TcpStream,
    counts: Counts,
}

impl Connection {
    /// Reads a request without a body. Returns false at the end of the connection.
    async fn read_request(&mut self) -> bool {
        let mut received = Vec::new();
        while !received.ends_with(b"\r\n\r\n") {
            match self.stream.read_buf(&mut received).await {
                Ok(0) | Err(_) => return false,
                Ok(_) => {}
            }
        }
        self.counts.0[1].fetch_add(1, Ordering::SeqCst);
        true
    }

    async fn accept_request(&mut self) {
        self.stream.write_all(ACCEPTED).await.unwrap();
    }

    /// Resets the connection instead of closing it in an orderly way.
    fn reset(self) {
        #[expect(deprecated, reason = "a linger time of zero does not block")]
        self.stream
            .set_linger(Some(std::time::Duration::ZERO))
            .unwrap();
    }
}

/// Returns a client with a clock on which a backoff would be seen.
fn client_at(address: SocketAddr) -> (AuthressClientBuilder, TestClock) {
    let clock = TestClock::new();
    let builder = AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
        .clock(clock.clone());
    (builder, clock)
}

fn http2_client_at(server: &Http2Server) -> (AuthressClient, TestClock) {
    let (builder, clock) = client_at(server.address);
    let builder = builder.http(reqwest::ClientBuilder::http2_prior_knowledge);
    (builder.build().unwrap(), clock)
}

/// Deletes `calls` users, `at_once` at a time. Returns the sum of the attempts, or the first error.
async fn delete(authress: &AuthressClient, calls: usize, at_once: usize) -> Result<u32, Error> {
    let users = authress.users();
    let results: Vec<_> = futures::stream::iter(0..calls)
        .map(|number| users.delete_user(number.to_string()).send_with_response())
        .buffer_unordered(at_once)
        .collect()
        .await;
    results
        .into_iter()
        .map(|result| result.map(|response| response.attempts()))
        .sum()
}

#[tokio::test]
async fn connections_that_close_on_their_second_request_fail_no_call() {
    for is_reset in [true, false] {
        for at_once in [1, 16] {
            let (address, counts) = listen(move |mut connection, _| async move {
                if connection.read_request().await {
                    connection.accept_request().await;
                }
                if connection.read_request().await && is_reset {
                    connection.reset();
                }
            })
            .await;
            let (builder, clock) = client_at(address);
            let authress = builder.build().unwrap();
            let attempts = delete(&authress, 300, at_once).await.unwrap();
            assert_eq!(attempts as usize, counts.requests());
            assert!(counts.requests() <= 450, "{}", counts.requests());
            assert!(clock.waits().is_empty());
        }
    }
}

#[tokio::test]
async fn a_pool_of_dead_connections_fails_no_call() {
    const POOLED: usize = 100;
    let barrier = Arc::new(Barrier::new(POOLED));
    let (address, counts) = listen(move |mut connection, number| {
        let barrier = barrier.clone();
        async move {
            if !connection.read_request().await {
                return;
            }
            if number < WARM_UP {
                connection.stream.write_all(LAST).await.unwrap();
            } else if number < WARM_UP + POOLED {
                // Holds the response until all connections have a request.
                barrier.wait().await;
                connection.accept_request().await;
                if connection.read_request().await {
                    connection.reset();
                }
            } else {
                connection.accept_request().await;
                while connection.read_request().await {
                    connection.accept_request().await;
                }
            }
        }
    })
    .await;
    let (builder, clock) = client_at(address);
    let authress = builder.build().unwrap();
    delete(&authress, WARM_UP, POOLED).await.unwrap();
    delete(&authress, POOLED, POOLED).await.unwrap();
    assert_eq!(counts.connections(), WARM_UP + POOLED);
    delete(&authress, POOLED, POOLED).await.unwrap();
    assert!(clock.waits().is_empty());
    // Each call fails on an old connection first.
    assert_eq!(counts.requests(), WARM_UP + 3 * POOLED);
}

#[tokio::test]
async fn a_request_on_a_new_connection_is_not_replayed() {
    for is_reset in [true, false] {
        let (address, counts) = listen(move |mut connection, _| async move {
            if connection.read_request().await && is_reset {
                connection.reset();
            }
        })
        .await;
        let (builder, _clock) = client_at(address);
        let authress = builder.retry_policy(RetryPolicy::none()).build().unwrap();
        let users = authress.users();
        let calls = (0..50).map(|number| users.delete_user(number.to_string()).send());
        for result in futures::future::join_all(calls).await {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionClosed, "{error}");
            assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown));
        }
        assert_eq!(counts.requests(), 50);
    }
    // The requests that wait for a new HTTP/2 connection do not make it a used one.
    let server = Http2Server::start(|_| Action::Close).await;
    let (authress, _clock) = http2_client_at(&server);
    let users = authress.users();
    let calls = (0..50).map(|number| {
        let delete = users.delete_user(number.to_string());
        delete.with_retry_policy(RetryPolicy::none()).send()
    });
    for result in futures::future::join_all(calls).await {
        assert_eq!(result.unwrap_err().attempts(), 1);
    }
    assert!(server.requests() <= 50);
}

#[tokio::test]
async fn a_connection_that_closes_before_a_request_sends_none() {
    let (address, _counts) = listen(|connection, _| async move { drop(connection) }).await;
    let (builder, _clock) = client_at(address);
    let authress = builder.build().unwrap();
    let error = authress.users().delete_user("1").await.unwrap_err();
    assert_eq!(error.attempts(), RetryPolicy::default().get_attempts());
    // Whether the client has written the request is a race, which the error decides correctly.
    match error.outcome() {
        Outcome::NotSent => assert!(error.is_connect(), "{error}"),
        _ => assert!(error.is_connection_closed(), "{error}"),
    }
}

#[tokio::test]
async fn a_replayed_delete_that_gets_404_was_already_done() {
    let (address, counts) = listen(|mut connection, number| async move {
        while connection.read_request().await {
            if number > 0 {
                let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
                connection.stream.write_all(missing).await.unwrap();
            } else if connection.counts.requests() == 1 {
                connection.accept_request().await;
            } else {
                return;
            }
        }
    })
    .await;
    let (builder, clock) = client_at(address);
    let authress = builder.build().unwrap();
    let users = authress.users();
    users.delete_user("1").await.unwrap();
    let response = users.delete_user("2").send_with_response().await.unwrap();
    assert!(response.was_already_done());
    assert_eq!((response.attempts(), counts.requests()), (2, 3));
    assert!(clock.waits().is_empty());
}

#[tokio::test]
async fn refused_streams_are_replayed_at_once() {
    // Refuses them together: a replay that arrives before the last of them would be refused again.
    let first_hundred = |numbers: Numbers| match numbers.in_all {
        WARM_UP..299 => Action::Hold,
        299 => Action::Refuse,
        _ => Action::Respond(202),
    };
    // Some of each connection.
    let some_of_each = |numbers: Numbers| match (numbers.connection, numbers.on_connection) {
        (0, WARM_UP..219) | (1.., 0..19) => Action::Hold,
        (0, 219) | (1.., 19) => Action::Refuse,
        _ => Action::Respond(202),
    };
    for (server, refused) in [
        (Http2Server::start(first_hundred).await, 100),
        (Http2Server::start(some_of_each).await, 40),
    ] {
        let (authress, clock) = http2_client_at(&server);
        delete(&authress, WARM_UP, 100).await.unwrap();
        let attempts = delete(&authress, 200, 200).await.unwrap();
        let requests = server.requests() - WARM_UP;
        assert_eq!(attempts as usize, requests);
        assert_eq!(requests, 200 + refused);
        assert_eq!(server.connections(), 2);
        assert!(clock.waits().is_empty());
    }
}

#[tokio::test]
async fn a_refused_stream_is_replayed_twice_and_never_processed() {
    let server = Http2Server::start(|_| Action::Refuse).await;
    let (authress, _clock) = http2_client_at(&server);
    let users = authress.users();
    let delete = users.delete_user("1");
    let error = delete
        .with_retry_policy(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), server.requests()), (3, 3));
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(
        error.to_string().rsplit_once("ms: ").unwrap().1,
        "the API refused the request without processing it"
    );
    // Nothing was deleted before the 404.
    let server = Http2Server::start(|numbers| match numbers.in_all {
        0 => Action::Refuse,
        _ => Action::Respond(404),
    })
    .await;
    let (authress, _clock) = http2_client_at(&server);
    let error = authress.users().delete_user("1").await.unwrap_err();
    assert!(error.is_not_found() && error.attempts() == 2, "{error}");
    assert_eq!(error.outcome(), Outcome::Rejected);
}

#[tokio::test]
async fn streams_above_the_last_id_of_a_goaway_are_replayed() {
    const ENHANCE_YOUR_CALM: u8 = 11;
    for code in [NO_ERROR, ENHANCE_YOUR_CALM] {
        let server = Http2Server::start(move |numbers| match numbers.in_all {
            50 => Action::GoAway(code),
            _ => Action::Respond(202),
        })
        .await;
        let (authress, clock) = http2_client_at(&server);
        delete(&authress, 200, 200).await.unwrap();
        assert_eq!(server.connections(), 2);
        assert!(clock.waits().is_empty());
    }
}

#[tokio::test]
async fn a_used_http2_connection_that_closes_fails_no_call() {
    let server = Http2Server::start(
        |numbers| match (numbers.connection, numbers.on_connection) {
            (0, 50) => Action::Close,
            _ => Action::Respond(202),
        },
    )
    .await;
    let (authress, clock) = http2_client_at(&server);
    delete(&authress, 1, 1).await.unwrap();
    delete(&authress, 200, 200).await.unwrap();
    assert!(clock.waits().is_empty());
    assert!(server.connections() <= 2, "{}", server.connections());
}

#[tokio::test]
async fn other_resets_are_not_replayed() {
    const INTERNAL_ERROR: u8 = 2;
    let server = Http2Server::start(|_| Action::Reset(INTERNAL_ERROR)).await;
    let (authress, _clock) = http2_client_at(&server);
    let users = authress.users();
    let delete = users.delete_user("1");
    let error = delete
        .with_retry_policy(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown));
    assert!(error.is_connection_closed() && error.is_retryable());
}

#[tokio::test]
async fn a_success_without_a_value_needs_no_body() {
    const ENDS: [&str; 3] = [
        // Too large, incomplete, and neither.
        "content-length: 1000000\r\n\r\n",
        "content-length: 100\r\n\r\ncut",
        "content-length: 2\r\n\r\n{}",
    ];
    let (address, counts) = listen(|mut connection, number| async move {
        connection.read_request().await;
        let response = format!("HTTP/1.1 202 Accepted\r\n{}", ENDS[number % 3]);
        let stream = &mut connection.stream;
        stream.write_all(response.as_bytes()).await.unwrap();
    })
    .await;
    let (builder, clock) = client_at(address);
    let authress = builder.body_limit(100_000).build().unwrap();
    for number in 0..ENDS.len() {
        let delete = authress.users().delete_user("1").send_with_response();
        let response = delete.await.unwrap();
        assert!(!response.was_already_done() && response.attempts() == 1);
        assert_eq!(counts.requests(), number + 1);
    }
    assert!(clock.waits().is_empty());
}

#[tokio::test]
async fn a_response_that_is_not_http_is_named() {
    let (address, counts) = listen(|mut connection, _| async move {
        connection.read_request().await;
        let greeting = b"220 mail.example.com ESMTP\r\n";
        connection.stream.write_all(greeting).await.unwrap();
    })
    .await;
    let builder = client_at(address).0.retry_policy(RetryPolicy::none());
    let authress = builder.build().unwrap();
    let error = authress.users().delete_user("1").await.unwrap_err();
    assert!(error.is_connection_closed() && error.is_retryable());
    assert_eq!((error.outcome(), counts.requests()), (Outcome::Unknown, 1));
    assert_eq!(
        error.to_string(),
        "deleteUser: the response is not valid HTTP; check api_url and the proxies on the way"
    );
}
