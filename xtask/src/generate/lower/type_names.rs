//! Names of types. Progenitor derives them from components, titles, operations and properties, and
//! takes two schemas with one name for the same type.

use std::collections::{BTreeMap, HashSet};

use authress_users_openapi::{
    COMPOSITION_KEYWORDS, METHODS, Role, schema_name, target, visit_objects_mut,
};
use heck::ToUpperCamelCase as _;
use serde_json::{Map, Value};

use crate::generate::names;

/// Gives every schema that becomes a type a name of its own: components whose names are not Rust
/// names or not unique get other names, and inline schemas get a title.
pub(super) fn unique_type_names(document: &mut Value) -> usize {
    let mut names = Names(names::TYPES.map(str::to_owned).into());
    let renamed = names.components(document);
    let mut changed = renamed.len();
    if !renamed.is_empty() {
        update_references(document, &renamed);
    }
    let schemas = document.pointer_mut("/components/schemas");
    for (name, schema) in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove("title");
        }
        changed += names.inner(schema, &type_name(name));
    }
    for (_, item) in members_mut(document, "paths") {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if METHODS.contains(&&**method) {
                changed += names.operation(operation);
            }
        }
    }
    // Responses and request bodies of components are named after the operations that use them.
    for section in ["responses", "requestBodies"] {
        let section = document.pointer_mut(&format!("/components/{section}"));
        for (name, holder) in section.and_then(Value::as_object_mut).into_iter().flatten() {
            changed += names.content(holder, &type_name(name));
        }
    }
    changed
}

/// The names in use.
struct Names(HashSet<String>);

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let mut names = (1_usize..).map(|number| match number {
            1 => name.to_owned(),
            number => format!("{name}{number}"),
        });
        let free = names.find(|name| !self.0.contains(name));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }

    /// Renames components; returns the new names of those that changed.
    fn components(&mut self, document: &mut Value) -> BTreeMap<String, String> {
        let schemas = document.pointer_mut("/components/schemas");
        let Some(schemas) = schemas.and_then(Value::as_object_mut) else {
            return BTreeMap::new();
        };
        let mut renamed = BTreeMap::new();
        *schemas = std::mem::take(schemas)
            .into_iter()
            .map(|(name, schema)| {
                let is_plain =
                    |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
                let wanted = type_name(&name);
                let free = self.unique(&wanted);
                if free == wanted && name.chars().all(is_plain) {
                    return (name, schema);
                }
                renamed.insert(name, free.clone());
                (free, schema)
            })
            .collect();
        renamed
    }

    fn operation(&mut self, operation: &mut Value) -> usize {
        let id = type_name(operation["operationId"].as_str().unwrap_or_default());
        let mut changed = 0;
        for parameter in items_mut(operation, "parameters") {
            let name = type_name(parameter["name"].as_str().unwrap_or_default());
            if let Some(schema) = parameter.get_mut("schema") {
                changed += self.schema(schema, &format!("{id}{name}"));
            }
        }
        if let Some(body) = operation.get_mut("requestBody") {
            changed += self.content(body, &format!("{id}Body"));
        }
        let mut named = Vec::new();
        for (status, response) in members_mut(operation, "responses") {
            let is_error = status.starts_with(['4', '5', 'd']);
            let suffix = if is_error { "Error" } else { "Response" };
            changed += self.content_once(response, &format!("{id}{suffix}"), &mut named);
        }
        changed
    }

    /// Names the schemas of a request or response.
    fn content(&mut self, holder: &mut Value, name: &str) -> usize {
        self.content_once(holder, name, &mut Vec::new())
    }

    /// Names the schemas of a response, unless `named` has them: an operation can have only one type
    /// for its successes and one for its errors, so equal schemas must stay equal.
    fn content_once(
        &mut self,
        holder: &mut Value,
        name: &str,
        named: &mut Vec<(Value, Value)>,
    ) -> usize {
        let mut changed = 0;
        for (_, body) in members_mut(holder, "content") {
            let Some(schema) = body.get_mut("schema") else {
                continue;
            };
            if let Some((_, known)) = named.iter().find(|(before, _)| before == schema) {
                schema.clone_from(known);
                continue;
            }
            let before = schema.clone();
            changed += self.schema(schema, name);
            named.push((before, schema.clone()));
        }
        changed
    }

    /// Names an inline schema and those inside it.
    fn schema(&mut self, schema: &mut Value, name: &str) -> usize {
        let Some(members) = schema.as_object_mut().filter(|it| !it.contains_key("$ref")) else {
            return 0;
        };
        let before = members.get("title").cloned();
        let name = if becomes_type(members) {
            let name = self.unique(&type_name(name));
            members.insert("title".to_owned(), Value::from(name.clone()));
            name
        } else {
            members.shift_remove("title");
            name.to_owned()
        };
        let changed = usize::from(members.get("title") != before.as_ref());
        changed + self.inner(schema, &name)
    }

    /// Names the schemas inside a schema with this name.
    fn inner(&mut self, schema: &mut Value, name: &str) -> usize {
        let Some(members) = schema.as_object_mut() else {
            return 0;
        };
        let mut changed = 0;
        for (key, member) in members {
            match &**key {
                "properties" => {
                    for (property, schema) in member.as_object_mut().into_iter().flatten() {
                        changed += self.schema(schema, &format!("{name}{}", type_name(property)));
                    }
                }
                "items" => changed += self.schema(member, &format!("{name}Item")),
                "additionalProperties" => changed += self.schema(member, &format!("{name}Value")),
                "allOf" => {
                    // The parts become one type, which has the name of the whole.
                    for part in member.as_array_mut().into_iter().flatten() {
                        if let Some(part) = part.as_object_mut() {
                            changed += usize::from(part.shift_remove("title").is_some());
                        }
                        changed += self.inner(part, name);
                    }
                }
                key if COMPOSITION_KEYWORDS.contains(&key) => {
                    for (index, part) in member.as_array_mut().into_iter().flatten().enumerate() {
                        changed += self.schema(part, &format!("{name}Variant{index}"));
                    }
                }
                _ => {}
            }
        }
        changed
    }
}

/// Whether progenitor can make a named type of a schema.
fn becomes_type(schema: &Map<String, Value>) -> bool {
    const KEYWORDS: [&str; 9] = [
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "maxLength",
        "minLength",
        "oneOf",
        "pattern",
        "properties",
    ];
    KEYWORDS.iter().any(|key| schema.contains_key(*key))
        || schema.get("type").is_some_and(|kind| kind == "object")
}

/// The name of the type that progenitor makes for a component or title.
pub(crate) fn type_name(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|letter| *letter != '\'')
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    match name.to_upper_camel_case() {
        name if name == "Self" => "Self_".to_owned(),
        name if name.starts_with(|first: char| first.is_ascii_alphabetic()) => name,
        name => format!("X{name}"),
    }
}

/// The members of the object under `key`; none if it is absent.
fn members_mut<'a>(
    value: &'a mut Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    value
        .get_mut(key)
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
}

/// The items of the list under `key`; none if it is absent.
fn items_mut<'a>(value: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Value> {
    value
        .get_mut(key)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

fn update_references(document: &mut Value, renamed: &BTreeMap<String, String>) {
    visit_objects_mut(document, Role::Object, &mut |object| {
        let reference = object.get("$ref").and_then(Value::as_str);
        let name = reference
            .and_then(target)
            .and_then(|pointer| schema_name(&pointer));
        if let Some(new) = name.and_then(|name| renamed.get(&name)) {
            let new = format!("#/components/schemas/{new}");
            object.insert("$ref".to_owned(), Value::from(new));
        }
        0
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn components_get_unique_rust_names() {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let mut document = json!({"components": {"schemas": {
            "User": {"type": "object"},
            "user": {"type": "object"},
            "a b": {"type": "object"},
            "Default": {"type": "object"},
            "Holder": {"properties": {
                "one": reference("user"), "two": reference("a%20b"), "three": reference("Default"),
            }},
        }}});
        assert!(unique_type_names(&mut document) > 0);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let names: Vec<_> = schemas.keys().map(String::as_str).collect();
        assert_eq!(names, ["User", "User2", "AB", "Default2", "Holder"]);
        let members = &schemas["Holder"]["properties"];
        assert_eq!(members["one"], reference("User2"));
        assert_eq!(members["two"], reference("AB"));
        assert_eq!(members["three"], reference("Default2"));
        assert_eq!(unique_type_names(&mut document), 0);
    }

    #[test]
    fn inline_schemas_do_not_share_names_with_components() {
        let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        let mut document = json!({
            "components": {"schemas": {
                "GetUserBody": {"type": "object"},
                "A": {"title": "Clash", "properties": {"b": object, "c": {"title": "Clash", "type": "object"}}},
                "AB": {"type": "object"},
            }},
            "paths": {"/a": {"get": {
                "operationId": "getUser",
                "requestBody": {"content": {"application/json": {"schema": object}}},
            }}},
        });
        unique_type_names(&mut document);
        let members = &document["components"]["schemas"]["A"]["properties"];
        assert_eq!(members["b"]["title"], "Ab2");
        assert_eq!(members["c"]["title"], "Ac");
        let body = &document["paths"]["/a"]["get"]["requestBody"]["content"]["application/json"];
        assert_eq!(body["schema"]["title"], "GetUserBody2");
        assert_eq!(unique_type_names(&mut document), 0);
    }
}
