//! Normalizes parameters.

use authress_users_openapi::{Inliner, METHODS, Role, visit_objects_mut};
use serde_json::{Value, json};

use super::compare::{identity, is_same};

/// Drops null from the values of parameters: an absent parameter is not sent.
pub(super) fn drop_nullable(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let is_parameter = ["in", "name"].iter().all(|key| members.contains_key(*key));
        if !is_parameter {
            return 0;
        }
        let content = members.get_mut("content").and_then(Value::as_object_mut);
        let in_content = content
            .into_iter()
            .flatten()
            .filter_map(|(_, media_type)| media_type.get_mut("schema"));
        let mut dropped: usize = in_content.map(drop_null).sum();
        dropped += members.get_mut("schema").map_or(0, drop_null);
        dropped
    })
}

/// Drops null from the values of a parameter, and from the items of a list.
fn drop_null(schema: &mut Value) -> usize {
    let Some(members) = schema.as_object_mut() else {
        return 0;
    };
    let mut dropped = usize::from(members.shift_remove("nullable") == Some(json!(true)));
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    dropped += members.get_mut("items").map_or(0, drop_null);
    dropped
}

/// Moves parameters from the operations to their path where our spec has them there: those that all
/// operations of the path have, or ours if the path has operations that only we have.
pub(super) fn hoist(ours: &Value, theirs: &mut Value) {
    for (path, item) in theirs["paths"].as_object_mut().into_iter().flatten() {
        let own = &ours["paths"][path];
        if own.get("parameters").is_none() {
            continue;
        }
        let is_complete = METHODS
            .iter()
            .all(|method| own.get(method).is_none() || item.get(method).is_some());
        let inlined = Inliner::new(ours, |_| false).inline(&own["parameters"], Role::Object, "");
        let lists: Vec<&mut Vec<Value>> = item
            .as_object_mut()
            .into_iter()
            .flatten()
            .filter_map(|(_, operation)| operation.get_mut("parameters")?.as_array_mut())
            .collect();
        let (common, replacement) = if is_complete {
            let Some((first, others)) = lists.split_first() else {
                continue;
            };
            let is_common = |parameter: &Value| {
                let mut others = others.iter().map(|list| list.iter());
                parameter["in"] == "path"
                    && others
                        .all(|mut list| list.any(|other| is_same(other, parameter, Role::Object)))
            };
            let common: Vec<Value> = first.iter().filter(|it| is_common(it)).cloned().collect();
            (common.clone(), Value::Array(common))
        } else {
            let ours = inlined.as_array().cloned().unwrap_or_default();
            (ours, own["parameters"].clone())
        };
        for list in lists {
            list.retain(|own| {
                !common
                    .iter()
                    .any(|it| identity(it) == identity(own) && is_same(it, own, Role::Object))
            });
        }
        if !common.is_empty() {
            item["parameters"] = replacement;
        }
    }
}
