use std::fmt;

/// A place in a file of the spec.
///
/// ```
/// use authress_users_contract::Place;
///
/// let place = Place::new("openapi/users.yaml", 14).excerpt("get:\n  operationId: getUsers");
/// assert_eq!(place.to_string(), "openapi/users.yaml:14");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The name of the file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The text from that line on; empty if unknown.
    pub excerpt: String,
}

impl Place {
    /// Returns a place without an excerpt.
    #[must_use]
    pub fn new(file: impl Into<String>, line: usize) -> Self {
        Self {
            file: file.into(),
            line,
            excerpt: String::new(),
        }
    }

    /// Sets the text from the line on.
    #[must_use]
    pub fn excerpt(mut self, text: impl Into<String>) -> Self {
        self.excerpt = text.into();
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Maps a JSON pointer of the spec, such as `/paths`, to its place in a file.
pub type Locate<'a> = dyn Fn(&str) -> Option<Place> + 'a;
