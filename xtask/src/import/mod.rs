//! Imports the provider's spec: turns it into a candidate for our own.
//!
//! The steps: select our operations (`select`), normalize their notation (`normalize`), name their
//! schemas as we do (`roles`), apply the overlay, merge the facts into our spec (`merge`), and write
//! its text (`write`), which stays as it is wherever nothing changes.

mod all_of;
mod compare;
mod keep;
mod marks;
mod merge;
mod normalize;
mod only_ours;
mod parameters;
mod part;
mod plain_text;
mod roles;
mod schema_steps;
mod schemas;
mod select;
mod usage;
mod write;

use authress_users_openapi::{Document, METHODS, OperationEntry};
use serde_json::{Map, Value, json};

use crate::lint;
use crate::nullability::{nullable_components_where_they_are_used, nullable_with_effect};
use crate::overlay::{Applied, Overlay};
use crate::problem::Failure;
pub(crate) use only_ours::OnlyOurs;
use plain_text::plain_text;
pub(crate) use select::{Selection, Summary};

/// The path of the overlay in the repository.
pub(crate) const OVERLAY: &str = "openapi/users.overlay.yaml";

/// The result of an import.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) selection: Selection,
    /// The normalization steps that changed something, and the number of places.
    pub(crate) normalized: Vec<(&'static str, usize)>,
    pub(crate) applied: Vec<Applied>,
    pub(crate) only_ours: OnlyOurs,
    pub(crate) new_schemas: Vec<String>,
    pub(crate) candidate: Document,
}

/// Creates a candidate for our spec from the provider's.
pub(crate) fn import(
    own: &Document,
    provider: &Document,
    overlay: &Overlay,
    take: &[String],
) -> Result<Import, Failure> {
    if !provider.is_openapi_3_0() {
        // The lint reports the version and nothing else.
        return Err(Failure::Problems(lint::check::problems(provider)));
    }
    let names: Vec<_> = own.operations().iter().map(OperationEntry::name).collect();
    overlay.check_operations(&names)?;
    let mut selection = select::select(own, provider, take, overlay.skipped())?;
    let mut theirs = selection.value.take();
    let mut normalized = vec![("inline_references_into_schemas", selection.into_schemas)];
    for (name, apply) in normalize::STEPS {
        normalized.push((name, apply(&mut theirs)));
    }
    let mut ours = own.value.clone();
    nullable_components_where_they_are_used(&mut ours);
    let renamed = roles::name_schemas(&ours, &mut theirs);
    normalized.push(("name_schemas", renamed));
    let only_ours = OnlyOurs::of(&ours, provider, &theirs, overlay);
    marks::mark_responses(&mut theirs);
    let applied = overlay.apply(&mut theirs, &provider.name, &selection.present)?;
    marks::unmark(&mut theirs);
    let (name, apply) = normalize::LAST;
    normalized.push((name, apply(&mut theirs)));
    normalized.retain(|(_, places)| *places > 0);
    parameters::hoist(&ours, &mut theirs);
    let merge::Merged {
        mut value,
        new_schemas,
    } = merge::merge(&ours, theirs);
    nullable_with_effect(&mut value);
    declare_tags(&mut value, provider);
    declare_security(&mut value, provider);
    let mut candidate = write::document(own, &value)?;
    candidate.name += " (candidate)";
    Ok(Import {
        selection,
        normalized,
        applied,
        only_ours,
        new_schemas,
        candidate,
    })
}

/// The items of the list `key` of all operations.
fn items(value: &Value, key: &str) -> Vec<Value> {
    let paths = value["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(_, item)| METHODS.map(|method| item[method][key].clone()))
        .filter_map(|items| items.as_array().cloned())
        .flatten()
        .collect()
}

/// Declares the tags of new operations.
fn declare_tags(value: &mut Value, provider: &Document) {
    for tag in items(value, "tags") {
        let Some(declared) = value["tags"].as_array_mut() else {
            return;
        };
        if declared.iter().any(|other| other["name"] == tag) {
            continue;
        }
        let theirs = provider.value["tags"].as_array().into_iter().flatten();
        let description = theirs
            .filter(|other| other["name"] == tag)
            .find_map(|other| other["description"].as_str());
        declared.push(match description {
            Some(description) => json!({"name": tag, "description": plain_text(description)}),
            None => json!({"name": tag}),
        });
    }
}

/// Declares the security schemes of new operations.
fn declare_security(value: &mut Value, provider: &Document) {
    let required = items(value, "security");
    for name in required
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Map::keys)
    {
        let mut scheme = provider.value["components"]["securitySchemes"][name].clone();
        let declared = &mut value["components"]["securitySchemes"];
        if scheme.is_object() && declared.get(name).is_none() {
            if let Some(Value::String(text)) = scheme.get_mut("description") {
                *text = plain_text(text);
            }
            declared[name] = scheme;
        }
    }
}

#[cfg(test)]
mod tests;
