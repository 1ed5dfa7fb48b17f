//! A visitor that changes the responses of every operation.

use serde_json::{Map, Value};

use authress_users_openapi::METHODS;

/// Changes the responses of every operation. `change` gets the original document to resolve
/// references, and returns whether it changed something. Returns the number of changed operations.
pub(super) fn each_responses(
    document: &mut Value,
    change: &mut impl FnMut(&mut Map<String, Value>, &Value) -> bool,
) -> usize {
    let source = document.clone();
    let mut changed = 0;
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (_, path_item) in paths.into_iter().flatten() {
        for method in METHODS {
            let responses = path_item
                .get_mut(method)
                .and_then(|operation| operation.get_mut("responses"))
                .and_then(Value::as_object_mut);
            if let Some(responses) = responses {
                changed += usize::from(change(responses, &source));
            }
        }
    }
    changed
}
