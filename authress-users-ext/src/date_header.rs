//! The `Date` header: the server's time.

use std::time::SystemTime;

use http::{HeaderMap, header};

/// Reads the `Date` of a response; `None` if it is absent or not a date.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let value = headers.get(header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(value.trim()).ok()
}
