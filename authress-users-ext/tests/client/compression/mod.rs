//! Compressed responses.

mod http2;
pub(crate) mod server;

use authress_users_ext::{ErrorKind, Outcome, RetryPolicy};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

#[cfg(feature = "brotli")]
use self::server::brotli_of_zeros;
use self::server::{Server, Then, accepted, chunked, encode, response};
use crate::clock::TestClock;
use crate::{SECRET, assert_shows_nothing};

const USER: &[u8] = br#"{"userId":"sekrit","name":"Ada","more":[1,2,3]}"#;

/// Returns a user of exactly this number of bytes.
fn user_of(length: usize) -> Vec<u8> {
    let (start, end) = (r#"{"userId":"sekrit","name":""#, r#""}"#);
    let name = "a".repeat(length - start.len() - end.len());
    [start, &name, end].concat().into_bytes()
}

#[tokio::test]
async fn each_coding_is_decoded() {
    // Larger than any buffer.
    let large = user_of(1_000_000);
    for coding in accepted() {
        for body in [USER, &large] {
            let coded = encode(coding, body).await;
            let mut responses = vec![response(200, coding, &coded)];
            if body.len() < 1_000 {
                responses.push(chunked(200, coding, &coded));
            }
            for bytes in responses {
                let server = Server::with(bytes).await;
                let user = server.client().users().get_user(SECRET);
                let response = user.send_with_response().await.unwrap();
                assert_eq!(response.value().user_id, SECRET);
                assert_eq!(response.attempts(), 1);
                assert!(response.body() == body, "{coding}");
            }
        }
    }
}

#[tokio::test]
async fn headers_of_the_coded_body_are_removed() {
    for coding in accepted() {
        let server = Server::with(response(200, coding, &encode(coding, USER).await)).await;
        let user = server.client().users().get_user(SECRET);
        let response = user.send_with_response().await.unwrap();
        let headers = response.headers();
        assert!(!headers.contains_key("content-encoding"));
        assert!(!headers.contains_key("content-length"));
        assert_eq!(headers["x-kept"], "yes");
        assert_eq!(headers["content-type"], "application/links+json");
    }
}

#[tokio::test]
async fn requests_for_values_accept_the_enabled_codings() {
    let server = Server::with(response(500, "identity", b"")).await;
    let client = server.builder().retry_policy(RetryPolicy::none());
    let authress = client.build().unwrap();
    let users = authress.users();
    users.get_user("a").await.unwrap_err();
    users.get_users().await.unwrap_err();
    users.delete_user("a").await.unwrap_err();
    users.link_tenant_user("acme", "a").await.unwrap_err();
    let expected = match accepted().join(", ") {
        none if none.is_empty() => vec![],
        codings => vec![codings],
    };
    // The responses to deletes and links have no body to compress.
    let none = Vec::<String>::new();
    assert_eq!(
        server.accepted_encodings(),
        [expected.clone(), expected, none.clone(), none]
    );
}

#[tokio::test]
async fn http_client_settings_do_not_change_decoding() {
    let server = Server::with(response(200, "deflate", USER)).await;
    let client = server.builder().http(|http| {
        let identity = HeaderValue::from_static("identity");
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, identity)]);
        http.no_gzip().no_brotli().default_headers(headers)
    });
    let read = client.build().unwrap().users().get_user(SECRET).await;
    // Decoding would fail.
    assert_eq!(read.unwrap().user_id, SECRET);
    let expected: Vec<_> = Some(accepted().join(", "))
        .filter(|all| !all.is_empty())
        .into_iter()
        .collect();
    assert_eq!(server.accepted_encodings(), [expected]);
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn names_of_codings_are_read_as_in_the_standard() {
    let coded = encode("gzip", USER).await;
    for name in [
        "gzip",
        "GZip",
        "x-gzip",
        "identity, gzip",
        " gzip ,",
        ", gzip",
    ] {
        let server = Server::with(response(200, name, &coded)).await;
        let user = server.client().users().get_user(SECRET).await;
        assert_eq!(user.unwrap().user_id, SECRET, "{name}");
    }
}

#[tokio::test]
async fn an_unaccepted_coding_is_named() {
    let unknown = "an unknown coding";
    for (header, shown) in [
        ("deflate", "deflate"),
        ("Deflate", "deflate"),
        ("compress", "compress"),
        ("gzip, gzip", "a list of codings"),
        ("br, identity, zstd", "a list of codings"),
        ("sekrit", unknown),
        ("\u{fc}", unknown),
    ] {
        let server = Server::with(response(200, header, b"\x78\x9c\x4b sekrit")).await;
        let user = server.client().users().get_user(SECRET);
        let error = user.await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "getUser: 200 OK: the body could not be decoded: its Content-Encoding is {shown}, \
                 which the client does not accept; body() returns it as received"
            )
        );
        assert_eq!(error.kind(), ErrorKind::InvalidBody);
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Done));
        assert_eq!(error.body().unwrap(), &b"\x78\x9c\x4b sekrit"[..]);
        assert_shows_nothing(&error);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_body_that_is_not_coded_is_read_whatever_its_header_says() {
    for coding in ["utf-8", "identity", "IDENTITY", "", "none"] {
        let server = Server::with(response(200, coding, USER)).await;
        let user = server.client().users().get_user(SECRET).await;
        assert_eq!(user.unwrap().user_id, SECRET, "{coding}");
    }
}

#[tokio::test]
async fn the_body_limit_counts_decoded_bytes() {
    const LIMIT: usize = 100_000;
    for coding in accepted() {
        for length in [LIMIT, LIMIT + 1, 50 * LIMIT] {
            let coded = encode(coding, &user_of(length)).await;
            assert!(coded.len() < LIMIT);
            let server = Server::with(response(200, coding, &coded)).await;
            let authress = server.builder().body_limit(LIMIT).build().unwrap();
            let read = authress.users().get_user(SECRET).await;
            if length == LIMIT {
                assert!(read.is_ok());
                continue;
            }
            let error = read.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BodyTooLarge, "{coding}");
            assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Done));
            assert_eq!(error.status().unwrap(), 200);
            assert_eq!(error.headers().unwrap()["x-kept"], "yes");
            assert_eq!(error.body().unwrap(), &user_of(length)[..LIMIT]);
            assert!(error.is_body_truncated());
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn the_largest_body_limit_is_no_limit() {
    for coding in accepted() {
        let server = Server::with(response(200, coding, &encode(coding, USER).await)).await;
        let authress = server.builder().body_limit(usize::MAX).build().unwrap();
        let user = authress.users().get_user(SECRET).await;
        assert_eq!(user.unwrap().user_id, SECRET, "{coding}");
    }
}

#[tokio::test]
async fn a_coded_body_may_be_larger_than_the_decoded_one() {
    for coding in accepted() {
        let coded = encode(coding, b"[]").await;
        let server = Server::with(response(404, coding, &coded)).await;
        let authress = server.builder().body_limit(2).build().unwrap();
        let error = authress.users().get_user(SECRET).await.unwrap_err();
        assert!(coded.len() > 2 && !error.is_body_truncated());
        assert_eq!(error.body().unwrap(), &b"[]"[..]);
    }
}

#[tokio::test]
async fn a_corrupt_or_truncated_coding_is_an_invalid_body() {
    for coding in accepted() {
        let valid = encode(coding, &user_of(5_000)).await;
        let corrupt = format!("its {coding} data is corrupt");
        let truncated = format!("its {coding} data is truncated");
        let mut bodies = vec![
            (b"{\"userId\":\"sekrit\"}".to_vec(), &corrupt),
            ([&valid[..], b"sekrit"].concat(), &corrupt),
            (valid[..valid.len() / 2].to_vec(), &truncated),
            (valid[..valid.len() - 1].to_vec(), &truncated),
            (valid[..1].to_vec(), &truncated),
        ];
        if coding == "gzip" {
            for position in [valid.len() - 1, valid.len() - 5] {
                let mut wrong_checksum = valid.clone();
                wrong_checksum[position] ^= 1;
                bodies.push((wrong_checksum, &corrupt));
            }
        }
        for (body, expected) in bodies {
            let server = Server::with(response(200, coding, &body)).await;
            let authress = server.client();
            // The second request is on a connection that was used before.
            for requests in 1..=2 {
                let error = authress.users().get_user(SECRET).await.unwrap_err();
                let text = format!("getUser: 200 OK: the body could not be decoded: {expected}");
                assert_eq!(error.to_string(), text, "{body:?}");
                assert_eq!(error.kind(), ErrorKind::InvalidBody);
                assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Done));
                assert_eq!(error.headers().unwrap()["x-kept"], "yes");
                assert!(error.is_body_truncated());
                assert_shows_nothing(&error);
                assert_eq!(server.requests().len(), requests);
            }
        }
    }
}

#[tokio::test]
async fn data_after_the_coding_is_found_in_a_later_chunk() {
    for coding in accepted() {
        let body = [&encode(coding, USER).await[..], b"more"].concat();
        let server = Server::with(chunked(200, coding, &body)).await;
        let error = server.client().users().get_user(SECRET).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidBody, "{coding}");
    }
}

#[cfg(feature = "brotli")]
#[tokio::test]
async fn large_windows_are_not_brotli() {
    for (name, has_large_window, kind) in [
        ("16 MiB", false, ErrorKind::BodyTooLarge),
        ("1 GiB", true, ErrorKind::InvalidBody),
    ] {
        let server = Server::with(response(200, "br", &brotli_of_zeros(1, has_large_window))).await;
        let authress = server.builder().body_limit(1_000).build().unwrap();
        let error = authress.users().get_user(SECRET).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
}

#[cfg(feature = "zstd")]
#[tokio::test]
async fn windows_of_zstandard_have_at_most_8_mib() {
    use async_compression::Level;
    use async_compression::tokio::bufread::ZstdEncoder;
    use async_compression::zstd::CParameter;
    use tokio::io::AsyncReadExt as _;

    for (window_log, is_valid) in [(23, true), (24, false)] {
        let window = [CParameter::window_log(window_log)];
        let mut encoder = ZstdEncoder::with_quality_and_params(USER, Level::Fastest, &window);
        let mut coded = Vec::new();
        encoder.read_to_end(&mut coded).await.unwrap();
        let server = Server::with(response(200, "zstd", &coded)).await;
        let read = server.client().users().get_user(SECRET).await;
        let error = read.err().map(|error| error.kind());
        let expected = (!is_valid).then_some(ErrorKind::InvalidBody);
        assert_eq!(error, expected, "{window_log}");
    }
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn all_members_of_gzip_are_decoded() {
    let (first, second) = USER.split_at(20);
    let members = [encode("gzip", first).await, encode("gzip", second).await].concat();
    for bytes in [
        response(200, "gzip", &members),
        chunked(200, "gzip", &members),
    ] {
        let server = Server::with(bytes).await;
        let user = server.client().users().get_user(SECRET);
        assert_eq!(user.send_with_response().await.unwrap().body(), USER);
    }
}

#[tokio::test]
async fn an_incomplete_transfer_is_a_closed_connection() {
    for coding in accepted() {
        let complete = response(200, coding, &encode(coding, &user_of(5_000)).await);
        let (half, then) = (complete[..complete.len() - 10].to_vec(), Then::Close);
        let sent = half.clone();
        let server = Server::start(move |_| (sent.clone(), then)).await;
        let client = server.builder().retry_policy(RetryPolicy::none());
        let error = client
            .build()
            .unwrap()
            .users()
            .get_user(SECRET)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionClosed, "{error}");
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Done));
        assert_eq!(error.headers().unwrap()["x-kept"], "yes");
        assert!(error.is_body_truncated());

        let is_first = std::sync::atomic::AtomicBool::new(true);
        let is_first = std::sync::Arc::new(is_first);
        let server = Server::start(move |_| {
            if is_first.swap(false, std::sync::atomic::Ordering::SeqCst) {
                (half.clone(), Then::Close)
            } else {
                (complete.clone(), Then::Continue)
            }
        })
        .await;
        let client = server.builder().clock(TestClock::new()).build().unwrap();
        let response = client.users().get_user(SECRET).send_with_response().await;
        assert_eq!(response.unwrap().attempts(), 2);
    }
}

#[tokio::test]
async fn an_empty_body_has_no_coding() {
    for coding in accepted().into_iter().chain(["deflate"]) {
        let server = Server::with(response(202, coding, b"")).await;
        server.client().users().delete_user("a").await.unwrap();
        let no_content = format!("HTTP/1.1 204 No Content\r\ncontent-encoding: {coding}\r\n\r\n");
        let server = Server::with(no_content.into_bytes()).await;
        let link = server
            .client()
            .users()
            .link_tenant_user("acme", "a")
            .send_with_response()
            .await;
        assert!(link.unwrap().body().is_empty());
        let server = Server::with(response(404, coding, b"")).await;
        let error = server.client().users().get_user("a").await.unwrap_err();
        assert!(error.is_not_found() && !error.is_body_truncated());
    }
}

#[tokio::test]
async fn error_bodies_are_decoded() {
    let body = br#"{"title":"No","errorCode":"UserNotFound","errorId":"e1"}"#;
    for coding in accepted() {
        let coded = encode(coding, body).await;
        for (status, kind) in [
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Server),
        ] {
            let server = Server::with(response(status, coding, &coded)).await;
            let client = server.builder().retry_policy(RetryPolicy::none());
            let authress = client.build().unwrap();
            let error = authress.users().get_user("a").await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert_eq!(error.error_code(), Some("UserNotFound"));
            assert_eq!(error.error_id(), Some("e1"));
            assert_eq!(error.body().unwrap(), &body[..]);
            assert!(!error.is_body_truncated());
        }
        // The status alone decides.
        for body in [&coded[..coded.len() - 1], b"sekrit"] {
            let server = Server::with(response(404, coding, body)).await;
            let error = server.client().users().get_user("a").await.unwrap_err();
            assert!(error.is_not_found() && error.is_body_truncated());
            assert_shows_nothing(&error);
        }
        // Of an error, the first 64 KiB are kept.
        let large = encode(coding, &user_of(1_000_000)).await;
        let server = Server::with(response(404, coding, &large)).await;
        let error = server.client().users().get_user("a").await.unwrap_err();
        assert_eq!(error.body().unwrap().len(), 64 * 1024);
        assert!(error.is_not_found() && error.is_body_truncated());
    }
}

#[tokio::test]
async fn a_list_is_decoded_page_by_page_on_one_connection() {
    for coding in accepted() {
        let mut pages = Vec::new();
        for page in 0..5 {
            let users: Vec<_> = (0..100)
                .map(|user| format!(r#"{{"userId":"{page}-{user}"}}"#))
                .collect();
            let next = match page {
                4 => "null".to_owned(),
                _ => format!(r#"{{"cursor":"page-{}"}}"#, page + 1),
            };
            let body = format!(
                r#"{{"users":[{}],"pagination":{{"next":{next}}}}}"#,
                users.join(",")
            );
            pages.push(response(
                200,
                coding,
                &encode(coding, body.as_bytes()).await,
            ));
        }
        let server = Server::start(move |head| {
            let number = head
                .split_once("cursor=page-")
                .map_or("0", |(_, rest)| &rest[..1]);
            (
                pages[number.parse::<usize>().unwrap()].clone(),
                Then::Continue,
            )
        })
        .await;
        let authress = server.client();
        let list = || authress.users().get_users();
        for mut users in [list().stream(), list().with_prefetch(1).stream()] {
            let mut count = 0;
            while let Some(user) = users.try_next().await.unwrap() {
                assert_eq!(user.user_id, format!("{}-{}", count / 100, count % 100));
                count += 1;
            }
            assert_eq!(count, 500);
        }
        assert_eq!(server.requests().len(), 10);
        assert_eq!(server.connections(), 1);
    }
}
