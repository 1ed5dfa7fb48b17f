//! The schemas of a document: what they hold, and which values they allow.

use std::collections::HashSet;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use authress_users_openapi::{Document, child, visit};

/// Members of a schema that are schemas.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
/// Members of a schema that are lists of schemas.
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// The schemas directly inside a schema, each with its pointer; references are not followed.
pub(crate) fn parts<'a>(schema: &'a Value, pointer: &str) -> Vec<(&'a Value, String)> {
    let mut parts = Vec::new();
    let properties = child(pointer, "properties");
    for (name, part) in schema["properties"].as_object().into_iter().flatten() {
        parts.push((part, child(&properties, name)));
    }
    for key in ONE {
        if let Some(part) = schema.get(key).filter(|part| part.is_object()) {
            parts.push((part, child(pointer, key)));
        }
    }
    for key in LIST {
        for (index, part) in schema[key].as_array().into_iter().flatten().enumerate() {
            parts.push((part, child(&child(pointer, key), &index.to_string())));
        }
    }
    parts
}

/// A schema and everything inside it, each once. With `follow`, references lead on.
pub(crate) fn reachable<'a>(
    document: &'a Document,
    schema: &'a Value,
    pointer: &str,
    follow: bool,
) -> Vec<(&'a Value, String)> {
    if follow {
        return newly_reachable(document, schema, pointer, &mut HashSet::new());
    }
    collect(schema, pointer, &mut HashSet::new(), |schema, pointer| {
        Some((schema, pointer))
    })
}

/// The same with references, but for what was seen before.
pub(crate) fn newly_reachable<'a>(
    document: &'a Document,
    schema: &'a Value,
    pointer: &str,
    seen: &mut HashSet<String>,
) -> Vec<(&'a Value, String)> {
    collect(schema, pointer, seen, |schema, pointer| {
        document.resolve(schema, &pointer)
    })
}

fn collect<'a>(
    schema: &'a Value,
    pointer: &str,
    seen: &mut HashSet<String>,
    home: impl Fn(&'a Value, String) -> Option<(&'a Value, String)>,
) -> Vec<(&'a Value, String)> {
    let mut found = Vec::new();
    let mut open = vec![(schema, pointer.to_owned())];
    while let Some((schema, pointer)) = open.pop() {
        let Some((schema, pointer)) = home(schema, pointer) else {
            continue;
        };
        if seen.insert(pointer.clone()) {
            // From the back, so that they come in the order of the document.
            open.extend(parts(schema, &pointer).into_iter().rev());
            found.push((schema, pointer));
        }
    }
    found
}

/// What decides whether a value fits a schema of the document.
pub(crate) fn validator(document: &Document, schema: &Value) -> Result<Validator, String> {
    compiled(
        document,
        json!({ "allOf": [as_json_schema(schema)] }),
        [schema],
    )
}

/// What decides for a list whether each value fits the schema of its place.
pub(crate) fn validators<'a>(
    document: &'a Document,
    schemas: impl Iterator<Item = &'a Value> + Clone,
) -> Result<Validator, String> {
    let places: Map<String, Value> = numbered(schemas.clone().map(as_json_schema)).collect();
    compiled(document, json!({ "properties": places }), schemas)
}

/// Why a value does not fit the schema of its place, or `None` where it does.
pub(crate) fn misfits<'a>(
    validators: &Validator,
    values: impl ExactSizeIterator<Item = &'a Value>,
) -> Vec<Option<String>> {
    let mut misfits = vec![None; values.len()];
    let values = Value::Object(numbered(values.cloned()).collect());
    for error in validators.iter_errors(&values) {
        let path = error.instance_path().to_string();
        let path = path.trim_start_matches('/');
        let (index, place) = path.split_at(path.find('/').unwrap_or(path.len()));
        let misfit = index
            .parse()
            .ok()
            .and_then(|index: usize| misfits.get_mut(index));
        if let Some(misfit @ None) = misfit {
            *misfit = Some(match place {
                "" => error.to_string(),
                place => format!("`{place}`: {error}"),
            });
        }
    }
    misfits
}

fn numbered(values: impl Iterator<Item = Value>) -> impl Iterator<Item = (String, Value)> {
    values
        .enumerate()
        .map(|(index, value)| (index.to_string(), value))
}

/// Makes a validator of JSON Schema that refers to the components which some schemas lead to.
fn compiled<'a>(
    document: &'a Document,
    mut whole: Value,
    schemas: impl IntoIterator<Item = &'a Value>,
) -> Result<Validator, String> {
    let components = components_of(document, schemas);
    whole["components"] = json!({ "schemas": components });
    // Draft 4 is what OpenAPI 3.0 grew from: exclusive bounds are booleans, and nothing counts
    // beside a `$ref`.
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&whole)
        .map_err(|reason| reason.to_string())
}

/// The components that schemas lead to, near or far, as JSON Schema. A document has many of them,
/// and a schema needs few.
fn components_of<'a>(
    document: &'a Document,
    needing: impl IntoIterator<Item = &'a Value>,
) -> Map<String, Value> {
    let schemas = &document.value["components"]["schemas"];
    let mut components = Map::new();
    let mut open: Vec<_> = needing.into_iter().collect();
    while let Some(schema) = open.pop() {
        visit(schema, "", &mut |value, _| {
            let target = value.get("$ref").and_then(Value::as_str);
            let step = target
                .and_then(|target| target.strip_prefix("#/components/schemas/"))
                .and_then(|rest| rest.split('/').next());
            let name = step.map(|step| step.replace("~1", "/").replace("~0", "~"));
            if let Some(name) = name
                && let Some(component) = schemas.get(&name)
                && !components.contains_key(&name)
            {
                components.insert(name, as_json_schema(component));
                open.push(component);
            }
        });
    }
    components
}

/// OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own.
pub(crate) fn as_json_schema(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let mut translated = Map::new();
    for (key, member) in members {
        let member = match &**key {
            "nullable" => continue,
            "properties" => member
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, part)| (name.clone(), as_json_schema(part)))
                .collect(),
            key if ONE.contains(&key) => as_json_schema(member),
            key if LIST.contains(&key) => member
                .as_array()
                .into_iter()
                .flatten()
                .map(as_json_schema)
                .collect(),
            _ => member.clone(),
        };
        translated.insert(key.clone(), member);
    }
    if members.get("nullable") != Some(&Value::Bool(true)) {
        return Value::Object(translated);
    }
    match translated.get("type").cloned() {
        // A union of types keeps what is said about a value that doesn't fit short.
        Some(kind)
            if !["enum", "allOf", "anyOf", "oneOf"]
                .iter()
                .any(|key| members.contains_key(*key)) =>
        {
            translated.insert("type".to_owned(), json!([kind, "null"]));
            Value::Object(translated)
        }
        _ => json!({ "anyOf": [{ "type": "null" }, translated] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::users_document;

    fn fits(schema: &str, value: &Value) -> bool {
        let document = users_document();
        let reference = json!({ "$ref": format!("#/components/schemas/{schema}") });
        validator(&document, &reference).unwrap().is_valid(value)
    }

    #[test]
    fn nullable_members_may_be_null_and_others_may_not() {
        assert!(fits("UserIdentity", &json!({"userId": "a", "name": null})));
        assert!(!fits("UserIdentity", &json!({"userId": null})));
        assert!(fits(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": null})
        ));
        assert!(fits(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": {"next": null}})
        ));
        assert!(!fits(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": 1})
        ));
    }

    #[test]
    fn the_patterns_of_the_document_mean_here_what_they_mean_to_the_client() {
        for (id, user, tenant) in [
            ("acme", true, true),
            ("auth0|5f7c", true, false),
            ("a/b ü?#", true, false),
            ("...", true, true),
            (".", false, false),
            ("..", false, false),
            ("", false, false),
            ("a\\b", false, false),
            ("a\u{0}", false, false),
            ("a\n", false, false),
            ("..\n", false, false),
            ("a\u{7f}", false, false),
            ("a\u{85}", false, false),
        ] {
            assert_eq!(fits("UserId", &json!(id)), user, "user {id:?}");
            assert_eq!(fits("TenantId", &json!(id)), tenant, "tenant {id:?}");
        }
        assert!(fits("UserId", &json!("ü".repeat(128))));
        assert!(!fits("UserId", &json!("ü".repeat(129))));
    }

    #[test]
    fn a_schema_that_holds_itself_is_walked_once() {
        let document = Document::parse(
            "a.yaml",
            "openapi: 3.0.3\ninfo: {}\npaths: {}\ncomponents:\n  schemas:\n    Tree:\n      properties:\n        \
             left:\n          $ref: '#/components/schemas/Tree'\n        nullable:\n          type: string\n",
        )
        .unwrap();
        let schema = &document.value["components"]["schemas"]["Tree"];
        let found = reachable(&document, schema, "/components/schemas/Tree", true);
        let pointers: Vec<_> = found.iter().map(|(_, pointer)| &**pointer).collect();
        assert_eq!(
            pointers,
            [
                "/components/schemas/Tree",
                "/components/schemas/Tree/properties/nullable"
            ]
        );
    }
}
