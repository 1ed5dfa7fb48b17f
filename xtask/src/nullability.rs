//! Notations of nullable schemas. Progenitor ignores `nullable` beside a reference, and makes a separate
//! type of a nullable component; other tools ignore `nullable` without a type beside it.

use std::collections::{HashMap, HashSet};

use authress_users_openapi::{
    COMPOSITION_KEYWORDS, Role, move_nullable_to_references, references, schemas, target,
    visit_schemas_mut,
};
use serde_json::{Map, Value, json};

/// Makes a reference nullable if `nullable` is beside it. OpenAPI ignores it there, but
/// documents use it.
pub(crate) fn nullable_beside_references(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let is_nullable = schema["nullable"] == Value::Bool(true);
        let Some(to) = schema["$ref"].as_str().filter(|_| is_nullable) else {
            return false;
        };
        *schema = nullable_reference(to, schema.get("description"));
        true
    })
}

/// Moves `nullable` from components to the places that use them, so that they become an `Option`
/// there instead of a type around an `Option`.
pub(crate) fn nullable_components_where_they_are_used(document: &mut Value) -> usize {
    let alternatives = null_as_alternative(document);
    alternatives
        + match move_nullable_to_references(document) {
            0 => 0,
            moved => moved + nullable_beside_references(document),
        }
}

/// Replaces the alternatives "reference or null" with a nullable reference.
fn null_as_alternative(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let found = ["anyOf", "oneOf"].into_iter().find_map(|key| {
            let (reference, null) = match schema[key].as_array()?.as_slice() {
                [one, two] if one["$ref"].is_string() => (one, two),
                [one, two] => (two, one),
                _ => return None,
            };
            let is_nullable = reference["$ref"].is_string() && null["enum"] == json!([null]);
            is_nullable.then(|| (key, reference.clone()))
        });
        let Some((key, reference)) = found else {
            return false;
        };
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove(key);
            members.insert("nullable".to_owned(), Value::Bool(true));
            members.insert("allOf".to_owned(), json!([reference]));
        }
        true
    })
}

/// Writes nullable references so that every tool reads them: with the type beside the reference and a
/// nullable component, or with null as an alternative where the component cannot be nullable.
pub(crate) fn nullable_with_effect(document: &mut Value) -> usize {
    let source = document.clone();
    let nullable = possibly_nullable_components(&source);
    let changed = visit_schemas_mut(document, &mut |schema| {
        let Some(reference) = target_of_nullable(schema).map(str::to_owned) else {
            return false;
        };
        let Some(members) = schema.as_object_mut() else {
            return false;
        };
        if let Some(kind) = nullable.get(&reference) {
            members.shift_insert(0, "type".to_owned(), kind.clone());
        } else {
            members.shift_remove("nullable");
            members.shift_remove("allOf");
            let only_null = json!({"type": "object", "nullable": true, "enum": [null]});
            members.insert(
                "anyOf".to_owned(),
                json!([{ "$ref": reference }, only_null]),
            );
        }
        true
    });
    for pointer in nullable.keys().filter_map(|reference| target(reference)) {
        let component = document.pointer_mut(&pointer);
        if let Some(members) = component.and_then(Value::as_object_mut) {
            members.insert("nullable".to_owned(), Value::Bool(true));
        }
    }
    changed
}

/// Returns the components that only nullable references use, by reference, with their types.
fn possibly_nullable_components(document: &Value) -> HashMap<String, Value> {
    let mut uses: HashMap<&str, isize> = HashMap::new();
    for reference in references(document, Role::Object) {
        *uses.entry(reference).or_default() += 1;
    }
    let mut nullable = HashSet::new();
    for (schema, _) in schemas(document) {
        if let Some(reference) = target_of_nullable(schema) {
            *uses.entry(reference).or_default() -= 1;
            nullable.insert(reference);
        }
    }
    nullable.retain(|reference| uses[reference] == 0);
    let of_one_type = |reference: &str| {
        let component = document.pointer(&target(reference)?)?;
        let is_restricted = ["enum", "not"]
            .iter()
            .chain(&COMPOSITION_KEYWORDS)
            .any(|keyword| component.get(keyword).is_some());
        let kind = component.get("type").filter(|_| !is_restricted)?;
        Some((reference.to_owned(), kind.clone()))
    };
    nullable.into_iter().filter_map(of_one_type).collect()
}

/// Returns the reference of a schema that is a nullable reference and nothing else.
fn target_of_nullable(schema: &Value) -> Option<&str> {
    let [part] = schema["allOf"].as_array()?.as_slice() else {
        return None;
    };
    let mut others = schema.as_object()?.keys();
    let is_only = others.all(|key| matches!(&**key, "nullable" | "description" | "allOf"));
    part["$ref"]
        .as_str()
        .filter(|_| is_only && schema["nullable"] == true)
}

/// Returns a reference that may be null: an `allOf` with `nullable` beside it.
pub(crate) fn nullable_reference(to: &str, description: Option<&Value>) -> Value {
    let mut schema = Map::new();
    schema.insert("nullable".to_owned(), Value::Bool(true));
    if let Some(description) = description {
        schema.insert("description".to_owned(), description.clone());
    }
    schema.insert("allOf".to_owned(), json!([{ "$ref": to }]));
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_nullable_reference_become_one() {
        let reference = json!({"$ref": "#/components/schemas/B"});
        let only_null = json!({"type": "object", "nullable": true, "enum": [null]});
        let mut document = json!({"components": {"schemas": {
            "B": {"type": "object", "nullable": true},
            "C": {"type": "object"},
            "A": {"properties": {
                "beside": {"type": "object", "nullable": true, "description": "B.", "allOf": [reference]},
                "more": {"type": "object", "nullable": true, "minProperties": 1, "allOf": [reference]},
                "alternative": {"description": "C.", "anyOf": [{"$ref": "#/components/schemas/C"}, only_null]},
                "reversed": {"oneOf": [only_null, {"$ref": "#/components/schemas/C"}]},
                "other": {"anyOf": [reference, {"type": "object", "enum": [{}]}]},
            }},
        }}});
        assert!(nullable_components_where_they_are_used(&mut document) > 0);
        let members = &document["components"]["schemas"]["A"]["properties"];
        assert_eq!(
            members["beside"],
            json!({"nullable": true, "description": "B.", "allOf": [reference]})
        );
        assert_eq!(members["more"]["type"], "object");
        assert_eq!(
            members["alternative"],
            json!({"description": "C.", "nullable": true, "allOf": [{"$ref": "#/components/schemas/C"}]})
        );
        assert_eq!(
            members["reversed"],
            json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/C"}]})
        );
        assert_eq!(members["other"]["anyOf"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn nullable_references_get_a_notation_with_effect_and_back() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let nullable =
            |name: &str| json!({"nullable": true, "description": "D.", "allOf": [to(name)]});
        let before = json!({"components": {"schemas": {
            "Often": {"type": "object", "properties": {"a": {"type": "string", "nullable": true}}},
            "Both": {"type": "object"},
            "Few": {"type": "string", "enum": ["a"]},
            "User": {"type": "object", "properties": {
                "one": nullable("Often"),
                "two": nullable("Often"),
                "three": nullable("Both"),
                "four": to("Both"),
                "five": nullable("Few"),
            }},
        }}});
        let mut value = before.clone();
        assert_eq!(nullable_with_effect(&mut value), 4);
        assert_eq!(nullable_with_effect(&mut value), 0);
        let schemas = &value["components"]["schemas"];
        let beside = json!({
            "type": "object", "nullable": true, "description": "D.", "allOf": [to("Often")],
        });
        let alternative = |name: &str| {
            let only_null = json!({"type": "object", "nullable": true, "enum": [null]});
            json!({"description": "D.", "anyOf": [to(name), only_null]})
        };
        assert_eq!(
            schemas["User"]["properties"],
            json!({
                "one": beside,
                "two": beside,
                "three": alternative("Both"),
                "four": to("Both"),
                "five": alternative("Few"),
            })
        );
        assert_eq!(schemas["Often"]["nullable"], true);
        assert!(schemas["Both"].get("nullable").is_none());
        assert!(nullable_components_where_they_are_used(&mut value) > 0);
        assert_eq!(value, before);
    }

    #[test]
    fn nullable_beside_a_reference_is_kept() {
        let mut document = json!({"components": {"schemas": {"A": {"properties": {
            "b": {"nullable": true, "$ref": "#/components/schemas/B", "description": "B."},
            "c": {"nullable": false, "$ref": "#/components/schemas/B"},
            "d": {"$ref": "#/components/schemas/B"},
        }}}}});
        assert_eq!(nullable_beside_references(&mut document), 1);
        assert_eq!(
            document["components"]["schemas"]["A"]["properties"]["b"],
            json!({"nullable": true, "description": "B.", "allOf": [{"$ref": "#/components/schemas/B"}]})
        );
        assert_eq!(nullable_beside_references(&mut document), 0);
    }

    #[test]
    fn a_nullable_component_is_nullable_in_every_place_that_uses_it() {
        let reference = json!({"$ref": "#/components/schemas/B"});
        let mut document = json!({"components": {"schemas": {
            "B": {"type": "object", "nullable": true},
            "A": {"properties": {
                "one": reference,
                "all": {"allOf": [reference]},
                "mixed": {"allOf": [reference, {"type": "object"}]},
                "list": {"type": "array", "items": reference},
            }},
        }}});
        assert!(nullable_components_where_they_are_used(&mut document) > 0);
        let schemas = &document["components"]["schemas"];
        assert!(schemas["B"].get("nullable").is_none());
        let members = &schemas["A"]["properties"];
        let nullable = json!({"nullable": true, "allOf": [reference]});
        assert_eq!(members["one"], nullable);
        assert_eq!(
            members["all"],
            json!({"allOf": [reference], "nullable": true})
        );
        assert_eq!(members["list"]["items"], nullable);
        assert!(members["mixed"].get("nullable").is_none());
        assert_eq!(nullable_components_where_they_are_used(&mut document), 0);
    }
}
