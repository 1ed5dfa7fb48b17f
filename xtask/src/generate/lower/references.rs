//! References to parts of components. Progenitor only follows references to whole components.

use serde_json::{Map, Value};

/// The maximum number of values that inlining may add. The largest published documents have a few
/// hundred thousand values; nested references could multiply without a limit.
const MAX_VALUES: usize = 500_000;

/// Replaces references to parts of components by their targets. Cycles, dangling references and
/// what exceeds [`MAX_VALUES`] stay for the lint to report.
pub(super) fn inner_references_in_place(document: &mut Value) -> usize {
    let source = document.clone();
    let mut inline = Inline {
        source: &source,
        stack: Vec::new(),
        places: 0,
        values: 0,
    };
    inline.within(document);
    inline.places
}

struct Inline<'a> {
    source: &'a Value,
    /// The references that are being inlined.
    stack: Vec<String>,
    places: usize,
    values: usize,
}

impl Inline<'_> {
    fn within(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref")
                    && is_inner(reference)
                {
                    let reference = reference.clone();
                    if let Some(target) = self.target(&reference) {
                        self.stack.push(reference);
                        *value = target;
                        self.places += 1;
                        self.within(value);
                        self.stack.pop();
                    }
                    return;
                }
                self.members(members);
            }
            Value::Array(items) => {
                for item in items {
                    self.within(item);
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, members: &mut Map<String, Value>) {
        for (key, member) in members {
            if !matches!(&**key, "example" | "examples" | "default" | "enum") {
                self.within(member);
            }
        }
    }

    fn target(&mut self, reference: &str) -> Option<Value> {
        if self.stack.iter().any(|before| before == reference) {
            return None;
        }
        let target = self.source.pointer(reference.strip_prefix('#')?)?;
        self.values += size(target);
        (self.values <= MAX_VALUES).then(|| target.clone())
    }
}

/// Whether a reference leads to anything but a whole component.
fn is_inner(reference: &str) -> bool {
    reference.starts_with("#/")
        && !(reference.starts_with("#/components/") && reference.split('/').count() == 4)
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(size).sum(),
        Value::Array(items) => items.iter().map(size).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inner_references_are_replaced_by_their_final_targets() {
        let mut document = json!({"components": {"schemas": {
            "A": {"properties": {"id": {"type": "string"}}},
            "B": {"properties": {"a": {"$ref": "#/components/schemas/A/properties/id"}}},
            "C": {"$ref": "#/components/schemas/B/properties/a"},
            "D": {"$ref": "#/components/schemas/A"},
        }}});
        assert_eq!(inner_references_in_place(&mut document), 3);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["B"]["properties"]["a"], json!({"type": "string"}));
        assert_eq!(schemas["C"], json!({"type": "string"}));
        assert_eq!(schemas["D"]["$ref"], "#/components/schemas/A");
        assert_eq!(inner_references_in_place(&mut document), 0);
    }

    #[test]
    fn cycles_and_dangling_references_are_kept() {
        let cycle = "#/components/schemas/A/properties/a";
        let mut document = json!({"components": {"schemas": {
            "A": {"properties": {"a": {"$ref": cycle}}},
            "B": {"$ref": "#/components/schemas/A/properties/b"},
        }}});
        inner_references_in_place(&mut document);
        let text = document.to_string();
        assert!(
            text.contains(cycle) && text.contains("properties/b"),
            "{text}"
        );
    }

    #[test]
    fn references_that_multiply_stop_at_the_limit() {
        let mut schemas = serde_json::Map::new();
        schemas.insert(
            "S0".to_owned(),
            json!({"properties": {"a": {"type": "string"}}}),
        );
        for level in 1..40 {
            let below = format!("#/components/schemas/S{}/properties", level - 1);
            let fields: Map<String, Value> = ["a", "b", "c"]
                .iter()
                .map(|name| ((*name).to_owned(), json!({"properties": {"$ref": below}})))
                .collect();
            schemas.insert(format!("S{level}"), json!({"properties": fields}));
        }
        let mut document = json!({"components": {"schemas": schemas}});
        inner_references_in_place(&mut document);
        assert!(size(&document) < 2 * MAX_VALUES);
        assert!(document.to_string().contains("$ref"));
    }
}
