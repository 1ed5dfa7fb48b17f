//! Names of types and fields.

use std::collections::HashMap;

use authress_users_openapi::{OperationEntry, child, nested_schemas};
use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use crate::generate::names;
use crate::lint::elements::members;
use crate::lint::findings::Findings;
use crate::lint::rules;

/// Components, validated string parameters and titled schemas become types.
pub(in crate::lint) fn check_type_names(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut taken: HashMap<String, String> = HashMap::new();
    let components = &document.value["components"]["schemas"];
    for (name, _) in members(components) {
        let place = child("/components/schemas", name);
        let type_name = name.to_upper_camel_case();
        if names::TYPES.contains(&&*type_name) {
            findings.add(
                &rules::INVALID_TYPE_NAME,
                &place,
                format!(
                    "the schema `{name}` becomes the type `{type_name}`, which Rust code uses \
                     without a path"
                ),
                "rename the schema",
            );
        }
        claim(findings, &mut taken, type_name, &place, None);
    }
    for entry in document.operations() {
        for parameter in document.parameters(&entry) {
            let schema = &parameter.value["schema"];
            let is_validated = ["minLength", "maxLength", "pattern", "enum"]
                .iter()
                .any(|key| schema.get(*key).is_some());
            if is_validated && schema["type"] == "string" {
                let name = format!("{}-{}", entry.name(), parameter.name).to_upper_camel_case();
                let pointer = &parameter.pointer;
                claim(findings, &mut taken, name, pointer, Some(&entry));
            }
        }
    }
    for (name, schema) in members(components) {
        let place = child("/components/schemas", name);
        for (part, pointer) in nested_schemas(schema, &place) {
            // A component's name takes precedence over its title.
            let title = part["title"].as_str().filter(|_| pointer != place);
            if let Some(title) = title {
                let name = title.to_upper_camel_case();
                claim(findings, &mut taken, name, &pointer, None);
            }
        }
    }
}

/// Claims a type name for the value at `pointer`, or reports the value that has it.
fn claim(
    findings: &mut Findings<'_>,
    taken: &mut HashMap<String, String>,
    type_name: String,
    pointer: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    let Some(other) = taken.get(&type_name) else {
        taken.insert(type_name, pointer.to_owned());
        return;
    };
    if other == pointer {
        return;
    }
    let line = findings.document.line(other);
    let message = format!("it becomes the type `{type_name}`, as does line {line}");
    let advice = "change one of the names or titles";
    match operation {
        Some(entry) => {
            findings.add_to(entry, &rules::AMBIGUOUS_TYPE, pointer, message, advice);
        }
        None => findings.add(&rules::AMBIGUOUS_TYPE, pointer, message, advice),
    }
}

/// Properties become fields.
pub(in crate::lint) fn check_member_names(findings: &mut Findings<'_>) {
    for (schema, pointer) in findings.schemas().iter() {
        let mut taken: HashMap<String, &str> = HashMap::new();
        for (name, _) in members(&schema["properties"]) {
            if let Some(other) = taken.insert(name.to_snake_case(), name) {
                findings.add(
                    &rules::AMBIGUOUS_MEMBER,
                    &child(&child(pointer, "properties"), name),
                    format!("`{other}` and `{name}` become the same Rust field"),
                    "describe only one of them; the generator cannot distinguish them",
                );
            }
        }
    }
}
