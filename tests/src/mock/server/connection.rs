use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Makes a connection end with a reset.
#[derive(Clone, Default)]
pub(crate) struct Reset(Arc<AtomicBool>);

impl Reset {
    pub(crate) fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A connection of a client, which is counted while it is open.
pub(crate) struct Connection {
    stream: TcpStream,
    reset: Reset,
    open: Arc<AtomicUsize>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, reset: Reset, open: Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self {
            stream,
            reset,
            open,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.is_requested() {
            // If this fails, the connection is closed instead.
            let _ = self.stream.set_zero_linger();
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A connection that was shut down cannot be reset.
        if self.reset.is_requested() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
