//! Schemas: what they contain, and their translation into JSON Schema.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::pointer::child;
use crate::reference::{ReferenceError, resolve, target};

/// Keywords of a schema whose value is a schema.
pub(crate) const SCHEMA_KEYWORDS: [&str; 3] = ["items", "additionalProperties", "not"];
/// Keywords of a schema whose value is a list of schemas, which the schema is composed of.
pub const COMPOSITION_KEYWORDS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// A schema composed of more schemas than this is not translated: a validator would not finish.
const MAX_PARTS: usize = 10_000;

/// Returns the schemas directly inside a schema, each with its pointer.
///
/// References are not followed.
#[must_use]
pub fn subschemas<'a>(schema: &'a Value, pointer: &str) -> Vec<(&'a Value, String)> {
    let mut found = Vec::new();
    if let Some(members) = schema["properties"].as_object() {
        let properties = child(pointer, "properties");
        let members = members.iter();
        found.extend(members.map(|(name, member)| (member, child(&properties, name))));
    }
    for key in SCHEMA_KEYWORDS {
        if let Some(schema) = schema.get(key).filter(|schema| schema.is_object()) {
            found.push((schema, child(pointer, key)));
        }
    }
    for key in COMPOSITION_KEYWORDS {
        if let Some(parts) = schema[key].as_array() {
            let list = child(pointer, key);
            let parts = parts.iter().enumerate();
            found.extend(parts.map(|(index, part)| (part, child(&list, &index.to_string()))));
        }
    }
    found
}

/// Returns a schema and all schemas inside it, each with its pointer.
///
/// References are not followed.
#[must_use]
pub fn nested_schemas<'a>(schema: &'a Value, pointer: &str) -> Vec<(&'a Value, String)> {
    collect(schema, pointer, &mut BTreeSet::new(), |schema, pointer| {
        Some((schema, pointer))
    })
}

/// Returns a schema and all schemas inside it, references included, each once with its pointer.
///
/// Pointers in `seen` are skipped; the pointers found are added.
#[must_use]
pub fn reachable_schemas<'a>(
    root: &'a Value,
    schema: &'a Value,
    pointer: &str,
    seen: &mut BTreeSet<String>,
) -> Vec<(&'a Value, String)> {
    collect(schema, pointer, seen, |schema, pointer| {
        resolve(root, schema, &pointer)
    })
}

fn collect<'a>(
    schema: &'a Value,
    pointer: &str,
    seen: &mut BTreeSet<String>,
    resolved: impl Fn(&'a Value, String) -> Option<(&'a Value, String)>,
) -> Vec<(&'a Value, String)> {
    let mut found = Vec::new();
    let mut open = vec![(schema, pointer.to_owned())];
    while let Some((schema, pointer)) = open.pop() {
        let Some((schema, pointer)) = resolved(schema, pointer) else {
            continue;
        };
        if seen.insert(pointer.clone()) {
            // Reversed, because the last one is taken first.
            open.extend(subschemas(schema, &pointer).into_iter().rev());
            found.push((schema, pointer));
        }
    }
    found
}

/// The direction in which a value is sent.
///
/// A read-only member is not part of requests, a write-only member not of responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

impl Direction {
    /// Returns the keyword that excludes a member from this direction.
    #[must_use]
    pub fn excluding_keyword(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

/// Why a schema has no translation into JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A reference cannot be followed.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A schema is composed of itself, so no value can be checked against it.
    #[error("the schema is composed of itself: {0}")]
    Cycle(String),
    /// A schema is composed of too many schemas.
    #[error("the schema is composed of more than {MAX_PARTS} schemas")]
    TooManyParts,
}

/// Translates a schema into a JSON Schema (draft 4) that contains everything it refers to.
///
/// Draft 4 is the origin of the schemas of OpenAPI 3.0: exclusive bounds are booleans, and nothing
/// beside a `$ref` counts. What differs is translated:
/// - `nullable: true` allows null; it counts beside a `$ref` too, because documents use it so.
/// - `required` omits members that are excluded from the direction; without a direction, members
///   that are excluded from either.
/// - The formats `int32` and `int64` of integers become bounds.
/// - References lead to `$defs`, whichever place of the document they name.
///
/// Keywords without a meaning in JSON Schema stay as they are.
///
/// # Errors
/// If a reference cannot be followed, or a schema is composed of itself.
pub fn json_schema(
    root: &Value,
    schema: &Value,
    direction: Option<Direction>,
) -> Result<Value, SchemaError> {
    json_schema_of(
        root,
        [schema],
        direction,
        |mut schemas| json!({ "allOf": [schemas.remove(0)] }),
    )
}

/// Translates several schemas as [`json_schema`] does, into one JSON Schema for an object whose
/// members are named `0`, `1` and so on, one for each schema.
///
/// Compiling one validator is much faster than compiling one for each schema.
///
/// # Errors
/// As for [`json_schema`].
pub fn json_schema_for_members<'a>(
    root: &Value,
    schemas: impl IntoIterator<Item = &'a Value>,
) -> Result<Value, SchemaError> {
    json_schema_of(root, schemas, None, |schemas| {
        let members = schemas.into_iter().enumerate();
        let members: Map<_, _> = members
            .map(|(index, schema)| (index.to_string(), schema))
            .collect();
        json!({ "properties": members })
    })
}

fn json_schema_of<'a>(
    root: &Value,
    schemas: impl IntoIterator<Item = &'a Value>,
    direction: Option<Direction>,
    combine: impl FnOnce(Vec<Value>) -> Value,
) -> Result<Value, SchemaError> {
    let mut open = Vec::new();
    let schemas: Vec<_> = schemas
        .into_iter()
        .map(|schema| translate(schema, direction, &mut open))
        .collect();
    let mut definitions = BTreeMap::new();
    while let Some(reference) = open.pop() {
        let pointer = target(&reference).ok_or(ReferenceError::External(reference.clone()))?;
        let name = definition_name(&pointer);
        if let Entry::Vacant(entry) = definitions.entry(name) {
            let found = root.pointer(&pointer);
            let found = found.ok_or(ReferenceError::NotFound(reference))?;
            entry.insert(translate(found, direction, &mut open));
        }
    }
    check_composition(&schemas, &definitions)?;
    let mut value = combine(schemas);
    value["$defs"] = definitions.into_iter().collect();
    Ok(value)
}

/// Translates a schema and adds its references to `references`.
fn translate(schema: &Value, direction: Option<Direction>, references: &mut Vec<String>) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let is_nullable = members.get("nullable") == Some(&Value::Bool(true));
    if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
        references.push(reference.to_owned());
        let pointer = target(reference).unwrap_or_default();
        let translated = json!({ "$ref": format!("#/$defs/{}", definition_name(&pointer)) });
        return if is_nullable {
            or_null(&translated)
        } else {
            translated
        };
    }
    let mut translated = Map::new();
    for (key, member) in members {
        let member = match &**key {
            "nullable" => continue,
            "required" => match required(member, &schema["properties"], direction) {
                // Draft 4 does not allow an empty list.
                required if required.is_empty() => continue,
                required => Value::Array(required),
            },
            "properties" => member
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, part)| (name.clone(), translate(part, direction, references)))
                .collect(),
            key if SCHEMA_KEYWORDS.contains(&key) => translate(member, direction, references),
            key if COMPOSITION_KEYWORDS.contains(&key) => member
                .as_array()
                .into_iter()
                .flatten()
                .map(|part| translate(part, direction, references))
                .collect(),
            _ => member.clone(),
        };
        translated.insert(key.clone(), member);
    }
    add_bounds(&mut translated);
    if !is_nullable {
        return Value::Object(translated);
    }
    let is_composed = ["enum"]
        .iter()
        .chain(&COMPOSITION_KEYWORDS)
        .any(|key| members.contains_key(*key));
    match translated.get("type").cloned().filter(|_| !is_composed) {
        // A union of types leads to shorter messages than `anyOf`.
        Some(kind) => {
            translated.insert("type".to_owned(), json!([kind, "null"]));
            Value::Object(translated)
        }
        None => or_null(&Value::Object(translated)),
    }
}

fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [{ "type": "null" }, schema] })
}

fn required(required: &Value, properties: &Value, direction: Option<Direction>) -> Vec<Value> {
    let is_excluded = |property: &Value| match direction {
        Some(direction) => property[direction.excluding_keyword()] == true,
        None => [Direction::Request, Direction::Response]
            .iter()
            .any(|direction| property[direction.excluding_keyword()] == true),
    };
    let is_sent = |name: &&Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        !property.is_some_and(is_excluded)
    };
    let names = required.as_array().into_iter().flatten();
    names.filter(is_sent).cloned().collect()
}

/// Adds the bounds that a format of integers stands for.
fn add_bounds(members: &mut Map<String, Value>) {
    let (minimum, maximum) = match members.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    if members.get("type").is_some_and(|kind| kind == "integer") {
        members.entry("minimum").or_insert_with(|| json!(minimum));
        members.entry("maximum").or_insert_with(|| json!(maximum));
    }
}

/// Returns the name of the definition for a pointer: a key that needs no escaping in a reference.
fn definition_name(pointer: &str) -> String {
    let mut name = String::new();
    for character in pointer.trim_start_matches('/').chars() {
        match character {
            '/' => name.push('.'),
            '-' => name.push('-'),
            character if character.is_ascii_alphanumeric() => name.push(character),
            character => name.extend(format!("_{:x}_", u32::from(character)).chars()),
        }
    }
    name
}

/// Checks that no schema is composed of itself or of too many others.
fn check_composition(
    schemas: &[Value],
    definitions: &BTreeMap<String, Value>,
) -> Result<(), SchemaError> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for schema in schemas.iter().chain(definitions.values()) {
        // The path to the current definition: its name, the parts left to visit, and its size so far.
        let mut path = vec![("", components(schema), 1)];
        while let Some((name, left, size)) = path.last_mut() {
            if *size > MAX_PARTS {
                return Err(SchemaError::TooManyParts);
            }
            let Some(part) = left.pop() else {
                let (name, size) = (*name, *size);
                path.pop();
                if let Some((.., outer)) = path.last_mut() {
                    *outer += size;
                    sizes.insert(name, size);
                }
                continue;
            };
            if let Some(known) = sizes.get(part) {
                *size += known;
            } else if path.iter().any(|(name, ..)| *name == part) {
                return Err(SchemaError::Cycle(part.to_owned()));
            } else {
                path.push((part, components(&definitions[part]), 1));
            }
        }
    }
    Ok(())
}

/// Returns the definitions that a translated schema is composed of.
fn components(schema: &Value) -> Vec<&str> {
    if let Some(reference) = schema["$ref"].as_str() {
        return vec![reference.trim_start_matches("#/$defs/")];
    }
    let listed = COMPOSITION_KEYWORDS
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array())
        .flatten();
    listed
        .chain(schema.get("not"))
        .flat_map(components)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(schema: &Value, direction: Option<Direction>) -> Value {
        json_schema(&json!({}), schema, direction).unwrap()["allOf"][0].clone()
    }

    #[test]
    fn nullable_becomes_a_type_or_an_alternative() {
        for (schema, expected) in [
            (
                json!({ "type": "string", "nullable": true }),
                json!({ "type": ["string", "null"] }),
            ),
            (
                json!({ "type": "string", "nullable": false }),
                json!({ "type": "string" }),
            ),
            (
                json!({ "type": "string", "enum": ["a"], "nullable": true }),
                json!({ "anyOf": [{ "type": "null" }, { "type": "string", "enum": ["a"] }] }),
            ),
            (
                json!({ "allOf": [{ "type": "object" }], "nullable": true }),
                json!({ "anyOf": [{ "type": "null" }, { "allOf": [{ "type": "object" }] }] }),
            ),
            (
                json!({ "properties": { "nullable": { "type": "string" } } }),
                json!({ "properties": { "nullable": { "type": "string" } } }),
            ),
            (
                json!({ "items": { "not": { "type": "string", "nullable": true } } }),
                json!({ "items": { "not": { "type": ["string", "null"] } } }),
            ),
        ] {
            assert_eq!(translated(&schema, None), expected);
        }
    }

    #[test]
    fn required_omits_members_that_are_not_sent() {
        let schema = json!({
            "required": ["id", "made", "secret", "unknown"],
            "properties": {
                "id": {},
                "made": { "readOnly": true },
                "secret": { "writeOnly": true },
            },
        });
        for (direction, expected) in [
            (Some(Direction::Request), json!(["id", "secret", "unknown"])),
            (Some(Direction::Response), json!(["id", "made", "unknown"])),
            (None, json!(["id", "unknown"])),
        ] {
            assert_eq!(translated(&schema, direction)["required"], expected);
        }
        let empty = json!({ "required": ["a"], "properties": { "a": { "readOnly": true } } });
        let translated = translated(&empty, Some(Direction::Request));
        assert_eq!(translated.get("required"), None);
    }

    #[test]
    fn integer_formats_become_bounds() {
        let int32 = json!({ "type": "integer", "format": "int32", "maximum": 100 });
        let translated_int32 = translated(&int32, None);
        assert_eq!(translated_int32["minimum"], i32::MIN);
        assert_eq!(translated_int32["maximum"], 100);
        let nullable = json!({ "type": "integer", "format": "int64", "nullable": true });
        assert_eq!(translated(&nullable, None)["maximum"], i64::MAX);
        let text = json!({ "type": "string", "format": "int32" });
        assert_eq!(translated(&text, None), text);
    }

    #[test]
    fn references_lead_to_definitions() {
        let root = json!({ "components": { "schemas": {
            "A": { "properties": { "b": { "$ref": "#/components/schemas/B%20b" } } },
            "B b": { "properties": { "a": {
                "nullable": true, "$ref": "#/components/schemas/A", "description": "An A.",
            } } },
            "Unused": {},
        } } });
        let schema = json!({ "$ref": "#/components/schemas/B b/properties/a" });
        let expected = json!({
            "allOf": [{ "$ref": "#/$defs/components.schemas.B_20_b.properties.a" }],
            "$defs": {
                "components.schemas.A": {
                    "properties": { "b": { "$ref": "#/$defs/components.schemas.B_20_b" } },
                },
                "components.schemas.B_20_b": { "properties": { "a": { "anyOf": [
                    { "type": "null" }, { "$ref": "#/$defs/components.schemas.A" },
                ] } } },
                "components.schemas.B_20_b.properties.a": { "anyOf": [
                    { "type": "null" }, { "$ref": "#/$defs/components.schemas.A" },
                ] },
            },
        });
        assert_eq!(json_schema(&root, &schema, None), Ok(expected));
    }

    #[test]
    fn broken_references_and_cycles_are_errors() {
        let mut schemas = Map::new();
        schemas.insert(
            "Self".to_owned(),
            json!({ "$ref": "#/components/schemas/Self" }),
        );
        schemas.insert(
            "Parts".to_owned(),
            json!({ "allOf": [{ "not": { "$ref": "#/components/schemas/Parts" } }] }),
        );
        schemas.insert(
            "Inside".to_owned(),
            json!({ "properties": { "a": { "$ref": "#/components/schemas/Self" } } }),
        );
        schemas.insert("Big0".to_owned(), json!({}));
        for level in 1..20 {
            let below = json!({ "$ref": format!("#/components/schemas/Big{}", level - 1) });
            schemas.insert(format!("Big{level}"), json!({ "anyOf": [below, below] }));
        }
        let root = json!({ "components": { "schemas": schemas } });
        let of = |reference: &str| json_schema(&root, &json!({ "$ref": reference }), None);
        let cycle = |name: &str| Err(SchemaError::Cycle(format!("components.schemas.{name}")));
        assert_eq!(of("#/components/schemas/Self"), cycle("Self"));
        assert_eq!(of("#/components/schemas/Parts"), cycle("Parts"));
        assert_eq!(of("#/components/schemas/Inside"), cycle("Self"));
        assert_eq!(
            of("#/components/schemas/Big19"),
            Err(SchemaError::TooManyParts)
        );
        assert!(of("#/components/schemas/Big9").is_ok());
        for (reference, expected) in [
            (
                "#/missing",
                ReferenceError::NotFound("#/missing".to_owned()),
            ),
            ("a.yaml", ReferenceError::External("a.yaml".to_owned())),
        ] {
            assert_eq!(of(reference), Err(SchemaError::Reference(expected)));
        }
    }

    #[test]
    fn several_schemas_become_members_of_one() {
        let root = json!({ "a": { "type": "string" } });
        let schemas = [json!({ "$ref": "#/a" }), json!({ "type": "integer" })];
        let expected = json!({
            "properties": { "0": { "$ref": "#/$defs/a" }, "1": { "type": "integer" } },
            "$defs": { "a": { "type": "string" } },
        });
        assert_eq!(json_schema_for_members(&root, &schemas), Ok(expected));
    }

    #[test]
    fn a_recursive_schema_is_visited_once() {
        let root = json!({ "components": { "schemas": { "Tree": { "properties": {
            "left": { "$ref": "#/components/schemas/Tree" },
            "nullable": { "type": "string" },
        } } } } });
        let schema = &root["components"]["schemas"]["Tree"];
        let mut seen = BTreeSet::new();
        let found = reachable_schemas(&root, schema, "/components/schemas/Tree", &mut seen);
        let pointers: Vec<_> = found.iter().map(|(_, pointer)| &**pointer).collect();
        assert_eq!(
            pointers,
            [
                "/components/schemas/Tree",
                "/components/schemas/Tree/properties/nullable"
            ]
        );
        let found = reachable_schemas(&root, schema, "/components/schemas/Tree", &mut seen);
        assert!(found.is_empty());
        assert_eq!(nested_schemas(schema, "").len(), 3);
    }
}
