//! What a server answers.

use super::operations::Operation;
use super::{headers, media_types};
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;

/// Whether a client takes a status for a success; `default` may be one.
fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// What the old document says of a status: by itself, by its range, or of all others.
fn covering<'p, 'a>(responses: &'p [(&'a str, Part<'a>)], status: &str) -> Option<&'p Part<'a>> {
    let range = format!("{}XX", status.get(..1).unwrap_or_default());
    [status, &range, "default"].iter().find_map(|wanted| {
        let found = responses
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(wanted));
        found.map(|(_, part)| part)
    })
}

/// Compares the answers of an operation.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let of = |operation: &Operation<'a>| {
        let mut responses = operation.part.members_of("responses");
        responses.retain(|(status, _)| !status.starts_with("x-"));
        responses
    };
    let (old_ones, new_ones) = (of(old), of(new));
    let (old_holder, new_holder) = (old.part.nearest("responses"), new.part.nearest("responses"));
    for (status, response) in &new_ones {
        match covering(&old_ones, status) {
            Some(known) => pair(comparison, status, known, response),
            None => added(comparison, status, &old_holder, response),
        }
    }
    for (status, response) in &old_ones {
        if new_ones
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(status))
        {
            continue;
        }
        comparison.tell(
            Side::There(response),
            Side::NotIn(&new_holder),
            Meaning::wire(
                Verdict::Compatible,
                format!("the answer {status} is gone"),
                "nothing, as long as the server no longer gives it; callers may still look out for it",
            ),
        );
    }
    behavior::successes(
        comparison,
        (&old_holder, &old_ones),
        (&new_holder, &new_ones),
    );
}

fn added<'a>(
    comparison: &mut Comparison<'a>,
    status: &str,
    old_holder: &Part<'a>,
    response: &Part<'a>,
) {
    let (verdict, advice) = match status.chars().next() {
        Some('4' | '5') => (
            Verdict::Compatible,
            "nothing: the face gives it as an error with its status and body, as any other",
        ),
        Some('2') => (
            Verdict::Breaking,
            "keep the old status; clients take one that they don't know for an error",
        ),
        _ => (
            Verdict::NeedsReview,
            "see what clients do with it: they take every status that they don't know for an error, and follow no redirect",
        ),
    };
    let what = format!("the answer {status} is new");
    comparison.tell(
        Side::NotIn(old_holder),
        Side::There(response),
        Meaning::wire(verdict, what, advice),
    );
}

fn pair<'a>(comparison: &mut Comparison<'a>, status: &str, old: &Part<'a>, new: &Part<'a>) {
    let subject = format!("the answer {status}");
    behavior::annotations(comparison, old, new, &subject);
    headers::compare(comparison, old, new, &subject);
    let has_body = |part: &Part<'a>| !part.members_of("content").is_empty();
    match (has_body(old), has_body(new)) {
        (false, false) => {}
        (true, true) => {
            media_types::compare(comparison, old, new, Direction::Response, &subject);
        }
        (true, false) => comparison.tell(
            Side::There(&old.nearest("content")),
            Side::NotIn(new),
            Meaning::wire(
                Verdict::Breaking,
                format!("{subject} no longer has a body"),
                "go on to send it; clients read it",
            ),
        ),
        (false, true) => comparison.tell(
            Side::NotIn(old),
            Side::There(&new.nearest("content")),
            Meaning::wire(
                Verdict::Compatible,
                format!("{subject} now has a body"),
                if is_success(status) {
                    "offer it in the face; clients made before it ignore it"
                } else {
                    "nothing: the face keeps the body of every error"
                },
            ),
        ),
    }
}
