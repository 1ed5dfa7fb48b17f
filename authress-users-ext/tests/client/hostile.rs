//! Invalid and malicious responses cause no panic, no hang, and no secret in an error.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::{AuthressClient, Error, RetryPolicy};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tokio::runtime::Runtime;

use crate::clock::TestClock;
use crate::{SECRET, assert_shows_nothing, client_of};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Calls every operation and a list, and returns the errors.
async fn call_everything(authress: &AuthressClient) -> Vec<Error> {
    let users = authress.users();
    [
        users.get_users().filter(SECRET).await.err(),
        users.get_user(SECRET).await.err(),
        users.delete_user(SECRET).await.err(),
        users.link_tenant_user(SECRET, SECRET).await.err(),
        users
            .get_users()
            .cursor(SECRET)
            .stream()
            .try_next()
            .await
            .err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn header() -> impl Strategy<Value = (String, String)> {
    let names = prop_oneof![
        Just("content-type"),
        Just("content-encoding"),
        Just("retry-after"),
        Just("location"),
        Just("www-authenticate"),
        Just("set-cookie"),
        Just("x-unusual"),
    ];
    let values = prop_oneof![
        "[ -~]{0,40}",
        Just("gzip".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("Thu, 01 Jan 1970 00:00:00 GMT".to_owned()),
        Just("application/links+json; charset=utf-16".to_owned()),
        Just("sekrit".to_owned()),
    ];
    (names.prop_map(str::to_owned), values)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![
        Just(r#"{"users":null}"#),
        Just(r#"{"users":[{"userId":"sekrit"}],"pagination":{"next":{"cursor":"sekrit"}}}"#),
        Just(r#"{"users":[null]}"#),
        Just(r#"{"users":[{"userId":{"sekrit":1}}]}"#),
        Just(r#"{"userId":"sekrit","userId":"sekrit"}"#),
        Just(r#"{"userId":"\ud800sekrit"}"#),
        Just(r#"{"title":["sekrit"],"errorCode":"sekrit","errorId":"sekrit"}"#),
        Just(r#"["sekrit"#),
        Just("sekrit"),
    ];
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        json.prop_map(|text| text.as_bytes().to_vec()),
        // Exceeds the recursion limit of the parser.
        (1_usize..100_000).prop_map(|depth| "[".repeat(depth).into_bytes()),
        (1_usize..2_000).prop_map(|depth| r#"{"users":"#.repeat(depth).into_bytes()),
    ]
}

#[test]
fn arbitrary_responses_yield_a_value_or_a_redacted_error() {
    let runtime = runtime();
    let fake = runtime
        .block_on(MockAuthress::builder().strict().start())
        .unwrap();
    let client = client_of(&fake)
        .retry_policy(RetryPolicy::none())
        .clock(TestClock::new());
    let authress = client.build().unwrap();
    let responses = (
        200_u16..=999,
        proptest::collection::vec(header(), 0..4),
        body(),
    );
    TestRunner::new(ProptestConfig::with_cases(150))
        .run(&responses, |(status, headers, body)| {
            let mut response = StubResponse::new(status).unwrap().body(body);
            for (name, value) in &headers {
                response = response.header(name, value).unwrap();
            }
            for operation in [
                Operation::GetUsers,
                Operation::GetUsers,
                Operation::GetUser,
                Operation::DeleteUser,
                Operation::LinkTenantUser,
            ] {
                fake.respond_next(operation, response.clone());
                if status == 401 {
                    fake.respond_next(operation, response.clone());
                }
            }
            for error in runtime.block_on(call_everything(&authress)) {
                assert_shows_nothing(&error);
                assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            }
            Ok(())
        })
        .unwrap();
}

/// A server that sends these bytes in response to every request, and closes the connection.
struct RawServer {
    address: String,
    responses: mpsc::Sender<Vec<u8>>,
}

impl RawServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (responses, next) = mpsc::channel::<Vec<u8>>();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(response) = next.recv() else { return };
                // The client may have closed the connection.
                let _ = stream.and_then(|stream| Self::response(stream, &response));
            }
        });
        Self { address, responses }
    }

    fn response(mut stream: TcpStream, response: &[u8]) -> std::io::Result<()> {
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut piece)? {
                0 => return Ok(()),
                length => request.extend_from_slice(&piece[..length]),
            }
        }
        stream.write_all(response)
    }
}

#[test]
fn arbitrary_bytes_yield_a_value_or_a_redacted_error() {
    let runtime = runtime();
    let server = RawServer::start();
    let authress = AuthressClient::builder()
        .api_url(format!("http://{}", server.address))
        .access_token("sekrit.sekrit.sekrit")
        .retry_policy(RetryPolicy::none())
        .clock(TestClock::new())
        .build()
        .unwrap();
    let heads = prop_oneof![
        Just("HTTP/1.1 200 OK\r\n".to_owned()),
        (0_u16..=999).prop_map(|status| format!("HTTP/1.1 {status} sekrit\r\n")),
        Just("HTTP/1.0 200\r\n".to_owned()),
        Just("HTTP/2.0 200 OK\r\n".to_owned()),
        Just(String::new()),
    ];
    let lines = prop_oneof![
        Just("content-length: 5\r\n\r\n".to_owned()),
        Just("content-length: 18446744073709551615\r\n\r\n".to_owned()),
        Just("content-length: -1\r\n\r\n".to_owned()),
        Just("content-length: 3\r\ncontent-length: 4\r\n\r\n".to_owned()),
        Just("transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_owned()),
        Just("transfer-encoding: chunked\r\n\r\n5\r\nsekri\r\n0\r\n\r\n".to_owned()),
        Just("transfer-encoding: sekrit\r\n\r\n".to_owned()),
        Just("x".repeat(500_000)),
        "[ -~]{0,40}\r\n\r\n",
    ];
    let responses = (heads, lines, proptest::collection::vec(any::<u8>(), 0..300));
    TestRunner::new(ProptestConfig::with_cases(150))
        .run(&responses, |(head, lines, rest)| {
            let mut response = head.into_bytes();
            response.extend_from_slice(lines.as_bytes());
            response.extend_from_slice(&rest);
            for _ in 0..5 {
                server.responses.send(response.clone()).unwrap();
            }
            let errors = runtime.block_on(async {
                let users = authress.users();
                [
                    users.get_users().await.err(),
                    users.get_user(SECRET).await.err(),
                    users.delete_user(SECRET).await.err(),
                    users.link_tenant_user(SECRET, SECRET).await.err(),
                    users.get_users().stream().try_next().await.err(),
                ]
            });
            for error in errors.into_iter().flatten() {
                assert_shows_nothing(&error);
            }
            Ok(())
        })
        .unwrap();
}
