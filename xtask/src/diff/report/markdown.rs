//! Markdown reports, for pull requests.

use std::fmt::Write as _;

use super::model::Report;
use crate::diff::change::{Change, Place, Verdict};

// Writing to a `String` cannot fail.
impl Report {
    /// Returns the report as Markdown: the verdicts, and a row for each change.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = String::new();
        for aspect in self.aspects() {
            let verdict = self.verdict(aspect).map_or("no change", Verdict::label);
            let _ = writeln!(text, "- **{}**: {verdict}", aspect.name());
        }
        for bump in &self.bumps {
            let _ = writeln!(text, "- {}", escaped(&bump.to_string()));
        }
        match &self.ext {
            None => {}
            Some(Ok(())) => text.push_str("- ext compiles with the new code\n"),
            Some(Err(_)) => text.push_str("- **ext does not compile with the new code**\n"),
        }
        if !self.changes.is_empty() {
            text.push_str("\n| verdict | aspect | change | operations | where | help |\n|---|---|---|---|---|---|\n");
        }
        for change in &self.changes {
            write_row(&mut text, change);
        }
        text
    }
}

fn write_row(text: &mut String, change: &Change) {
    let place = if change.new.present {
        place(&change.new)
    } else {
        place(&change.old)
    };
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {place} | {} |",
        change.verdict.label(),
        change.aspect.name(),
        escaped(&change.what),
        escaped(&change.subject()),
        escaped(&change.advice),
    );
}

fn place(place: &Place) -> String {
    format!("`{}:{}`", place.file.replace('`', "'"), place.line)
}

/// Escapes what would end a cell or become markup. Code between backticks is not markup already, and
/// would show the escapes.
fn escaped(text: &str) -> String {
    let text = text.replace('\n', " ");
    let parts: Vec<&str> = text.split('`').collect();
    let escaped = parts.iter().enumerate().map(|(index, part)| {
        let is_code = index % 2 == 1 && index + 1 < parts.len();
        let special: &[char] = if is_code {
            &['|']
        } else {
            &['|', '*', '_', '[', ']', '<', '\\']
        };
        let mut escaped = String::new();
        for letter in part.chars() {
            if special.contains(&letter) {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        escaped
    });
    escaped.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_outside_of_code() {
        for (text, expected) in [
            ("`a_b|c`: d_e", r"`a_b\|c`: d\_e"),
            ("<b> [c]\n`", r"\<b> \[c\] `"),
            ("a `b_c", r"a `b\_c"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
