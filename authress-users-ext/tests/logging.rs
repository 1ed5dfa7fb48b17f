//! What this process logs at TRACE, by `log` and by `tracing`. Both are global, hence an own process.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, Once};

use authress_users_contract::MockAuthress;
use authress_users_ext::AuthressClient;
use bytes::Bytes;
use log::LevelFilter;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter as TracingLevel;

static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Writes into [`OUTPUT`].
struct Recorder;

impl io::Write for Recorder {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        OUTPUT.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("log: {} {}\n", record.target(), record.args());
        OUTPUT.lock().unwrap().extend(line.into_bytes());
    }

    fn flush(&self) {}
}

fn record() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        log::set_logger(&Recorder).unwrap();
        log::set_max_level(LevelFilter::Trace);
        tracing_subscriber::fmt()
            .with_max_level(TracingLevel::TRACE)
            .with_ansi(false)
            .with_writer(|| Recorder)
            .init();
    });
}

fn assert_not_recorded(token: &str) {
    let output = String::from_utf8(OUTPUT.lock().unwrap().clone()).unwrap();
    for source in ["log: ", "TRACE ", "authress_users_ext"] {
        assert!(output.contains(source), "nothing by {source:?}");
    }
    let signature = token.rsplit('.').next().unwrap();
    for secret in [token, signature, "Bearer"] {
        let line = output.lines().find(|line| line.contains(secret));
        let target = line.map(|line| line.split(' ').take(3).collect::<Vec<_>>());
        assert!(target.is_none(), "the token, by {target:?}");
    }
}

#[tokio::test]
async fn verbose_http_1_connections_do_not_log_the_token() {
    record();
    let fake = MockAuthress::builder()
        .user("auth0|1")
        .start()
        .await
        .unwrap();
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
        .http(|http| http.connection_verbose(true))
        .build()
        .unwrap();
    authress.users().get_user("auth0|1").await.unwrap();
    authress.users().get_user("auth0|2").await.unwrap_err();
    assert_not_recorded(authress.access_token().await.unwrap().expose_secret());
}

/// Accepts deletions over HTTP/2, without TLS.
async fn serve_http_2() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let response = http::Response::builder().status(202).body(()).unwrap();
            respond
                .send_response(response, false)
                .and_then(|mut body| body.send_data(Bytes::new(), true))
                .unwrap();
        }
    });
    address
}

#[tokio::test]
async fn verbose_http_2_connections_do_not_log_the_token() {
    record();
    let fake = MockAuthress::builder().start().await.unwrap();
    let token = fake.access_token();
    let authress = AuthressClient::builder()
        .api_url(format!("http://{}", serve_http_2().await))
        .access_token(token.expose_secret())
        .http(|http| http.connection_verbose(true).http2_prior_knowledge())
        .build()
        .unwrap();
    authress.users().delete_user("auth0|1").await.unwrap();
    assert_not_recorded(token.expose_secret());
}

#[tokio::test]
async fn a_failed_connection_does_not_log_the_token() {
    record();
    let fake = MockAuthress::builder().start().await.unwrap();
    let token = fake.access_token();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let authress = AuthressClient::builder()
        .api_url(url)
        .access_token(token.expose_secret())
        .http(|http| http.connection_verbose(true))
        .retry_policy(authress_users_ext::RetryPolicy::none())
        .build()
        .unwrap();
    authress.users().delete_user("auth0|1").await.unwrap_err();
    assert_not_recorded(token.expose_secret());
}
