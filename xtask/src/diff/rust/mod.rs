//! What changes for Rust callers, told as the other changes are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) mod ext_check;
pub(crate) mod public_api;

use super::change::{Aspect, Change, Place, Verdict};
use crate::generate::{self, Files, Spec};
use authress_users_openapi::{Document, child, visit};
use public_api::{ChangeKind, Dependents, ItemChange, Package};

/// What changed, and the worst that it means to the callers of each crate.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    pub(crate) changes: Vec<Change>,
    pub(crate) worst: BTreeMap<Package, public_api::Verdict>,
}

/// A document and the code that it generates, or why it generates none.
pub(crate) struct Code<'a> {
    document: &'a Document,
    files: Result<Files, String>,
}

impl<'a> Code<'a> {
    pub(crate) fn of(document: &'a Document) -> Self {
        let files = generate::files(document, Spec::Variant).map_err(|failure| failure.to_string());
        Self { document, files }
    }
}

/// Compares the code of two documents; the face and the contract say what reaches their callers.
pub(crate) fn compare(old: &Code<'_>, new: &Code<'_>, dependents: &Dependents) -> Callers {
    let found = match (&old.files, &new.files, dependents) {
        (Ok(old), Ok(new), Ok(dependents)) => public_api::changes(old, new, dependents),
        (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => Err(reason.clone()),
    };
    let (old, new) = (old.document, new.document);
    let mut callers = Callers::default();
    match found {
        Ok(items) => {
            for item in items {
                for package in &item.packages {
                    let worst = callers.worst.entry(*package).or_insert(item.verdict);
                    *worst = item.verdict.max(*worst);
                }
                callers.changes.push(told(item, old, new));
            }
        }
        Err(reason) => {
            for package in Package::ALL {
                callers
                    .worst
                    .insert(package, public_api::Verdict::NeedsReview);
            }
            callers.changes.push(Change {
                aspect: Aspect::Rust,
                verdict: Verdict::NeedsReview,
                operations: Vec::new(),
                old: place(old, Some(String::new())),
                new: place(new, Some(String::new())),
                what: format!("what callers see can't be compared: {reason}"),
                witness: None,
                advice: "mend what the reason names, and compare again".to_owned(),
            });
        }
    }
    callers
}

fn told(item: ItemChange, old: &Document, new: &Document) -> Change {
    let ItemChange {
        path,
        kind,
        verdict,
        old: before,
        new: after,
        advice,
        packages,
        origin,
    } = item;
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let mut what = match kind {
        ChangeKind::Added => format!("{path} is new: {after}"),
        ChangeKind::Removed => format!("{path} is gone: {before}"),
        ChangeKind::Changed => format!("{path} was {before} and is {after}"),
        ChangeKind::Steered if before.is_empty() => format!("{path} is new behind it: {after}"),
        ChangeKind::Steered if after.is_empty() => format!("{path} is gone behind it: {before}"),
        ChangeKind::Steered => {
            format!("{path} compiles as before over {after} in place of {before}")
        }
    };
    if packages.contains(&Package::Ext) {
        what.push_str("; the face passes it on");
    }
    Change {
        aspect: Aspect::Rust,
        verdict: match verdict {
            public_api::Verdict::Harmless | public_api::Verdict::Minor => Verdict::Compatible,
            public_api::Verdict::NeedsReview => Verdict::NeedsReview,
            public_api::Verdict::Breaking => Verdict::Breaking,
        },
        operations: match (origin.operation, &origin.component) {
            (Some(operation), _) => vec![operation],
            (None, Some(component)) => users_of(component, old, new),
            (None, None) => Vec::new(),
        },
        old: place(old, origin.old),
        new: place(new, origin.new),
        what,
        witness: None,
        advice,
    }
}

/// The operations that reach a component in either document.
fn users_of(component: &str, old: &Document, new: &Document) -> Vec<String> {
    let wanted = format!("#{}", child("/components/schemas", component));
    let mut operations = Vec::new();
    for document in [old, new] {
        for entry in document.operations() {
            let mut seen = BTreeSet::new();
            let parameters = entry.path_item.get("parameters");
            let mut open: Vec<&Value> = parameters.into_iter().chain([entry.value]).collect();
            while let Some(value) = open.pop() {
                visit(value, "", &mut |inner, _| {
                    if let Some(reference) = inner["$ref"].as_str()
                        && seen.insert(reference)
                    {
                        let target = reference.strip_prefix('#');
                        open.extend(target.and_then(|pointer| document.value.pointer(pointer)));
                    }
                });
            }
            let name = entry.name();
            if seen.contains(&*wanted) && !operations.contains(&name) {
                operations.push(name);
            }
        }
    }
    operations
}

/// Where the part that makes an item stands, or the document as a whole.
fn place(document: &Document, pointer: Option<String>) -> Place {
    let is_there = pointer.is_some();
    let pointer = pointer.unwrap_or_default();
    let line = document.line(&pointer);
    Place {
        file: document.name.clone(),
        line,
        source: document.source_line(line),
        pointer,
        is_there,
    }
}
