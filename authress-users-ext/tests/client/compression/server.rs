//! A server over HTTP/1.1 whose responses are bytes, and the coders of their bodies.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_compression::Level;
use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use authress_users_ext::{AuthressClient, AuthressClientBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The codings of the enabled features, as `Accept-Encoding` names them.
pub(crate) fn accepted() -> Vec<&'static str> {
    let all = [
        ("gzip", cfg!(feature = "gzip")),
        ("br", cfg!(feature = "brotli")),
        ("zstd", cfg!(feature = "zstd")),
    ];
    let enabled = all.into_iter().filter(|(_, is_enabled)| *is_enabled);
    enabled.map(|(name, _)| name).collect()
}

/// Returns the body in a coding.
pub(crate) async fn encode(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    match coding {
        "gzip" => {
            GzipEncoder::with_quality(body, Level::Fastest)
                .read_to_end(&mut coded)
                .await
        }
        "br" => {
            BrotliEncoder::with_quality(body, Level::Fastest)
                .read_to_end(&mut coded)
                .await
        }
        "zstd" => {
            ZstdEncoder::with_quality(body, Level::Fastest)
                .read_to_end(&mut coded)
                .await
        }
        other => panic!("no coder for {other}"),
    }
    .unwrap();
    coded
}

/// Returns a small body of 10 GB in a coding.
pub(crate) async fn bomb(coding: &str) -> Vec<u8> {
    #[cfg(feature = "brotli")]
    if coding == "br" {
        return brotli_of_zeros((10 << 30) / 65_536, false);
    }
    // A part of 1 MiB in 1 KiB, over and over.
    encode(coding, &vec![b' '; 1 << 20]).await.repeat(10 << 10)
}

/// Returns a stream of `blocks` times 65,536 zeros.
#[cfg(feature = "brotli")]
pub(crate) fn brotli_of_zeros(blocks: usize, has_large_window: bool) -> Vec<u8> {
    const LENGTH: u64 = 65_536;
    // Each field and its number of bits; RFC 7932, section 9.
    let (window, distance_bits): (&[(u64, u32)], _) = if has_large_window {
        (&[(0b001_0001, 7), (0, 1), (30, 6)], 8)
    } else {
        (&[(0b1111, 4)], 6)
    };
    let block = [
        // Not the last one, and its length.
        (0, 1),
        (0, 2),
        (LENGTH - 1, 16),
        (0, 1),
        // One type of block, no postfix, one context and one tree of each kind.
        (0, 3),
        (0, 6),
        (0, 2),
        (0, 2),
        // The trees have one symbol: the literal zero, the longest insertion, any distance.
        (0b0001, 4),
        (0, 8),
        (0b0001, 4),
        (504, 10),
        (0b0001, 4),
        (0, distance_bits),
        (LENGTH - 22_594, 24),
    ];
    let blocks = block.repeat(blocks);
    // The last block is empty.
    let fields = window.iter().chain(&blocks).chain(&[(0b11, 2)]);
    let (mut bytes, mut length) = (Vec::new(), 0);
    for (value, bits) in fields {
        for bit in 0..*bits {
            if length % 8 == 0 {
                bytes.push(0);
            }
            *bytes.last_mut().unwrap() |= u8::from(value >> bit & 1 == 1) << (length % 8);
            length += 1;
        }
    }
    bytes
}

/// Returns a response whose `Content-Encoding` is `coding`.
pub(super) fn response(status: u16, coding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/links+json\r\nx-kept: yes\r\n\
         content-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Returns a response of one-byte chunks.
pub(super) fn chunked(status: u16, coding: &str, body: &[u8]) -> Vec<u8> {
    let mut response = format!(
        "HTTP/1.1 {status} Status\r\ncontent-encoding: {coding}\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for byte in body {
        response.extend_from_slice(&[b'1', b'\r', b'\n', *byte, b'\r', b'\n']);
    }
    response.extend_from_slice(b"0\r\n\r\n");
    response
}

/// A server that runs until its runtime ends.
#[derive(Clone)]
pub(super) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that sends what `respond` returns for a request, and then closes the connection
    /// if that is not all of a response.
    pub(super) async fn start(
        respond: impl Fn(&str) -> (Vec<u8>, Then) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let started = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                started.connections.fetch_add(1, Ordering::SeqCst);
                // Fails when the client closes the connection.
                tokio::spawn(serve(stream, started.requests.clone(), respond.clone()));
            }
        });
        server
    }

    /// Starts a server with one response to all requests.
    pub(super) async fn with(response: Vec<u8>) -> Self {
        Self::start(move |_| (response.clone(), Then::Continue)).await
    }

    pub(super) fn builder(&self) -> AuthressClientBuilder {
        AuthressClient::builder()
            .api_url(format!("http://{}", self.address))
            .access_token("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
    }

    pub(super) fn client(&self) -> AuthressClient {
        self.builder().build().unwrap()
    }

    /// Returns the heads of the requests.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the values of `Accept-Encoding` of each request.
    pub(crate) fn accepted_encodings(&self) -> Vec<Vec<String>> {
        let values = |head: &String| {
            head.lines()
                .filter_map(|line| line.strip_prefix("accept-encoding: "))
                .map(str::to_owned)
                .collect()
        };
        self.requests().iter().map(values).collect()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// What the server does after a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Continue,
    Close,
}

async fn serve(
    mut stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
    respond: impl Fn(&str) -> (Vec<u8>, Then),
) -> std::io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let body_length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; body_length];
        stream.read_exact(&mut body).await?;
        let (response, then) = respond(&head);
        requests.lock().unwrap().push(head);
        stream.write_all(&response).await?;
        if then == Then::Close {
            return Ok(());
        }
    }
}
