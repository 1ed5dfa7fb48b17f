//! A reverse proxy in front of a fake, which writes responses in other allowed forms.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use http::Method;
use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Keeps no connections, since they would end with the runtime of the test that opened them.
static HTTP: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().pool_max_idle_per_host(0);
    client.build().unwrap()
});

/// A request, as far as a variation needs it.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&String> {
        self.headers.get(name)
    }
}

/// A response before it is written.
pub(crate) struct Reply {
    pub(crate) version: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_chunked: bool,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            version: "HTTP/1.1",
            status,
            headers: Vec::new(),
            body: Vec::new(),
            is_chunked: false,
        }
    }

    /// Changes a JSON body.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut body) = serde_json::from_slice(&self.body) {
            change(&mut body);
            self.body = body.to_string().into_bytes();
        }
    }
}

/// How a proxy differs from the server behind it.
pub(crate) trait Variation: Send + 'static {
    /// Changes a request. Returns a response in place of that of the server.
    fn request(&mut self, _: &mut Request) -> Option<Reply> {
        None
    }

    /// Changes the response of the server.
    fn reply(&mut self, request: &Request, reply: &mut Reply);
}

/// Serves until the test ends. Returns the URL.
pub(crate) async fn start(server: String, variation: impl Variation) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let variation = Arc::new(Mutex::new(variation));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            serve(stream, &server, &variation).await;
        }
    });
    url
}

async fn serve(mut stream: TcpStream, server: &str, variation: &Mutex<impl Variation>) {
    let Some(mut request) = read(&mut stream).await else {
        return;
    };
    let own = variation.lock().unwrap().request(&mut request);
    let reply = if let Some(reply) = own {
        reply
    } else {
        let mut reply = forward(server, &request).await;
        variation.lock().unwrap().reply(&request, &mut reply);
        reply
    };
    let bytes = written(&request, reply);
    stream.write_all(&bytes).await.unwrap();
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        let head = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        if let Some(head) = head {
            break head;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut start = lines.next()?.split(' ');
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        stream.read_buf(&mut body).await.ok()?;
    }
    Some(Request {
        method: start.next()?.to_owned(),
        target: start.next()?.to_owned(),
        headers,
        body,
    })
}

async fn forward(server: &str, request: &Request) -> Reply {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap();
    let mut sent = HTTP
        .request(method, format!("{server}{}", request.target))
        .body(request.body.clone());
    for name in ["accept", "authorization", "content-type"] {
        if let Some(value) = request.headers.get(name) {
            sent = sent.header(name, value);
        }
    }
    let received = sent.send().await.unwrap();
    let mut reply = Reply::new(received.status().as_u16());
    for (name, value) in received.headers() {
        if !matches!(
            name.as_str(),
            "content-length" | "transfer-encoding" | "connection"
        ) {
            let value = value.to_str().unwrap().to_owned();
            reply.headers.push((name.as_str().to_owned(), value));
        }
    }
    reply.body = received.bytes().await.unwrap().to_vec();
    reply
}

fn written(request: &Request, reply: Reply) -> Vec<u8> {
    let mut head = format!(
        "{} {} X\r\nConnection: close\r\n",
        reply.version, reply.status
    );
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    let has_body = request.method != "HEAD" && reply.status != 204;
    let mut body = reply.body;
    if has_body && reply.is_chunked {
        head += "Transfer-Encoding: chunked\r\n";
        let mut chunks = Vec::new();
        for chunk in body.chunks(7) {
            chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            chunks.extend(chunk);
            chunks.extend(b"\r\n");
        }
        chunks.extend(b"0\r\n\r\n");
        body = chunks;
    } else if has_body && reply.version == "HTTP/1.1" {
        write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    if !has_body {
        body.clear();
    }
    [format!("{head}\r\n").into_bytes(), body].concat()
}
