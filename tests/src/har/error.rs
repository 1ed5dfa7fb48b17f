use std::fmt;

use serde_json::error::Category;

/// The reason why a HAR file could not be read. Quotes nothing, because recordings contain secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HarError {
    reason: &'static str,
    place: Option<(usize, usize)>,
}

impl HarError {
    pub(super) fn new(reason: &'static str) -> Self {
        Self {
            reason,
            place: None,
        }
    }

    /// Returns the error for bytes of which only the first `length` are UTF-8.
    pub(super) fn not_utf8(bytes: &[u8], length: usize) -> Self {
        let before = &bytes[..length];
        let lines: Vec<_> = before.split(|byte| *byte == b'\n').collect();
        let column = lines.last().map_or(0, |line| line.len()) + 1;
        let reason = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            "the file is UTF-16, but HAR files are UTF-8"
        } else {
            "the file is not UTF-8"
        };
        Self {
            reason,
            place: Some((lines.len(), column)),
        }
    }

    /// Returns line and column in the file, counted from 1; none for the whole file.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

impl From<serde_json::Error> for HarError {
    fn from(error: serde_json::Error) -> Self {
        let reason = match error.classify() {
            Category::Data => "not a HAR file: this JSON value has the wrong type for HAR 1.2",
            Category::Eof => "the JSON of the file is incomplete",
            Category::Syntax | Category::Io => "the file is not valid JSON",
        };
        Self {
            reason,
            place: Some((error.line(), error.column())),
        }
    }
}

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(self.reason)
    }
}

impl std::error::Error for HarError {}
