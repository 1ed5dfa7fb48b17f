use thiserror::Error;

/// The reason why a spec cannot be used for validation.
#[derive(Debug, Error)]
#[error("{pointer}: {reason}")]
#[non_exhaustive]
pub struct SpecError {
    pub(super) pointer: String,
    pub(super) reason: String,
}

impl SpecError {
    /// Returns the place in the spec, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
}
