//! Compares two specs.

use authress_users_openapi::Document;

use super::behavior;
use super::bump::{Versions, bump};
use super::change::{Aspect, Verdict};
use super::comparison::Comparison;
use super::documentation;
use super::report::model::Report;
use super::rust::callers::{self, Callers, Code};
use super::rust::public_api::dependents::Dependents;
use super::rust::public_api::model::{ApiVerdict, Package};
use super::wire;

/// Compares two specs; with `docs`, also their descriptions and examples.
pub(crate) fn compare(old: &Document, new: &Document, docs: bool) -> Report {
    let mut comparison = Comparison::new(old, new);
    wire::operations::compare(&mut comparison);
    behavior::spec::compare(&mut comparison);
    behavior::extensions::compare(&mut comparison);
    if docs {
        documentation::compare(&mut comparison);
    }
    let mut report = Report {
        old: old.name.clone(),
        new: new.name.clone(),
        changes: comparison.into_changes(),
        bumps: Vec::new(),
        ext: None,
    };
    report.sort();
    report
}

/// Adds to a report the changes for Rust callers, and the versions that all changes require.
pub(crate) fn compare_code(
    report: &mut Report,
    (old, new): (&Code<'_>, &Code<'_>),
    dependents: &Dependents,
    versions: &Versions,
) {
    let Callers { changes, worst } = callers::compare(old, new, dependents);
    // The crates contain the spec, and the fake follows it.
    let aspects = [Aspect::Wire, Aspect::Behavior].map(|aspect| report.verdict(aspect));
    let of_spec = aspects
        .into_iter()
        .max()
        .flatten()
        .map(|verdict| match verdict {
            Verdict::Compatible => ApiVerdict::Compatible,
            Verdict::NeedsReview => ApiVerdict::NeedsReview,
            Verdict::Breaking => ApiVerdict::Breaking,
        });
    report.bumps = Package::ALL
        .map(|package| bump(package, versions, of_spec.max(worst.get(&package).copied())))
        .to_vec();
    report.changes.extend(changes);
    report.sort();
}
