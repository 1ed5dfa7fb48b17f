use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::lint::{Findings, rules};
use crate::schema::reachable;
use authress_users_openapi::{Document, ParameterEntry, child};

/// What the builders, and the functions that send, already call something of their own.
const TAKEN: [&str; 3] = ["new", "response", "send"];
/// Headers that OpenAPI leaves to the media types and the security schemes.
const RESERVED: [&str; 3] = ["accept", "authorization", "content-type"];
/// Formats that become types of crates that the client does not have.
const FOREIGN_FORMATS: [&str; 3] = ["date", "date-time", "uuid"];
/// Integers that don't go into the `i64` in which bounds are compared.
const WIDE_FORMATS: [&str; 2] = ["uint", "uint64"];

/// A parameter is a text in the URL or a header; the generator can write few things there.
pub(in crate::lint) fn can_be_written(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for parameter in document.parameters(&entry) {
            let name = parameter.name;
            if let Some(reason) = unsendable(document, &parameter) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNSENDABLE_PARAMETER,
                    &parameter.pointer,
                    format!("the parameter `{name}` {reason}"),
                    "describe it as a text, a number or a boolean in a path, a query or a header, \
                     or in a query as a list of these with `explode: true`",
                );
            }
            if parameter.location == "header" && RESERVED.contains(&&*name.to_ascii_lowercase()) {
                findings.add_to(
                    Some(&entry),
                    &rules::RESERVED_HEADER,
                    &parameter.pointer,
                    format!("the header `{name}` is listed as a parameter"),
                    "take it away: media types and security say what it holds",
                );
            }
            let setter = name.to_snake_case();
            if TAKEN.contains(&&*setter) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNUSABLE_PARAMETER_NAME,
                    &parameter.pointer,
                    format!(
                        "the parameter `{name}` would be `{setter}`, a name of the client's own"
                    ),
                    "the generator can't write it; describe the API without it",
                );
            }
            if parameter.location == "header" && !is_header_name(name) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNUSABLE_PARAMETER_NAME,
                    &parameter.pointer,
                    format!("`{name}` is no name of a header, and the client would panic over it"),
                    "write it as the server reads it: letters, digits and hyphens",
                );
            }
            if let Some(reason) = unkept(document, &parameter) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNKEPT_BOUND,
                    &parameter.pointer,
                    format!("the bounds of `{name}` would not be kept: {reason}"),
                    "bound an integer of a query, in its own schema, or say the bounds in the \
                     description alone",
                );
            }
        }
    }
}

fn is_header_name(name: &str) -> bool {
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(sign);
    !name.is_empty() && name.chars().all(is_sign)
}

fn unsendable(document: &Document, parameter: &ParameterEntry<'_>) -> Option<String> {
    let ParameterEntry {
        location, value, ..
    } = parameter;
    if *location == "cookie" {
        return Some("travels in a cookie, and the client keeps none".to_owned());
    }
    if value.get("content").is_some() {
        return Some("has a media type, and the client writes plain text".to_owned());
    }
    let usual = if *location == "query" {
        "form"
    } else {
        "simple"
    };
    if let Some(style) = value["style"].as_str().filter(|style| *style != usual) {
        return Some(format!(
            "is written as `{style}`, and the client writes `{usual}`"
        ));
    }
    let (schema, _) = document.resolve(value.get("schema")?, "")?;
    let kind = schema["type"].as_str().unwrap_or_default();
    let is_list = kind == "array";
    if kind == "object" || schema.get("properties").is_some() {
        return Some("is an object".to_owned());
    }
    if schema.get("anyOf").is_some() {
        return Some("is any of several schemas, of which the client makes an object".to_owned());
    }
    if is_list && *location != "query" {
        return Some(format!("is a list in a {location}"));
    }
    if is_list && value["explode"] == Value::Bool(false) {
        return Some("is a list in one piece, and the client repeats the name".to_owned());
    }
    None
}

/// Why the client would send what the bounds of a parameter rule out.
fn unkept(document: &Document, parameter: &ParameterEntry<'_>) -> Option<&'static str> {
    let given = parameter.value.get("schema")?;
    let (schema, _) = document.resolve(given, "")?;
    let has = |key: &str| schema.get(key).is_some();
    if has("multipleOf") || has("minItems") || has("maxItems") || has("uniqueItems") {
        return Some("the generator knows no multiples, and no lengths of lists");
    }
    match schema["type"].as_str()? {
        "number" if has("minimum") || has("maximum") => {
            Some("the generator keeps those of integers alone")
        }
        "integer" if has("maximum") => {
            let format = schema["format"].as_str().unwrap_or_default();
            if schema["maximum"].as_i64().is_none() || WIDE_FORMATS.contains(&format) {
                Some("they don't go into 64 bits with a sign")
            } else if parameter.location != "query" {
                Some("they are kept in a query alone")
            } else if given.get("$ref").is_some() {
                Some("they stand in a schema that becomes a type, which has none")
            } else {
                None
            }
        }
        _ => None,
    }
}

/// What is sent is made of types that the client has.
pub(in crate::lint) fn has_types(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let mut schemas: Vec<(&Value, String)> = Vec::new();
        for parameter in document.parameters(&entry) {
            if let Some(schema) = parameter.value.get("schema") {
                schemas.push((schema, child(&parameter.pointer, "schema")));
            }
        }
        let request = entry
            .value
            .get("requestBody")
            .and_then(|body| document.resolve(body, &child(&entry.pointer(), "requestBody")));
        if let Some((body, pointer)) = request {
            let content = child(&pointer, "content");
            for (media_type, body) in body["content"].as_object().into_iter().flatten() {
                if let Some(schema) = body.get("schema") {
                    schemas.push((schema, child(&child(&content, media_type), "schema")));
                }
            }
        }
        for (schema, pointer) in schemas {
            for (schema, pointer) in reachable(document, schema, &pointer, true) {
                let format = schema["format"].as_str().unwrap_or_default();
                if FOREIGN_FORMATS.contains(&format) && schema["type"] == "string" {
                    findings.add_to(
                        Some(&entry),
                        &rules::FOREIGN_FORMAT,
                        &child(&pointer, "format"),
                        format!(
                            "`{format}` becomes a type of a crate that the client does not have"
                        ),
                        "take `format` away and say it in the description",
                    );
                }
            }
        }
    }
}
