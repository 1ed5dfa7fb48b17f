//! A server with minimal cost: its responses are prepared, and it parses only the end and the target of a
//! request.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::job::USER_ID;

/// The page size: the maximum of the API.
pub(crate) const USERS_IN_A_PAGE: u64 = 100;

pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server whose list has this number of pages, and which delays each response by `delay`.
    pub(crate) fn start(pages: u64, delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let connections = Arc::new(AtomicUsize::new(0));
        let responses = Arc::new(Responses::new(pages));
        let accepted = connections.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepted.fetch_add(1, Ordering::Relaxed);
                let responses = responses.clone();
                // A closed connection ends its thread.
                thread::spawn(move || serve(stream, &responses, delay));
            }
        });
        Ok(Self {
            address,
            connections,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

struct Responses {
    user: Vec<u8>,
    unsteady: Vec<u8>,
    accepted: Vec<u8>,
    linked: Vec<u8>,
    not_found: Vec<u8>,
    unavailable: Vec<u8>,
    /// A page up to its cursor, which is incremented.
    page: Vec<u8>,
    last_page: Vec<u8>,
    pages: u64,
}

const AFTER_CURSOR: &[u8] = b"\"}}}";
const CURSOR_DIGITS: usize = 12;

impl Responses {
    fn new(pages: u64) -> Self {
        let listed = |number| user(&format!("google-oauth2|1048576002300{number:08}"), number);
        let users: Vec<_> = (0..USERS_IN_A_PAGE).map(listed).collect();
        let users = format!(
            r#"{{"links":{{"self":{{"href":"https://auth.example.com/v1/users","rel":"self"}}}},"users":[{}],"pagination":"#,
            users.join(",")
        );
        let open = format!(r#"{users}{{"next":{{"cursor":"page-"#);
        let length = open.len() + CURSOR_DIGITS + AFTER_CURSOR.len();
        let error_body = r#"{"title":"The user does not exist.","errorCode":"UserNotFound","errorId":"2f5a1c1e-0d6b-4a53-9d5e-1f6f5c7f8a10"}"#;
        Self {
            user: response("200 OK", "", &user(USER_ID, 1)),
            unsteady: response("200 OK", "", &user("unsteady", 1)),
            accepted: response("202 Accepted", "", ""),
            linked: b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
            not_found: response("404 Not Found", "", error_body),
            unavailable: response("503 Service Unavailable", "retry-after: 0\r\n", ""),
            page: [head("200 OK", "", length), open.into_bytes()].concat(),
            last_page: response("200 OK", "", &format!(r#"{users}{{"next":null}}}}"#)),
            pages,
        }
    }

    fn page(&self, request: &str, out: &mut Vec<u8>) {
        let current = request
            .split_once("cursor=page-")
            .and_then(|(_, rest)| rest.get(..CURSOR_DIGITS))
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0_u64);
        if current + 1 >= self.pages {
            return out.extend_from_slice(&self.last_page);
        }
        out.extend_from_slice(&self.page);
        out.extend_from_slice(format!("{:0width$}", current + 1, width = CURSOR_DIGITS).as_bytes());
        out.extend_from_slice(AFTER_CURSOR);
    }
}

fn user(id: &str, number: u64) -> String {
    format!(
        r#"{{"userId":"{id}","name":"Ada Lovelace the {number}th","picture":"https://pictures.example.com/a/ada-lovelace-{number:08}=s96-c","email":"ada.lovelace.{number:08}@example.com"}}"#
    )
}

fn head(status: &str, headers: &str, length: usize) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         content-type: application/links+json\r\n{headers}content-length: {length}\r\n\r\n"
    )
    .into_bytes()
}

fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    [head(status, headers, body.len()), body.as_bytes().to_vec()].concat()
}

fn serve(mut stream: TcpStream, responses: &Responses, delay: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(4096);
    let mut sent = Vec::new();
    let mut is_down = true;
    loop {
        let end = loop {
            if let Some(end) = request_end(&received) {
                break end;
            }
            let mut chunk = [0; 4096];
            let read = stream.read(&mut chunk)?;
            if read == 0 {
                return Ok(());
            }
            received.extend_from_slice(&chunk[..read]);
        };
        if !delay.is_zero() {
            thread::sleep(delay);
        }
        sent.clear();
        let line_end = received.iter().position(|byte| *byte == b'\r').unwrap_or(0);
        match str::from_utf8(&received[..line_end]).unwrap_or_default() {
            line if line.starts_with("GET /v1/users/missing") => sent.extend(&responses.not_found),
            line if line.starts_with("GET /v1/users/unsteady") => {
                // Every second response is a 503.
                sent.extend(if is_down {
                    &responses.unavailable
                } else {
                    &responses.unsteady
                });
                is_down = !is_down;
            }
            line if line.starts_with("GET /v1/users/") => sent.extend(&responses.user),
            line if line.starts_with("GET ") => responses.page(line, &mut sent),
            line if line.starts_with("DELETE ") => sent.extend(&responses.accepted),
            _ => sent.extend(&responses.linked),
        }
        received.drain(..end);
        stream.write_all(&sent)?;
    }
}

/// Returns the end of the first request, once it is complete with its body.
fn request_end(received: &[u8]) -> Option<usize> {
    let head = received
        .windows(4)
        .position(|window| window == b"\r\n\r\n")?
        + 4;
    let length = str::from_utf8(&received[..head])
        .ok()?
        .split_once("content-length: ")
        .and_then(|(_, rest)| rest.split_once('\r'))
        .and_then(|(digits, _)| digits.parse().ok())
        .unwrap_or(0);
    (received.len() >= head + length).then_some(head + length)
}
