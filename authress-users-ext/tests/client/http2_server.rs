//! An HTTP/2 server, without TLS, that can end streams and connections in every way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PREFACE_LEN: usize = 24;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM_AND_HEADERS: u8 = 5;
pub(crate) const NO_ERROR: u8 = 0;
const REFUSED_STREAM: u8 = 7;

/// What the server does with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// Responds with this status, which has three digits.
    Respond(u16),
    /// Resets the stream with `REFUSED_STREAM`, and those on hold.
    Refuse,
    /// Sends no response until another stream of the connection is refused.
    Hold,
    /// Resets the stream with another error code.
    Reset(u8),
    /// Sends GOAWAY with this error code. The last id is that of the previous stream, so that this
    /// and all later streams are not processed.
    GoAway(u8),
    /// Sends no response, but acknowledges pings.
    Ignore,
    /// Sends nothing from now on, and does not acknowledge pings.
    Hang,
    /// Closes the connection.
    Close,
}

/// The numbers of a request, from 0: of its connection, of the request on it, and in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) connection: usize,
    pub(crate) on_connection: usize,
    pub(crate) in_all: usize,
}

/// A server that runs until its runtime ends.
#[derive(Clone)]
pub(crate) struct Http2Server {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    closed: AtomicUsize,
    requests: AtomicUsize,
}

impl Http2Server {
    pub(crate) async fn start(
        decide: impl Fn(Numbers) -> Action + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            counts: Arc::default(),
        };
        let counts = server.counts.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = counts.connections.fetch_add(1, Ordering::SeqCst);
                let (counts, decide) = (counts.clone(), decide.clone());
                tokio::spawn(async move {
                    // Fails when the client closes the connection.
                    let _ = serve(stream, connection, &counts, decide).await;
                    counts.closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn closed_connections(&self) -> usize {
        self.counts.closed.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    counts: &Counts,
    decide: impl Fn(Numbers) -> Action,
) -> std::io::Result<()> {
    stream.read_exact(&mut [0; PREFACE_LEN]).await?;
    write(&mut stream, SETTINGS, 0, 0, &[]).await?;
    let mut on_connection = 0;
    let mut last_id = 0;
    let mut on_hold = Vec::new();
    let mut is_going_away = false;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match kind {
            SETTINGS if flags & ACK == 0 => write(&mut stream, SETTINGS, ACK, 0, &[]).await?,
            PING if flags & ACK == 0 => write(&mut stream, PING, ACK, 0, &payload).await?,
            HEADERS if !is_going_away => {
                let action = decide(Numbers {
                    connection,
                    on_connection,
                    in_all: counts.requests.fetch_add(1, Ordering::SeqCst),
                });
                on_connection += 1;
                match action {
                    Action::Respond(status) => {
                        // `:status` by its index in the static table, as a literal.
                        let mut fields = vec![0x08, 3];
                        fields.extend_from_slice(status.to_string().as_bytes());
                        write(&mut stream, HEADERS, END_STREAM_AND_HEADERS, id, &fields).await?;
                    }
                    Action::Refuse => {
                        on_hold.push(id);
                        for id in on_hold.drain(..) {
                            reset(&mut stream, id, REFUSED_STREAM).await?;
                        }
                    }
                    Action::Hold => on_hold.push(id),
                    Action::Reset(code) => reset(&mut stream, id, code).await?,
                    Action::GoAway(code) => {
                        let mut payload = u32::to_be_bytes(last_id).to_vec();
                        payload.extend_from_slice(&[0, 0, 0, code]);
                        write(&mut stream, GOAWAY, 0, 0, &payload).await?;
                        is_going_away = true;
                    }
                    Action::Ignore => {}
                    Action::Hang => {
                        let mut ignored = Vec::new();
                        stream.read_to_end(&mut ignored).await?;
                        return Ok(());
                    }
                    Action::Close => return Ok(()),
                }
                last_id = id;
            }
            _ => {}
        }
    }
}

async fn reset(stream: &mut TcpStream, id: u32, code: u8) -> std::io::Result<()> {
    write(stream, RST_STREAM, 0, id, &[0, 0, 0, code]).await
}

async fn write(
    stream: &mut TcpStream,
    kind: u8,
    flags: u8,
    id: u32,
    payload: &[u8],
) -> std::io::Result<()> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![len[1], len[2], len[3], kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    stream.write_all(&frame).await
}
