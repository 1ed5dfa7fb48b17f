//! Rate limits and outages.

use std::time::Duration;

use authress_users_contract::{
    Fault, MockAuthress, MockAuthressBuilder, Operation, RateLimit, RateLimitHeaders, StubResponse,
};
use http::Method;
use reqwest::Response;

use crate::{get, json_of, request};

const USER: &str = "/v1/users/auth0%7C000000";
/// So slow that no request becomes available while a test runs.
const SLOW: f64 = 0.001;

async fn limited(limits: impl IntoIterator<Item = RateLimit>) -> MockAuthress {
    let builder = MockAuthress::builder().strict().users(3).tenant("acme");
    let builder = limits
        .into_iter()
        .fold(builder, MockAuthressBuilder::rate_limit);
    builder.start().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

async fn statuses(fake: &MockAuthress, path: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(get(fake, path).await.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn requests_above_the_limit_get_429_and_are_not_executed() {
    let fake = limited([RateLimit::token_bucket(SLOW, 1).unwrap()]).await;
    assert_eq!(get(&fake, "/v1/users").await.status(), 200);
    let rejected = request(&fake, Method::DELETE, USER).send().await.unwrap();
    assert_eq!(rejected.status(), 429);
    assert_eq!(header(&rejected, "retry-after"), None);
    assert_eq!(header(&rejected, "content-type"), Some("application/json"));
    let body = json_of(rejected).await;
    assert_eq!(body["title"], "The rate limit is exceeded.");
    assert_eq!(body["errorCode"], "TooManyRequests");
    assert!(fake.has_user("auth0|000000"));
    assert_eq!(fake.request_count(), 2);
    fake.assert_no_findings();
}

#[tokio::test]
async fn limits_refill_by_the_clock_of_the_fake() {
    let bucket = RateLimit::token_bucket(SLOW, 2).unwrap();
    let window = RateLimit::fixed_window(2, Duration::from_secs(2_000)).unwrap();
    for (limit, after_half) in [(bucket, [200, 429]), (window, [429, 429])] {
        let fake = limited([limit]).await;
        assert_eq!(statuses(&fake, USER, 3).await, [200, 200, 429]);
        fake.advance_clock(Duration::from_secs(1_000));
        assert_eq!(statuses(&fake, USER, 2).await, after_half);
        fake.advance_clock(Duration::from_secs(2_000));
        assert_eq!(statuses(&fake, USER, 3).await, [200, 200, 429]);
    }
}

#[tokio::test]
async fn operations_share_a_limit_or_have_their_own() {
    let own = RateLimit::token_bucket(SLOW, 1)
        .unwrap()
        .operation(Operation::GetUser);
    let fake = limited([own]).await;
    assert_eq!(statuses(&fake, USER, 2).await, [200, 429]);
    assert_eq!(statuses(&fake, "/v1/users", 3).await, [200, 200, 200]);

    let fake = limited([RateLimit::token_bucket(SLOW, 3).unwrap(), own]).await;
    assert_eq!(statuses(&fake, USER, 2).await, [200, 429]);
    assert_eq!(statuses(&fake, "/v1/users", 3).await, [200, 200, 429]);
    let counts = [
        Operation::GetUser,
        Operation::GetUsers,
        Operation::DeleteUser,
    ]
    .map(|operation| {
        let counts = fake.request_counts(operation);
        (counts.accepted, counts.rejected)
    });
    assert_eq!(counts, [(1, 1), (2, 1), (0, 0)]);
}

#[tokio::test]
async fn headers_are_sent_with_rejections_and_where_due_with_successes() {
    use RateLimitHeaders as Kind;
    for (headers, name, accepted, rejected) in [
        (Kind::RetryAfter(60), "retry-after", None, "60"),
        (Kind::RetryAfterSeconds, "retry-after", None, "1000"),
        (
            Kind::XRateLimitSeconds,
            "x-ratelimit-reset",
            Some("1000"),
            "1000",
        ),
        (Kind::RateLimitReset, "ratelimit-remaining", Some("0"), "0"),
        (
            Kind::RateLimitPolicy,
            "ratelimit",
            Some("\"default\";r=0;t=1000"),
            "\"default\";r=0;t=1000",
        ),
    ] {
        let limit = RateLimit::token_bucket(SLOW, 1).unwrap().headers(headers);
        let fake = limited([limit]).await;
        let success = get(&fake, USER).await;
        assert_eq!(success.status(), 200);
        assert_eq!(header(&success, name), accepted, "{headers:?}");
        let rejection = get(&fake, USER).await;
        assert_eq!(rejection.status(), 429);
        assert_eq!(header(&rejection, name), Some(rejected), "{headers:?}");
        fake.assert_no_findings();
    }
}

#[tokio::test]
async fn a_limit_changes_while_the_fake_runs() {
    let fake = limited([RateLimit::token_bucket(SLOW, 5).unwrap()]).await;
    assert_eq!(statuses(&fake, USER, 1).await, [200]);
    fake.set_rate_limit(RateLimit::token_bucket(SLOW, 1).unwrap());
    assert_eq!(statuses(&fake, USER, 2).await, [200, 429]);
    fake.clear_rate_limits();
    assert_eq!(statuses(&fake, USER, 2).await, [200, 200]);
    fake.set_rate_limit(RateLimit::token_bucket(SLOW, 1).unwrap());
    assert_eq!(statuses(&fake, USER, 2).await, [200, 429]);
}

#[tokio::test]
async fn stub_responses_and_error_faults_are_not_counted() {
    let fake = limited([RateLimit::token_bucket(SLOW, 1).unwrap()]).await;
    fake.respond_next(Operation::GetUser, StubResponse::new(501).unwrap());
    fake.fail_next(Operation::GetUser, Fault::status(500).unwrap());
    assert_eq!(statuses(&fake, USER, 4).await, [501, 500, 200, 429]);
    let counts = fake.request_counts(Operation::GetUser);
    assert_eq!((counts.accepted, counts.rejected), (1, 1));
}

#[tokio::test]
async fn an_outage_ends_by_the_clock_of_the_fake() {
    let fake = limited([]).await;
    fake.start_outage(Duration::from_secs(60));
    assert_eq!(statuses(&fake, USER, 2).await, [503, 503]);
    let rejected = request(&fake, Method::DELETE, USER).send().await.unwrap();
    assert_eq!(rejected.status(), 503);
    fake.advance_clock(Duration::from_secs(60));
    assert_eq!(statuses(&fake, USER, 1).await, [200]);
    fake.assert_no_findings();
}

#[tokio::test]
async fn an_outage_may_reset_connections_before_requests_are_executed() {
    let fake = limited([]).await;
    fake.fail_for(Duration::from_secs(60), Fault::ResetBeforeExecution);
    let failure = request(&fake, Method::DELETE, USER).send().await;
    assert!(failure.is_err());
    assert!(fake.has_user("auth0|000000"));
    fake.stop_faults();
    assert_eq!(statuses(&fake, USER, 1).await, [200]);
    fake.assert_no_findings();
}
