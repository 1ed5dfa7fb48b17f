use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use authress_users_client::operations::{DELETE_USER, GET_USER};
use authress_users_client::{Client, Transport as _};
use bytes::Bytes;
use http::HeaderMap;

use super::*;
use crate::auth::StaticToken;
use crate::clock::ClockFuture;

/// Time that passes only while the loop waits.
#[derive(Debug, Default)]
struct VirtualClock(Mutex<Duration>);

impl Clock for VirtualClock {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
        Box::pin(std::future::ready(()))
    }

    fn limit(&self, _: Duration) -> ClockFuture<'_> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> f64 {
        1.0
    }
}

/// Attempts whose results are known in advance.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<Attempt>>>);

impl AttemptSender for Script {
    async fn send(&self, _: &reqwest::Client, _: &AttemptRequest) -> Attempt {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.pop_front().expect("no more attempts")
    }
}

fn response(status: u16) -> Attempt {
    Attempt {
        response: Some(RawResponse::new(
            StatusCode::from_u16(status).unwrap(),
            HeaderMap::new(),
            Bytes::new(),
        )),
        failure: None,
        outcome: Outcome::of_status(StatusCode::from_u16(status).unwrap()),
        requests: 1,
        needs_new_connection: false,
    }
}

fn failure(kind: ErrorKind, outcome: Outcome) -> Attempt {
    Attempt {
        response: None,
        failure: Some(Error::new(kind, "failed")),
        outcome,
        requests: 1,
        needs_new_connection: false,
    }
}

fn lost_response() -> Attempt {
    failure(ErrorKind::ConnectionClosed, Outcome::Unknown)
}

fn not_connected() -> Attempt {
    failure(ErrorKind::Connect, Outcome::NotSent)
}

async fn send(
    operation: &'static Operation,
    script: impl IntoIterator<Item = Attempt>,
) -> Result<Delivery, Error> {
    let policy = RetryPolicy::default().attempts(4);
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::default());
    let send_loop = SendLoop {
        sender: Script(Arc::new(Mutex::new(script.into_iter().collect()))),
        clock: &clock,
        policy: &policy,
        lane: Lane::Interactive,
        sleepers: None,
        deadline: Duration::from_secs(30),
        budget: &BudgetBalance::new(),
        recovery: &Arc::default(),
        limits: &Limits::new(clock.clone(), 1, Vec::new(), 1024),
        tokens: &StaticToken(AccessToken::new("a.b.c").unwrap()),
        server_time: &ServerTime::default(),
        user_agent: &HeaderValue::from_static("test"),
        span: &Span::none(),
        has_drivers: false,
    };
    let url = "http://localhost/v1/users/1".parse().unwrap();
    let http = reqwest::Client::new();
    let client = Client::new(url, http.clone(), send_loop);
    let request = Request::new(operation.method.clone(), client.base_url().clone());
    client.transport().send(&http, request, operation).await
}

#[tokio::test]
async fn retries_until_a_response_is_final() {
    let delivery = send(&GET_USER, [response(503), lost_response(), response(200)])
        .await
        .unwrap();
    assert_eq!(
        (delivery.attempts, delivery.response.status),
        (3, StatusCode::OK)
    );
    assert_eq!(delivery.elapsed, Duration::from_millis(300));
}

#[tokio::test]
async fn keeps_the_last_response_after_the_last_attempt() {
    let error = send(&GET_USER, [503, 500, 502, 504].map(response))
        .await
        .err()
        .unwrap();
    assert!(error.is_server());
    assert_eq!(
        (error.attempts(), error.status().unwrap().as_u16()),
        (4, 504)
    );
}

#[tokio::test]
async fn the_outcome_is_that_of_all_attempts() {
    let [sent, closed] = [Outcome::Unknown, Outcome::Rejected];
    for (script, expected) in [
        (vec![lost_response(), response(404)], sent),
        (vec![response(504), response(404)], sent),
        (vec![response(500), not_connected(), response(404)], sent),
        (vec![not_connected(), response(404)], closed),
        (vec![response(429), response(408), response(404)], closed),
        (vec![response(403)], closed),
    ] {
        let error = send(&DELETE_USER, script).await.err().unwrap();
        assert_eq!(error.outcome(), expected, "{error}");
        assert_eq!(error.may_have_taken_effect(), expected == sent);
    }
    let all = [(); 4].map(|()| not_connected());
    let error = send(&DELETE_USER, all).await.err().unwrap();
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_rejected_token_that_is_not_replaced_is_final() {
    let error = send(&GET_USER, [response(401)]).await.err().unwrap();
    assert!(error.is_unauthorized());
    assert_eq!(error.attempts(), 1);
}
