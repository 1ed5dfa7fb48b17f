use std::io;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, TryStreamExt as _};
use reqwest::Response;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _};
use tokio_util::io::StreamReader;

use super::coding::Coding;
use crate::error::Error;
use crate::transport::failure::not_decoded;

/// How many bytes are reserved at most for a body according to its `Content-Length`.
const MAX_RESERVED: usize = 1024 * 1024;
/// How much of the body of an error response is kept at most. It has three short members; a proxy's
/// page can be of any size.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The body exceeds the limit.
    TooLarge,
    /// The connection failed, or what it carried was not HTTP.
    Connection(reqwest::Error),
    /// The body was received, but is not what its coding requires.
    NotDecoded(Error),
}

/// Reads the body of `response` into `body`, at most `limit` bytes of it, and of the body of an error
/// response at most [`ERROR_BODY_LIMIT`].
///
/// `body` holds what was read, also when this fails or is dropped.
pub(crate) async fn read(
    response: &mut Response,
    limit: usize,
    body: &mut PartialBody,
) -> Result<(), ReadError> {
    let expected_len = response
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if response.status().is_success() && expected_len.is_some_and(|length| length > limit) {
        return Err(ReadError::TooLarge);
    }
    let limit = limit_of(response, limit);
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Connection)? {
        let room = limit - body.len();
        if chunk.len() > room {
            body.push(chunk.slice(..room), expected_len);
            return Err(ReadError::TooLarge);
        }
        body.push(chunk, expected_len);
    }
    Ok(())
}

/// Reads a coded body like [`read`]; the limits are in decoded bytes. The decoder produces no more than
/// what is read from it.
pub(crate) async fn decode(
    response: Response,
    coding: &'static Coding,
    limit: usize,
    body: &mut PartialBody,
) -> Result<(), ReadError> {
    let limit = limit_of(&response, limit);
    let failed = |error: io::Error| match error.downcast() {
        Ok(source) => ReadError::Connection(source),
        Err(source) => ReadError::NotDecoded(not_decoded(coding.name(), source)),
    };
    let chunks = response.bytes_stream().map_err(io::Error::other);
    let mut coded = StreamReader::new(chunks.boxed());
    if coded.fill_buf().await.map_err(failed)?.is_empty() {
        // An empty body has nothing to decode.
        return Ok(());
    }
    let all = &mut **body.all.get_or_insert_default();
    // One byte more shows that the body exceeds the limit.
    let mut decoded = coding.decode(coded).take((limit as u64).saturating_add(1));
    while decoded.read_buf(all).await.map_err(failed)? > 0 {}
    if all.len() > limit {
        all.truncate(limit);
        return Err(ReadError::TooLarge);
    }
    Ok(())
}

fn limit_of(response: &Response, limit: usize) -> usize {
    if response.status().is_success() {
        limit
    } else {
        limit.min(ERROR_BODY_LIMIT)
    }
}

/// A body as far as it was read. A body of one chunk is never copied.
#[derive(Default)]
pub(crate) struct PartialBody {
    only: Bytes,
    /// The whole body, if it has more than one chunk. Boxed to keep the future of an attempt small.
    all: Option<Box<BytesMut>>,
}

impl PartialBody {
    fn len(&self) -> usize {
        self.only.len() + self.all.as_ref().map_or(0, |all| all.len())
    }

    fn push(&mut self, chunk: Bytes, expected_len: Option<usize>) {
        if self.len() == 0 {
            self.only = chunk;
            return;
        }
        let all = self.all.get_or_insert_default();
        if !self.only.is_empty() {
            let first = std::mem::take(&mut self.only);
            let reserved = expected_len.unwrap_or(0).min(MAX_RESERVED);
            all.reserve(reserved.max(first.len() + chunk.len()));
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&chunk);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self.all {
            Some(all) => all.freeze(),
            None => self.only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserves_a_limited_amount_for_an_announced_length() {
        let mut body = PartialBody::default();
        for piece in ["a", "b", "c"] {
            body.push(Bytes::from_static(piece.as_bytes()), Some(usize::MAX));
        }
        let all = body.all.as_ref().unwrap();
        assert!(all.capacity() <= 2 * MAX_RESERVED);
        assert_eq!(body.into_bytes(), "abc");
    }
}
