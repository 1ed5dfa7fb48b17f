//! What the difference between two documents means, to whom, and why.
//!
//! Three questions are asked of every difference, each for itself: would a client made from the
//! old document still understand, and be understood by, a server that follows the new one
//! (`wire`); what changes for Rust callers (`rust`); and what compiles and passes, and still surprises
//! (`behaviour`). What has no meaning is never seen: schemas are compared by what they say
//! (`shape`), and everything else by name.

mod behavior;
mod bump;
mod change;
mod comparison;
mod direction;
mod documentation;
mod part;
mod report;
mod rust;
mod shape;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use bump::{MANIFEST, State, Versions};
pub(crate) use change::{Aspect, Change, Verdict};
pub(crate) use rust::public_api::dependents;
pub(crate) use rust::{Code, ext_check};

use authress_users_openapi::Document;
use bump::Bump;
use comparison::Comparison;
use rust::public_api::{self, Dependents, Package};

/// Everything that changed and means something.
#[derive(Debug)]
pub(crate) struct Report {
    /// What the two documents are called.
    pub(crate) old: String,
    pub(crate) new: String,
    /// The worst first.
    pub(crate) changes: Vec<Change>,
    /// What each crate's version has to become; none where the code was not compared.
    pub(crate) bumps: Vec<Bump>,
    /// Whether the face compiles over the new code, or what keeps it from that; none where nobody
    /// asked.
    pub(crate) face: Option<Result<(), String>>,
}

impl Report {
    /// The worst that is said of one aspect; nothing where nothing changed.
    pub(crate) fn verdict(&self, aspect: Aspect) -> Option<Verdict> {
        let of_aspect = self.changes.iter().filter(|change| change.aspect == aspect);
        of_aspect.map(|change| change.verdict).max()
    }

    /// What a verdict is given on.
    fn aspects(&self) -> Vec<Aspect> {
        let mut aspects = vec![Aspect::Wire, Aspect::Rust, Aspect::Behaviour];
        if self.bumps.is_empty() {
            aspects.retain(|aspect| *aspect != Aspect::Rust);
        }
        aspects
    }

    fn sort(&mut self) {
        self.changes.sort_by_key(|change| {
            let line = change.new.line;
            (change.aspect, std::cmp::Reverse(change.verdict), line)
        });
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        let is_of = |change: &&Change| change.verdict == verdict;
        self.changes.iter().filter(is_of).count()
    }
}

/// Compares two documents; with `docs`, also what they say to people alone.
pub(crate) fn compare(old: &Document, new: &Document, docs: bool) -> Report {
    let mut comparison = Comparison::new(old, new);
    wire::operations::compare(&mut comparison);
    behavior::document(&mut comparison);
    if docs {
        documentation::compare(&mut comparison);
    }
    let changes = comparison.into_changes();
    let mut report = Report {
        old: old.name.clone(),
        new: new.name.clone(),
        changes,
        bumps: Vec::new(),
        face: None,
    };
    report.sort();
    report
}

/// Adds to a report what changes for Rust callers, and what all of it asks of the versions.
pub(crate) fn compare_code(
    report: &mut Report,
    (old, new): (&Code<'_>, &Code<'_>),
    dependents: &Dependents,
    versions: &Versions,
) {
    let rust::Callers { changes, worst } = rust::compare(old, new, dependents);
    // The crates carry the document, and the fake follows it.
    let told = report
        .changes
        .iter()
        .filter(|change| change.aspect != Aspect::Documentation)
        .map(|change| change.verdict)
        .max()
        .map(|verdict| match verdict {
            Verdict::Compatible => public_api::Verdict::Harmless,
            Verdict::NeedsReview => public_api::Verdict::NeedsReview,
            Verdict::Breaking => public_api::Verdict::Breaking,
        });
    report.bumps = Package::ALL
        .map(|package| bump::bump(package, versions, told.max(worst.get(&package).copied())))
        .to_vec();
    report.changes.extend(changes);
    report.sort();
}
