//! What the difference between two documents means, to whom, and why.
//!
//! Three questions are asked of every difference, each for itself: would a client made from the
//! old document still understand, and be understood by, a server that follows the new one
//! (`wire`); what changes for Rust callers; and what compiles and passes, and still surprises
//! (`behaviour`). What has no meaning is never seen: schemas are compared by what they say
//! (`shape`), and everything else by name.

mod behaviour;
mod change;
mod comparison;
mod documentation;
mod json;
mod part;
mod servers;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod wire;

pub(crate) use change::{Aspect, Change, Verdict};

use crate::document::Document;
use comparison::Comparison;

/// Everything that changed and means something.
#[derive(Debug)]
pub(crate) struct Report {
    /// What the two documents are called.
    pub(crate) old: String,
    pub(crate) new: String,
    /// The worst first.
    pub(crate) changes: Vec<Change>,
}

impl Report {
    /// The worst that is said of one aspect; nothing where nothing changed.
    pub(crate) fn verdict(&self, aspect: Aspect) -> Option<Verdict> {
        let of_aspect = self.changes.iter().filter(|change| change.aspect == aspect);
        of_aspect.map(|change| change.verdict).max()
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
    behaviour::document(&mut comparison);
    if docs {
        documentation::compare(&mut comparison);
    }
    let mut changes = comparison.into_changes();
    changes.sort_by_key(|change| {
        let line = change.new.line;
        (change.aspect, std::cmp::Reverse(change.verdict), line)
    });
    Report {
        old: old.name.clone(),
        new: new.name.clone(),
        changes,
    }
}
