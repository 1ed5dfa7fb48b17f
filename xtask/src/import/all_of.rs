//! Merges the parts of `allOf`.

use authress_users_openapi::{reference_target, try_resolve};
use serde_json::{Map, Value};

use super::compare::is_text;

/// Returns a schema with the parts of its `allOf` merged into it. `None` if it has none, or if one
/// schema cannot state the same.
pub(super) fn merged(root: &Value, schema: &Value) -> Option<Value> {
    schema.get("allOf")?;
    merge(root, schema, &mut Vec::new()).map(Value::Object)
}

/// `open` has the references that are being followed.
fn merge(root: &Value, schema: &Value, open: &mut Vec<String>) -> Option<Map<String, Value>> {
    let reference = reference_target(schema);
    if reference.as_ref().is_some_and(|it| open.contains(it)) {
        return None;
    }
    let depth = open.len();
    open.extend(reference);
    let (resolved, _) = try_resolve(root, schema, "").ok()?;
    let mut whole = resolved.as_object()?.clone();
    if let Some(parts) = whole.shift_remove("allOf") {
        let mut is_nullable = true;
        for part in parts.as_array()? {
            let mut part = merge(root, part, open)?;
            is_nullable &= part.shift_remove("nullable") == Some(Value::Bool(true));
            absorb(&mut whole, part)?;
        }
        // `nullable` beside `allOf` applies to the whole.
        if is_nullable {
            whole.entry("nullable").or_insert(Value::Bool(true));
        }
    }
    open.truncate(depth);
    Some(whole)
}

/// Adds what a part states; `None` if the two contradict each other.
fn absorb(whole: &mut Map<String, Value>, part: Map<String, Value>) -> Option<()> {
    for (key, stated) in part {
        let Some(present) = whole.get_mut(&key) else {
            whole.insert(key, stated);
            continue;
        };
        match (&*key, present, stated) {
            ("properties", Value::Object(present), Value::Object(stated)) => {
                for (name, schema) in stated {
                    if *present.entry(name).or_insert_with(|| schema.clone()) != schema {
                        return None;
                    }
                }
            }
            ("required", Value::Array(present), Value::Array(stated)) => {
                for name in stated {
                    if !present.contains(&name) {
                        present.push(name);
                    }
                }
            }
            (key, present, stated) if is_text(key) || *present == stated => {}
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root() -> Value {
        json!({"components": {"schemas": {
            "Base": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            "Wrapped": {"allOf": [{"$ref": "#/components/schemas/Base"}], "nullable": true},
            "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
        }}})
    }

    #[test]
    fn merges_members_of_all_parts() {
        let base = json!({"$ref": "#/components/schemas/Base"});
        let own = json!({"properties": {"b": {"type": "integer"}}, "required": ["b", "a"]});
        for (schema, expected) in [
            (
                json!({"description": "A.", "allOf": [base, own]}),
                json!({
                    "description": "A.", "type": "object", "required": ["a", "b"],
                    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
                }),
            ),
            (
                json!({"allOf": [{"$ref": "#/components/schemas/Wrapped"}]}),
                json!({
                    "type": "object", "required": ["a"], "nullable": true,
                    "properties": {"a": {"type": "string"}},
                }),
            ),
        ] {
            assert_eq!(merged(&root(), &schema), Some(expected));
        }
    }

    #[test]
    fn leaves_what_one_schema_cannot_state() {
        let base = json!({"$ref": "#/components/schemas/Base"});
        for schema in [
            json!({"type": "object"}),
            json!({"allOf": [base, {"type": "string"}]}),
            json!({"allOf": [base, {"properties": {"a": {"type": "integer"}}}]}),
            json!({"allOf": [base, {"$ref": "#/components/schemas/Missing"}]}),
            json!({"allOf": [base, {"$ref": "#/components/schemas/Loop"}]}),
            json!({"allOf": [base, true]}),
        ] {
            assert_eq!(merged(&root(), &schema), None, "{schema}");
        }
    }
}
