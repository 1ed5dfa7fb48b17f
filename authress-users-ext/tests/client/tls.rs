//! TLS handshakes that fail.
#![cfg(feature = "rustls")]

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authress_users_ext::{AuthressClient, AuthressClientBuilder, Outcome, RetryStop};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::clock::TestClock;
use crate::{attempt_timeout, until};

impl Authority {
    /// A server that offers HTTP/2.
    fn http2_acceptor(&self) -> TlsAcceptor {
        let mut config = (**self.acceptor(false).config()).clone();
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// A client that trusts this authority.
    fn client_at(&self, address: SocketAddr) -> AuthressClientBuilder {
        let certificate = reqwest::Certificate::from_der(&self.certificate).unwrap();
        client_at(address).http(move |http| http.tls_certs_only([certificate.clone()]))
    }
}

fn client_at(address: SocketAddr) -> AuthressClientBuilder {
    AuthressClient::builder()
        .api_url(format!("https://localhost:{}", address.port()))
        .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
}

/// Passes each connection with its number to `serve`.
async fn listen<F>(
    serve: impl Fn(TcpStream, usize) -> F + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, counter.fetch_add(1, Ordering::SeqCst)));
        }
    });
    (address, connections)
}

/// Responds to one request with 404.
async fn respond(acceptor: TlsAcceptor, stream: TcpStream) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(missing).await.unwrap();
}

#[tokio::test]
async fn a_missing_client_certificate_is_a_connection_failure_with_the_alert() {
    let authority = Authority::new("authority");
    let acceptor = authority.acceptor(true);
    let (address, connections) = listen(move |stream, _| respond(acceptor.clone(), stream)).await;
    let clock = TestClock::new();
    let builder = authority.client_at(address).clock(clock.clone());
    let authress = builder.build().unwrap();
    let error = authress.users().delete_user("1").await.unwrap_err();
    assert!(error.is_connect() && !error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("CertificateRequired"), "{error}");
    assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotSent));
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::NotRetryable));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert!(clock.waits().is_empty());
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_not_retried() {
    let authority = Authority::new("authority");
    let acceptor = authority.acceptor(false);
    let (address, connections) = listen(move |stream, _| respond(acceptor.clone(), stream)).await;
    let by_ip = authority
        .client_at(address)
        .api_url(format!("https://127.0.0.1:{}", address.port()));
    for (number, (builder, reason)) in [
        (
            Authority::new("another authority").client_at(address),
            "UnknownIssuer",
        ),
        // The certificate is for another name.
        (by_ip, "not valid for name"),
    ]
    .into_iter()
    .enumerate()
    {
        let authress = builder.clock(TestClock::new()).build().unwrap();
        let error = authress.users().delete_user("1").await.unwrap_err();
        assert!(error.is_connect() && !error.is_retryable(), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
        assert!(
            error
                .to_string()
                .ends_with("check the certificates, which http() can set")
        );
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotSent));
        assert_eq!(connections.load(Ordering::SeqCst), number + 1);
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_finish_has_sent_nothing() {
    let authority = Authority::new("authority");
    for hangs in [true, false] {
        let acceptor = authority.acceptor(false);
        let (address, connections) = listen(move |mut stream, number| {
            let acceptor = acceptor.clone();
            async move {
                if number > 0 {
                    respond(acceptor, stream).await;
                } else if hangs {
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                } else {
                    // Closes in the middle of the handshake.
                    let _ = stream.read(&mut [0; 5]).await;
                }
            }
        })
        .await;
        let clock = TestClock::new();
        let builder = authority.client_at(address).clock(clock.clone());
        let authress = builder.build().unwrap();
        let call = tokio::spawn(authress.users().delete_user("1").send());
        if hangs {
            until(|| connections.load(Ordering::SeqCst) == 1).await;
            clock.until_a_limit_is_running().await;
            clock.advance(attempt_timeout());
        }
        // No user can have been deleted before the 404.
        let error = call.await.unwrap().unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!((error.attempts(), error.outcome()), (2, Outcome::Rejected));
    }
}

fn identity(authority: &Authority) -> reqwest::Identity {
    reqwest::Identity::from_pem(authority.identity_pem().as_bytes()).unwrap()
}

#[tokio::test]
async fn presents_a_client_certificate_to_a_server_of_a_local_authority() {
    let authority = Authority::new("authority");
    let acceptor = authority.acceptor(true);
    let (address, connections) = listen(move |stream, _| respond(acceptor.clone(), stream)).await;
    let root = authority.certificate_pem();
    let root = reqwest::Certificate::from_pem(root.as_bytes()).unwrap();
    let client = |identity: reqwest::Identity| {
        let root = root.clone();
        let configure = move |http: reqwest::ClientBuilder| {
            http.tls_certs_merge([root.clone()])
                .identity(identity.clone())
        };
        client_at(address).clock(TestClock::new()).http(configure)
    };
    let authress = client(identity(&authority)).build().unwrap();
    let error = authress.users().get_user("1").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let of_another_authority = identity(&Authority::new("another authority"));
    let authress = client(of_another_authority).build().unwrap();
    let error = authress.users().get_user("1").await.unwrap_err();
    assert!(error.is_connect(), "{error}");
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

/// Serves one tunnel to `target`, and returns what the proxy saw of the request.
async fn proxy(target: SocketAddr) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            assert!(client.read_buf(&mut head).await.unwrap() > 0);
        }
        let mut server = TcpStream::connect(target).await.unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        tokio::spawn(async move {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
        String::from_utf8(head).unwrap()
    });
    (url, seen)
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_no_token() {
    let authority = Authority::new("authority");
    let acceptor = authority.acceptor(false);
    let (address, _) = listen(move |stream, _| respond(acceptor.clone(), stream)).await;
    let (url, seen) = proxy(address).await;
    let root = reqwest::Certificate::from_der(&authority.certificate).unwrap();
    let builder = client_at(address)
        .clock(TestClock::new())
        .http(move |http| {
            let proxy = reqwest::Proxy::https(&url).unwrap();
            http.tls_certs_only([root.clone()]).proxy(proxy)
        });
    let error = builder
        .build()
        .unwrap()
        .users()
        .get_user("1")
        .await
        .unwrap_err();
    assert!(error.is_not_found(), "{error}");
    let seen = seen.await.unwrap();
    let host = format!("CONNECT localhost:{} HTTP/1.1", address.port());
    assert!(seen.starts_with(&host), "{seen}");
    assert!(!seen.to_lowercase().contains("authorization"), "{seen}");
}

#[test]
#[ignore = "run by the next test, in a child process"]
fn builds_clients_without_ca_certificates() {
    let client = |url| AuthressClient::builder().api_url(url).access_token("a.b.c");
    client("http://127.0.0.1:1").build().unwrap();
    client("localhost:1").build().unwrap();
    let error = client("https://auth.example.com").build().unwrap_err();
    assert!(error.is_configuration(), "{error:?}");
    assert!(error.to_string().contains("no CA certificates"), "{error}");
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
    // With certificates of its own, a client needs none of the machine.
    let authority = Authority::new("authority");
    authority
        .client_at("127.0.0.1:1".parse().unwrap())
        .build()
        .unwrap();
}

#[test]
fn only_https_needs_the_ca_certificates_of_the_machine() {
    let nothing = tempfile::NamedTempFile::new().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "tls::builds_clients_without_ca_certificates",
        ])
        .env("SSL_CERT_FILE", nothing.path())
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[tokio::test]
async fn a_new_client_needs_few_handshakes_for_many_http2_calls() {
    let authority = Authority::new("authority");
    let acceptor = authority.http2_acceptor();
    let (address, handshakes) = listen(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            // Fails on a connection that the client no longer needs.
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let Ok(mut connection) = h2::server::handshake(stream).await else {
                return;
            };
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                let response = http::Response::builder().status(202).body(()).unwrap();
                respond.send_response(response, true).unwrap();
            }
        }
    })
    .await;
    let authress = authority.client_at(address).build().unwrap();
    let users = authress.users();
    let calls = (0..1_000).map(|number| users.delete_user(number.to_string()).send());
    futures::future::try_join_all(calls).await.unwrap();
    let handshakes = handshakes.load(Ordering::SeqCst);
    assert!(handshakes <= 8, "{handshakes}");
}
