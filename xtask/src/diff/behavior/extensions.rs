//! Extensions: members `x-*`, which the comparison does not interpret.

use std::collections::BTreeSet;

use authress_users_openapi::Role;
use serde_json::{Map, Value};

use crate::diff::comparison::Comparison;
use crate::diff::part::Part;
use crate::diff::shape::equal;

/// The extensions with a meaning to this project, which are compared where they have it.
const OWN: [&str; 2] = ["x-idempotent", "x-assumed"];

/// Compares the extensions of every part that both specs have at the same place.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (Part::root(comparison.old), Part::root(comparison.new));
    let mut open = vec![(old, new, Role::Object)];
    while let Some((old, new, role)) = open.pop() {
        if let (Value::Array(items), Value::Array(_)) = (old.value, new.value) {
            for (index, item) in items.iter().enumerate() {
                let keys = [Some(index.to_string()), counterpart(item, index, new.value)];
                if let [Some(was), Some(is)] = keys
                    && let (Some(was), Some(is)) = (old.unresolved(&was), new.unresolved(&is))
                {
                    open.push((was, is, role));
                }
            }
            continue;
        }
        let members = [&old, &new].map(|part| part.value.as_object());
        let keys: BTreeSet<_> = members.into_iter().flatten().flat_map(Map::keys).collect();
        for key in keys {
            let is_extension = is_extension(key, role, &new);
            match (old.unresolved(key), new.unresolved(key)) {
                (Some(was), Some(is)) if !is_extension => {
                    let role = role.member(key, is.value);
                    if role != Role::Data {
                        open.push((was, is, role));
                    }
                }
                (Some(was), Some(is)) if equal(was.value, is.value) => {}
                _ if is_extension && !OWN.contains(&&**key) => {
                    comparison.extension((&old, &new), key);
                }
                _ => {}
            }
        }
    }
}

/// Returns whether a member of a part with a role is an extension.
pub(crate) fn is_extension(key: &str, role: Role, holder: &Part<'_>) -> bool {
    key.starts_with("x-") && (role == Role::Object || is_open(holder))
}

/// Returns whether a map from names has extensions beside them.
fn is_open(names: &Part<'_>) -> bool {
    let is_of_operation =
        names.pointer.ends_with("/responses") && names.pointer != "/components/responses";
    names.pointer == "/paths" || is_of_operation
}

/// Returns the index of the item that is the same thing in another version of a list.
fn counterpart(item: &Value, index: usize, items: &Value) -> Option<String> {
    let items = items.as_array()?;
    let is_known = |key: &&str| item.get(key).is_some();
    let found = match ["$ref", "name", "url"].iter().find(|key| is_known(key)) {
        Some(key) => items.iter().position(|other| {
            [key, "in"]
                .iter()
                .all(|key| other.get(key) == item.get(key))
        })?,
        None => index,
    };
    Some(found.to_string())
}
