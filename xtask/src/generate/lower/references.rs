//! References into components and to path items. Progenitor supports only references to whole
//! components.

use authress_users_openapi::{Inliner, Role, component};
use serde_json::Value;

/// Replaces all other references by their targets. References that lead back to themselves,
/// to nothing or to too many values stay for the lint.
pub(super) fn inner_references_in_place(document: &mut Value) -> usize {
    let mut inliner = Inliner::new(document, |pointer| component(pointer).is_some());
    let lowered = inliner.inline(document, Role::Object, "");
    let replaced = inliner.inlined().len();
    *document = lowered;
    replaced
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn inner_references_are_replaced_by_their_final_targets() {
        let mut document = json!({"paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"get": {}}, "/c": {"$ref": "#/components/x-items/C", "put": {"summary": "own"}, "post": {}}}, "components": {"x-items": {"C": {"put": {}}}, "schemas": {
            "A": {"properties": {"id": {"type": "string"}}},
            "B": {"properties": {"a": {"$ref": "#/components/schemas/A/properties/id"}}},
            "C": {"$ref": "#/components/schemas/B/properties/a"},
            "D": {"$ref": "#/components/schemas/A"},
        }}});
        assert_eq!(inner_references_in_place(&mut document), 5);
        assert_eq!(document["paths"]["/a"], json!({"get": {}}));
        assert_eq!(
            document["paths"]["/c"],
            json!({"put": {"summary": "own"}, "post": {}})
        );
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
        let before = document.clone();
        assert_eq!(inner_references_in_place(&mut document), 0);
        assert_eq!(document, before);
    }
}
