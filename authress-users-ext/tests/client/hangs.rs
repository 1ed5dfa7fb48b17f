//! Connections that hang, and connections that are never established.

use std::time::Duration;

use authress_users_ext::{AuthressClient, AuthressClientBuilder, RetryPolicy};
use tokio::time::{Instant, advance, pause};

use crate::clock::TestClock;
use crate::http2_server::{Action, Http2Server};
use crate::{attempt_timeout, until};

fn client_at(server: &Http2Server) -> (AuthressClientBuilder, TestClock) {
    let clock = TestClock::new();
    let builder = AuthressClient::builder()
        .api_url(format!("http://{}", server.address))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
        .http(reqwest::ClientBuilder::http2_prior_knowledge)
        .clock(clock.clone());
    (builder, clock)
}

/// Starts 20 deletes, and lets the first attempts that are in flight at once time out. Returns how
/// often each call was attempted, in ascending order.
async fn delete_with_a_timeout(
    authress: &AuthressClient,
    (server, clock): (&Http2Server, &TestClock),
    in_flight: usize,
) -> Vec<u32> {
    let before = server.requests();
    let calls: Vec<_> = (0..20)
        .map(|number| {
            let delete = authress.users().delete_user(number.to_string());
            tokio::spawn(delete.send_with_response())
        })
        .collect();
    until(|| server.requests() == before + in_flight).await;
    until(|| clock.limits() >= calls.len()).await;
    clock.advance(attempt_timeout());
    let mut attempts = Vec::new();
    for call in calls {
        attempts.push(call.await.unwrap().unwrap().attempts());
    }
    attempts.sort_unstable();
    attempts
}

#[tokio::test]
async fn a_connection_that_hangs_costs_one_attempt_per_call() {
    // The number of requests in flight starts at 8, and grows with successful ones.
    for (successes, in_flight) in [(24, 20), (0, 8)] {
        // The server, or a proxy before it, acknowledges pings.
        let server = Http2Server::start(move |numbers| {
            if numbers.connection > 0 || numbers.in_all < successes {
                Action::Respond(202)
            } else {
                Action::Ignore
            }
        })
        .await;
        let (builder, clock) = client_at(&server);
        let authress = builder.build().unwrap();
        for _ in 0..successes {
            authress.users().delete_user("first").await.unwrap();
        }
        let attempts = delete_with_a_timeout(&authress, (&server, &clock), in_flight).await;
        let once = vec![1; 20 - in_flight];
        assert_eq!(attempts, [once, vec![2; in_flight]].concat());
        // All of them, and later calls, use one new connection.
        let response = authress
            .users()
            .delete_user("last")
            .send_with_response()
            .await;
        assert_eq!(response.unwrap().attempts(), 1);
        assert_eq!(server.connections(), 2);
    }
}

#[tokio::test]
async fn a_pool_is_not_replaced_for_each_timeout() {
    // The first connections hang, and time passes slowly: the pool is replaced once.
    let server = Http2Server::start(|numbers| match numbers.connection {
        0 | 1 => Action::Ignore,
        _ => Action::Respond(202),
    })
    .await;
    let (builder, clock) = client_at(&server);
    let short = Duration::from_millis(10);
    let policy = RetryPolicy::default()
        .attempt_timeout(short)
        .backoff(Duration::ZERO, Duration::ZERO);
    let authress = builder.retry_policy(policy).build().unwrap();
    let call = tokio::spawn(authress.users().delete_user("1").send_with_response());
    for requests in [1, 2] {
        until(|| server.requests() == requests).await;
        clock.until_a_limit_is_running().await;
        clock.advance(short);
    }
    // The third request has a connection outside the pool.
    assert_eq!(call.await.unwrap().unwrap().attempts(), 3);
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn an_unanswered_ping_replaces_the_connection() {
    let server = Http2Server::start(|numbers| match (numbers.connection, numbers.in_all) {
        (0, 1) => Action::Hang,
        _ => Action::Respond(202),
    })
    .await;
    let (builder, clock) = client_at(&server);
    let authress = builder.build().unwrap();
    authress.users().delete_user("1").await.unwrap();
    // From now on, time passes when all tasks wait: until the ping, and until its timeout.
    pause();
    let started = Instant::now();
    let response = authress
        .users()
        .delete_user("2")
        .send_with_response()
        .await
        .unwrap();
    assert_eq!(response.attempts(), 2);
    let elapsed = started.elapsed();
    assert!(elapsed <= Duration::from_secs(16), "{elapsed:?}");
    assert_eq!((server.connections(), clock.waits().len()), (2, 0));
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_an_unanswered_ping() {
    let server = Http2Server::start(|numbers| match numbers.in_all {
        // The response arrives, and after the next request the server hangs.
        1 => Action::Hang,
        _ => Action::Respond(202),
    })
    .await;
    let (builder, clock) = client_at(&server);
    let authress = builder.build().unwrap();
    let users = authress.users();
    users.delete_user("1").await.unwrap();
    let call = tokio::spawn(users.delete_user("2").send());
    until(|| server.requests() == 2).await;
    call.abort();
    pause();
    while server.closed_connections() == 0 {
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(clock.limits(), 0);
    let response = users.delete_user("3").send_with_response().await.unwrap();
    assert_eq!((response.attempts(), server.connections()), (1, 2));
}
