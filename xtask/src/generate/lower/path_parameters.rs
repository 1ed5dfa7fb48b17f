//! Path parameters. URL parsers change some values, which would address another resource.

use authress_users_openapi::{Role, resolve, visit_objects_mut};
use serde_json::{Value, json};

/// Rejects `\`, which URL parsers turn into a slash, and the segments `.` and `..`, which they and
/// servers remove, also with parameters.
const SAFE: &str = r"^(?![\s\S]*[\\])(?!(?:[\s\S]*/)?\.{1,2}(?:;[^/]*)?(?:/|$))";

/// Makes every string parameter in a path reject unsafe values.
pub(super) fn safe_path_parameters(document: &mut Value) -> usize {
    let source = document.clone();
    visit_objects_mut(document, Role::Object, &mut |object| {
        let is_path = object.get("in").is_some_and(|location| location == "path");
        match object.get_mut("schema") {
            Some(schema) if is_path => usize::from(make_safe(schema, &source)),
            _ => 0,
        }
    })
}

fn make_safe(schema: &mut Value, document: &Value) -> bool {
    // A shared schema stays unchanged for its other uses.
    let Some((own, _)) = resolve(document, schema, "") else {
        return false;
    };
    let is_string = own["type"] == "string" && own.get("enum").is_none();
    let before = own["pattern"].as_str();
    if !is_string || before.is_some_and(|pattern| pattern.starts_with(SAFE)) {
        return false;
    }
    let mut own = own.clone();
    own["pattern"] = match before {
        Some(pattern) => Value::from(format!(r"{SAFE}(?=[\s\S]*?(?:{pattern}))")),
        None => Value::from(SAFE),
    };
    if own["minLength"].as_u64().unwrap_or_default() == 0 {
        own["minLength"] = json!(1);
    }
    *schema = own;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_parameter_rejects_unsafe_values_and_keeps_its_own_pattern() {
        for (own, accepted, rejected) in [
            (
                json!({"type": "string"}),
                &["a", "...", "a b", "a;b", "..a"][..],
                &["", ".", "..", "a\\b", "a/../b", "./a", "..;", "a/.;b"][..],
            ),
            (
                json!({"type": "string", "pattern": "^[a-z.\\\\]+$"}),
                &["abc", "a.b"],
                &["A", ".", "..", "\\", "a\\"],
            ),
            (
                json!({"type": "string", "pattern": "b"}),
                &["abc", "b"],
                &["ac"],
            ),
        ] {
            let mut document = json!({
                "components": {"schemas": {"Id": own}},
                "paths": {"/a/{id}": {"get": {"parameters": [
                    {"name": "id", "in": "path", "schema": {"$ref": "#/components/schemas/Id"}},
                    {"name": "other", "in": "query", "schema": {"$ref": "#/components/schemas/Id"}},
                ]}}},
            });
            assert_eq!(safe_path_parameters(&mut document), 1);
            assert_eq!(document["components"]["schemas"]["Id"], own);
            let parameters = &document["paths"]["/a/{id}"]["get"]["parameters"];
            assert_eq!(parameters[1]["schema"]["$ref"], "#/components/schemas/Id");
            let schema = &parameters[0]["schema"];
            // The generated client uses this regex engine.
            let pattern = regress::Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
            let accepts = |id: &str| !id.is_empty() && pattern.find(id).is_some();
            assert_eq!(schema["minLength"], 1);
            for id in accepted {
                assert!(accepts(id), "{own}: {id:?}");
            }
            for id in rejected {
                assert!(!accepts(id), "{own}: {id:?}");
            }
            assert_eq!(safe_path_parameters(&mut document), 0);
        }
    }

    #[test]
    fn numbers_and_enums_are_unchanged() {
        for own in [
            json!({"type": "integer"}),
            json!({"type": "string", "enum": ["a"]}),
        ] {
            let mut document = json!({"paths": {"/a/{id}": {"parameters": [
                {"name": "id", "in": "path", "schema": own},
            ]}}});
            assert_eq!(safe_path_parameters(&mut document), 0);
        }
    }
}
