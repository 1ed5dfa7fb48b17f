//! The schemas that responses contain.

use std::collections::BTreeSet;

use authress_users_openapi::{
    METHODS, Role, child, reachable_pointers, visit_nested_schemas_mut, visit_objects_mut,
};
use serde_json::Value;

/// Calls `change` for the schemas in responses: the inline ones, and those of components if
/// `is_selected` is true for whether requests contain the component too. Returns how many times
/// `change` returned true.
pub(super) fn change_response_schemas(
    document: &mut Value,
    is_selected: fn(bool) -> bool,
    change: &mut impl FnMut(&mut Value) -> bool,
) -> usize {
    let sent = reached(document, &["parameters", "requestBody"]);
    let received = reached(document, &["responses"]);
    let mut changed = 0;
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        let pointer = child("/components/schemas", name);
        if received.contains(&pointer) && is_selected(sent.contains(&pointer)) {
            changed += visit_nested_schemas_mut(schema, change);
        }
    }
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            let operation = item.get_mut(method);
            if let Some(responses) = operation.and_then(|it| it.get_mut("responses")) {
                changed += visit_objects_mut(responses, Role::Names, &mut |object| {
                    let schema = object.get_mut("schema");
                    schema.map_or(0, |schema| visit_nested_schemas_mut(schema, change))
                });
            }
        }
    }
    changed
}

/// The pointers that these members of operations lead to.
fn reached(document: &Value, keys: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, key) in METHODS
            .iter()
            .flat_map(|method| keys.iter().map(move |key| (method, key)))
        {
            // A list of parameters or a map of responses; its references are found alike.
            found.extend(reachable_pointers(
                document,
                &item[*method][*key],
                Role::Object,
            ));
        }
    }
    found
}
