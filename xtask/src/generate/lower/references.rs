//! References into the inside of something: the generator follows those to whole components.

use serde_json::{Map, Value};

/// How many values references may make of a document. The largest that are published have some
/// hundred thousand; a few lines of references that multiply each other make any number.
const VALUES: usize = 500_000;

/// Puts what a reference into the inside of something leads to in its place. What leads back to
/// itself, to nothing, or to too much is left for the lint.
pub(super) fn inner_references_in_place(document: &mut Value) -> usize {
    let source = document.clone();
    let mut inline = Inline {
        source: &source,
        way: Vec::new(),
        places: 0,
        values: 0,
    };
    inline.within(document);
    inline.places
}

struct Inline<'a> {
    source: &'a Value,
    /// The references that are being followed.
    way: Vec<String>,
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
                        self.way.push(reference);
                        *value = target;
                        self.places += 1;
                        self.within(value);
                        self.way.pop();
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
        if self.way.iter().any(|before| before == reference) {
            return None;
        }
        let target = self.source.pointer(reference.strip_prefix('#')?)?;
        self.values += size(target);
        (self.values <= VALUES).then(|| target.clone())
    }
}

/// Whether a reference leads to something else than a whole component.
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
    fn what_an_inner_reference_leads_to_stands_in_its_place_to_the_last() {
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
    fn what_leads_to_itself_or_to_nothing_is_left_to_be_told() {
        let circle = "#/components/schemas/A/properties/a";
        let mut document = json!({"components": {"schemas": {
            "A": {"properties": {"a": {"$ref": circle}}},
            "B": {"$ref": "#/components/schemas/A/properties/b"},
        }}});
        inner_references_in_place(&mut document);
        let text = document.to_string();
        assert!(
            text.contains(circle) && text.contains("properties/b"),
            "{text}"
        );
    }

    #[test]
    fn references_that_multiply_each_other_come_to_an_end() {
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
        assert!(size(&document) < 2 * VALUES);
        assert!(document.to_string().contains("$ref"));
    }
}
