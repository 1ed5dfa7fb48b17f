//! Connections and the concurrency limit.

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{AuthressClient, AuthressClientBuilder, Clock, ClockFuture, ErrorKind};
use bytes::Bytes;
use futures::future::{join_all, try_join_all};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::clock::TestClock;
use crate::{client_of, fake_with, start, until};

const CALLS: usize = 1_000;
/// After so many successful requests, a client sends 100 at once.
const WARM_UP: usize = 200;

/// Counts connections, and requests that are in flight at once.
#[derive(Clone, Default)]
struct Counts(Arc<Numbers>);

#[derive(Default)]
struct Numbers {
    connections: AtomicUsize,
    under_way: AtomicUsize,
    max_in_flight: AtomicUsize,
    requests: AtomicUsize,
}

impl Counts {
    fn begin(&self) {
        self.0.requests.fetch_add(1, Ordering::SeqCst);
        let now = self.0.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.max_in_flight.fetch_max(now, Ordering::SeqCst);
    }

    fn end(&self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    fn connections(&self) -> usize {
        self.0.connections.load(Ordering::SeqCst)
    }

    fn max_in_flight(&self) -> usize {
        self.0.max_in_flight.load(Ordering::SeqCst)
    }
}

/// Accepts connections and passes each to `serve`.
async fn listen<F>(serve: impl Fn(TcpStream, Counts) -> F + Send + 'static) -> (SocketAddr, Counts)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let counts = Counts::default();
    let counted = counts.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.0.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, counted.clone()));
        }
    });
    (address, counts)
}

/// Serves requests without a body over HTTP/1.1, and yields before each response.
async fn http1(stream: TcpStream, counts: Counts) {
    serve_http1(stream, counts, false).await;
}

/// The same, but closes the first [`WARM_UP`] connections after a response.
fn http1_after_warm_up(stream: TcpStream, counts: Counts) -> impl Future<Output = ()> + Send {
    let is_closed = counts.connections() <= WARM_UP;
    serve_http1(stream, counts, is_closed)
}

async fn serve_http1(mut stream: TcpStream, counts: Counts, is_closed: bool) {
    let connection = if is_closed { "close" } else { "keep-alive" };
    let response =
        format!("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: {connection}\r\n\r\n");
    let mut received = Vec::new();
    loop {
        while !received.ends_with(b"\r\n\r\n") {
            match stream.read_buf(&mut received).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        received.clear();
        counts.begin();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        counts.end();
        if stream.write_all(response.as_bytes()).await.is_err() || is_closed {
            return;
        }
    }
}

/// The same over HTTP/2, without TLS.
async fn http2(stream: TcpStream, counts: Counts) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        let counts = counts.clone();
        tokio::spawn(async move {
            counts.begin();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            counts.end();
            let response = http::Response::builder().status(202).body(()).unwrap();
            respond
                .send_response(response, false)
                .and_then(|mut body| body.send_data(Bytes::new(), true))
                .unwrap();
        });
    }
}

fn client_at(address: SocketAddr) -> AuthressClientBuilder {
    AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
}

async fn delete(authress: &AuthressClient, calls: usize) {
    let users = authress.users();
    let deletes = (0..calls).map(|number| users.delete_user(format!("auth0|{number}")).send());
    try_join_all(deletes).await.unwrap();
}

async fn delete_a_thousand(authress: &AuthressClient) {
    delete(authress, CALLS).await;
}

#[tokio::test]
async fn sequential_calls_share_one_connection() {
    let (address, counts) = listen(http1).await;
    let authress = client_at(address).build().unwrap();
    for number in 0..100 {
        authress
            .users()
            .delete_user(number.to_string())
            .await
            .unwrap();
    }
    assert_eq!(counts.connections(), 1);
}

#[tokio::test]
async fn concurrent_calls_open_at_most_as_many_connections_as_permits() {
    for (limit, expected) in [(None, 100), (Some(7), 7), (Some(1), 1)] {
        let (address, counts) = listen(http1_after_warm_up).await;
        let mut builder = client_at(address);
        if let Some(limit) = limit {
            builder = builder.concurrency_limit(limit);
        }
        let authress = builder.build().unwrap();
        delete(&authress, WARM_UP).await;
        assert_eq!(counts.connections(), WARM_UP);
        delete_a_thousand(&authress).await;
        assert_eq!(counts.0.requests.load(Ordering::SeqCst), WARM_UP + CALLS);
        assert_eq!(counts.max_in_flight(), expected);
        assert_eq!(counts.connections(), WARM_UP + expected);
    }
}

#[tokio::test]
async fn a_new_client_opens_few_more_connections_than_it_has_permits() {
    // While the number of requests in flight grows, a request may get the connection of another one
    // before its own is ready, which is then one more.
    let (address, counts) = listen(http1).await;
    delete_a_thousand(&client_at(address).build().unwrap()).await;
    println!("{} connections", counts.connections());
    assert!((100..=200).contains(&counts.connections()));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_several_threads_calls_open_at_most_twice_as_many_connections() {
    // A task returns a connection to the pool; a call that gets its permit before that opens another.
    for limit in [1, 7, 100] {
        let (address, counts) = listen(http1).await;
        let authress = client_at(address).concurrency_limit(limit).build().unwrap();
        let calls: Vec<_> = (0..CALLS)
            .map(|number| tokio::spawn(authress.users().delete_user(number.to_string()).send()))
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert!(counts.max_in_flight() <= limit);
        assert!(counts.connections() <= 2 * limit);
    }
}

#[tokio::test]
async fn clones_share_the_concurrency_limit() {
    let (address, counts) = listen(http1).await;
    let authress = client_at(address).concurrency_limit(3).build().unwrap();
    let token = authress.access_token().await.unwrap();
    let other = authress.with_access_token(token);
    let clone = authress.clone();
    tokio::join!(
        delete_a_thousand(&authress),
        delete_a_thousand(&other),
        delete_a_thousand(&clone)
    );
    assert_eq!(counts.max_in_flight(), 3);
}

#[tokio::test]
async fn http2_calls_share_one_connection() {
    let (address, counts) = listen(http2).await;
    let authress = client_at(address)
        .http(reqwest::ClientBuilder::http2_prior_knowledge)
        .build()
        .unwrap();
    delete_a_thousand(&authress).await;
    assert_eq!(counts.0.requests.load(Ordering::SeqCst), CALLS);
    assert_eq!(counts.connections(), 1);
    let most = counts.max_in_flight();
    assert!((2..=100).contains(&most), "{most}");
}

#[tokio::test]
async fn a_call_waits_for_a_permit_until_its_deadline() {
    let fake = fake_with(1).await;
    let clock = TestClock::new();
    let authress = client_of(&fake)
        .clock(clock.clone())
        .concurrency_limit(1)
        .build()
        .unwrap();
    fake.fail_next(
        Operation::GetUsers,
        Fault::Delay(Duration::from_secs(3_600)),
    );
    let first = tokio::spawn(authress.users().get_users().send());
    until(|| fake.request_count() == 1).await;

    let user_id = &*fake.user_ids()[0];
    let second = authress
        .users()
        .get_user(user_id)
        .with_deadline(Duration::from_secs(2));
    let second = tokio::spawn(second.send());
    until(|| clock.limits() == 2).await;
    clock.advance(Duration::from_secs(2));
    let error = second.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    assert!(error.to_string().contains("permit"), "{error}");

    // A dropped call releases its permit.
    first.abort();
    let _ = first.await;
    authress.users().get_user(user_id).await.unwrap();
}

#[tokio::test]
async fn a_call_that_waits_before_a_retry_holds_no_permit() {
    /// Sleeps never end.
    #[derive(Debug)]
    struct Endless(Arc<AtomicUsize>);
    impl Clock for Endless {
        fn sleep(&self, _: Duration) -> ClockFuture<'_> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(pending())
        }
    }
    let (fake, _) = start(MockAuthress::builder().strict().users(1)).await;
    let waits = Arc::new(AtomicUsize::new(0));
    let authress = client_of(&fake)
        .clock(Endless(waits.clone()))
        .concurrency_limit(1)
        .build()
        .unwrap();
    fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
    let waiting = tokio::spawn(authress.users().get_users().send());
    until(|| waits.load(Ordering::SeqCst) == 1).await;
    authress.users().get_users().await.unwrap();
    waiting.abort();
}

#[tokio::test]
async fn dropped_calls_release_their_permits() {
    let (address, _) = listen(http1).await;
    let authress = client_at(address).concurrency_limit(5).build().unwrap();
    let calls = (0..200).map(|number| {
        let call = authress.users().delete_user(number.to_string()).send();
        async move {
            if number % 2 == 0 {
                return call.await.map(|()| 1).unwrap();
            }
            // Polled once or twice, and then dropped while it waits for a permit or holds one.
            let mut call = pin!(call);
            for _ in 0..number % 5 {
                let _ = futures::poll!(call.as_mut());
                tokio::task::yield_now().await;
            }
            0
        }
    });
    assert_eq!(join_all(calls).await.iter().sum::<usize>(), 100);
    // All five permits are available again.
    let last = (0..5).map(|number| authress.users().delete_user(number.to_string()).send());
    try_join_all(last).await.unwrap();
}

#[tokio::test]
async fn a_port_that_refuses_connections_for_a_while_fails_no_call() {
    /// Backoffs end when the port is open.
    #[derive(Debug)]
    struct UntilOpen(Arc<Mutex<Vec<Duration>>>, watch::Receiver<bool>);
    impl Clock for UntilOpen {
        fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
            self.0.lock().unwrap().push(duration);
            let mut is_open = self.1.clone();
            Box::pin(async move {
                is_open.wait_for(|is_open| *is_open).await.unwrap();
            })
        }
    }
    // A bound port without a listener refuses connections.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let (open, is_open) = watch::channel(false);
    let waits = Arc::<Mutex<Vec<_>>>::default();
    let authress = client_at(address)
        .clock(UntilOpen(waits.clone(), is_open))
        .build()
        .unwrap();
    let calls = tokio::spawn(async move { delete_a_thousand(&authress).await });
    until(|| waits.lock().unwrap().len() == CALLS).await;
    let listener = socket.listen(1_024).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(http1(stream, Counts::default()));
        }
    });
    open.send(true).unwrap();
    calls.await.unwrap();
    // Two waits are longer than 60 ms, and the policy allows three.
    let waits = waits.lock().unwrap();
    assert!(waits.len() == CALLS && waits.iter().all(|wait| wait.as_millis() >= 50));
}
