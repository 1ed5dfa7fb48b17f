//! What the documents say to people alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::{Aspect, Verdict};
use super::comparison::{Comparison, Meaning, Side};
use super::part::Part;
use super::wire::operations::operations;
use authress_users_openapi::child;

/// Members whose value people read, whatever they stand in.
const READ: [&str; 6] = [
    "title",
    "summary",
    "description",
    "example",
    "examples",
    "externalDocs",
];

/// Compares all texts for people, place by place.
pub(super) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (Part::root(comparison.old), Part::root(comparison.new));
    // The name of the operation is worth more than a path.
    let known: Vec<(String, String)> = operations(comparison.new)
        .iter()
        .map(|operation| (operation.part.pointer.clone(), operation.name()))
        .collect();
    let mut open = vec![(old, new, false)];
    while let Some((old, new, is_named)) = open.pop() {
        let keys: BTreeSet<&String> = [old.value, new.value]
            .into_iter()
            .filter_map(Value::as_object)
            .flat_map(|members| members.keys())
            .collect();
        for key in keys {
            let members = (old.unresolved(key), new.unresolved(key));
            // Where names stand, `description` is one of them.
            let is_read =
                READ.contains(&key.as_str()) || (key == "version" && new.pointer == "/info");
            if !is_named && is_read {
                let is_same = match &members {
                    (Some(old), Some(new)) => old.value == new.value,
                    _ => false,
                };
                if !is_same {
                    let pointer = child(&new.pointer, key);
                    let operation = known.iter().find(|(place, _)| {
                        pointer
                            .strip_prefix(place)
                            .is_some_and(|rest| rest.starts_with('/'))
                    });
                    comparison.enter(operation.map(|(_, name)| name.clone()));
                    tell(comparison, (&old, &new), &members, key);
                }
            } else if let (Some(old), Some(new)) = members {
                let names = matches!(
                    key.as_str(),
                    "properties"
                        | "schemas"
                        | "parameters"
                        | "responses"
                        | "headers"
                        | "paths"
                        | "securitySchemes"
                        | "requestBodies"
                        | "variables"
                        | "content"
                );
                open.push((old, new, names && !is_named));
            }
        }
        if let (Value::Array(old_items), Value::Array(new_items)) = (old.value, new.value) {
            for index in (0..old_items.len().min(new_items.len())).rev() {
                let key = index.to_string();
                if let (Some(old), Some(new)) = (old.unresolved(&key), new.unresolved(&key)) {
                    open.push((old, new, false));
                }
            }
        }
    }
    comparison.enter(None);
}

fn tell<'a>(
    comparison: &mut Comparison<'a>,
    holders: (&Part<'a>, &Part<'a>),
    members: &(Option<Part<'a>>, Option<Part<'a>>),
    key: &str,
) {
    let what = match members {
        (Some(_), Some(_)) => format!("`{key}` of #{} changed", holders.1.pointer),
        (None, _) => format!("#{} has `{key}` now", holders.1.pointer),
        (_, None) => format!("#{} no longer has `{key}`", holders.1.pointer),
    };
    comparison.tell(
        members
            .0
            .as_ref()
            .map_or(Side::NotIn(holders.0), Side::There),
        members
            .1
            .as_ref()
            .map_or(Side::NotIn(holders.1), Side::There),
        Meaning::new(
            Aspect::Documentation,
            Verdict::Compatible,
            what,
            "see whether the docs of the face say the same",
        ),
    );
}
