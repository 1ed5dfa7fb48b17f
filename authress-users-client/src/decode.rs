//! From the body of an answer to a value.

use std::mem;

use bytes::Bytes;
use progenitor_client::ResponseValue;
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::Error;

/// Reads the body and makes a value of it. The generated decoder comes here in place of the
/// generator's own, which copies the headers.
pub(crate) async fn from_response<T: DeserializeOwned, E>(
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let status = response.status();
    let headers = mem::take(response.headers_mut());
    let body = response
        .bytes()
        .await
        .map_err(|reason| Error::ResponseBodyError(reason.without_url()))?;
    match from_bytes(&body) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(reason) => Err(Error::InvalidResponsePayload(body, reason)),
    }
}

/// One look at the whole text is cheaper than one at each of its strings.
fn from_bytes<T: DeserializeOwned>(body: &Bytes) -> serde_json::Result<T> {
    match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        // What is no text in a member that nobody reads does no harm.
        Err(_) => serde_json::from_slice(body),
    }
}

#[cfg(test)]
mod tests {
    use crate::types::UserIdentity;

    use super::*;

    #[test]
    fn bytes_that_are_no_text_do_harm_only_where_they_are_read() {
        let unread = Bytes::from_static(b"{\"userId\": \"a\", \"other\": \"\xff\"}");
        assert_eq!(from_bytes::<UserIdentity>(&unread).unwrap().user_id, "a");
        let read = Bytes::from_static(b"{\"userId\": \"\xff\"}");
        assert!(from_bytes::<UserIdentity>(&read).is_err());
    }
}
