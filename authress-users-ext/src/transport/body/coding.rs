//! The content codings of responses: what the client accepts, and the decoders.

use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures::stream::BoxStream;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// The `Accept-Encoding` of requests for values: the codings whose features are enabled.
pub(crate) static ACCEPT_ENCODING: Option<HeaderValue> = match (
    cfg!(feature = "gzip"),
    cfg!(feature = "brotli"),
    cfg!(feature = "zstd"),
) {
    (true, true, true) => Some(HeaderValue::from_static("gzip, br, zstd")),
    (true, true, false) => Some(HeaderValue::from_static("gzip, br")),
    (true, false, true) => Some(HeaderValue::from_static("gzip, zstd")),
    (true, false, false) => Some(HeaderValue::from_static("gzip")),
    (false, true, true) => Some(HeaderValue::from_static("br, zstd")),
    (false, true, false) => Some(HeaderValue::from_static("br")),
    (false, false, true) => Some(HeaderValue::from_static("zstd")),
    (false, false, false) => None,
};

/// A body as it arrives.
pub(crate) type CodedBody = StreamReader<BoxStream<'static, io::Result<Bytes>>, Bytes>;

type DecodedBody = Pin<Box<dyn AsyncRead + Send>>;

/// A coding that the client accepts.
pub(crate) struct Coding {
    names: &'static [&'static str],
    decode: fn(CodedBody) -> DecodedBody,
}

// All decoders read up to the end of the body, so that what follows the coded data is an error.
static ACCEPTED: &[Coding] = &[
    #[cfg(feature = "gzip")]
    Coding {
        // Both names mean the same (RFC 9110, section 8.4.1.3).
        names: &["gzip", "x-gzip"],
        decode: |body| {
            let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(body);
            decoder.multiple_members(true);
            Box::pin(decoder)
        },
    },
    #[cfg(feature = "brotli")]
    Coding {
        names: &["br"],
        decode: |body| Box::pin(super::brotli::BrotliDecoder::new(body)),
    },
    #[cfg(feature = "zstd")]
    Coding {
        names: &["zstd"],
        decode: |body| {
            use async_compression::tokio::bufread::ZstdDecoder;
            use async_compression::zstd::DParameter;

            // The largest window over HTTP is 8 MiB (RFC 9659); the decoder allocates a window at once.
            let limits = [DParameter::window_log_max(23)];
            let mut decoder = ZstdDecoder::with_params(body, &limits);
            decoder.multiple_members(true);
            Box::pin(decoder)
        },
    },
];

/// The names of codings that an error may show. Another value could be anything.
const KNOWN: [&str; 7] = [
    "br",
    "compress",
    "deflate",
    "gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

impl Coding {
    /// Returns the coding of a body that the client can decode, and removes the headers that describe
    /// the coded body.
    pub(crate) fn take(headers: &mut HeaderMap) -> Option<&'static Self> {
        let coding = {
            let mut names = names(headers);
            let name = names.next()?;
            // Codings on top of each other could expand any number of bytes per decoded byte.
            if names.next().is_some() {
                return None;
            }
            let is_named = |known: &&str| known.eq_ignore_ascii_case(name);
            let mut accepted = ACCEPTED.iter();
            accepted.find(|coding| coding.names.iter().any(is_named))?
        };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        Some(coding)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.names[0]
    }

    /// Returns the decoded body.
    pub(crate) fn decode(&self, body: CodedBody) -> DecodedBody {
        (self.decode)(body)
    }
}

/// Describes the codings that a body still has.
pub(crate) fn remaining(headers: &HeaderMap) -> Option<&'static str> {
    let mut names = names(headers);
    let name = names.next()?;
    if names.next().is_some() {
        return Some("a list of codings");
    }
    let mut known = KNOWN.into_iter();
    let known = known.find(|known| known.eq_ignore_ascii_case(name));
    Some(known.unwrap_or("an unknown coding"))
}

/// Returns the codings of a body. `identity` means none.
fn names(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    values
        .flat_map(|value| value.to_str().unwrap_or("not ASCII").split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
}
