//! Names of fields and setters. Where two would be the same in Rust, one gets another name until the
//! code is generated; a rewrite restores the name that is sent.

use std::collections::{BTreeMap, HashSet};

use authress_users_openapi::{Role, resolve, visit_objects, visit_schemas_mut};
use heck::ToSnakeCase as _;
use serde_json::{Map, Value};

use super::parameters::each_ambiguous;

/// The member of a prepared document with the original of each changed name.
const ORIGINALS: &str = "x-original-names";

/// The field that progenitor adds for the members that an object does not name.
const MAP: &str = "extra";

/// The original names of the members and parameters that were renamed, by their new names.
pub(crate) fn original_names(document: &Value) -> BTreeMap<String, String> {
    let names = document[ORIGINALS].as_object().into_iter().flatten();
    let names = names.filter_map(|(new, old)| Some((new.clone(), old.as_str()?.to_owned())));
    names.collect()
}

/// Makes the names of the properties of every object, and of the parameters of every operation,
/// distinct in Rust.
pub(super) fn distinct_member_names(document: &mut Value) -> usize {
    let mut renamed = Renamed {
        text: document.to_string().to_lowercase(),
        names: Map::new(),
    };
    let merges_maps = merges_maps(document);
    let changed = visit_schemas_mut(document, &mut |schema| {
        let mut reserved = HashSet::new();
        if merges_maps || is_map(schema) {
            reserved.insert(MAP.to_owned());
        }
        let mut taken = reserved.clone();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            return false;
        };
        let is_unique = properties.keys().all(|name| taken.insert(field(name)));
        if is_unique {
            return false;
        }
        taken = reserved;
        let mut changed = BTreeMap::new();
        *properties = std::mem::take(properties)
            .into_iter()
            .map(|(name, member)| {
                if taken.insert(field(&name)) {
                    return (name, member);
                }
                let new = renamed.rename(&name, &mut taken);
                changed.insert(name, new.clone());
                (new, member)
            })
            .collect();
        for name in schema
            .get_mut("required")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            if let Some(new) = name.as_str().and_then(|name| changed.get(name)) {
                *name = Value::from(new.clone());
            }
        }
        true
    });
    let changed = changed
        + each_ambiguous(document, field, |parameter, taken| {
            if let Some(name) = parameter.get("name").and_then(Value::as_str) {
                let new = renamed.rename(name, taken);
                parameter.insert("name".to_owned(), Value::from(new));
            }
        });
    // Also replaces a member of this name that the document itself has.
    if let Some(root) = document.as_object_mut() {
        root.shift_remove(ORIGINALS);
        if !renamed.names.is_empty() {
            root.insert(ORIGINALS.to_owned(), Value::Object(renamed.names));
        }
    }
    changed
}

/// Returns whether progenitor adds a field for the members that a schema does not name.
fn is_map(schema: &Value) -> bool {
    schema["additionalProperties"].is_object()
}

/// Returns whether progenitor merges such a schema with others, whose members are then beside the field.
fn merges_maps(document: &Value) -> bool {
    let mut found = false;
    visit_objects(document, Role::Object, "", &mut |object, pointer| {
        let parts = object.get("allOf").and_then(Value::as_array);
        let Some(parts) = parts.filter(|_| !found) else {
            return;
        };
        let is_part =
            |part: &Value| resolve(document, part, pointer).is_some_and(|(it, _)| is_map(it));
        found = is_map(object) || parts.iter().any(is_part);
    });
    found
}

struct Renamed {
    /// The document in lower case, in which a new name must not occur: headers ignore case.
    text: String,
    names: Map<String, Value>,
}

impl Renamed {
    /// A new name, which differs from its field, so that progenitor keeps it beside the field. The field
    /// is none of those that are taken, and becomes one of them.
    fn rename(&mut self, name: &str, taken: &mut HashSet<String>) -> String {
        let new = (2..usize::MAX)
            .map(|number| format!("{name}-{number}"))
            .find(|new| {
                !self.names.contains_key(new)
                    && !self.text.contains(&new.to_lowercase())
                    && taken.insert(field(new))
            });
        let new = new.unwrap_or_default();
        self.names.insert(new.clone(), Value::from(name));
        new
    }
}

/// The name of the field or setter in Rust.
fn field(name: &str) -> String {
    let letters = name.chars().filter(|letter| *letter != '\'');
    let name: String = letters
        .map(|letter| {
            if letter.is_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    let name = name.to_snake_case();
    if name.starts_with(char::is_alphabetic) {
        name
    } else {
        format!("x{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_of_one_name_get_different_ones() {
        let parameter =
            |name: &str, location: &str| json!({"name": name, "in": location, "schema": {}});
        let mut document = json!({"paths": {"/{a}": {"get": {"parameters": [
            parameter("a", "path"),
            parameter("A", "query"),
            parameter("a", "header"),
            parameter("a-", "query"),
        ]}}}});
        assert_eq!(distinct_member_names(&mut document), 3);
        let list = document["paths"]["/{a}"]["get"]["parameters"]
            .as_array()
            .unwrap();
        let fields: HashSet<_> = list
            .iter()
            .map(|it| field(it["name"].as_str().unwrap()))
            .collect();
        assert_eq!(fields.len(), 4, "{list:?}");
        assert_eq!(distinct_member_names(&mut document), 0);
    }

    #[test]
    fn members_with_one_rust_name_are_distinguished() {
        let mut document = json!({"components": {"schemas": {"A": {
            "required": ["user_id"],
            "properties": {"userId": {"type": "string"}, "user_id": {"type": "integer"}},
        }}}});
        assert_eq!(distinct_member_names(&mut document), 1);
        assert_eq!(
            document["components"]["schemas"]["A"],
            json!({
                "required": ["user_id-2"],
                "properties": {"userId": {"type": "string"}, "user_id-2": {"type": "integer"}},
            })
        );
        assert_eq!(original_names(&document)["user_id-2"], "user_id");
        assert_eq!(distinct_member_names(&mut document), 0);
    }

    #[test]
    fn names_that_begin_with_a_digit_are_compared_as_progenitor_writes_them() {
        let mut document = json!({"components": {"schemas": {"A": {
            "properties": {"1": {"type": "string"}, "x1": {"type": "string"}},
        }}}});
        assert_eq!(distinct_member_names(&mut document), 1);
        let members = &document["components"]["schemas"]["A"]["properties"];
        assert!(members.get("x1-2").is_some(), "{members}");
    }

    #[test]
    fn a_member_beside_a_map_does_not_get_the_name_of_its_field() {
        let object = |other: Value| {
            let mut schema = json!({"type": "object", "properties": {"Extra": {"type": "string"}}});
            schema
                .as_object_mut()
                .unwrap()
                .extend(other.as_object().unwrap().clone());
            json!({"components": {"schemas": {"A": schema, "Map": {"additionalProperties": {}}}}})
        };
        let map = json!({"additionalProperties": {"type": "string"}});
        let merged = json!({"allOf": [{"$ref": "#/components/schemas/Map"}]});
        for (other, expected) in [
            (map, 1),
            (merged, 1),
            (json!({"additionalProperties": false}), 0),
        ] {
            assert_eq!(
                distinct_member_names(&mut object(other.clone())),
                expected,
                "{other}"
            );
        }
    }

    #[test]
    fn a_document_cannot_name_originals_itself() {
        let mut document = json!({"x-original-names": {"a": "b"}, "paths": {}});
        assert_eq!(distinct_member_names(&mut document), 0);
        assert!(original_names(&document).is_empty());
    }

    #[test]
    fn a_new_name_differs_from_all_headers_in_any_case() {
        let mut document = json!({"paths": {"/a": {"get": {"parameters": [
            {"name": "x-send", "in": "query"},
            {"name": "X-Send", "in": "header"},
            {"name": "x-send-2", "in": "header"},
        ]}}}});
        assert_eq!(distinct_member_names(&mut document), 1);
        assert_eq!(original_names(&document)["X-Send-3"], "X-Send");
    }

    #[test]
    fn parameters_with_one_setter_are_distinguished() {
        let mut document = json!({"paths": {"/a/{id}": {"get": {"requestBody": {}, "parameters": [
            {"name": "id", "in": "query"},
            {"name": "id", "in": "path"},
            {"name": "body", "in": "query"},
            {"name": "send", "in": "header"},
        ]}}}});
        assert_eq!(distinct_member_names(&mut document), 3);
        let list = &document["paths"]["/a/{id}"]["get"]["parameters"];
        let names: Vec<_> = (0..4)
            .map(|index| list[index]["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["id-2", "id", "body-2", "send-2"]);
        assert_eq!(original_names(&document).len(), 3);
        assert_eq!(distinct_member_names(&mut document), 0);
    }
}
