//! How the values of two schemas compare.

use serde_json::Value;

/// Whether a reader accepts every value that a writer may write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Containment {
    /// Proven: the reader accepts every value.
    Covers,
    /// Proven: the reader rejects some value, with an example if one was found.
    Refuted(Option<Value>),
    /// Neither, with the reason.
    Unknown(String),
}

/// How the values of two schemas compare.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Same,
    Different(Containment),
}
