use std::collections::HashMap;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use serde_json::Value;

use crate::lint::{Findings, rules};
use crate::schema::reachable;
use authress_users_openapi::{OperationEntry, child, visit};

/// Names that the generated code uses without saying where they come from.
const TAKEN: [&str; 5] = ["Default", "Err", "None", "Ok", "Some"];

/// A schema becomes a type, and so does whatever else has a name.
pub(in crate::lint) fn differ(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut taken: HashMap<String, String> = HashMap::new();
    let schemas = &document.value["components"]["schemas"];
    let all = schemas.as_object().into_iter().flatten();
    for (name, _) in all {
        let place = child("/components/schemas", name);
        let type_name = name.to_upper_camel_case();
        if TAKEN.contains(&&*type_name) {
            findings.add(
                &rules::UNUSABLE_TYPE_NAME,
                &place,
                format!(
                    "the schema `{name}` would be the type `{type_name}`, a name of Rust's own"
                ),
                "give it another name",
            );
        }
        claim(findings, &mut taken, type_name, &place, None);
    }
    for entry in document.operations() {
        for parameter in document.parameters(&entry) {
            let schema = &parameter.value["schema"];
            let is_type = ["minLength", "maxLength", "pattern", "enum"]
                .iter()
                .any(|key| schema.get(*key).is_some());
            if is_type && schema["type"] == "string" {
                let type_name =
                    format!("{}-{}", entry.name(), parameter.name).to_upper_camel_case();
                claim(
                    findings,
                    &mut taken,
                    type_name,
                    &parameter.pointer,
                    Some(&entry),
                );
            }
        }
    }
    let mut titled = Vec::new();
    let all = schemas.as_object().into_iter().flatten();
    for (name, schema) in all {
        let place = child("/components/schemas", name);
        for (part, pointer) in reachable(document, schema, &place, false) {
            // The name of a component goes before its title.
            if pointer != place
                && let Some(title) = part["title"].as_str()
            {
                titled.push((title.to_upper_camel_case(), pointer));
            }
        }
    }
    for (type_name, pointer) in titled {
        claim(findings, &mut taken, type_name, &pointer, None);
    }
}

/// Takes a name for the type of what stands at a place, or says who has it.
fn claim(
    findings: &mut Findings<'_>,
    taken: &mut HashMap<String, String>,
    type_name: String,
    pointer: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    match taken.get(&type_name) {
        Some(other) if other != pointer => {
            let line = findings.document.line(other);
            findings.add_to(
                operation,
                &rules::AMBIGUOUS_TYPE,
                pointer,
                format!("its type would be `{type_name}`, as is that of line {line}"),
                "give one of them another name or title",
            );
        }
        Some(_) => {}
        None => {
            taken.insert(type_name, pointer.to_owned());
        }
    }
}

/// A property becomes a field.
pub(in crate::lint) fn have_fields_that_differ(findings: &mut Findings<'_>) {
    let document = findings.document;
    visit(&document.value, "", &mut |value, pointer| {
        if !is_schema(pointer) {
            return;
        }
        let mut taken: HashMap<String, &str> = HashMap::new();
        let properties = child(pointer, "properties");
        for (name, _) in value["properties"].as_object().into_iter().flatten() {
            if let Some(other) = taken.insert(name.to_snake_case(), name) {
                let place = child(&properties, name);
                findings.add(
                    &rules::AMBIGUOUS_MEMBER,
                    &place,
                    format!("`{other}` and `{name}` would be one field in Rust"),
                    "the generator can't tell them apart; describe one of them",
                );
            }
        }
    });
}

/// The generator has no type for what something is not.
pub(in crate::lint) fn are_said_without_not(findings: &mut Findings<'_>) {
    let document = findings.document;
    visit(&document.value, "", &mut |value, pointer| {
        if !is_schema(pointer) {
            return;
        }
        if value["not"].is_object() && value["not"].get("enum").is_none() {
            let place = child(pointer, "not");
            findings.add(
                &rules::UNSUPPORTED_NOT,
                &place,
                "`not` rules out a schema, and there is no type for what is left",
                "describe what may come, and say the rest in the description",
            );
        }
    });
}

/// Whether a place is of a schema, and not of data.
pub(in crate::lint) fn is_schema(pointer: &str) -> bool {
    let is_inside = pointer.starts_with("/components/schemas/") || pointer.contains("/schema");
    let is_data = ["/example/", "/examples/", "/default/", "/enum/"]
        .iter()
        .any(|part| pointer.contains(part));
    is_inside && !is_data && !pointer.ends_with("/properties") && !pointer.ends_with("/example")
}

/// Bounds and parts that no value fits are a mistake in one of them.
pub(in crate::lint) fn can_be_fitted(findings: &mut Findings<'_>) {
    let document = findings.document;
    visit(&document.value, "", &mut |value, pointer| {
        if !is_schema(pointer) {
            return;
        }
        for (low, high) in [
            ("minimum", "maximum"),
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
        ] {
            if let (Some(least), Some(most)) = (value[low].as_f64(), value[high].as_f64())
                && least > most
            {
                findings.add(
                    &rules::CONTRADICTORY_SCHEMA,
                    &child(pointer, low),
                    format!("`{low}` is beyond `{high}`, so no value fits"),
                    "correct one of them",
                );
            }
        }
        let mut kinds: Vec<&str> = Vec::new();
        for part in value["allOf"].as_array().into_iter().flatten() {
            let kind = document
                .resolve(part, pointer)
                .and_then(|(part, _)| part["type"].as_str());
            if let Some(kind) = kind
                && !kinds.contains(&kind)
            {
                kinds.push(kind);
            }
        }
        if kinds.len() > 1
            && !(kinds.len() == 2 && kinds.contains(&"number") && kinds.contains(&"integer"))
        {
            findings.add(
                &rules::CONTRADICTORY_SCHEMA,
                &child(pointer, "allOf"),
                format!(
                    "its parts are {} at once, so no value fits",
                    kinds.join(" and ")
                ),
                "use `oneOf` where either may come",
            );
        }
    });
}

/// A pattern is a regular expression to the validator, and the same one to the client.
pub(in crate::lint) fn have_patterns(findings: &mut Findings<'_>) {
    let document = findings.document;
    // Documents repeat their patterns, and to make a validator takes time.
    let mut known = HashMap::new();
    visit(&document.value, "", &mut |value, pointer| {
        let Some(pattern) = value.get("pattern").and_then(Value::as_str) else {
            return;
        };
        if !is_schema(pointer) {
            return;
        }
        let place = child(pointer, "pattern");
        let is_regex = *known.entry(pattern).or_insert_with(|| {
            crate::schema::validator(document, &serde_json::json!({ "pattern": pattern })).is_ok()
        });
        if !is_regex {
            // Where a value is at hand, it has been told there.
            if !findings
                .problems
                .iter()
                .any(|problem| problem.message.contains(pattern))
            {
                findings.add(
                    &rules::UNUSABLE_SCHEMA,
                    &place,
                    format!("`{pattern}` is no regular expression"),
                    "correct the pattern",
                );
            }
        } else if let Some(sign) = [r"\p", r"\P", r"\u{"]
            .iter()
            .find(|sign| pattern.contains(**sign))
        {
            findings.add(
                &rules::UNPORTABLE_PATTERN,
                &place,
                format!("`{sign}` means a letter to the client, and a class of letters elsewhere"),
                "write the range of letters out, or leave the pattern to the description",
            );
        }
    });
}
