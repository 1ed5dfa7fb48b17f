//! Text reports.

use std::fmt::Write as _;

use serde_json::Value;

use super::model::Report;
use crate::diff::change::{Change, Place, Verdict};
use authress_users_openapi::Direction;

/// The length up to which examples are shown in full.
const SHOWN: usize = 100;

// Writing to a `String` cannot fail.
impl Report {
    /// Returns the report as text, a paragraph for each change.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            write_change(&mut text, change);
        }
        for aspect in self.aspects() {
            let verdict = self.verdict(aspect).map_or("no change", Verdict::label);
            let _ = writeln!(text, "{}: {verdict}", aspect.name());
        }
        for bump in &self.bumps {
            let _ = writeln!(text, "{bump}");
        }
        match &self.ext {
            None => {}
            Some(Ok(())) => text.push_str("ext compiles with the new code\n"),
            Some(Err(reason)) => {
                let _ = writeln!(text, "ext does not compile with the new code:\n{reason}\n");
            }
        }
        let _ = writeln!(
            text,
            "{} -> {}: {} breaking, {} to review, {} compatible",
            self.old,
            self.new,
            self.count(Verdict::Breaking),
            self.count(Verdict::NeedsReview),
            self.count(Verdict::Compatible)
        );
        text
    }
}

fn write_change(text: &mut String, change: &Change) {
    let subject = change.subject();
    let (verdict, aspect) = (change.verdict.label(), change.aspect.name());
    let _ = writeln!(text, "{verdict} [{aspect}] {subject}: {}", change.what);
    write_place(text, "old", &change.old);
    write_place(text, "new", &change.new);
    if let Some(witness) = &change.witness {
        let value = shortened(&witness.value);
        let _ = match witness.direction {
            Direction::Request => {
                writeln!(text, "  example: {value} was valid and is now rejected")
            }
            Direction::Response => {
                writeln!(
                    text,
                    "  example: {value} was invalid and can now be returned"
                )
            }
        };
    }
    let _ = writeln!(text, "  help: {}\n", change.advice);
}

fn write_place(text: &mut String, name: &str, place: &Place) {
    let (file, line) = (&place.file, place.line);
    let _ = if place.present {
        writeln!(text, "  {name} {file}:{line}\n{line:5} | {}", place.source)
    } else {
        writeln!(text, "  {name} {file}:{line} (absent)")
    };
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    let count = text.chars().count();
    if count <= SHOWN {
        return text;
    }
    let start: String = text.chars().take(SHOWN / 2).collect();
    match value {
        Value::String(value) => format!("{start}… ({} characters)", value.chars().count()),
        Value::Array(items) => format!("{start}… ({} items)", items.len()),
        _ => format!("{start}… ({count} characters of JSON)"),
    }
}
