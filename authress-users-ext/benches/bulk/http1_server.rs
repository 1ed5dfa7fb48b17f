//! An HTTP/1.1 server whose connections fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// When the server resets a connection at its next request.
#[derive(Clone)]
pub(crate) enum Until {
    Forever,
    /// After this number of requests on the connection.
    Requests(usize),
    /// For connections that were open when this number of requests had been served.
    Total(Arc<AtomicUsize>, usize),
}

/// Accepts deletes over HTTP/1.1. Ends with all connections when it is aborted.
pub(crate) fn serve(listener: TcpListener, until: Until) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            // Fails when the client closes the connection.
            connections.spawn(serve_connection(stream, until.clone()));
        }
    })
}

async fn serve_connection(mut stream: TcpStream, until: Until) -> std::io::Result<()> {
    let is_old = match &until {
        Until::Total(served, total) => served.load(Ordering::Relaxed) < *total,
        _ => false,
    };
    let mut received = Vec::new();
    for number in 0.. {
        // A connection that is dropped with unread data is reset.
        stream.readable().await?;
        match &until {
            Until::Requests(requests) if number == *requests => return Ok(()),
            Until::Total(served, total)
                if is_old && served.fetch_add(1, Ordering::Relaxed) >= *total =>
            {
                return Ok(());
            }
            _ => {}
        }
        received.clear();
        while !received.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        let accepted = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(accepted).await?;
    }
    Ok(())
}
