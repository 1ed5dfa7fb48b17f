//! Reports as annotations of GitHub Actions.

use std::fmt::Write as _;

use super::model::Report;
use crate::diff::change::Verdict;
use crate::generate::DOCUMENT;

impl Report {
    /// Returns the report as workflow commands: an annotation for each change, at its line in the new
    /// spec.
    pub(crate) fn to_github(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            let level = match change.verdict {
                Verdict::Breaking => "error",
                Verdict::NeedsReview => "warning",
                Verdict::Compatible => "notice",
            };
            let title = format!("{} [{}]", change.verdict.label(), change.aspect.name());
            // The file as of a revision is the file in the working tree for a reader of the checks.
            let file = match &*change.new.file {
                file if file.ends_with(&format!(":{DOCUMENT}")) => DOCUMENT,
                file => file,
            };
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                text,
                "::{level} file={},line={},title={}::{}",
                property(file),
                change.new.line,
                property(&title),
                data(&format!(
                    "{}: {}\nhelp: {}",
                    change.subject(),
                    change.what,
                    change.advice
                )),
            );
        }
        if let Some(Err(reason)) = &self.ext {
            let message = format!("ext does not compile with the new code:\n{reason}");
            let _ = writeln!(text, "::error::{}", data(&message));
        }
        text
    }
}

/// Escapes a message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
