//! Whether a schema accepts every value that another one allows.

use std::collections::HashSet;

use jsonschema::canonical::{self, options};
use jsonschema::{Draft, Validator};
use serde_json::Value;

use super::witness;
use crate::diff::outcome::Containment;
use crate::validate::compile_with_uuid as compile;
use authress_users_openapi::{SchemaError, visit};

/// How many values two schemas may have together for the values of one without the other to be computed.
/// With more, this takes minutes, and an example is sought in the schemas themselves.
const MAX_SUBTRACTED: usize = 200;

/// A translated schema, or why it has no translation.
pub(super) type JsonSchema = Result<Value, SchemaError>;

/// Decides whether `reader` accepts every value that `writer` allows. A rejected value is an example
/// only if `counts` agrees.
pub(super) fn covers(
    reader: &JsonSchema,
    writer: &JsonSchema,
    counts: impl Fn(&Value, &Validator) -> bool,
) -> Containment {
    let (reader, writer) = match (reader, writer) {
        (Ok(reader), Ok(writer)) => (reader, writer),
        (Err(reason), _) | (_, Err(reason)) => return Containment::Unknown(reason.to_string()),
    };
    let (Ok(written), Ok(read)) = (compile(writer), compile(reader)) else {
        return Containment::Unknown("the schema is invalid".to_owned());
    };
    let is_witness =
        |value: &Value| written.is_valid(value) && !read.is_valid(value) && counts(value, &read);
    let canonical = |schema: &Value| {
        let options = options().offline().with_draft(Draft::Draft4);
        options.should_validate_formats(true).canonicalize(schema)
    };
    let mut containment = canonical::Containment::Unknown;
    let mut roots = vec![writer.clone(), reader.clone()];
    if let (Ok(wide), Ok(narrow)) = (canonical(reader), canonical(writer)) {
        containment = wide
            .covers(&narrow)
            .unwrap_or(canonical::Containment::Unknown);
        if containment == canonical::Containment::Yes {
            return match unknown_format(reader, writer) {
                Some(format) => Containment::Unknown(format!("the format {format} is unknown")),
                None => Containment::Covers,
            };
        }
        if size(reader) + size(writer) > MAX_SUBTRACTED {
            roots.insert(0, differing(writer, reader));
        } else if let Ok(difference) = narrow.subtract(&wide) {
            roots.insert(0, difference.to_json_schema());
        }
    }
    match (witness::find(&roots, &is_witness), containment) {
        (Some(witness), _) => Containment::Refuted(Some(witness)),
        (None, canonical::Containment::No) => Containment::Refuted(None),
        (None, _) => Containment::Unknown("neither proven nor refuted".to_owned()),
    }
}

/// The number of values in a schema.
fn size(schema: &Value) -> usize {
    let mut count = 0;
    visit(schema, "", &mut |_, _| count += 1);
    count
}

/// Returns a schema without the optional members that are the same in another one.
fn differing(schema: &Value, other: &Value) -> Value {
    let mut differing = schema.clone();
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
    if let Some(members) = differing
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        members.retain(|name, member| {
            is_required(name) || other["properties"].get(name) != Some(member)
        });
    }
    differing
}

/// Finds a value that `writer` allows and `part`, the reader or a part of it, rejects, for which `counts`
/// returns true.
pub(super) fn refutation(
    part: &JsonSchema,
    reader: &JsonSchema,
    writer: &JsonSchema,
    counts: impl Fn(&Value, &Validator) -> bool,
) -> Option<Value> {
    let (part, reader, writer) = (
        part.as_ref().ok()?,
        reader.as_ref().ok()?,
        writer.as_ref().ok()?,
    );
    let (written, read) = (compile(writer).ok()?, compile(part).ok()?);
    witness::find(&[writer.clone(), reader.clone()], &|value| {
        written.is_valid(value) && !read.is_valid(value) && counts(value, &read)
    })
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn large_schemas_are_compared_with_an_example() {
        let object = |last: &str| {
            let names = (0..100).map(|index| (format!("a{index}"), json!({"type": "string"})));
            let mut members: Map<_, _> = names.collect();
            members.insert("z".to_owned(), json!({ "type": last }));
            Ok(json!({"type": "object", "properties": members}))
        };
        let (reader, writer) = (object("integer"), object("number"));
        let Containment::Refuted(Some(example)) = covers(&reader, &writer, |_, _| true) else {
            panic!("no example")
        };
        assert!(example["z"].is_f64(), "{example}");
        assert_eq!(covers(&writer, &reader, |_, _| true), Containment::Covers);
    }
}
