use std::fmt;

/// How much of a source line a message shows, in characters: JSON may be a single line.
const MAX_SHOWN: usize = 100;

/// Why a document cannot be read, with the file and the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    file: String,
    line: Option<usize>,
    reason: String,
    source_line: String,
}

impl ReadError {
    /// An error that concerns the whole file.
    pub(crate) fn whole(file: &str, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            reason: reason.into(),
            source_line: String::new(),
        }
    }

    /// An error at a line of `text`, counted from 1.
    pub(crate) fn at(file: &str, text: &str, line: usize, reason: impl Into<String>) -> Self {
        // A parser reports what is missing at the end on the line after the last one.
        let line = line.clamp(1, text.lines().count().max(1));
        Self {
            line: Some(line),
            source_line: shortened(text.lines().nth(line - 1).unwrap_or_default()),
            ..Self::whole(file, reason)
        }
    }

    /// Returns the name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the line, counted from 1; `None` if the error concerns the whole file.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns the reason without the file and the line.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            reason,
            source_line,
        } = self;
        let Some(line) = line else {
            return write!(f, "{file}: {reason}");
        };
        write!(f, "{file}:{line}: {reason}")?;
        if source_line.is_empty() {
            Ok(())
        } else {
            write!(f, "\n{line:5} | {source_line}")
        }
    }
}

impl std::error::Error for ReadError {}

/// A reason and the line that it concerns, before the file is known.
pub(crate) struct LineError {
    pub(crate) line: Option<usize>,
    pub(crate) reason: String,
}

impl LineError {
    pub(crate) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            reason: reason.into(),
        }
    }

    pub(crate) fn in_file(self, file: &str, text: &str) -> ReadError {
        match self.line {
            Some(line) => ReadError::at(file, text, line, self.reason),
            None => ReadError::whole(file, self.reason),
        }
    }
}

pub(crate) fn duplicate_key(key: &str) -> String {
    format!("duplicate key `{key}` in one mapping; keep one of the two")
}

/// Shortens a line to what a message can show.
pub(crate) fn shortened(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
