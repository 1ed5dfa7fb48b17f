//! The decoder of Brotli.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// How a stream with a large window starts, in the 7 low bits. RFC 7932 reserves this value.
const LARGE_WINDOW: u8 = 0x11;

/// Decodes one stream up to the end of the body.
///
/// Rejects large windows: with one, the decoder decodes up to 1 GiB before it returns the first byte.
/// The coding `br` has windows of up to 16 MiB.
pub(super) struct BrotliDecoder<R> {
    decoder: bufread::BrotliDecoder<R>,
    is_started: bool,
}

impl<R: AsyncBufRead> BrotliDecoder<R> {
    pub(super) fn new(body: R) -> Self {
        Self {
            decoder: bufread::BrotliDecoder::new(body),
            is_started: false,
        }
    }
}

impl<R: AsyncBufRead + Unpin> AsyncRead for BrotliDecoder<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            decoder,
            is_started,
        } = &mut *self;
        if !*is_started {
            let start = ready!(Pin::new(decoder.get_mut()).poll_fill_buf(context))?;
            if start
                .first()
                .is_some_and(|byte| byte & 0x7f == LARGE_WINDOW)
            {
                return Poll::Ready(Err(invalid("the window is too large")));
            }
            *is_started = true;
        }
        let length = buffer.filled().len();
        ready!(Pin::new(&mut *decoder).poll_read(context, buffer))?;
        if buffer.filled().len() == length && buffer.remaining() > 0 {
            let rest = ready!(Pin::new(decoder.get_mut()).poll_fill_buf(context))?;
            if !rest.is_empty() {
                return Poll::Ready(Err(invalid("data follows the stream")));
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
