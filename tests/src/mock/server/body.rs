//! Bodies of responses: whole, or in pieces that a fault delays, cuts or repeats.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::connection::Reset;
use crate::mock::faults::Fault;

const CHUNK: usize = 512;
const PIECE: usize = 4096;

pub(crate) enum ResponseBody {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<io::Result<Bytes>>),
}

impl ResponseBody {
    /// Returns the body of a response, and sets the headers that describe its length.
    ///
    /// A fault that sends the body in pieces does so in a task of the current runtime.
    pub(crate) fn new(
        body: Vec<u8>,
        fault: Option<&Fault>,
        headers: &mut HeaderMap,
        reset: Reset,
    ) -> Self {
        let length = match fault {
            Some(Fault::ResetAfterHeaders) => Some(body.len() as u64),
            Some(Fault::CutBody | Fault::SlowDrip(_)) if !body.is_empty() => {
                Some(body.len() as u64)
            }
            Some(Fault::ClaimedLength(claimed)) => Some(*claimed),
            Some(Fault::Chunked) if !body.is_empty() => None,
            Some(Fault::EndlessBody) => None,
            _ => return Self::Whole(Some(body.into())),
        };
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        let (sender, pieces) = mpsc::channel(1);
        let fault = fault.cloned();
        tokio::spawn(async move {
            // An error means that the client is gone.
            let _ = send(&sender, body.into(), fault, reset).await;
        });
        Self::Pieces(pieces)
    }
}

type Sender = mpsc::Sender<io::Result<Bytes>>;

async fn send(
    sender: &Sender,
    body: Bytes,
    fault: Option<Fault>,
    reset: Reset,
) -> Result<(), mpsc::error::SendError<io::Result<Bytes>>> {
    let end = || Err(io::ErrorKind::ConnectionAborted.into());
    match fault {
        Some(Fault::ResetAfterHeaders) => {
            reset.request();
            sender.send(end()).await
        }
        Some(Fault::CutBody) => {
            sender.send(Ok(body.slice(..body.len() / 2))).await?;
            written(sender).await;
            sender.send(end()).await
        }
        Some(Fault::SlowDrip(pause)) => {
            let size = body.len().div_ceil(Fault::DRIPS);
            for start in (0..body.len()).step_by(size) {
                tokio::time::sleep(pause).await;
                let piece = body.slice(start..body.len().min(start + size));
                sender.send(Ok(piece)).await?;
            }
            Ok(())
        }
        Some(Fault::ClaimedLength(claimed)) => {
            let mut left = claimed;
            while left > 0 {
                let size = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                sender.send(Ok(vec![b' '; size].into())).await?;
                left -= size as u64;
            }
            Ok(())
        }
        Some(Fault::EndlessBody) => loop {
            sender.send(Ok(vec![b' '; CHUNK].into())).await?;
        },
        _ => {
            for start in (0..body.len()).step_by(CHUNK) {
                let piece = body.slice(start..body.len().min(start + CHUNK));
                sender.send(Ok(piece)).await?;
            }
            Ok(())
        }
    }
}

/// Waits until the connection has taken the last piece and written it.
async fn written(sender: &Sender) {
    drop(sender.reserve().await);
    // The connection writes what it took before it waits for the next piece.
    tokio::task::yield_now().await;
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(body) => Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
            Self::Pieces(pieces) => pieces
                .poll_recv(context)
                .map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(body) if body.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => {
                SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64))
            }
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}
