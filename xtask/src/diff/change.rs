//! One change, and what it means to whom.

use serde_json::Value;

use super::direction::Direction;
use super::part::Part;

/// To whom a change means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Aspect {
    /// A client made from the old document, and a server that follows the new one.
    Wire,
    /// Rust code that calls the raw crate or the face.
    Rust,
    /// What compiles and passes, and still surprises.
    Behaviour,
    /// What is told to people alone.
    Documentation,
}

impl Aspect {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Rust => "rust",
            Self::Behaviour => "behaviour",
            Self::Documentation => "documentation",
        }
    }
}

/// What a change means, from harmless to harmful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Verdict {
    /// What worked goes on to work.
    Compatible,
    /// Nothing here can tell; a person has to.
    NeedsReview,
    /// Something that worked no longer does.
    Breaking,
}

impl Verdict {
    /// As programs are told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::NeedsReview => "needs-review",
            Self::Breaking => "breaking",
        }
    }

    /// As people are told.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NeedsReview => "needs review",
            other => other.name(),
        }
    }
}

/// Where something stands in one of the two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, or the file as of a revision.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) pointer: String,
    /// What stands on the line.
    pub(crate) source: String,
    /// Whether it stands there; otherwise this is where it would.
    pub(crate) is_there: bool,
}

impl Place {
    pub(crate) fn of(part: &Part<'_>, is_there: bool) -> Self {
        let line = part.document.line(&part.pointer);
        Self {
            file: part.document.name.clone(),
            line,
            pointer: part.pointer.clone(),
            source: part.document.source_line(line),
            is_there,
        }
    }
}

/// A value that shows what breaks: in a request one that was fine and no longer is, in an answer
/// one that could not come and now can.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Witness {
    pub(crate) value: Value,
    pub(crate) direction: Direction,
}

/// A difference that means something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) aspect: Aspect,
    pub(crate) verdict: Verdict,
    /// Every operation that it reaches, in the order of the documents.
    pub(crate) operations: Vec<String>,
    pub(crate) old: Place,
    pub(crate) new: Place,
    pub(crate) what: String,
    pub(crate) witness: Option<Witness>,
    pub(crate) advice: String,
}
