//! From the provider's document for everything to a candidate for our own.
//!
//! The operations are selected and brought into our way of writing (`selection`, `quirks`),
//! corrected by the overlay, laid out like ours (`layout`) and merged into our document
//! (`merging`), whose text stays wherever nothing changes (`writing`).

mod comparison;
mod inlining;
mod layout;
mod merging;
mod parts;
mod quirks;
mod selection;
mod words;
mod writing;

use serde_json::{Value, json};

use crate::lint;
use crate::overlay::{Applied, Overlay};
use crate::problem::Failure;
use authress_users_openapi::{Document, METHODS};
pub(crate) use selection::{Selection, Told};

/// Where the corrections of the provider's document stand in the repository.
pub(crate) const OVERLAY: &str = "openapi/users.overlay.yaml";

/// What came of an import.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) selection: Selection,
    /// The provider's ways of writing, and in how many places each was found.
    pub(crate) mended: Vec<(&'static str, usize)>,
    pub(crate) applied: Vec<Applied>,
    pub(crate) new_schemas: Vec<String>,
    pub(crate) candidate: Document,
}

/// Makes a candidate for our document of what the provider's says.
pub(crate) fn import(
    own: &Document,
    provider: &Document,
    overlay: &Overlay,
    take: &[String],
) -> Result<Import, Failure> {
    if !provider.is_openapi_3_0() {
        // In another version the lint looks at nothing else.
        return Err(Failure::Problems(lint::problems(provider)));
    }
    let selection = selection::select(own, provider, take, overlay.left_out())?;
    let Corrected {
        value: mut theirs,
        mended,
        applied,
    } = corrected(&selection, provider, overlay)?;
    let mut ours = own.value.clone();
    layout::harmonize(&mut ours, &mut theirs);
    let merging::Merged {
        mut value,
        new_schemas,
    } = merging::merge(&ours, &theirs);
    declare_tags(&mut value, provider);
    declare_security(&mut value, provider);
    let text = writing::text(own, &value)?;
    let candidate = Document::parse(&format!("{} (the candidate)", own.name), &text)?;
    Ok(Import {
        selection,
        mended,
        applied,
        new_schemas,
        candidate,
    })
}

/// What the provider says, in our way of writing and with our corrections.
struct Corrected {
    value: Value,
    mended: Vec<(&'static str, usize)>,
    applied: Vec<Applied>,
}

fn corrected(
    selection: &Selection,
    provider: &Document,
    overlay: &Overlay,
) -> Result<Corrected, Failure> {
    let mut value = selection.value.clone();
    let mut mended = vec![("references_into_schemas", selection.into_schemas)];
    for quirk in &quirks::QUIRKS {
        mended.push((quirk.name, (quirk.apply)(&mut value)));
    }
    quirks::mark_answers(&mut value);
    let applied = overlay.apply(&mut value, &provider.name)?;
    quirks::unmark_answers(&mut value);
    mended.push((quirks::LAST.name, (quirks::LAST.apply)(&mut value)));
    mended.retain(|(_, places)| *places > 0);
    Ok(Corrected {
        value,
        mended,
        applied,
    })
}

/// Operations that are new may have tags that are.
fn declare_tags(value: &mut Value, provider: &Document) {
    let tags = |value: &Value| -> Vec<Value> {
        let operations = value["paths"].as_object().into_iter().flatten();
        operations
            .flat_map(|(_, item)| METHODS.map(|method| item[method]["tags"].clone()))
            .filter_map(|tags| tags.as_array().cloned())
            .flatten()
            .collect()
    };
    for tag in tags(value) {
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
        declared.push(match description.map(words::in_plain_text) {
            Some(description) => json!({"name": tag, "description": description}),
            None => json!({"name": tag}),
        });
    }
}

/// A scheme that we don't know yet comes with the operation that asks for it.
fn declare_security(value: &mut Value, provider: &Document) {
    let operations = value["paths"].as_object().into_iter().flatten();
    let wanted: Vec<String> = operations
        .flat_map(|(_, item)| METHODS.map(|method| item[method]["security"].clone()))
        .filter_map(|security| security.as_array().cloned())
        .flatten()
        .filter_map(|either| either.as_object().cloned())
        .flat_map(|either| either.into_iter().map(|(scheme, _)| scheme))
        .collect();
    for scheme in wanted {
        let theirs = &provider.value["components"]["securitySchemes"][&*scheme];
        let is_known = value["components"]["securitySchemes"]
            .get(&*scheme)
            .is_some();
        if theirs.is_object() && !is_known {
            let schemes = &mut value["components"]["securitySchemes"];
            schemes[&*scheme] = theirs.clone();
            if let Some(Value::String(text)) = schemes[&*scheme].get_mut("description") {
                *text = words::in_plain_text(text);
            }
        }
    }
}

#[cfg(test)]
mod overlay_actions;
#[cfg(test)]
mod tests;
