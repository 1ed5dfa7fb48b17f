use std::fmt;
#[cfg(feature = "mock")]
use std::sync::LazyLock;

#[cfg(feature = "mock")]
use authress_users_openapi::Document;

/// The name of the bundled spec.
#[cfg(feature = "mock")]
pub(crate) const BUNDLED: &str = "openapi.json";
/// How many lines an excerpt has.
#[cfg(feature = "mock")]
const EXCERPT: usize = 4;

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

#[cfg(feature = "mock")]
impl Place {
    /// Returns the place of a JSON pointer in the bundled spec, as the fake serves it.
    pub(crate) fn bundled(pointer: &str) -> Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
            // A test compiles the bundled spec.
            Document::parse(BUNDLED, authress_users_client::DOCUMENT)
                .expect("the bundled spec is valid")
        });
        Self::in_document(&DOCUMENT, pointer)
    }

    /// Returns the place of a JSON pointer in a document, with an excerpt.
    pub(crate) fn in_document(document: &Document, pointer: &str) -> Self {
        let line = document.line(pointer);
        let lines = (line..line + EXCERPT).map(|line| document.source_line(line));
        let excerpt = lines.collect::<Vec<_>>().join("\n");
        Self::new(&document.name, line).excerpt(excerpt.trim_end())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Maps a JSON pointer of the spec, such as `/paths`, to its place in a file.
pub type Locate<'a> = dyn Fn(&str) -> Option<Place> + 'a;
