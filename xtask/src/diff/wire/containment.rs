//! Whether one schema takes whatever another one allows, and what it doesn't take.

use std::collections::HashSet;

use jsonschema::canonical::{Containment, options};
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::json_schema::JsonSchema;
use super::witness;

/// What is known of a reader and a writer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// Proven: the reader takes whatever the writer may write.
    Covers,
    /// Proven: there is something that it does not take; mostly it can be shown.
    Refuted(Option<Value>),
    /// Neither, with the reason where it is known.
    Undecided(String),
}

/// Formats that have a meaning here; of any other, nothing is known.
const FORMATS: [&str; 13] = [
    "int32",
    "int64",
    "float",
    "double",
    "date",
    "date-time",
    "uuid",
    "email",
    "uri",
    "hostname",
    "ipv4",
    "ipv6",
    "password",
];

/// Asks whether `reader` takes whatever `writer` allows. A value that the reader refuses counts as
/// a witness only if `counts` agrees.
pub(crate) fn covers(
    reader: &JsonSchema,
    writer: &JsonSchema,
    counts: impl Fn(&Value, &Validator) -> bool,
) -> Answer {
    if let Some(reason) = reader.unusable.as_ref().or(writer.unusable.as_ref()) {
        return Answer::Undecided(reason.clone());
    }
    let validators = (validator(&writer.value), validator(&reader.value));
    let (Ok(written), Ok(read)) = validators else {
        return Answer::Undecided("it is no schema that a validator understands".to_owned());
    };
    let is_witness =
        |value: &Value| written.is_valid(value) && !read.is_valid(value) && counts(value, &read);
    let canonical = |schema: &Value| {
        let options = options().offline().with_draft(Draft::Draft4);
        options.should_validate_formats(true).canonicalize(schema)
    };
    let mut containment = Containment::Unknown;
    let mut roots = vec![writer.value.clone(), reader.value.clone()];
    if let (Ok(wide), Ok(narrow)) = (canonical(&reader.value), canonical(&writer.value)) {
        containment = wide.covers(&narrow).unwrap_or(Containment::Unknown);
        if containment == Containment::Yes {
            let unknown = formats_apart(&reader.value, &writer.value);
            return match unknown {
                Some(format) => {
                    Answer::Undecided(format!("the format {format} has no meaning here"))
                }
                None => Answer::Covers,
            };
        }
        if let Ok(difference) = narrow.subtract(&wide) {
            roots.insert(0, difference.to_json_schema());
        }
    }
    match (witness::find(&roots, &is_witness), containment) {
        (Some(witness), _) => Answer::Refuted(Some(witness)),
        (None, Containment::No) => Answer::Refuted(None),
        (None, _) => Answer::Undecided("neither proven nor refuted".to_owned()),
    }
}

/// A value that `writer` allows, `reader` refuses, and `counts`.
pub(crate) fn refutation(
    reader: &JsonSchema,
    writer: &JsonSchema,
    counts: impl Fn(&Value, &Validator) -> bool,
) -> Option<Value> {
    if reader.unusable.is_some() || writer.unusable.is_some() {
        return None;
    }
    let (written, read) = (
        validator(&writer.value).ok()?,
        validator(&reader.value).ok()?,
    );
    witness::find(
        &[writer.value.clone(), reader.value.clone()],
        &|value: &Value| written.is_valid(value) && !read.is_valid(value) && counts(value, &read),
    )
}

/// What decides whether a value fits.
fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .build(schema)
        .map_err(|reason| reason.to_string())
}

/// A format that the reader asks for, the writer does not promise, and nothing here can judge.
fn formats_apart(reader: &Value, writer: &Value) -> Option<String> {
    let promised = formats(writer);
    formats(reader)
        .into_iter()
        .find(|format| !FORMATS.contains(&&**format) && !promised.contains(format))
}

fn formats(schema: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    authress_users_openapi::visit(schema, "", &mut |value, _| {
        if let Some(format) = value.get("format").and_then(Value::as_str) {
            found.insert(format.to_owned());
        }
    });
    found
}
