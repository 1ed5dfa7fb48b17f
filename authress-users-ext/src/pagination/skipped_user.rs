use std::fmt;

/// A user that a page omits because it does not match the spec.
///
/// Its `userId` is missing, for example, or its `name` is a number.
///
/// Returned by [`Page::skipped`](crate::Page::skipped). `Debug` does not show the JSON.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SkippedUser {
    position: usize,
    json: Box<str>,
}

impl SkippedUser {
    pub(super) fn new(position: usize, json: Box<str>) -> Self {
        Self { position, json }
    }

    /// Returns the position in the page's array `users`, from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the JSON as received. It contains personal data.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for SkippedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkippedUser")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
