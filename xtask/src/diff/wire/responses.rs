//! Responses.

use super::{headers, media_types};
use crate::diff::behavior::{annotations, operation};
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::Direction;
use crate::diff::operation::Operation;
use crate::diff::part::{Both, Part};

/// Returns the response that the old spec defines for a status: its own, its range, or the default.
fn covering<'p, 'a>(responses: &'p [(&'a str, Part<'a>)], status: &str) -> Option<&'p Part<'a>> {
    let range = format!("{}XX", status.get(..1).unwrap_or_default());
    [status, &range, "default"].iter().find_map(|wanted| {
        let mut responses = responses.iter();
        let found = responses.find(|(known, _)| known.eq_ignore_ascii_case(wanted));
        found.map(|(_, part)| part)
    })
}

/// Compares the responses of an operation.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let responses = |operation: &Operation<'a>| {
        let mut responses = operation.part.members_of("responses");
        responses.retain(|(status, _)| !status.starts_with("x-"));
        responses
    };
    let (old_ones, new_ones) = (responses(old), responses(new));
    let (old_holder, new_holder) = (old.part.nearest("responses"), new.part.nearest("responses"));
    for (status, response) in &new_ones {
        match covering(&old_ones, status) {
            Some(known) => pair(comparison, status, (known, response)),
            None => added(comparison, status, &old_holder, response),
        }
    }
    for (status, response) in &old_ones {
        let mut known = new_ones.iter().map(|(status, _)| status);
        if !known.any(|known| known.eq_ignore_ascii_case(status)) {
            let finding = wire(
                Verdict::Compatible,
                format!("the {status} response was removed"),
                "none needed if the server no longer returns it; callers may still handle it",
            );
            comparison.report(response.here(), new_holder.absent(), finding);
        }
    }
    operation::compare_successes(
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
            "none needed; ext returns an error with its status and body, as for every status",
        ),
        Some('2') => (
            Verdict::Breaking,
            "keep the old status; clients treat an unknown status as an error",
        ),
        _ => (
            Verdict::NeedsReview,
            "check how clients handle it; they treat an unknown status as an error and do not follow redirects",
        ),
    };
    let finding = wire(verdict, format!("the {status} response was added"), advice);
    comparison.report(old_holder.absent(), response.here(), finding);
}

fn pair<'a>(comparison: &mut Comparison<'a>, status: &str, both: Both<'_, 'a>) {
    let subject = format!("the {status} response");
    annotations::compare(comparison, both, &subject);
    headers::compare(comparison, both, &subject);
    let has_body = |part: &Part<'a>| !part.members_of("content").is_empty();
    let (old, new) = both;
    match (has_body(old), has_body(new)) {
        (false, false) => {}
        (true, true) => {
            let subjects = (&*subject, &*format!("the body of {subject}"));
            media_types::compare(comparison, both, Direction::Response, subjects);
        }
        (true, false) => {
            let finding = wire(
                Verdict::Breaking,
                format!("{subject} no longer has a body"),
                "keep sending the body; clients read it",
            );
            comparison.report(old.near("content"), new.absent(), finding);
        }
        (false, true) => {
            let advice = if status.starts_with('2') {
                "offer it in ext; existing clients ignore it"
            } else {
                "none needed; ext keeps the body of every error"
            };
            let what = format!("{subject} now has a body");
            let finding = wire(Verdict::Compatible, what, advice);
            comparison.report(old.absent(), new.near("content"), finding);
        }
    }
}
