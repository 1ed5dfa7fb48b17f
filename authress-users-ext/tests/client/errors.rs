use std::error::Error as _;
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation, StubResponse};
use authress_users_ext::{ErrorKind, RetryPolicy};

use crate::clock::TestClock;
use crate::{SECRET, assert_shows_nothing, client_of, fake_with, start};

#[tokio::test]
async fn documented_statuses_have_predicates() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1).tenant("acme")).await;
    let users = authress.users();
    let errors = async || {
        [
            users.get_users().await.unwrap_err(),
            users.get_user("1").await.unwrap_err(),
            users.delete_user("1").await.unwrap_err(),
            users.link_tenant_user("acme", "1").await.unwrap_err(),
        ]
    };
    fake.reject_next(8);
    for error in errors().await {
        assert!(error.is_unauthorized() && !error.is_forbidden() && !error.is_not_found());
        assert_eq!(error.status().unwrap(), 401);
        assert!(error.error_id().is_some_and(|id| !id.is_empty()), "{error}");
    }
    for operation in Operation::ALL {
        fake.deny(*operation);
    }
    for error in errors().await {
        assert!(error.is_forbidden() && !error.is_unauthorized() && !error.is_not_found());
        assert!(error.title().is_some() && error.error_code().is_some());
    }
    for operation in Operation::ALL {
        fake.allow(*operation);
    }
    for error in [
        users.get_user("1").await.unwrap_err(),
        users.delete_user("1").await.unwrap_err(),
        users.link_tenant_user("acme", "1").await.unwrap_err(),
    ] {
        assert!(error.is_not_found() && !error.is_unauthorized() && !error.is_forbidden());
        assert_eq!(error.attempts(), 1);
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn unexpected_responses_are_kept_and_not_printed() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    let html = format!("<html>{SECRET}</html>");
    let json = format!(r#"{{"title":"{SECRET}","errorCode":"{SECRET}","errorId":"{SECRET}"}}"#);
    let broken = format!(r#"{{"userId":"{SECRET}"#);
    let wrong = format!(r#"{{"userId":["{SECRET}"]}}"#);
    let text = "text/html";
    for (status, media_type, body, kind) in [
        (404, text, html.clone(), ErrorKind::NotFound),
        (403, text, String::new(), ErrorKind::Forbidden),
        (401, text, html.clone(), ErrorKind::Unauthorized),
        (418, text, html.clone(), ErrorKind::UnexpectedStatus),
        (
            400,
            "application/json",
            json.clone(),
            ErrorKind::UnexpectedStatus,
        ),
        (501, "application/json", json.clone(), ErrorKind::Server),
        (302, text, html.clone(), ErrorKind::UnexpectedStatus),
        (
            201,
            "application/json",
            json.clone(),
            ErrorKind::UnexpectedStatus,
        ),
        (204, text, String::new(), ErrorKind::UnexpectedStatus),
        (
            200,
            "application/links+json",
            broken,
            ErrorKind::InvalidBody,
        ),
        (200, "application/links+json", wrong, ErrorKind::InvalidBody),
        (200, text, html, ErrorKind::InvalidBody),
        (200, text, String::new(), ErrorKind::InvalidBody),
    ] {
        // A 401 is retried once.
        for _ in 0..if status == 401 { 2 } else { 1 } {
            let stub = StubResponse::new(status)
                .unwrap()
                .header("content-type", media_type)
                .unwrap()
                .header("x-request", SECRET)
                .unwrap()
                .body(body.clone());
            fake.respond_next(Operation::GetUser, stub);
        }
        let error = authress.users().get_user(SECRET).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {error}");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.headers().unwrap()["x-request"], SECRET);
        assert_eq!(error.body().unwrap(), body.as_bytes());
        assert!(!error.is_body_truncated());
        assert_eq!(error.operation(), Some("getUser"));
        if body.starts_with(r#"{"title"#) && status != 201 {
            assert_eq!(
                [error.title(), error.error_code(), error.error_id()],
                [Some(SECRET); 3],
                "documented or not, JSON is read"
            );
        }
        assert!(
            error
                .to_string()
                .starts_with(&format!("getUser: {status} ")),
            "{error}"
        );
        assert_shows_nothing(&error);
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_an_error_with_the_part_that_was_read() {
    let fake = fake_with(0).await;
    let authress = client_of(&fake).body_limit(64).build().unwrap();
    let fits = format!(r#"{{"userId":"{}"}}"#, "x".repeat(51));
    assert_eq!(fits.len(), 64);
    fake.respond_next(
        Operation::GetUser,
        StubResponse::new(200).unwrap().body(fits),
    );
    authress.users().get_user("x".repeat(51)).await.unwrap();
    fake.respond_next(
        Operation::GetUser,
        StubResponse::new(200).unwrap().body(SECRET.repeat(11)),
    );
    let error = authress.users().get_user("1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(error.status().unwrap(), 200);
    assert!(error.headers().is_some());
    assert!(error.body().unwrap().len() <= 64);
    assert!(error.to_string().contains("64 bytes"), "{error}");
    assert_shows_nothing(&error);
}

#[tokio::test]
async fn an_error_status_with_an_unreadable_body_keeps_its_kind() {
    let fake = fake_with(1).await;
    let authress = client_of(&fake)
        .body_limit(64)
        .clock(TestClock::new())
        .build()
        .unwrap();
    let users = authress.users();
    let large = |status| StubResponse::new(status).unwrap().body(SECRET.repeat(11));
    fake.respond_next(Operation::GetUser, large(404));
    let error = users.get_user("1").await.unwrap_err();
    assert!(error.is_not_found() && error.body().unwrap().len() == 64);
    assert!(error.is_body_truncated());
    assert_shows_nothing(&error);
    fake.fail_next(Operation::GetUser, Fault::CutBody);
    assert!(
        users
            .get_user("missing")
            .optional()
            .await
            .unwrap()
            .is_none()
    );
    fake.respond_next(
        Operation::GetUser,
        large(503).header("retry-after", "60").unwrap(),
    );
    let error = users.get_user("1").await.unwrap_err();
    assert!(error.is_server() && error.is_retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    fake.respond_next(Operation::GetUser, large(503));
    let id = &fake.user_ids()[0];
    // The body of the user exceeds 64 bytes.
    assert_eq!(users.get_user(id).await.unwrap_err().attempts(), 2);
}

#[tokio::test]
async fn a_timeout_of_the_configured_http_client_is_an_attempt_timeout() {
    let fake = fake_with(1).await;
    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_secs(3_600)));
    fake.fail_next(
        Operation::GetUser,
        Fault::SlowDrip(Duration::from_secs(3_600)),
    );
    for _ in 0..2 {
        let builder = client_of(&fake)
            .http(|http| http.read_timeout(Duration::from_millis(20)))
            .retry_policy(RetryPolicy::none());
        let authress = builder.build().unwrap();
        let error = authress
            .users()
            .get_user(&fake.user_ids()[0])
            .await
            .unwrap_err();
        assert!(
            error.is_timeout() && error.may_have_taken_effect(),
            "{error}"
        );
        assert!(error.to_string().contains("given to http()"), "{error}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_a_connect_error_without_the_url() {
    // A bound port without a listener refuses connections.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let authress = authress_users_ext::AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("a.b.c")
        .clock(TestClock::new())
        .build()
        .unwrap();
    let error = authress.users().get_user(SECRET).await.unwrap_err();
    assert!(error.is_connect() && error.is_retryable(), "{error:?}");
    assert!(error.status().is_none() && error.body().is_none() && error.headers().is_none());
    assert_eq!(
        error.to_string().rsplit_once("s: ").unwrap().1,
        "could not connect to the API: connection refused"
    );
    assert_shows_nothing(&error);
}

#[tokio::test]
async fn display_does_not_repeat_the_source() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    fake.respond_next(
        Operation::GetUser,
        StubResponse::new(200).unwrap().body("{"),
    );
    let error = authress.users().get_user("1").await.unwrap_err();
    let source = error.source().unwrap().to_string();
    assert_eq!(source, "line 1, column 1: the JSON is truncated");
    assert!(!error.to_string().contains(&source));
}

#[tokio::test]
async fn at_most_64_kib_of_an_error_body_are_kept() {
    const LIMIT: usize = 64 * 1024;
    let fake = fake_with(0).await;
    let authress = client_of(&fake)
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap();
    let many = format!("{{{}", r#""":0,"#.repeat(3_000_000));
    let named = |rest: &str| {
        let mut body = r#"{"errorCode":"c","title":"t","#.to_owned();
        body.push_str(rest);
        body
    };
    for (body, title, is_truncated) in [
        (many.clone(), None, true),
        (named(&many[1..]), Some("t"), true),
        ("[".repeat(LIMIT + 1), None, true),
        ("<".repeat(LIMIT), None, false),
        (named(r#""x":0}"#), Some("t"), false),
    ] {
        for status in [404, 500] {
            let response = StubResponse::new(status).unwrap().body(body.clone());
            fake.respond_next(Operation::GetUser, response);
            let error = authress.users().get_user("1").await.unwrap_err();
            assert_eq!(error.status().unwrap(), status);
            let kept = &body.as_bytes()[..body.len().min(LIMIT)];
            assert!(error.body().unwrap() == kept, "{title:?}");
            assert_eq!(error.is_body_truncated(), is_truncated);
            assert_eq!(error.title(), title);
            assert_eq!(error.error_code().is_some(), title.is_some());
        }
    }
    fake.fail_next(Operation::GetUser, Fault::CutBody);
    let error = authress.users().get_user("missing").await.unwrap_err();
    assert!(error.is_not_found() && error.is_body_truncated());
}

#[tokio::test]
async fn a_response_about_another_user_is_an_error_without_its_body() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    let users = authress.users();
    let body = |id: &str| {
        format!(
            r#"{{"userId":{},"name":"{SECRET}"}}"#,
            serde_json::json!(id)
        )
    };
    for (requested, received) in [
        ("a", "b"),
        ("a", ""),
        ("a", "sekrit"),
        ("sekrit", "sekrit2"),
        ("auth0|1", "auth0|11"),
        ("auth0|1", "auth0|1 "),
        ("a", "a\u{200b}"),
    ] {
        let response = StubResponse::new(200).unwrap().body(body(received));
        fake.respond_next(Operation::GetUser, response.header("x-a", "b").unwrap());
        let error = users.get_user(requested).optional().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongUser, "{received}");
        assert!(error.is_wrong_user() && !error.is_retryable());
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.headers().unwrap()["x-a"], "b");
        assert_eq!((error.operation(), error.attempts()), (Some("getUser"), 1));
        assert!(error.body().unwrap().is_empty());
        let expected = "getUser: 200 OK: the response is about another user; check ";
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_shows_nothing(&error);
    }
    // Providers normalize the case of letters.
    for (requested, received) in [
        ("Ada@Example.com", "ada@example.com"),
        ("auth0|AB", "auth0|ab"),
        ("ÄRA", "ära"),
        ("a", "a"),
    ] {
        let response = StubResponse::new(200).unwrap().body(body(received));
        fake.respond_next(Operation::GetUser, response);
        assert_eq!(users.get_user(requested).await.unwrap().user_id, received);
    }
}

#[tokio::test]
async fn a_response_is_never_returned_for_another_user() {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Sends two responses to each request, each time about a user that was requested before.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut request = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut request) {
                    let head = String::from_utf8_lossy(&request[..length]).into_owned();
                    let id = head.split(['/', ' ']).nth(4).unwrap_or_default().to_owned();
                    let body = format!(r#"{{"userId":"{id}"}}"#);
                    let response = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if stream.write_all(response.repeat(2).as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    let authress = authress_users_ext::AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .access_token("a.b.c")
        .clock(TestClock::new())
        .build()
        .unwrap();
    for number in 0..50 {
        let id = format!("user-{number}");
        match authress.users().get_user(&id).await {
            Ok(user) => assert_eq!(user.user_id, id),
            Err(error) => assert!(
                error.is_wrong_user() || error.is_connection_closed(),
                "{error}"
            ),
        }
    }
}

/// Resolves no name: fails, or never completes.
struct NoNames {
    fails: bool,
}

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let fails = self.fails;
        Box::pin(async move {
            if !fails {
                std::future::pending::<()>().await;
            }
            Err("no such name".into())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn names_why_there_is_no_connection() {
    for (fails, reason) in [
        (true, "the host name cannot be resolved"),
        (false, "the connect timeout passed"),
    ] {
        let names = std::sync::Arc::new(NoNames { fails });
        let authress = authress_users_ext::AuthressClient::builder()
            .api_url("http://localhost")
            .access_token("a.b.c")
            .retry_policy(RetryPolicy::none())
            .http(move |http| http.dns_resolver(names.clone()))
            .build()
            .unwrap();
        let error = authress.users().get_user("1").await.unwrap_err();
        assert!(error.is_connect() && error.is_retryable(), "{error:?}");
        let expected = format!(
            "getUser: could not connect to the API: {reason}; check api_url and the network"
        );
        assert_eq!(error.to_string(), expected);
    }
}
