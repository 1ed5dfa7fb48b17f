//! Keeps what only our spec has: operations, and responses about errors.

use authress_users_openapi::{METHODS, OperationEntry, operations, resolve};
use serde_json::{Map, Value};

use super::compare::is_error;

/// States that a response is an assumption of ours, not a fact of the provider.
pub(super) const ASSUMED: &str = "x-assumed";

/// Adds to `theirs` what only `ours` has, as it is. An assumed response stays even if the provider
/// has added one.
pub(super) fn insert(ours: &Value, theirs: &mut Value) {
    for entry in operations(ours) {
        if theirs["paths"].get(entry.path).is_none() {
            theirs["paths"][entry.path] = path_parts(entry.path_item);
        }
        let item = &mut theirs["paths"][entry.path];
        let Some(their) = item.get_mut(entry.method) else {
            item[entry.method] = entry.value.clone();
            continue;
        };
        if let Some(Value::Object(responses)) = their.get_mut("responses") {
            for (status, response) in errors(&entry) {
                if !responses.contains_key(status) || is_assumed(ours, response) {
                    responses.insert(status.clone(), response.clone());
                }
            }
        }
    }
}

/// The responses of an operation about errors. Successes are facts of the provider alone.
pub(super) fn errors<'a>(
    operation: &OperationEntry<'a>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let responses = operation.value["responses"].as_object();
    let responses = responses.into_iter().flatten();
    responses.filter(|(status, _)| is_error(status))
}

pub(super) fn is_assumed(own: &Value, response: &Value) -> bool {
    resolve(own, response, "").is_some_and(|(response, _)| response[ASSUMED] == true)
}

/// The members of a path that apply to all of its operations.
fn path_parts(item: &Value) -> Value {
    let members = item.as_object().cloned().unwrap_or_default();
    let is_shared = |(key, _): &(String, Value)| !METHODS.contains(&&**key);
    Value::Object(members.into_iter().filter(is_shared).collect::<Map<_, _>>())
}
