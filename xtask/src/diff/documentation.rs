//! Descriptions, examples and other texts for readers.

use std::collections::BTreeSet;

use serde_json::Map;

use super::behavior::extensions::is_extension;
use super::change::{Aspect, Verdict};
use super::comparison::{Comparison, Finding};
use super::part::{Both, Part};
use authress_users_openapi::{Role, child, is_within};

/// Compares the texts for readers, place by place.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (Part::root(comparison.old), Part::root(comparison.new));
    let operations: Vec<(String, String)> = comparison
        .new
        .operations()
        .iter()
        .map(|entry| (entry.pointer(), entry.name()))
        .collect();
    let mut open = vec![(old, new, Role::Object)];
    while let Some((old, new, role)) = open.pop() {
        let members = [&old, &new]
            .into_iter()
            .filter_map(|part| part.value.as_object());
        let keys: BTreeSet<&String> = members.flat_map(Map::keys).collect();
        for key in keys {
            let members = (old.unresolved(key), new.unresolved(key));
            // In an object that maps names to parts, `description` is a name.
            let is_text = role == Role::Object && is_text(key, &new);
            match members {
                _ if is_extension(key, role, &new) => {}
                (Some(old), Some(new)) if !is_text => {
                    let role = role.member(key, new.value);
                    if role != Role::Data {
                        open.push((old, new, role));
                    }
                }
                (Some(old), Some(new)) if old.value == new.value => {}
                _ if is_text => {
                    let pointer = child(&new.pointer, key);
                    let operation = operations
                        .iter()
                        .find(|(place, _)| is_within(&pointer, place));
                    comparison.enter(operation.map(|(_, name)| name.clone()));
                    report(comparison, (&old, &new), key);
                }
                _ => {}
            }
        }
        let items = |part: &Part<'_>| part.value.as_array().map_or(0, Vec::len);
        for index in (0..items(&old).min(items(&new))).rev() {
            let key = index.to_string();
            if let (Some(old), Some(new)) = (old.unresolved(&key), new.unresolved(&key)) {
                open.push((old, new, role));
            }
        }
    }
    comparison.enter(None);
}

fn is_text(key: &str, holder: &Part<'_>) -> bool {
    match key {
        "title" | "summary" | "description" | "example" | "examples" | "externalDocs" => true,
        "version" => holder.pointer == "/info",
        _ => false,
    }
}

fn report<'a>(comparison: &mut Comparison<'a>, (old, new): Both<'_, 'a>, key: &str) {
    let change = match (old.value.get(key), new.value.get(key)) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    let finding = Finding::new(
        Aspect::Documentation,
        Verdict::Compatible,
        format!("`{key}` of #{} {change}", new.pointer),
        "check that the documentation of ext agrees",
    );
    comparison.report(old.member_place(key), new.member_place(key), finding);
}
