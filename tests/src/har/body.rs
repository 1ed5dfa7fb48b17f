//! Bodies as recorders keep them: as text, as base64, with a content encoding, or not at all.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header};
use serde::de::IgnoredAny;
use url::form_urlencoded;

use super::log::{Content, Pair, PostData};
use super::warning::Oddity;
use crate::exchange::text;

/// More than this does not come out of a compressed body, whatever was put into it.
const MAX_UNPACKED: u64 = 64 * 1024 * 1024;
const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A body that is known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether a content encoding had to be undone.
    pub(super) was_packed: bool,
}

/// The body of a request, or why it is not known.
pub(super) fn of_request(
    recorded: Option<PostData>,
    size: Option<f64>,
    headers: &HeaderMap,
) -> Result<Body, Oddity> {
    let recorded = recorded.map_or_else(|| Ok(Vec::new()), sent)?;
    let is_left_out = size.is_some_and(|size| size > 0.0) || announced(headers) > 0;
    if recorded.is_empty() && is_left_out {
        return Err(Oddity::RequestBodyLeftOut);
    }
    Ok(Body {
        bytes: recorded,
        was_packed: false,
    })
}

fn sent(recorded: PostData) -> Result<Vec<u8>, Oddity> {
    let text = recorded.text.unwrap_or_default();
    if !text.is_empty() {
        return decoded(text, recorded.encoding.as_deref());
    }
    let fields = recorded.params.unwrap_or_default();
    let mut form = form_urlencoded::Serializer::new(String::new());
    for Pair { name, value } in fields {
        form.append_pair(&name.unwrap_or_default(), &value.unwrap_or_default());
    }
    Ok(form.finish().into_bytes())
}

/// The body of an answer with this status, or why it is not known.
pub(super) fn of_response(
    recorded: Option<Content>,
    status: u16,
    headers: &HeaderMap,
) -> Result<Body, Oddity> {
    let Content {
        size,
        text,
        encoding,
    } = recorded.unwrap_or_default();
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        // Only one that says that there was nothing is believed.
        let is_empty = size == Some(0.0) && announced(headers) == 0;
        let has_none = matches!(status, 204 | 304) && size.is_none_or(|size| size <= 0.0);
        return if is_empty || has_none {
            Ok(Body::default())
        } else {
            Err(Oddity::ResponseBodyLeftOut)
        };
    };
    let body = unpacked(decoded(text, encoding.as_deref())?, headers)?;
    if !body.was_packed && is_cut_off(&body.bytes, size) {
        return Err(Oddity::BodyCutOff);
    }
    Ok(body)
}

/// What a Content-Length says; 0 if it says nothing.
fn announced(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).map(text);
    length
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or_default()
}

fn decoded(recorded: String, encoding: Option<&str>) -> Result<Vec<u8>, Oddity> {
    if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Ok(recorded.into_bytes());
    }
    let mut bytes = recorded.into_bytes();
    bytes.retain(|byte| !byte.is_ascii_whitespace());
    BASE64.decode(bytes).map_err(|_| Oddity::BodyNotBase64)
}

/// Recorders keep bodies as they were before their content encoding, and some do not.
fn unpacked(bytes: Vec<u8>, headers: &HeaderMap) -> Result<Body, Oddity> {
    let encodings: Vec<_> = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(|value| text(value).to_ascii_lowercase())
        .collect();
    let encodings = encodings.join(",");
    let is_packed = encodings
        .split(',')
        .any(|encoding| !matches!(encoding.trim(), "" | "identity"));
    if is_packed && encodings.contains("gzip") && bytes.starts_with(&GZIP_MAGIC) {
        return inflated(&bytes);
    }
    if is_packed && std::str::from_utf8(&bytes).is_err() {
        return Err(Oddity::BodyStillPacked);
    }
    Ok(Body {
        bytes,
        was_packed: false,
    })
}

fn inflated(packed: &[u8]) -> Result<Body, Oddity> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed)
        .take(MAX_UNPACKED + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Oddity::BodyStillPacked)?;
    if bytes.len() as u64 > MAX_UNPACKED {
        return Err(Oddity::BodyTooLarge);
    }
    Ok(Body {
        bytes,
        was_packed: true,
    })
}

/// Whether a recorder has kept only the start of a body: sizes alone are too often wrong to tell.
#[allow(clippy::cast_precision_loss, reason = "no body is that long")]
fn is_cut_off(bytes: &[u8], size: Option<f64>) -> bool {
    size.is_some_and(|size| size > bytes.len() as f64)
        && serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}
