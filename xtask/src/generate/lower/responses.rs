//! A visitor that changes the responses of every operation.

use authress_users_openapi::{child, operations};
use serde_json::{Map, Value};

/// Changes the responses of every operation. `change` gets the original document to resolve
/// references, and returns whether it changed something. Returns the number of changed operations.
pub(super) fn each_responses(
    document: &mut Value,
    change: &mut impl FnMut(&mut Map<String, Value>, &Value) -> bool,
) -> usize {
    let source = document.clone();
    let changed = operations(&source).into_iter().filter(|entry| {
        let responses = document
            .pointer_mut(&child(&entry.pointer(), "responses"))
            .and_then(Value::as_object_mut);
        responses.is_some_and(|responses| change(responses, &source))
    });
    changed.count()
}
