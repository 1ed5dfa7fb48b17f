//! Local clocks that differ from the server's.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::{
    AccessToken, AuthressClient, CachedTokenProvider, Error, TokenFuture, TokenProvider,
};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::clock::TestClock;
use crate::{client_of, fake_with};

const HOUR: Duration = Duration::from_secs(3_600);
const DATE: &str = "Sun, 06 Nov 2044 08:49:37 GMT";
const THREE_SECONDS_LATER: &str = "Sun, 06 Nov 2044 08:49:40 GMT";

/// Starts a fake, and builds a client whose clock is `fast` ahead of the time of day.
async fn start(fast: Duration) -> (MockAuthress, AuthressClient) {
    let fake = fake_with(1).await;
    let clock = TestClock::new();
    clock.advance(fast);
    let authress = client_of(&fake).clock(clock).build().unwrap();
    (fake, authress)
}

async fn attempts(authress: &AuthressClient) -> Result<u32, Error> {
    let response = authress.users().get_users().send_with_response().await?;
    Ok(response.attempts())
}

#[tokio::test]
async fn a_fast_clock_costs_one_attempt_once() {
    let (fake, authress) = start(Duration::from_secs(120)).await;
    assert_eq!(attempts(&authress).await.unwrap(), 2);
    assert_eq!(attempts(&authress).await.unwrap(), 1);
    assert_eq!(attempts(&authress.clone()).await.unwrap(), 1);
    fake.revoke_tokens();
    assert_eq!(
        attempts(&authress).await.unwrap(),
        2,
        "the skew is remembered"
    );
}

#[tokio::test]
async fn a_slow_clock_costs_one_attempt_once() {
    for slow in [25 * HOUR, 47 * HOUR] {
        let (fake, authress) = start(Duration::ZERO).await;
        fake.advance_clock(slow);
        assert_eq!(attempts(&authress).await.unwrap(), 2);
        assert_eq!(attempts(&authress).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_skew_beyond_48_hours_is_named_but_not_corrected() {
    let (fake, authress) = start(Duration::ZERO).await;
    fake.advance_clock(72 * HOUR);
    for _ in 0..2 {
        let error = attempts(&authress).await.unwrap_err();
        assert!(error.is_unauthorized());
        assert_eq!(error.attempts(), 2);
        let text = error.to_string();
        assert!(text.contains("clock is 72 h behind the server's"), "{text}");
    }
    let (_fake, authress) = start(72 * HOUR).await;
    let text = attempts(&authress).await.unwrap_err().to_string();
    assert!(
        text.contains("clock is 72 h ahead of the server's"),
        "{text}"
    );
}

#[tokio::test]
async fn the_error_names_a_skew_that_a_new_token_does_not_cure() {
    let (fake, authress) = start(Duration::from_secs(300)).await;
    fake.reject_next(2);
    let text = attempts(&authress).await.unwrap_err().to_string();
    assert!(
        text.contains("clock is 5 min ahead of the server's"),
        "{text}"
    );

    let fake = MockAuthress::builder().users(1).start().await.unwrap();
    let token = fake.access_token().expose_secret().to_owned();
    fake.advance_clock(25 * HOUR);
    let builder = AuthressClient::builder().api_url(fake.url());
    let authress = builder.access_token(token).build().unwrap();
    let error = attempts(&authress).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    let text = error.to_string();
    assert!(text.contains("clock is 25 h behind the server's"), "{text}");
}

#[tokio::test]
async fn a_401_that_time_does_not_explain_changes_nothing() {
    for date in [None, Some("a while ago"), Some("1700000000"), Some("")] {
        let (fake, authress) = start(Duration::ZERO).await;
        for _ in 0..2 {
            let mut response = StubResponse::new(401).unwrap();
            if let Some(date) = date {
                response = response.header("date", date).unwrap();
            }
            fake.respond_next(Operation::GetUsers, response);
        }
        let error = attempts(&authress).await.unwrap_err();
        assert!(error.is_unauthorized() && !error.to_string().contains("clock"));
        assert_eq!(attempts(&authress).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn dates_of_other_responses_are_not_read() {
    let (fake, authress) = start(Duration::ZERO).await;
    for status in [200, 403, 404, 500] {
        let response = StubResponse::new(status).unwrap();
        let response = response.header("date", DATE).unwrap();
        fake.respond_next(Operation::GetUsers, response.body(r#"{"users":[]}"#));
        let _ = attempts(&authress).await;
    }
    assert_eq!(fake.distinct_tokens(), 1);
    assert_eq!(attempts(&authress).await.unwrap(), 1);
}

/// Returns another token for each request, and records the time that each request names.
#[derive(Clone, Default)]
struct Vault(Arc<Mutex<Vec<SystemTime>>>);

impl TokenProvider for Vault {
    fn access_token(&self) -> TokenFuture<'_> {
        unreachable!("the client passes the time")
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        self.0.lock().unwrap().push(now);
        let number = self.0.lock().unwrap().len();
        // {"iat":0,"exp":4102444800}, the year 2100.
        let jwt = format!("e30.eyJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0.{number}");
        Box::pin(std::future::ready(
            AccessToken::new(jwt).map_err(Into::into),
        ))
    }
}

/// Responds with the given responses, without adding headers, and closes the connection after each.
async fn serve(responses: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for response in responses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut received = Vec::new();
            while !received.ends_with(b"\r\n\r\n") {
                assert!(stream.read_buf(&mut received).await.unwrap() > 0);
            }
            stream.write_all(response.as_bytes()).await.unwrap();
        }
    });
    url
}

fn response(status: &str, headers: &str) -> String {
    let body = r#"{"users":[]}"#;
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn caching_providers_use_the_corrected_time() {
    let far = httpdate_of(SystemTime::now() + 47 * HOUR);
    let expired = "e30.eyJpYXQiOjAsImV4cCI6NDEwMjQ0NDgwMH0.first";
    let vault = Vault::default();
    let clock = TestClock::new();
    let url = serve(vec![
        response("401 Unauthorized", &format!("date: {far}\r\n")),
        response("200 OK", ""),
    ])
    .await;
    // The token expires in an hour, which the server's clock has passed.
    let first = AccessToken::new(expired).unwrap();
    let first = first.with_expiry(SystemTime::now() + HOUR);
    let provider = CachedTokenProvider::new(FirstThen(Mutex::new(Some(first)), vault.clone()));
    let authress = AuthressClient::builder()
        .api_url(url)
        .token_provider(provider)
        .clock(clock.clone())
        .build()
        .unwrap();
    assert_eq!(attempts(&authress).await.unwrap(), 2);
    let times = vault.0.lock().unwrap().clone();
    let [corrected] = *times else {
        panic!("one renewal, not {}", times.len())
    };
    assert_eq!(httpdate_of(corrected), far);
}

/// Returns one token, and then those of another provider.
struct FirstThen(Mutex<Option<AccessToken>>, Vault);

impl TokenProvider for FirstThen {
    fn access_token(&self) -> TokenFuture<'_> {
        unreachable!("the client passes the time")
    }

    fn access_token_at(&self, now: SystemTime) -> TokenFuture<'_> {
        match self.0.lock().unwrap().take() {
            Some(first) => Box::pin(std::future::ready(Ok(first))),
            None => self.1.access_token_at(now),
        }
    }
}

fn httpdate_of(time: SystemTime) -> String {
    httpdate::fmt_http_date(time)
}

#[tokio::test]
async fn a_401_without_a_date_leaves_the_clock_unchanged() {
    let unauthorized = response("401 Unauthorized", "");
    let url = serve(vec![unauthorized.clone(), unauthorized]).await;
    let authress = AuthressClient::builder()
        .api_url(url)
        .token_provider(Vault::default())
        .build()
        .unwrap();
    let error = attempts(&authress).await.unwrap_err();
    assert!(error.is_unauthorized() && !error.to_string().contains("clock"));
    assert_eq!(error.attempts(), 2);
}

#[tokio::test]
async fn retry_after_dates_are_compared_with_the_date_of_the_response() {
    for status in [429, 503] {
        let fake = MockAuthress::builder().users(1).start().await.unwrap();
        let clock = TestClock::with_random(0.0);
        let authress = client_of(&fake).clock(clock.clone()).build().unwrap();
        let response = StubResponse::new(status)
            .unwrap()
            .header("date", DATE)
            .unwrap()
            .header("retry-after", THREE_SECONDS_LATER)
            .unwrap();
        fake.respond_next(Operation::GetUsers, response.clone());
        assert_eq!(attempts(&authress).await.unwrap(), 2);
        assert_eq!(clock.waits(), [Duration::from_secs(3)]);
        // The accessor of an error uses the same time.
        fake.respond_next(Operation::GetUsers, response);
        let policy = authress_users_ext::RetryPolicy::none();
        let call = authress.users().get_users().with_retry_policy(policy);
        let error = call.await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    }
}
