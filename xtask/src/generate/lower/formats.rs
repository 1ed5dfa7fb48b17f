//! Formats of strings, some of which the generator turns into types of other crates.

use serde_json::Value;

use super::schemas::each_schema;

/// Formats that become types of crates that ours does without, or types that write a value in
/// another way than it was read.
const FORMATS: [&str; 7] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6", "time"];

/// Dates and the like stay text, as they are on the wire.
pub(super) fn formats_as_plain_text(document: &mut Value) -> usize {
    each_schema(document, &mut |schema| {
        let Some(format) = schema["format"].as_str() else {
            return false;
        };
        let is_text = schema["type"].as_str().is_none_or(|own| own == "string");
        if !is_text || !FORMATS.contains(&format) {
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
    fn dates_are_text_and_numbers_keep_their_size() {
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
