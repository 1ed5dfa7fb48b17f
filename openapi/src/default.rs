//! Members whose value is the default.

use serde_json::Value;

/// Returns whether a member of an object of OpenAPI has the value that applies without it.
///
/// ```
/// use authress_users_openapi::is_default;
///
/// assert!(is_default("nullable", &false.into()));
/// assert!(!is_default("nullable", &true.into()));
/// ```
#[must_use]
pub fn is_default(key: &str, value: &Value) -> bool {
    let is_empty = value.as_array().is_some_and(Vec::is_empty);
    match key {
        "allowEmptyValue" | "allowReserved" | "deprecated" | "exclusiveMaximum"
        | "exclusiveMinimum" | "nullable" | "readOnly" | "uniqueItems" | "writeOnly" => {
            value == false
        }
        // A flag in parameters and bodies, and a list in schemas.
        "required" => value == false || is_empty,
        "minItems" | "minLength" | "minProperties" => value == 0,
        "parameters" => is_empty,
        "additionalProperties" => {
            value == true || value.as_object().is_some_and(serde_json::Map::is_empty)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_distinguished_from_other_values() {
        for (key, default, other) in [
            ("additionalProperties", json!({}), json!(false)),
            (
                "additionalProperties",
                json!(true),
                json!({"type": "string"}),
            ),
            ("deprecated", json!(false), json!(true)),
            ("minLength", json!(0), json!(1)),
            ("parameters", json!([]), json!([{}])),
            ("required", json!(false), json!(true)),
            ("required", json!([]), json!(["a"])),
        ] {
            assert!(is_default(key, &default), "{key}: {default}");
            assert!(!is_default(key, &other), "{key}: {other}");
        }
        assert!(!is_default("maxLength", &json!(0)));
    }
}
