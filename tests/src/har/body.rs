//! Bodies as recorders write them: as text, as base64, compressed, or omitted.

use std::io::Read as _;

use authress_users_openapi::is_json;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header};
use serde::de::IgnoredAny;
use url::form_urlencoded;

use super::log::{Content, Pair, PostData};
use super::warning::Warning;
use crate::exchange::text;

/// The longest body after decompression.
const MAX_DECOMPRESSED: u64 = 64 * 1024 * 1024;
pub(super) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A recorded body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether the recorder kept the content encoding.
    pub(super) was_compressed: bool,
}

/// Returns the body of a request, or the reason why it is unknown.
pub(super) fn of_request(
    recorded: Option<PostData>,
    size: Option<f64>,
    headers: &HeaderMap,
) -> Result<Body, Warning> {
    let recorded = recorded.map_or_else(|| Ok(Vec::new()), sent)?;
    let is_omitted = size.is_some_and(|size| size > 0.0) || content_length(headers) > 0;
    if recorded.is_empty() && is_omitted {
        return Err(Warning::RequestBodyOmitted);
    }
    if is_truncated(&recorded, &[size], headers) {
        return Err(Warning::BodyTruncated);
    }
    Ok(Body {
        bytes: recorded,
        was_compressed: false,
    })
}

fn sent(recorded: PostData) -> Result<Vec<u8>, Warning> {
    // The body is in a file that was not found.
    if recorded.text.is_none() && recorded.file.is_some() {
        return Err(Warning::RequestBodyOmitted);
    }
    let text = recorded.text.unwrap_or_default();
    if !text.is_empty() {
        return decoded(text, recorded.encoding.as_deref());
    }
    let fields = recorded.params.unwrap_or_default();
    let fields = fields
        .into_iter()
        .map(|Pair { name, value }| (name.unwrap_or_default(), value.unwrap_or_default()));
    if is_json(&recorded.media_type.unwrap_or_default()) {
        return json_from_fields(fields);
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(&name, &value);
    }
    Ok(form.finish().into_bytes())
}

/// Returns the JSON that a recorder has parsed as the fields of a form.
fn json_from_fields(fields: impl Iterator<Item = (String, String)>) -> Result<Vec<u8>, Warning> {
    let join = |(name, value): (String, String)| {
        let equals = if value.is_empty() { "" } else { "=" };
        format!("{name}{equals}{value}")
    };
    let text = fields.map(join).collect::<Vec<_>>().join("&");
    // What a form cannot express is lost.
    if !text.is_empty() && serde_json::from_str::<IgnoredAny>(&text).is_err() {
        return Err(Warning::RequestBodyOmitted);
    }
    Ok(text.into_bytes())
}

/// Returns the body of a response with this status, or the reason why it is unknown.
pub(super) fn of_response(
    recorded: Option<Content>,
    sent: Option<f64>,
    status: u16,
    headers: &HeaderMap,
) -> Result<Body, Warning> {
    let Content {
        size,
        text,
        encoding,
        ..
    } = recorded.unwrap_or_default();
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        // An omitted body is empty only if the recorder says so.
        let is_empty = size == Some(0.0) && content_length(headers) == 0;
        let has_none = matches!(status, 204 | 304) && size.is_none_or(|size| size <= 0.0);
        return if is_empty || has_none {
            Ok(Body::default())
        } else {
            Err(Warning::ResponseBodyOmitted)
        };
    };
    let body = decompressed(decoded(text, encoding.as_deref())?, headers)?;
    // With a content encoding, the length that was sent is the compressed one.
    let sent = sent.filter(|_| !headers.contains_key(header::CONTENT_ENCODING));
    if !body.was_compressed && is_truncated(&body.bytes, &[size, sent], headers) {
        return Err(Warning::BodyTruncated);
    }
    Ok(body)
}

/// Returns whether the recorder cut a body.
///
/// Such a body is only the start of JSON, and was longer according to a size or its headers. Recorded
/// sizes alone are too often wrong.
#[expect(clippy::cast_precision_loss, reason = "no body is that long")]
fn is_truncated(bytes: &[u8], sizes: &[Option<f64>], headers: &HeaderMap) -> bool {
    let is_compressed = headers.contains_key(header::CONTENT_ENCODING);
    let is_longer = sizes
        .iter()
        .flatten()
        .any(|size| *size > bytes.len() as f64)
        || (!is_compressed && content_length(headers) > bytes.len() as u64);
    is_longer && serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}

/// Returns the value of Content-Length, or 0.
fn content_length(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).map(text);
    length
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or_default()
}

fn decoded(recorded: String, encoding: Option<&str>) -> Result<Vec<u8>, Warning> {
    if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Ok(recorded.into_bytes());
    }
    let mut bytes = recorded.into_bytes();
    bytes.retain(|byte| !byte.is_ascii_whitespace());
    BASE64.decode(bytes).map_err(|_| Warning::BodyNotBase64)
}

/// Decompresses a body. Most recorders remove the content encoding, but keep its header.
fn decompressed(bytes: Vec<u8>, headers: &HeaderMap) -> Result<Body, Warning> {
    let encodings: Vec<_> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(|value| text(value).to_ascii_lowercase())
        .collect();
    let encodings = encodings.join(",");
    let is_compressed = encodings
        .split(',')
        .any(|encoding| !matches!(encoding.trim(), "" | "identity"));
    if is_compressed && encodings.contains("gzip") && bytes.starts_with(&GZIP_MAGIC) {
        return gunzipped(&bytes);
    }
    if is_compressed && std::str::from_utf8(&bytes).is_err() {
        return Err(Warning::BodyStillCompressed);
    }
    Ok(Body {
        bytes,
        was_compressed: false,
    })
}

fn gunzipped(compressed: &[u8]) -> Result<Body, Warning> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(compressed)
        .take(MAX_DECOMPRESSED + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Warning::BodyStillCompressed)?;
    if bytes.len() as u64 > MAX_DECOMPRESSED {
        return Err(Warning::BodyTooLarge);
    }
    Ok(Body {
        bytes,
        was_compressed: true,
    })
}
