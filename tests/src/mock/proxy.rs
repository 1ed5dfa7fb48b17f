//! The proxy in front of wiremock. It forwards everything, and injects the faults of the connection
//! that wiremock cannot: resets, and truncated, slow, oversized or endless bodies.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
    BufReader,
};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::fault::Fault;

/// The header with the id of the delivery of a response. The proxy removes it.
pub(crate) const DELIVERY: &str = "x-authress-fake-delivery";
/// The header with the target of a request as sent, because wiremock normalizes URLs. The proxy
/// replaces such a header of a client.
pub(crate) const TARGET: &str = "x-authress-fake-target";
/// The longest head of a request.
const MAX_HEAD: usize = 1024 * 1024;
const CHUNK: usize = 512;

/// How a response is sent.
pub(crate) struct Delivery {
    /// The length of the body; `content-length` is wrong for responses to HEAD.
    pub(crate) body_length: usize,
    pub(crate) fault: Option<Fault>,
}

/// The deliveries of responses that wiremock has not sent yet.
#[derive(Default)]
pub(crate) struct Deliveries(Mutex<(u64, HashMap<u64, Delivery>)>);

impl Deliveries {
    /// Adds a delivery and returns its id.
    pub(crate) fn add(&self, delivery: Delivery) -> u64 {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, deliveries) = &mut *pending;
        *id += 1;
        deliveries.insert(*id, delivery);
        *id
    }

    fn take(&self, id: u64) -> Option<Delivery> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .remove(&id)
    }
}

/// Forwards connections on its own thread until it is dropped.
pub(crate) struct Proxy {
    connections: Arc<AtomicUsize>,
    _stop: watch::Sender<()>,
}

impl Proxy {
    pub(crate) fn start(
        listener: TcpListener,
        server: SocketAddr,
        deliveries: Arc<Deliveries>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = watch::channel(());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        std::thread::Builder::new()
            .name("fake-proxy".to_owned())
            .spawn(move || {
                let forwarding = async {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    loop {
                        // Accepting fails if the client is gone, or with too many open files.
                        let Ok((client, _)) = listener.accept().await else {
                            tokio::task::yield_now().await;
                            continue;
                        };
                        let open = Open::new(&counter);
                        let deliveries = deliveries.clone();
                        tokio::spawn(async move {
                            let _open = open;
                            // An error means that one of the two connections closed.
                            let _ = serve(client, server, &deliveries).await;
                        });
                    }
                };
                let mut stopped = stopped;
                runtime.block_on(async {
                    tokio::select! {
                        () = forwarding => {}
                        _ = stopped.changed() => {}
                    }
                });
            })?;
        Ok(Self {
            connections,
            _stop: stop,
        })
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Counts a connection while it is open.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(counter: &Arc<AtomicUsize>) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(PartialEq, Eq)]
enum End {
    Close,
    Reset,
}

async fn serve(
    mut client: TcpStream,
    server: SocketAddr,
    deliveries: &Deliveries,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    let end = {
        let (requests, mut to_client) = client.split();
        let (responses, mut to_server) = server.split();
        let mut responses = BufReader::new(responses);
        let mut requests = BufReader::new(requests);
        tokio::select! {
            sent = forward_requests(&mut requests, &mut to_server) => sent.map(|()| End::Close),
            end = forward_responses(&mut responses, &mut to_client, deliveries) => end,
        }
    };
    if end? == End::Reset {
        client.set_zero_linger()?;
    }
    Ok(())
}

/// Forwards requests until the connection ends, and adds the target of each.
async fn forward_requests(
    requests: &mut (impl AsyncBufRead + Unpin),
    server: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    loop {
        let head = read_request_head(requests).await?;
        let Some(target) = target(&head) else {
            // HTTP/2, or an invalid request that the server rejects.
            server.write_all(&head).await?;
            tokio::io::copy_buf(requests, server).await?;
            return Ok(());
        };
        let head = without(&String::from_utf8_lossy(&head), TARGET);
        let named = with(&head, &format!("{TARGET}: {target}"));
        server.write_all(named.as_bytes()).await?;
        let encoding = header(&head, "transfer-encoding").unwrap_or_default();
        if encoding.to_ascii_lowercase().contains("chunked") {
            forward_chunks(requests, server).await?;
        } else if let Some(length) = header(&head, "content-length") {
            let length = length.trim().parse().unwrap_or_default();
            tokio::io::copy_buf(&mut requests.take(length), server).await?;
        }
    }
}

/// Forwards a chunked body with its trailers.
async fn forward_chunks(
    requests: &mut (impl AsyncBufRead + Unpin),
    server: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let mut is_last = false;
    loop {
        let mut line = Vec::new();
        requests.read_until(b'\n', &mut line).await?;
        server.write_all(&line).await?;
        let text = String::from_utf8_lossy(&line);
        if is_last {
            // Trailers end with an empty line.
            if text.trim().is_empty() {
                return Ok(());
            }
            continue;
        }
        let size = text.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        is_last = size == 0;
        if !is_last {
            tokio::io::copy_buf(&mut requests.take(size + 2), server).await?;
        }
    }
}

/// Reads up to and including the empty line, or to the end of the connection.
async fn read_request_head(requests: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while head.len() < MAX_HEAD {
        let start = head.len();
        if requests.read_until(b'\n', &mut head).await? == 0 {
            break;
        }
        let line = head[start..].trim_ascii();
        let is_first = start == 0;
        if line.is_empty() || (is_first && target(&head).is_none()) {
            break;
        }
    }
    Ok(head)
}

/// Returns the target in the first line of an HTTP/1 request.
fn target(head: &[u8]) -> Option<String> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let mut words = line.trim_ascii().split(|byte| *byte == b' ');
    let (_, target, version) = (words.next()?, words.next()?, words.next()?);
    version
        .starts_with(b"HTTP/1.")
        .then(|| String::from_utf8_lossy(target).into_owned())
}

/// Forwards responses until the connection ends.
async fn forward_responses(
    responses: &mut (impl AsyncBufRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    deliveries: &Deliveries,
) -> io::Result<End> {
    loop {
        if !responses.fill_buf().await?.starts_with(b"HTTP/1.") {
            // HTTP/2, or the end of the connection.
            tokio::io::copy_buf(responses, client).await?;
            return Ok(End::Close);
        }
        let head = read_response_head(responses).await?;
        let Some(delivery) = header(&head, DELIVERY)
            .and_then(|id| id.parse().ok())
            .and_then(|id| deliveries.take(id))
        else {
            // The server rejected an invalid request, or it sent 100 Continue.
            client.write_all(head.as_bytes()).await?;
            if !head.starts_with("HTTP/1.1 100") {
                tokio::io::copy_buf(responses, client).await?;
                return Ok(End::Close);
            }
            continue;
        };
        let mut body = vec![0; delivery.body_length];
        responses.read_exact(&mut body).await?;
        let head = without(&head, DELIVERY);
        if let Some(end) = deliver(client, head, &body, delivery.fault.as_ref()).await? {
            return Ok(end);
        }
    }
}

/// Sends one response. Returns how the connection ends, if it does.
async fn deliver(
    client: &mut (impl AsyncWrite + Unpin),
    head: String,
    body: &[u8],
    fault: Option<&Fault>,
) -> io::Result<Option<End>> {
    match fault {
        Some(Fault::ResetBeforeExecution | Fault::ResetBeforeHeaders) => {
            return Ok(Some(End::Reset));
        }
        Some(Fault::ResetAfterHeaders) => {
            client.write_all(head.as_bytes()).await?;
            return Ok(Some(End::Reset));
        }
        Some(Fault::CutBody) if !body.is_empty() => {
            client.write_all(head.as_bytes()).await?;
            client.write_all(&body[..body.len() / 2]).await?;
            client.shutdown().await?;
            return Ok(Some(End::Close));
        }
        Some(Fault::SlowDrip(pause)) if !body.is_empty() => {
            client.write_all(head.as_bytes()).await?;
            for piece in body.chunks(body.len().div_ceil(Fault::DRIPS)) {
                tokio::time::sleep(*pause).await;
                client.write_all(piece).await?;
            }
        }
        Some(Fault::ClaimedLength(claimed)) => {
            let head = with(
                &without(&head, "content-length"),
                &format!("content-length: {claimed}"),
            );
            client.write_all(head.as_bytes()).await?;
            let mut left = *claimed;
            while left > 0 {
                let piece = [b' '; 4096];
                let length =
                    usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
                client.write_all(&piece[..length]).await?;
                left -= length as u64;
            }
        }
        Some(Fault::EndlessBody) => {
            client.write_all(chunked(&head).as_bytes()).await?;
            loop {
                write_chunk(client, &[b' '; CHUNK]).await?;
            }
        }
        Some(Fault::Chunked) if !body.is_empty() => {
            client.write_all(chunked(&head).as_bytes()).await?;
            for chunk in body.chunks(CHUNK) {
                write_chunk(client, chunk).await?;
            }
            write_chunk(client, &[]).await?;
        }
        _ => {
            let mut whole = head.into_bytes();
            whole.extend_from_slice(body);
            client.write_all(&whole).await?;
        }
    }
    Ok(None)
}

/// Reads up to and including the empty line.
async fn read_response_head(responses: &mut (impl AsyncBufRead + Unpin)) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if responses.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value.trim()))
}

fn without(head: &str, name: &str) -> String {
    let is_other = |line: &&str| {
        line.split_once(':')
            .is_none_or(|(own, _)| !own.eq_ignore_ascii_case(name))
    };
    head.split_inclusive("\r\n").filter(is_other).collect()
}

/// Returns the head with one more line.
fn with(head: &str, line: &str) -> String {
    let open = head.strip_suffix("\r\n").unwrap_or(head);
    format!("{open}{line}\r\n\r\n")
}

fn chunked(head: &str) -> String {
    with(
        &without(head, "content-length"),
        "transfer-encoding: chunked",
    )
}

/// Writes a chunk; an empty one ends the body.
async fn write_chunk(client: &mut (impl AsyncWrite + Unpin), chunk: &[u8]) -> io::Result<()> {
    let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
    framed.extend_from_slice(chunk);
    framed.extend_from_slice(b"\r\n");
    client.write_all(&framed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_returned_as_sent() {
        assert_eq!(
            target(b"GET /v1/../x HTTP/1.1\r\n"),
            Some("/v1/../x".to_owned())
        );
        for other in [&b"PRI * HTTP/2.0\r\n"[..], b"GET\r\n", b"", b"GET /\r\n"] {
            assert_eq!(target(other), None);
        }
    }

    #[tokio::test]
    async fn requests_are_forwarded_with_their_target() {
        let sent = "POST /a HTTP/1.1\r\nContent-Length: 3\r\nx-authress-fake-target: /b\r\n\r\nabc\
            PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n0\r\nx: y\r\n\r\n\
            GET /d HTTP/1.1\r\n\r\n";
        let mut received = Vec::new();
        forward_requests(&mut sent.as_bytes(), &mut received)
            .await
            .unwrap();
        let received = String::from_utf8(received).unwrap();
        assert_eq!(
            received,
            "POST /a HTTP/1.1\r\nContent-Length: 3\r\nx-authress-fake-target: /a\r\n\r\nabc\
             PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nx-authress-fake-target: /c\r\n\r\n\
             2;x\r\nab\r\n0\r\nx: y\r\n\r\n\
             GET /d HTTP/1.1\r\nx-authress-fake-target: /d\r\n\r\n"
        );
    }

    #[test]
    fn head_lines_are_found_removed_and_added() {
        let head = "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(header(head, "content-length"), Some("5"));
        assert_eq!(header(head, "b"), None);
        assert_eq!(
            without(head, "a"),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        );
        assert_eq!(
            chunked(head),
            "HTTP/1.1 200 OK\r\nA: 1\r\ntransfer-encoding: chunked\r\n\r\n"
        );
    }
}
