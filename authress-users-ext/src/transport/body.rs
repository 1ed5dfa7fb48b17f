use bytes::{Bytes, BytesMut};
use reqwest::Response;

/// How much room is made at most for a body that is only announced.
const MAX_ROOM_AHEAD: usize = 1024 * 1024;

/// How the reading of a body ended short of its end.
#[derive(Debug)]
pub(crate) enum Unread {
    /// There is more than the limit allows.
    TooLarge,
    /// The connection ended, or what it carried was not HTTP.
    Broken(reqwest::Error),
}

/// Reads the body of `response` into `body`, at most `limit` bytes of it.
///
/// `body` holds what was read also when this fails or is dropped half-way.
pub(crate) async fn read(
    response: &mut Response,
    limit: usize,
    body: &mut PartialBody,
) -> Result<(), Unread> {
    let announced = response
        .content_length()
        .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > limit) {
        return Err(Unread::TooLarge);
    }
    while let Some(chunk) = response.chunk().await.map_err(Unread::Broken)? {
        let room = limit - body.len();
        if chunk.len() > room {
            body.push(chunk.slice(..room), announced);
            return Err(Unread::TooLarge);
        }
        body.push(chunk, announced);
    }
    Ok(())
}

/// A body as far as it was read. One that came in one piece is never copied.
#[derive(Default)]
pub(crate) enum PartialBody {
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

    fn push(&mut self, chunk: Bytes, announced: Option<usize>) {
        *self = match std::mem::take(self) {
            Self::Empty => Self::One(chunk),
            Self::One(first) => {
                let together = first.len() + chunk.len();
                let expected = announced.unwrap_or(0).min(MAX_ROOM_AHEAD);
                let mut all = BytesMut::with_capacity(expected.max(together));
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

    pub(crate) fn into_bytes(self) -> Bytes {
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
    fn no_more_room_is_made_for_an_announcement_than_is_sensible() {
        let mut body = PartialBody::default();
        for piece in ["a", "b", "c"] {
            body.push(Bytes::from_static(piece.as_bytes()), Some(usize::MAX));
        }
        assert!(matches!(&body, PartialBody::Many(all) if all.capacity() <= 2 * MAX_ROOM_AHEAD));
        assert_eq!(body.into_bytes(), "abc");
    }
}
