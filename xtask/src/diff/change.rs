//! A change between two specs and what it means.

use serde_json::Value;

use super::direction::Direction;

/// Who a change affects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Aspect {
    /// A client of the old spec and a server of the new spec.
    Wire,
    /// Rust code that calls the raw crate or ext.
    Rust,
    /// Callers whose code still compiles and whose requests are still valid.
    Behavior,
    /// Readers of descriptions and examples.
    Documentation,
}

impl Aspect {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Rust => "rust",
            Self::Behavior => "behavior",
            Self::Documentation => "documentation",
        }
    }
}

/// The effect of a change, from harmless to harmful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Verdict {
    /// Everything that worked still works.
    Compatible,
    /// The comparison cannot decide.
    NeedsReview,
    /// Something that worked no longer works.
    Breaking,
}

impl Verdict {
    /// The name in JSON reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::NeedsReview => "needs-review",
            Self::Breaking => "breaking",
        }
    }

    /// The name in text reports.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::NeedsReview => "needs review",
            other => other.name(),
        }
    }
}

/// A place in one of the two specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, or the file as of a git revision.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) pointer: String,
    /// The text of the line.
    pub(crate) source: String,
    /// Whether the changed part is there; otherwise this is the part that would hold it.
    pub(crate) present: bool,
}

/// An example of what breaks: a request value that was valid and is now rejected, or a response
/// value that could not be returned and now can.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Witness {
    pub(crate) value: Value,
    pub(crate) direction: Direction,
}

/// A change that matters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) aspect: Aspect,
    pub(crate) verdict: Verdict,
    /// The operations that it affects, in the order of the specs.
    pub(crate) operations: Vec<String>,
    pub(crate) old: Place,
    pub(crate) new: Place,
    pub(crate) what: String,
    pub(crate) witness: Option<Witness>,
    pub(crate) advice: String,
}

impl Change {
    /// Returns the names of the operations that it affects.
    pub(crate) fn subject(&self) -> String {
        match self.operations.as_slice() {
            [] => "the spec".to_owned(),
            operations => operations.join(", "),
        }
    }
}
