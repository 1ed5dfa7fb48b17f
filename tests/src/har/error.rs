use std::fmt;

use serde_json::error::Category;

/// Why a file holds no traffic. Quotes nothing of it: recordings are full of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// For bytes that are UTF-8 no further than `length`.
    pub(super) fn not_utf8(bytes: &[u8], length: usize) -> Self {
        let before = &bytes[..length];
        let lines: Vec<_> = before.split(|byte| *byte == b'\n').collect();
        let column = lines.last().map_or(0, |line| line.len()) + 1;
        let reason = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            "the file is UTF-16, and a HAR file is UTF-8"
        } else {
            "the file is not UTF-8 text"
        };
        Self {
            reason,
            place: Some((lines.len(), column)),
        }
    }

    /// The line and column in the file, counted from 1; none if it is the file as a whole.
    #[must_use]
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

impl From<serde_json::Error> for HarError {
    fn from(error: serde_json::Error) -> Self {
        let reason = match error.classify() {
            Category::Data => "the file is JSON, but what stands here is not what HAR 1.2 has here",
            Category::Eof => "the file breaks off in the middle of its JSON",
            Category::Syntax | Category::Io => "the file stops being JSON",
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
