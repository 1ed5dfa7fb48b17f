//! A visitor that changes every schema of a document.

use serde_json::Value;

/// Members of a schema that are schemas, or lists of them.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Changes every schema of the document, outer schemas before inner ones. `change` returns whether
/// it changed something. Returns the number of changed schemas.
pub(super) fn each_schema(
    document: &mut Value,
    change: &mut impl FnMut(&mut Value) -> bool,
) -> usize {
    let mut changed = 0;
    if let Some(schemas) = document.pointer_mut("/components/schemas") {
        for schema in schemas.as_object_mut().into_iter().flatten() {
            changed += each_within(schema.1, change);
        }
    }
    for (key, member) in document.as_object_mut().into_iter().flatten() {
        if matches!(&**key, "paths" | "components") {
            changed += each_below(member, change);
        }
    }
    changed
}

/// Visits the members named `schema` below a value that is not a schema itself.
fn each_below(value: &mut Value, change: &mut impl FnMut(&mut Value) -> bool) -> usize {
    match value {
        Value::Object(members) => members
            .iter_mut()
            .filter(|(key, _)| !matches!(&***key, "example" | "examples" | "schemas"))
            .map(|(key, member)| {
                if key == "schema" && member.is_object() {
                    each_within(member, change)
                } else {
                    each_below(member, change)
                }
            })
            .sum(),
        Value::Array(items) => items.iter_mut().map(|item| each_below(item, change)).sum(),
        _ => 0,
    }
}

/// Changes a schema and those inside it, without following references.
pub(super) fn each_within(
    schema: &mut Value,
    change: &mut impl FnMut(&mut Value) -> bool,
) -> usize {
    if !schema.is_object() {
        return 0;
    }
    let mut changed = usize::from(change(schema));
    for (key, member) in schema.as_object_mut().into_iter().flatten() {
        if key == "properties" {
            for (_, part) in member.as_object_mut().into_iter().flatten() {
                changed += each_within(part, change);
            }
        } else if ONE.contains(&&**key) {
            changed += each_within(member, change);
        } else if LIST.contains(&&**key) {
            for part in member.as_array_mut().into_iter().flatten() {
                changed += each_within(part, change);
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_that_look_like_schemas_are_not_visited() {
        let mut document = json!({
            "components": {"schemas": {
                "A": {"properties": {"schema": {"items": {}}}, "example": {"schema": {}}},
            }},
            "paths": {"/a": {"get": {"parameters": [{"schema": {"allOf": [{}, {}]}}],
                "responses": {"200": {"content": {"application/json": {
                    "schema": {"additionalProperties": {}},
                    "example": {"schema": {}},
                }}}}}}},
        });
        assert_eq!(each_schema(&mut document, &mut |_| true), 8);
        assert_eq!(each_schema(&mut document, &mut |_| false), 0);
    }
}
