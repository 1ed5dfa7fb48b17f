use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authress_users_contract::MockAuthress;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::{example_on, folder, output, texts};

/// Serves the fake by TLS.
fn serve(listener: TcpListener, acceptor: TlsAcceptor, fake: String) {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, fake) = (acceptor.clone(), fake.clone());
            tokio::spawn(async move {
                // Fails without a client certificate.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut fake = TcpStream::connect(fake).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut fake).await;
            });
        }
    });
}

/// Starts a proxy that connects to `target`. Returns its address and the number of its connections.
async fn proxy(target: SocketAddr) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut request).await.unwrap() > 0);
                }
                let expected = format!("CONNECT localhost:{} HTTP/1.1\r\n", target.port());
                assert!(request.starts_with(expected.as_bytes()));
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut target = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut target).await;
            });
        }
    });
    (address, connections)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_users_through_a_proxy_with_a_client_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("https://localhost:{}", address.port());
    let fake = MockAuthress::builder()
        .strict()
        .user("auth0|1")
        .public_url(&url)
        .start()
        .await
        .unwrap();
    let authority = Authority::new("authority");
    let of_fake = fake.url().replace("http://", "");
    serve(listener, authority.acceptor(true), of_fake);
    let (proxy, connections) = proxy(address).await;
    let folder = folder();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let run = |identity: String| {
        let mut command = example_on(&fake, "behind_proxy");
        command.env("AUTHRESS_API_URL", &url);
        command.arg(write("authority.pem", authority.certificate_pem()));
        command.arg(write("identity.pem", identity));
        command.arg(format!("http://{proxy}"));
        output(command)
    };
    let result = run(authority.identity_pem()).await;
    let (stdout, stderr) = texts(&result);
    assert_eq!(stdout, "auth0|1\n", "{stderr}");
    assert!(connections.load(Ordering::SeqCst) > 0);

    let another = Authority::new("another authority");
    let result = run(another.identity_pem()).await;
    assert!(!result.status.success());
    assert_eq!(fake.request_count(), 1);
}
