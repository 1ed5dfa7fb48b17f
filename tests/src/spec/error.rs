use std::fmt;

/// Why a document cannot be used for validation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
#[non_exhaustive]
pub struct SpecError {
    pointer: String,
    reason: String,
}

impl SpecError {
    pub(super) fn new(pointer: &str, reason: &impl fmt::Display) -> Self {
        Self {
            pointer: pointer.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Returns the JSON pointer of the value that the error is about.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}
