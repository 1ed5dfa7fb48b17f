//! The operations of the spec: inputs and responses.

use authress_users_client::DOCUMENT;
use serde_json::{Map, Value};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

pub(crate) struct Operation<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: String,
    pub(crate) path: &'a str,
    pub(crate) inputs: Vec<Input<'a>>,
    pub(crate) responses: Vec<ResponseSpec<'a>>,
}

/// A parameter or a member of the body.
pub(crate) struct Input<'a> {
    /// Such as `query limit`, or `body /userId`.
    pub(crate) place: String,
    pub(crate) schema: &'a Value,
}

pub(crate) struct ResponseSpec<'a> {
    pub(crate) status: u16,
    /// Media types with their schemas.
    pub(crate) bodies: Vec<(&'a str, &'a Value)>,
}

pub(crate) fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(resolved(document, item)) {
            if METHODS.contains(&method) {
                operations.push(Operation {
                    id: operation["operationId"].as_str().unwrap(),
                    method: method.to_uppercase(),
                    path,
                    inputs: inputs(document, item, operation),
                    responses: responses(document, operation),
                });
            }
        }
    }
    operations
}

/// Resolves references.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap();
            resolved(document, document.pointer(pointer).unwrap())
        }
        None => value,
    }
}

/// Returns a schema and the schemas that it is composed of, with references resolved. `pick` selects
/// the alternatives of `oneOf` and `anyOf`.
pub(crate) fn parts<'a>(
    document: &'a Value,
    schema: &'a Value,
    pick: &mut dyn FnMut(&'a [Value]) -> &'a [Value],
) -> Vec<&'a Map<String, Value>> {
    let Some(own) = resolved(document, schema).as_object() else {
        return Vec::new();
    };
    let list = |key| own.get(key).and_then(Value::as_array).map(Vec::as_slice);
    let mut found = vec![own];
    for part in list("allOf").unwrap_or_default() {
        found.extend(parts(document, part, pick));
    }
    for key in ["oneOf", "anyOf"] {
        for part in list(key).map(&mut *pick).unwrap_or_default() {
            found.extend(parts(document, part, pick));
        }
    }
    found
}

/// Returns the declared members of an object.
pub(crate) fn declared_members<'a>(parts: &[&'a Map<String, Value>]) -> Vec<(&'a str, &'a Value)> {
    let properties = parts.iter().filter_map(|part| part.get("properties"));
    properties.flat_map(members).collect()
}

/// Returns the declared part of a value, with the other members where the spec says
/// `additionalProperties: true`. Null and absent members are equivalent in this API, and so are empty
/// and absent optional lists, so all of these are omitted.
pub(crate) fn declared(document: &Value, schema: &Value, value: &Value) -> Value {
    let parts = parts(document, schema, &mut |all| all);
    match value {
        Value::Object(given) => declared_members(&parts)
            .iter()
            .filter_map(|(name, schema)| Some((name, schema, given.get(*name)?)))
            .filter(|(name, _, value)| {
                let is_empty = value.as_array().is_some_and(Vec::is_empty);
                !value.is_null() && (!is_empty || is_required(&parts, name))
            })
            .map(|(name, schema, value)| ((*name).to_owned(), declared(document, schema, value)))
            .chain(additional(&parts, given))
            .collect(),
        Value::Array(items) => {
            let schema = parts.iter().find_map(|part| part.get("items")).unwrap();
            items
                .iter()
                .map(|item| declared(document, schema, item))
                .collect()
        }
        other => other.clone(),
    }
}

/// Returns the members that only `additionalProperties: true` allows.
fn additional<'a>(
    parts: &[&'a Map<String, Value>],
    given: &'a Map<String, Value>,
) -> impl Iterator<Item = (String, Value)> + 'a {
    let is_kept = |part: &&Map<_, _>| part.get("additionalProperties") == Some(&Value::Bool(true));
    let declared = declared_members(parts);
    let given = parts.iter().any(is_kept).then_some(given);
    let others = given.into_iter().flatten();
    others
        .filter(move |(name, _)| declared.iter().all(|(known, _)| known != name))
        .map(|(name, value)| (name.clone(), value.clone()))
}

fn is_required(parts: &[&Map<String, Value>], name: &str) -> bool {
    let required = parts.iter().filter_map(|part| part.get("required"));
    required.flat_map(items).any(|required| required == name)
}

pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, member)| (&**name, member))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn inputs<'a>(document: &'a Value, item: &'a Value, operation: &'a Value) -> Vec<Input<'a>> {
    let mut found: Vec<Input<'a>> = Vec::new();
    for parameter in items(&item["parameters"]).chain(items(&operation["parameters"])) {
        let parameter = resolved(document, parameter);
        let (place, name) = (&parameter["in"], &parameter["name"]);
        let place = format!("{} {}", place.as_str().unwrap(), name.as_str().unwrap());
        // Parameters of an operation replace those of its path.
        found.retain(|input| input.place != place);
        found.push(Input {
            place,
            schema: &parameter["schema"],
        });
    }
    let body = resolved(document, &operation["requestBody"]);
    for (_, media_type) in members(&body["content"]) {
        body_inputs(document, &media_type["schema"], "", &mut found);
    }
    found
}

fn body_inputs<'a>(
    document: &'a Value,
    schema: &'a Value,
    pointer: &str,
    found: &mut Vec<Input<'a>>,
) {
    const DEPTH: usize = 8;
    let parts = parts(document, schema, &mut |all| all);
    let declared = declared_members(&parts);
    let item = parts.iter().find_map(|part| part.get("items"));
    if pointer.matches('/').count() > DEPTH {
        return;
    }
    for (name, schema) in &declared {
        let name = name.replace('~', "~0").replace('/', "~1");
        body_inputs(document, schema, &format!("{pointer}/{name}"), found);
    }
    if let Some(item) = item {
        body_inputs(document, item, &format!("{pointer}/0"), found);
    }
    let place = format!("body {pointer}");
    let is_leaf = declared.is_empty() && item.is_none();
    if is_leaf && found.iter().all(|input| input.place != place) {
        found.push(Input { place, schema });
    }
}

fn responses<'a>(document: &'a Value, operation: &'a Value) -> Vec<ResponseSpec<'a>> {
    members(&operation["responses"])
        .map(|(status, response)| ResponseSpec {
            status: status.parse().unwrap(),
            bodies: members(&resolved(document, response)["content"])
                .map(|(media_type, content)| (media_type, &content["schema"]))
                .collect(),
        })
        .collect()
}
