//! Decoders of responses, called by the generated code with the type of each documented status.

#![allow(
    dead_code,
    reason = "a copy of this file is in packages for other specs, which may call only some functions"
)]

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{RawResponse, ResponseValue, repaired_json};

/// A body that does not match the spec.
pub(crate) struct InvalidBody<R> {
    pub(crate) response: R,
    pub(crate) source: serde_json::Error,
}

/// Decodes a JSON body.
pub(crate) fn json<V, R>(response: R) -> Result<ResponseValue<V, R>, InvalidBody<R>>
where
    V: DeserializeOwned,
    R: AsRef<RawResponse>,
{
    match read(&response.as_ref().body) {
        Ok((value, is_repaired)) => {
            let mut value = ResponseValue::new(value, response);
            value.is_repaired = is_repaired;
            Ok(value)
        }
        Err(source) => Err(InvalidBody { response, source }),
    }
}

/// Ignores the body of a response that has none in the spec.
pub(crate) fn empty<R>(response: R) -> ResponseValue<(), R> {
    ResponseValue::new((), response)
}

/// Returns a body that is not JSON as it is.
pub(crate) fn bytes<R: AsRef<RawResponse>>(response: R) -> ResponseValue<Bytes, R> {
    ResponseValue::new(response.as_ref().body.clone(), response)
}

/// Reads JSON as the client does.
///
/// Faults in the encoding of strings are repaired by [`repaired_json`], and cost nothing where there
/// are none.
///
/// ```
/// let name: String = authress_users_client::from_json(br#""Ada \ud83d""#)?;
/// assert_eq!(name, "Ada \u{fffd}");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// Returns the error of `serde_json` if the repaired body is not JSON or not a `V`.
pub fn from_json<V: DeserializeOwned>(body: &[u8]) -> serde_json::Result<V> {
    read(body).map(|(value, _)| value)
}

/// Reads JSON, and returns whether it had to be repaired.
fn read<V: DeserializeOwned>(body: &[u8]) -> serde_json::Result<(V, bool)> {
    // Checks the encoding once for the whole body, which is cheaper than for each string.
    let value = match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // Invalid UTF-8 in a member that is not read is accepted.
        Err(_) => serde_json::from_slice(body),
    };
    match value {
        Ok(value) => Ok((value, false)),
        Err(reason) => match repaired_json(body) {
            Some(repaired) => Ok((serde_json::from_str(&repaired)?, true)),
            None => Err(reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::types::UserIdentity;

    use super::*;

    #[test]
    fn repairs_only_members_that_are_read() {
        for (body, expected) in [
            (&br#"{"userId": "a", "other": "\ud800"}"#[..], "a"),
            (b"{\"userId\": \"a\", \"other\": \"\xff\"}", "a"),
            (br#"{"userId": "a\ud800"}"#, "a\u{fffd}"),
            (b"{\"userId\": \"\xff\"}", "\u{fffd}"),
            ("\u{feff}{\"userId\": \"a\"}".as_bytes(), "a"),
        ] {
            assert_eq!(from_json::<UserIdentity>(body).unwrap().user_id, expected);
        }
        assert!(from_json::<UserIdentity>(br#"{"userId": 7, "name": "\ud800"}"#).is_err());
    }
}
