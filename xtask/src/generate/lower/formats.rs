//! String formats, some of which progenitor turns into types of other crates.

use authress_users_openapi::visit_schemas_mut;
use serde_json::Value;

/// Formats whose types need another crate, or write a value differently from how it was read.
const FORMATS: [&str; 10] = [
    "base64",
    "byte",
    "date",
    "date-time",
    "ip",
    "ipv4",
    "ipv6",
    "time",
    "uri",
    "uuid",
];

/// Removes these formats, so that dates and the like stay strings.
pub(super) fn formats_as_plain_text(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let Some(format) = schema["format"].as_str() else {
            return false;
        };
        let is_string = schema["type"].as_str().is_none_or(|own| own == "string");
        if !is_string || !FORMATS.contains(&format) {
            return false;
        }
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove("format");
        }
        true
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_become_strings_and_numbers_keep_their_size() {
        let mut document = json!({"components": {"schemas": {
            "A": {"type": "string", "format": "date-time"},
            "B": {"type": "integer", "format": "int64"},
            "C": {"type": "string", "format": "password"},
        }}});
        assert_eq!(formats_as_plain_text(&mut document), 1);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["A"], json!({"type": "string"}));
        assert_eq!(schemas["B"]["format"], "int64");
        assert_eq!(schemas["C"]["format"], "password");
    }
}
