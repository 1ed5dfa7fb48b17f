//! The structure of a HAR file. Recorders omit members, and some write numbers as strings.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct File {
    pub(super) log: Option<Log>,
}

#[derive(Deserialize)]
pub(super) struct Log {
    pub(super) entries: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    #[serde(default, rename = "startedDateTime", deserialize_with = "text")]
    pub(super) started: Option<String>,
    pub(super) request: Option<Request>,
    pub(super) response: Option<Response>,
    /// `disk` or `memory`, as Chrome writes it.
    #[serde(default, rename = "_fromCache")]
    from_cache: Value,
    /// `Disk Cache` or `Memory Cache`, as Safari writes it.
    #[serde(default, rename = "_fetchType")]
    fetch_type: Value,
}

impl Entry {
    /// Returns whether a browser took the response from its cache.
    pub(super) fn is_from_cache(&self) -> bool {
        let transferred = self.response.as_ref().and_then(|own| own.transfer_size);
        let status = self.response.as_ref().and_then(|own| own.status);
        // Blocked requests have no status.
        let is_untransferred = transferred == Some(0.0) && status.is_some_and(|own| own >= 200.0);
        let is_cached = match &self.from_cache {
            Value::String(cache) => !cache.is_empty(),
            other => *other == true,
        };
        let fetch_type = self.fetch_type.as_str().unwrap_or_default();
        is_cached || is_untransferred || fetch_type.ends_with("Cache")
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Request {
    #[serde(default, deserialize_with = "text")]
    pub(super) method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) url: Option<String>,
    pub(super) headers: Option<Vec<Pair>>,
    #[serde(rename = "postData")]
    pub(super) body: Option<PostData>,
    #[serde(default, rename = "bodySize", deserialize_with = "number")]
    pub(super) body_size: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct PostData {
    #[serde(default, rename = "mimeType", deserialize_with = "text")]
    pub(super) media_type: Option<String>,
    /// The file with the body in a ZIP archive.
    #[serde(default, rename = "_file", deserialize_with = "text")]
    pub(super) file: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) text: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) encoding: Option<String>,
    pub(super) params: Option<Vec<Pair>>,
}

#[derive(Default, Deserialize)]
pub(super) struct Response {
    #[serde(default, deserialize_with = "number")]
    pub(super) status: Option<f64>,
    pub(super) headers: Option<Vec<Pair>>,
    pub(super) content: Option<Content>,
    #[serde(default, rename = "bodySize", deserialize_with = "number")]
    pub(super) body_size: Option<f64>,
    #[serde(default, rename = "_transferSize", deserialize_with = "number")]
    transfer_size: Option<f64>,
}

#[derive(Default, Deserialize)]
pub(super) struct Content {
    /// The file with the body in a ZIP archive.
    #[serde(default, rename = "_file", deserialize_with = "text")]
    pub(super) file: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) size: Option<f64>,
    #[serde(default, deserialize_with = "text")]
    pub(super) text: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) encoding: Option<String>,
}

/// A header or a form field.
#[derive(Deserialize)]
pub(super) struct Pair {
    #[serde(default, deserialize_with = "text")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) value: Option<String>,
}

fn text<'de, D: Deserializer<'de>>(source: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(source)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn number<'de, D: Deserializer<'de>>(source: D) -> Result<Option<f64>, D::Error> {
    Ok(match Value::deserialize(source)? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    })
}
