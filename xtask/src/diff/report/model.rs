//! The result of a comparison.

use std::cmp::Reverse;

use crate::diff::bump::Bump;
use crate::diff::change::{Aspect, Change, Verdict};

/// Every change between two specs.
#[derive(Debug)]
pub(crate) struct Report {
    /// The names of the two specs.
    pub(crate) old: String,
    pub(crate) new: String,
    /// The changes by aspect, the worst first.
    pub(crate) changes: Vec<Change>,
    /// The version that each crate needs; empty if the generated code was not compared.
    pub(crate) bumps: Vec<Bump>,
    /// Whether ext compiles with the new code, or the compiler's errors; `None` if not checked.
    pub(crate) ext: Option<Result<(), String>>,
}

impl Report {
    /// Returns the worst verdict of an aspect; `None` if nothing changed.
    pub(crate) fn verdict(&self, aspect: Aspect) -> Option<Verdict> {
        let of_aspect = self.changes.iter().filter(|change| change.aspect == aspect);
        of_aspect.map(|change| change.verdict).max()
    }

    /// Returns the aspects that have been compared and have a verdict.
    pub(super) fn aspects(&self) -> Vec<Aspect> {
        let mut aspects = vec![Aspect::Wire, Aspect::Rust, Aspect::Behavior];
        if self.bumps.is_empty() {
            aspects.retain(|aspect| *aspect != Aspect::Rust);
        }
        aspects
    }

    pub(crate) fn sort(&mut self) {
        self.changes
            .sort_by_key(|change| (change.aspect, Reverse(change.verdict), change.new.line));
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        let changes = self.changes.iter();
        changes.filter(|change| change.verdict == verdict).count()
    }
}
