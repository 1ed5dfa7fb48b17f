//! Changes for Rust callers, as changes of the report.

use std::collections::BTreeMap;

use authress_users_openapi::{Document, Role, child, reachable_pointers};
use serde_json::json;

use super::public_api::changes;
use super::public_api::dependents::Dependents;
use super::public_api::item::PublicApi;
use super::public_api::model::{ApiVerdict, ChangeKind, ItemChange, Package};
use crate::diff::change::{Aspect, Change, Place, Verdict};
use crate::diff::part::Part;
use crate::generate::{self, Options, Spec};
use crate::lint;

/// What changed, and the worst verdict for the callers of each crate.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    pub(crate) changes: Vec<Change>,
    pub(crate) worst: BTreeMap<Package, ApiVerdict>,
}

/// A spec and the public API of the code generated from it, or why no code can be generated.
pub(crate) struct Code<'a> {
    document: &'a Document,
    api: Result<PublicApi, String>,
}

impl<'a> Code<'a> {
    #[cfg(test)]
    pub(crate) fn of(document: &'a Document) -> Self {
        Self::generated(document, Spec::Variant)
    }

    /// Generates both specs in the same way: as `spec` if both allow it, otherwise like third-party
    /// documents.
    pub(crate) fn of_both(old: &'a Document, new: &'a Document, spec: Spec) -> (Self, Self) {
        let both = |spec| (Self::generated(old, spec), Self::generated(new, spec));
        if spec == Spec::ThirdParty {
            return both(spec);
        }
        match Self::generated(old, spec) {
            old if old.api.is_ok() => match Self::generated(new, spec) {
                new if new.api.is_ok() => (old, new),
                _ => both(Spec::ThirdParty),
            },
            _ => both(Spec::ThirdParty),
        }
    }

    fn generated(document: &'a Document, spec: Spec) -> Self {
        let options = Options {
            lint: &|document| match spec {
                Spec::ThirdParty => lint::check::generator_problems(document),
                Spec::Own | Spec::Variant => Vec::new(),
            },
            stops_at_first: true,
            ..Options::linted(spec)
        };
        let api = generate::source(document, &options)
            .map_err(|failure| failure.to_string())
            .and_then(|source| Ok(PublicApi::read(source.modules()?)));
        Self { document, api }
    }
}

/// Compares the code of two specs; the dependents decide which crates' callers a change affects.
pub(crate) fn compare(old: &Code<'_>, new: &Code<'_>, dependents: &Dependents) -> Callers {
    let found = match (&old.api, &new.api, dependents) {
        (Ok(old_api), Ok(new_api), Ok(dependents)) => {
            let (old, new) = ((old.document, old_api), (new.document, new_api));
            Ok(changes(old, new, dependents))
        }
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
                callers.changes.push(change(item, old, new));
            }
        }
        Err(reason) => {
            let worst = Package::ALL.map(|package| (package, ApiVerdict::NeedsReview));
            callers.worst = BTreeMap::from(worst);
            callers.changes.push(Change {
                aspect: Aspect::Rust,
                verdict: Verdict::NeedsReview,
                operations: Vec::new(),
                old: Part::root(old).here(),
                new: Part::root(new).here(),
                what: format!("could not compare the generated code: {reason}"),
                witness: None,
                advice: "fix the cause and compare again".to_owned(),
            });
        }
    }
    callers
}

fn change(item: ItemChange, old: &Document, new: &Document) -> Change {
    let (path, origin) = (&item.path, &item.origin);
    let (before, after) = (item.old.unwrap_or_default(), item.new.unwrap_or_default());
    let mut what = match item.kind {
        ChangeKind::Added if after == *path => format!("{path} was added"),
        ChangeKind::Removed if before == *path => format!("{path} was removed"),
        ChangeKind::Added => format!("{path} was added: {after}"),
        ChangeKind::Removed => format!("{path} was removed: {before}"),
        ChangeKind::Signature => format!("{path} changed from {before} to {after}"),
        ChangeKind::Value if before.is_empty() => format!("{path} has a new value: {after}"),
        ChangeKind::Value if after.is_empty() => format!("{path} lost its value: {before}"),
        ChangeKind::Value => format!("the value of {path} changed from {before} to {after}"),
    };
    if item.packages.contains(&Package::Ext) {
        what.push_str("; ext exposes it");
    }
    Change {
        aspect: Aspect::Rust,
        verdict: match item.verdict {
            ApiVerdict::Compatible | ApiVerdict::Minor => Verdict::Compatible,
            ApiVerdict::NeedsReview => Verdict::NeedsReview,
            ApiVerdict::Breaking => Verdict::Breaking,
        },
        operations: match (&origin.operation, &origin.component) {
            (Some(operation), _) => vec![operation.clone()],
            (None, Some(component)) => operations_with(component, [old, new]),
            (None, None) => Vec::new(),
        },
        old: place(old, origin.old.as_deref()),
        new: place(new, origin.new.as_deref()),
        what,
        witness: None,
        advice: item.advice,
    }
}

/// Returns the operations that use a component in either spec.
fn operations_with(component: &str, documents: [&Document; 2]) -> Vec<String> {
    let wanted = child("/components/schemas", component);
    let mut operations = Vec::new();
    for document in documents {
        for entry in document.operations() {
            let used = json!([entry.value, entry.path_item["parameters"]]);
            let seen = reachable_pointers(&document.value, &used, Role::Object);
            let name = entry.name();
            if seen.contains(&wanted) && !operations.contains(&name) {
                operations.push(name);
            }
        }
    }
    operations
}

fn place(document: &Document, pointer: Option<&str>) -> Place {
    let part = Part {
        pointer: pointer.unwrap_or_default().to_owned(),
        ..Part::root(document)
    };
    part.place(document.value.pointer(&part.pointer).is_some() && pointer.is_some())
}
