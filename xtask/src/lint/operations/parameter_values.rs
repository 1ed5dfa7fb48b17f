//! How parameters are serialized, and the formats of what is sent.

use std::collections::BTreeSet;

use authress_users_openapi::{Document, ParameterEntry, child, reachable_schemas};
use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::generate::names::{RESERVED_HEADERS, SETTERS};
use crate::lint::elements::{bodies, request};
use crate::lint::findings::Findings;
use crate::lint::rules;

/// Formats that become types of crates that the client does not depend on.
const UNSUPPORTED_FORMATS: [&str; 3] = ["date", "date-time", "uuid"];
/// Integers that exceed `i64`, in which bounds are compared.
const WIDE_FORMATS: [&str; 2] = ["uint", "uint64"];

pub(in crate::lint) fn check_serialization(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for parameter in document.parameters(&entry) {
            let name = parameter.name;
            let pointer = &parameter.pointer;
            if let Some(reason) = unsupported(document, &parameter) {
                findings.add_to(
                    &entry,
                    &rules::UNSUPPORTED_PARAMETER,
                    pointer,
                    format!("the parameter `{name}` {reason}"),
                    "use a string, a number or a boolean in a path, a query or a header, or an \
                     array of these in a query with `explode: true`",
                );
            }
            let is_header = parameter.location == "header";
            if is_header && RESERVED_HEADERS.contains(&&*name.to_ascii_lowercase()) {
                findings.add_to(
                    &entry,
                    &rules::RESERVED_HEADER,
                    pointer,
                    format!("the header `{name}` is declared as a parameter"),
                    "remove it; media types and security schemes determine its value",
                );
            }
            let setter = name.to_snake_case();
            if SETTERS.contains(&&*setter) {
                findings.add_to(
                    &entry,
                    &rules::INVALID_PARAMETER_NAME,
                    pointer,
                    format!("the parameter `{name}` becomes `{setter}`, which the builder uses"),
                    "remove the parameter; the generator cannot rename it",
                );
            }
            if is_header && !is_header_name(name) {
                findings.add_to(
                    &entry,
                    &rules::INVALID_PARAMETER_NAME,
                    pointer,
                    format!("`{name}` is not a valid header name, and the client would panic"),
                    "use letters, digits and hyphens",
                );
            }
            if let Some(reason) = unenforced(document, &parameter) {
                findings.add_to(
                    &entry,
                    &rules::UNENFORCED_BOUND,
                    pointer,
                    format!("the client does not enforce the bounds of `{name}`: {reason}"),
                    "bound an inline integer of a query, or state the bounds only in the \
                     description",
                );
            }
        }
    }
}

fn is_header_name(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_token)
}

/// Why the client cannot send a parameter, if it cannot.
fn unsupported(document: &Document, parameter: &ParameterEntry<'_>) -> Option<String> {
    let ParameterEntry {
        location, value, ..
    } = parameter;
    if *location == "cookie" {
        return Some("is a cookie, and the client sends no cookies".to_owned());
    }
    if value.get("content").is_some() {
        return Some("has a media type, and the client sends plain text".to_owned());
    }
    let default = if *location == "query" {
        "form"
    } else {
        "simple"
    };
    if let Some(style) = value["style"].as_str().filter(|style| *style != default) {
        return Some(format!(
            "has the style `{style}`, and the client supports only `{default}`"
        ));
    }
    let (schema, _) = document.resolve(value.get("schema")?, "")?;
    let kind = schema["type"].as_str().unwrap_or_default();
    if kind == "object" || schema.get("properties").is_some() {
        return Some("is an object".to_owned());
    }
    if schema.get("anyOf").is_some() {
        return Some("has `anyOf`, which the client treats as an object".to_owned());
    }
    if kind == "array" && *location != "query" {
        return Some(format!("is an array in a {location}"));
    }
    if kind == "array" && value["explode"] == false {
        return Some("is an array in one value, and the client repeats the name".to_owned());
    }
    None
}

/// Why the client would send values outside the bounds of a parameter, if it would.
fn unenforced(document: &Document, parameter: &ParameterEntry<'_>) -> Option<&'static str> {
    let given = parameter.value.get("schema")?;
    let (schema, _) = document.resolve(given, "")?;
    let has = |key: &str| schema.get(key).is_some();
    if has("multipleOf") || has("minItems") || has("maxItems") || has("uniqueItems") {
        return Some("the generator ignores multiples and array lengths");
    }
    match schema["type"].as_str()? {
        "number" if has("minimum") || has("maximum") => Some("only integers are supported"),
        "integer" if has("maximum") => {
            let format = schema["format"].as_str().unwrap_or_default();
            if schema["maximum"].as_i64().is_none() || WIDE_FORMATS.contains(&format) {
                Some("they exceed signed 64-bit integers")
            } else if parameter.location != "query" {
                Some("only queries are supported")
            } else if given.get("$ref").is_some() {
                Some("a referenced schema becomes a type without bounds")
            } else {
                None
            }
        }
        _ => None,
    }
}

pub(in crate::lint) fn check_formats(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let mut schemas: Vec<(&Value, String)> = Vec::new();
        for parameter in document.parameters(&entry) {
            if let Some(schema) = parameter.value.get("schema") {
                schemas.push((schema, child(&parameter.pointer, "schema")));
            }
        }
        if let Some((request, pointer)) = request(document, &entry) {
            for body in bodies(request, &pointer) {
                let place = child(&body.pointer, "schema");
                schemas.extend(body.schema.map(|schema| (schema, place)));
            }
        }
        for (schema, pointer) in schemas {
            for (schema, pointer) in
                reachable_schemas(&document.value, schema, &pointer, &mut BTreeSet::new())
            {
                let format = schema["format"].as_str().unwrap_or_default();
                if UNSUPPORTED_FORMATS.contains(&format) && schema["type"] == "string" {
                    findings.add_to(
                        &entry,
                        &rules::UNSUPPORTED_FORMAT,
                        &child(&pointer, "format"),
                        format!(
                            "`{format}` becomes a type of a crate that the client does not use"
                        ),
                        "remove `format` and state it in the description",
                    );
                }
            }
        }
    }
}
