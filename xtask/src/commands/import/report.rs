//! The report of an import, as text.

use std::fmt::Write as _;

use crate::import::{Import, OVERLAY, Summary};
use crate::overlay::{Applied, Outcome};
use authress_users_openapi::Document;

/// Returns what was selected, normalized, corrected and skipped.
// Writing to a `String` cannot fail.
pub(super) fn text(import: &Import, provider: &Document) -> String {
    let selection = &import.selection;
    let mut text = format!(
        "{}: {} of {} operations\n",
        provider.name,
        selection.taken.len(),
        selection.total
    );
    for summary in &selection.taken {
        let _ = writeln!(text, "  {}", shown(summary));
    }
    let proposed = selection.proposed.iter().map(shown);
    write_list(
        &mut text,
        "other operations on users; import one with `--take OPERATION`",
        proposed,
    );
    let skipped = selection.skipped.iter();
    let skipped = skipped.map(|(summary, reason)| format!("{}: {reason}", shown(summary)));
    write_list(&mut text, "skipped by the overlay", skipped);
    let normalized = import.normalized.iter();
    let normalized = normalized.map(|(name, places)| format!("{name}: {}", counted(*places)));
    write_list(&mut text, "normalized", normalized);
    write_corrections(&mut text, &import.applied);
    write_list(
        &mut text,
        "not in the provider's document, kept as it is",
        import.only_ours.absent.iter().cloned(),
    );
    write_list(
        &mut text,
        "now in the provider's document too",
        import.only_ours.present.iter().cloned(),
    );
    if !import.new_schemas.is_empty() {
        let _ = writeln!(text, "new schemas: {}", import.new_schemas.join(", "));
    }
    text
}

/// Writes the results of the overlay's actions, by result.
fn write_corrections(text: &mut String, applied: &[Applied]) {
    let changed = applied.iter().filter_map(|it| match it.outcome {
        Outcome::Changed(places) => Some(format!("{}: {}", it.name, counted(places))),
        Outcome::AlreadySo | Outcome::PlaceNotFound => None,
    });
    write_list(text, &format!("changed by {OVERLAY}"), changed);
    for (outcome, title) in [
        (Outcome::AlreadySo, "already so"),
        (
            Outcome::PlaceNotFound,
            "place not found, in operations that the document lacks",
        ),
    ] {
        let names = applied.iter().filter(|it| it.outcome == outcome);
        write_list(text, title, names.map(|it| it.name.clone()));
    }
}

/// Writes a title and its lines, if there are any.
fn write_list(text: &mut String, title: &str, lines: impl IntoIterator<Item = String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        let _ = writeln!(text, "{title}:");
    }
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn shown(summary: &Summary) -> String {
    let Summary {
        name,
        request,
        line,
    } = summary;
    format!("{name} ({request}, line {line})")
}

fn counted(places: usize) -> String {
    let plural = if places == 1 { "" } else { "s" };
    format!("{places} place{plural}")
}
