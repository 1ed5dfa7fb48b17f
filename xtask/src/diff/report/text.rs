//! A report for people.

use std::fmt::Write as _;

use serde_json::Value;

use crate::diff::Report;
use crate::diff::change::{Change, Place, Verdict};
use crate::diff::direction::Direction;

/// The longest witness that is shown whole.
const SHOWN: usize = 100;

impl Report {
    /// The report, a block for each change.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            block(&mut text, change);
        }
        for aspect in self.aspects() {
            let words = self.verdict(aspect).map_or("no change", Verdict::words);
            let _ = writeln!(text, "{}: {words}", aspect.name());
        }
        for bump in &self.bumps {
            let _ = writeln!(text, "{bump}");
        }
        match &self.face {
            None => {}
            Some(Ok(())) => text.push_str("the face compiles over the new code\n"),
            Some(Err(reason)) => {
                let _ = writeln!(
                    text,
                    "the face does not compile over the new code:\n{reason}\n"
                );
            }
        }
        let counts = [
            (self.count(Verdict::Breaking), "breaking"),
            (self.count(Verdict::NeedsReview), "to review"),
            (self.count(Verdict::Compatible), "compatible"),
        ];
        let counts = counts.map(|(count, what)| format!("{count} {what}"));
        let _ = writeln!(text, "{} -> {}: {}", self.old, self.new, counts.join(", "));
        text
    }
}

// Writing to a `String` can't fail.
fn block(text: &mut String, change: &Change) {
    let Change {
        aspect,
        verdict,
        operations,
        old,
        new,
        what,
        witness,
        advice,
    } = change;
    let subject = if operations.is_empty() {
        "the document".to_owned()
    } else {
        operations.join(", ")
    };
    let _ = writeln!(
        text,
        "{} [{}] {subject}: {what}",
        verdict.words(),
        aspect.name()
    );
    place(text, "old", old);
    place(text, "new", new);
    if let Some(witness) = witness {
        let why = match witness.direction {
            Direction::Request => "was fine and no longer is",
            Direction::Response => "could not come and now can",
        };
        let _ = writeln!(text, "  {why}: {}", shown(&witness.value));
    }
    let _ = writeln!(text, "  what to do: {advice}\n");
}

fn place(text: &mut String, name: &str, place: &Place) {
    let Place {
        file,
        line,
        source,
        is_there,
        ..
    } = place;
    if *is_there {
        let _ = writeln!(text, "  {name} {file}:{line}\n{line:5} | {source}");
    } else {
        let _ = writeln!(text, "  {name} {file}:{line} does not have it");
    }
}

/// A value as a person wants to see it.
fn shown(value: &Value) -> String {
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
