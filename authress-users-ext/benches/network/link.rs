//! A network of limited capacity, as a TCP proxy on loopback.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;
/// How many chunks may be on their way in one direction: more than the capacity times the delay.
const CHUNKS_ON_THE_WAY: usize = 64;

/// A network that exists until the process ends.
pub(crate) struct Link {
    address: SocketAddr,
    received: Arc<AtomicU64>,
}

impl Link {
    /// Starts a network with a server behind it.
    pub(crate) fn start(
        server: SocketAddr,
        bytes_per_second: u32,
        delay: Duration,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let link = Self {
            address: listener.local_addr()?,
            received: Arc::default(),
        };
        let received = link.received.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A closed connection ends its threads.
                let _ = connect(&client, server, bytes_per_second, delay, &received);
            }
        });
        Ok(link)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many bytes clients have received.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

fn connect(
    client: &TcpStream,
    server: SocketAddr,
    bytes_per_second: u32,
    delay: Duration,
    received: &Arc<AtomicU64>,
) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let directions = [
        (client.try_clone()?, server.try_clone()?, Arc::default()),
        (server, client.try_clone()?, received.clone()),
    ];
    for (from, to, count) in directions {
        to.set_nodelay(true)?;
        let (chunks, on_the_way) = mpsc::sync_channel(CHUNKS_ON_THE_WAY);
        thread::spawn(move || deliver(&on_the_way, to, &count));
        thread::spawn(move || {
            let mut from = from;
            let mut chunk = [0; CHUNK];
            let mut is_free = Instant::now();
            while let Ok(length @ 1..) = from.read(&mut chunk) {
                let bytes = u32::try_from(length).unwrap_or(u32::MAX);
                let transfer = Duration::from_secs(1) * bytes / bytes_per_second;
                is_free = is_free.max(Instant::now()) + transfer;
                if chunks
                    .send((is_free + delay, chunk[..length].to_vec()))
                    .is_err()
                {
                    return;
                }
            }
        });
    }
    Ok(())
}

/// Delivers each chunk when it has arrived.
fn deliver(on_the_way: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream, count: &AtomicU64) {
    for (arrival, chunk) in on_the_way {
        thread::sleep(arrival.saturating_duration_since(Instant::now()));
        if to.write_all(&chunk).is_err() {
            return;
        }
        count.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    }
    // Fails if the other side has closed the connection.
    let _ = to.shutdown(Shutdown::Write);
}
