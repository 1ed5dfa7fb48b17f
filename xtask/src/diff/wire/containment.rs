//! Whether a schema accepts every value that another one allows.

use std::collections::HashSet;

use jsonschema::canonical::{self, options};
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::json_schema::JsonSchema;
use super::witness;
use authress_users_openapi::visit;

/// Whether a reader accepts every value that a writer may write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Containment {
    /// Proven: the reader accepts every value.
    Covers,
    /// Proven: the reader rejects some value, with an example if one was found.
    Refuted(Option<Value>),
    /// Neither, with the reason.
    Unknown(String),
}

/// How the values of two schemas compare.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Same,
    Different(Containment),
}

/// Decides whether `reader` accepts every value that `writer` allows. A rejected value is an example
/// only if `counts` agrees.
pub(super) fn covers(
    reader: &JsonSchema,
    writer: &JsonSchema,
    counts: impl Fn(&Value, &Validator) -> bool,
) -> Containment {
    if let Some(reason) = reader.unusable.as_ref().or(writer.unusable.as_ref()) {
        return Containment::Unknown(reason.clone());
    }
    let (Some(written), Some(read)) = (validator(&writer.value), validator(&reader.value)) else {
        return Containment::Unknown("the schema is invalid".to_owned());
    };
    let is_witness =
        |value: &Value| written.is_valid(value) && !read.is_valid(value) && counts(value, &read);
    let canonical = |schema: &Value| {
        let options = options().offline().with_draft(Draft::Draft4);
        options.should_validate_formats(true).canonicalize(schema)
    };
    let mut containment = canonical::Containment::Unknown;
    let mut roots = vec![writer.value.clone(), reader.value.clone()];
    if let (Ok(wide), Ok(narrow)) = (canonical(&reader.value), canonical(&writer.value)) {
        containment = wide
            .covers(&narrow)
            .unwrap_or(canonical::Containment::Unknown);
        if containment == canonical::Containment::Yes {
            return match unknown_format(&reader.value, &writer.value) {
                Some(format) => Containment::Unknown(format!("the format {format} is unknown")),
                None => Containment::Covers,
            };
        }
        if let Ok(difference) = narrow.subtract(&wide) {
            roots.insert(0, difference.to_json_schema());
        }
    }
    match (witness::find(&roots, &is_witness), containment) {
        (Some(witness), _) => Containment::Refuted(Some(witness)),
        (None, canonical::Containment::No) => Containment::Refuted(None),
        (None, _) => Containment::Unknown("neither proven nor refuted".to_owned()),
    }
}

/// Finds a value that `writer` allows, `reader` rejects and `accepts` returns true for.
pub(super) fn refutation(
    reader: &JsonSchema,
    writer: &JsonSchema,
    accepts: impl Fn(&Value) -> bool,
) -> Option<Value> {
    if reader.unusable.is_some() || writer.unusable.is_some() {
        return None;
    }
    let (written, read) = (validator(&writer.value)?, validator(&reader.value)?);
    witness::find(&[writer.value.clone(), reader.value.clone()], &|value| {
        written.is_valid(value) && !read.is_valid(value) && accepts(value)
    })
}

fn validator(schema: &Value) -> Option<Validator> {
    let options = jsonschema::options().with_draft(Draft::Draft4);
    options.should_validate_formats(true).build(schema).ok()
}

/// Returns a format that the reader requires, the writer does not guarantee, and no validator checks.
fn unknown_format(reader: &Value, writer: &Value) -> Option<String> {
    let guaranteed = formats(writer);
    formats(reader).into_iter().find(|format| {
        let is_known = matches!(
            &**format,
            "int32"
                | "int64"
                | "float"
                | "double"
                | "date"
                | "date-time"
                | "uuid"
                | "email"
                | "uri"
                | "hostname"
                | "ipv4"
                | "ipv6"
                | "password"
        );
        !is_known && !guaranteed.contains(format)
    })
}

fn formats(schema: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    visit(schema, "", &mut |value, _| {
        if let Some(format) = value.get("format").and_then(Value::as_str) {
            found.insert(format.to_owned());
        }
    });
    found
}
