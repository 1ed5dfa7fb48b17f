//! Decoders of responses, called by the generated code with the type of each documented status.

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{RawResponse, ResponseValue};

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
    match from_bytes(&response.as_ref().body) {
        Ok(value) => Ok(ResponseValue::new(value, response)),
        Err(source) => Err(InvalidBody { response, source }),
    }
}

/// Ignores the body of a response that has none in the spec.
pub(crate) fn empty<R>(response: R) -> ResponseValue<(), R> {
    ResponseValue::new((), response)
}

/// Returns a body that is not JSON as it is. Not every API has such an operation.
#[allow(dead_code, reason = "depends on the spec")]
pub(crate) fn bytes<R: AsRef<RawResponse>>(response: R) -> ResponseValue<Bytes, R> {
    ResponseValue::new(response.as_ref().body.clone(), response)
}

/// Checks the encoding once for the whole body, which is cheaper than for each string.
fn from_bytes<V: DeserializeOwned>(body: &[u8]) -> serde_json::Result<V> {
    match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // Invalid UTF-8 in a member that is not read is accepted.
        Err(_) => serde_json::from_slice(body),
    }
}

#[cfg(test)]
mod tests {
    use crate::types::UserIdentity;

    use super::*;

    #[test]
    fn rejects_invalid_utf8_only_in_members_that_are_read() {
        let unread = b"{\"userId\": \"a\", \"other\": \"\xff\"}";
        assert_eq!(from_bytes::<UserIdentity>(unread).unwrap().user_id, "a");
        let read = b"{\"userId\": \"\xff\"}";
        assert!(from_bytes::<UserIdentity>(read).is_err());
    }
}
