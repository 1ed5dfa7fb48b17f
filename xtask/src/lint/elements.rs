//! Access to the parts of a document that several checks read.

use authress_users_openapi::{Document, OperationEntry, child, nested_schemas};
use serde_json::Value;

/// A response of an operation, with its reference resolved.
pub(super) struct Response<'a> {
    pub(super) status: &'a str,
    pub(super) value: &'a Value,
    pub(super) pointer: String,
}

/// The body of a response or a request in one media type.
pub(super) struct Body<'a> {
    pub(super) media_type: &'a str,
    pub(super) pointer: String,
    pub(super) schema: Option<&'a Value>,
}

/// The members of an object; none for any other value.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of an array with their pointers; none for any other value.
pub(super) fn items<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a Value, String)> {
    let items = value.as_array().into_iter().flatten().enumerate();
    items.map(move |(index, item)| (item, child(pointer, &index.to_string())))
}

/// The responses of an operation, without unresolved references and extensions.
pub(super) fn responses<'a>(
    document: &'a Document,
    entry: &OperationEntry<'a>,
) -> Vec<Response<'a>> {
    let list = child(&entry.pointer(), "responses");
    members(&entry.value["responses"])
        .filter(|(status, _)| !status.starts_with("x-"))
        .filter_map(|(status, response)| {
            let (value, pointer) = document.resolve(response, &child(&list, status))?;
            Some(Response {
                status,
                value,
                pointer,
            })
        })
        .collect()
}

/// The request body of an operation, with its reference resolved.
pub(super) fn request<'a>(
    document: &'a Document,
    entry: &OperationEntry<'a>,
) -> Option<(&'a Value, String)> {
    let pointer = child(&entry.pointer(), "requestBody");
    document.resolve(entry.value.get("requestBody")?, &pointer)
}

/// The bodies of a response or a request.
pub(super) fn bodies<'a>(holder: &'a Value, pointer: &str) -> Vec<Body<'a>> {
    let content = child(pointer, "content");
    members(&holder["content"])
        .map(|(media_type, body)| Body {
            media_type,
            pointer: child(&content, media_type),
            schema: body.get("schema"),
        })
        .collect()
}

/// Members whose value maps names to objects, so that its keys have no meaning of their own.
const MAPS: [&str; 12] = [
    "callbacks",
    "content",
    "examples",
    "headers",
    "links",
    "parameters",
    "paths",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];
/// Members that hold data, where nothing is part of the OpenAPI model.
const DATA: [&str; 4] = ["default", "enum", "example", "value"];

/// Visits every object of the OpenAPI model with its pointer; skips data and extensions.
pub(super) fn visit_model<'a>(value: &'a Value, visitor: &mut impl FnMut(&'a Value, &str)) {
    visit_object(value, "", false, visitor);
}

fn visit_object<'a>(
    value: &'a Value,
    pointer: &str,
    is_map: bool,
    visitor: &mut impl FnMut(&'a Value, &str),
) {
    if !is_map && value.is_object() {
        visitor(value, pointer);
    }
    for (key, member) in members(value) {
        let is_skipped = !is_map && (DATA.contains(&&**key) || key.starts_with("x-"));
        if !is_skipped {
            let is_map = !is_map && MAPS.contains(&&**key);
            visit_object(member, &child(pointer, key), is_map, visitor);
        }
    }
    for (item, pointer) in items(value, pointer) {
        visit_object(item, &pointer, false, visitor);
    }
}

/// The objects with a schema (media types, parameters and headers), with their pointers.
pub(super) fn schema_holders(document: &Document) -> Vec<(&Value, String)> {
    let mut holders = Vec::new();
    visit_model(&document.value, &mut |value, pointer| {
        if value.get("schema").is_some() {
            holders.push((value, pointer.to_owned()));
        }
    });
    holders
}

/// Every schema of a document with its pointer; references are not followed.
pub(super) fn schemas(document: &Document) -> Vec<(&Value, String)> {
    let components = members(&document.value["components"]["schemas"])
        .map(|(name, schema)| (schema, child("/components/schemas", name)));
    let inline = schema_holders(document)
        .into_iter()
        .map(|(holder, pointer)| (&holder["schema"], child(&pointer, "schema")));
    components
        .chain(inline)
        .flat_map(|(schema, pointer)| nested_schemas(schema, &pointer))
        .collect()
}
