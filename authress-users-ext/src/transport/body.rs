use bytes::{Bytes, BytesMut};
use reqwest::Response;

/// How many bytes are reserved at most for a body according to its `Content-Length`.
const MAX_RESERVED: usize = 1024 * 1024;
/// How much of the body of an error response is kept at most. It has three short members; a proxy's
/// page can be of any size.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The body exceeds the limit.
    TooLarge,
    /// The connection failed, or what it carried was not HTTP.
    Connection(reqwest::Error),
}

/// Reads the body of `response` into `body`, at most `limit` bytes of it, and of the body of an error
/// response at most [`ERROR_BODY_LIMIT`].
///
/// `body` holds what was read, also when this fails or is dropped.
pub(super) async fn read(
    response: &mut Response,
    limit: usize,
    body: &mut PartialBody,
) -> Result<(), ReadError> {
    let expected_len = response
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let limit = if response.status().is_success() {
        if expected_len.is_some_and(|length| length > limit) {
            return Err(ReadError::TooLarge);
        }
        limit
    } else {
        limit.min(ERROR_BODY_LIMIT)
    };
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

/// A body as far as it was read. A body of one chunk is never copied.
#[derive(Default)]
pub(super) enum PartialBody {
    #[default]
    Empty,
    One(Bytes),
    Many(BytesMut),
}

impl PartialBody {
    fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::One(only) => only.len(),
            Self::Many(all) => all.len(),
        }
    }

    fn push(&mut self, chunk: Bytes, expected_len: Option<usize>) {
        *self = match std::mem::take(self) {
            Self::Empty => Self::One(chunk),
            Self::One(first) => {
                let together = first.len() + chunk.len();
                let reserved = expected_len.unwrap_or(0).min(MAX_RESERVED);
                let mut all = BytesMut::with_capacity(reserved.max(together));
                all.extend_from_slice(&first);
                all.extend_from_slice(&chunk);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&chunk);
                Self::Many(all)
            }
        };
    }

    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::One(only) => only,
            Self::Many(all) => all.freeze(),
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
        assert!(matches!(&body, PartialBody::Many(all) if all.capacity() <= 2 * MAX_RESERVED));
        assert_eq!(body.into_bytes(), "abc");
    }
}
