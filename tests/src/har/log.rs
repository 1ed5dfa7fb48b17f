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
}

#[derive(Default, Deserialize)]
pub(super) struct Content {
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
