//! Access to the parts of a document that several checks read.

use authress_users_openapi::{Document, OperationEntry, Role, child, visit_objects};
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

/// The schemas that are not references: OpenAPI ignores what is beside a reference.
pub(super) fn own_schemas<'s, 'a>(
    schemas: &'s [(&'a Value, String)],
) -> impl Iterator<Item = (&'a Value, &'s String)> {
    let schemas = schemas.iter().map(|(schema, pointer)| (*schema, pointer));
    schemas.filter(|(schema, _)| schema.get("$ref").is_none())
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

/// The objects with a schema (media types, parameters and headers), with their pointers.
pub(super) fn schema_holders(document: &Document) -> Vec<(&Value, String)> {
    let mut holders = Vec::new();
    visit_objects(&document.value, Role::Object, "", &mut |value, pointer| {
        if value.get("schema").is_some() {
            holders.push((value, pointer.to_owned()));
        }
    });
    holders
}
