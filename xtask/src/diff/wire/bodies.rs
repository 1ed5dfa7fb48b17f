//! Request bodies.

use super::media_types;
use crate::diff::behavior::annotations;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::Direction;
use crate::diff::operation::Operation;

const SUBJECT: &str = "the request body";

/// Compares the request bodies of an operation.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let key = "requestBody";
    match (old.part.member(key), new.part.member(key)) {
        (None, None) => {}
        (Some(body), None) => {
            let finding = wire(
                Verdict::Breaking,
                format!("{SUBJECT} was removed"),
                "keep reading it; existing clients still send it",
            );
            comparison.report(body.here(), new.part.absent(), finding);
        }
        (None, Some(body)) => {
            let finding = if body.flag("required") {
                wire(
                    Verdict::Breaking,
                    "a required request body was added",
                    "make it optional; existing clients do not send one",
                )
            } else {
                let what = "an optional request body was added";
                wire(Verdict::Compatible, what, "offer it in ext")
            };
            comparison.report(old.part.absent(), body.here(), finding);
        }
        (Some(old), Some(new)) => {
            let both = (&old, &new);
            comparison.required(both, SUBJECT);
            annotations::compare(comparison, both, SUBJECT);
            media_types::compare(comparison, both, Direction::Request, (SUBJECT, SUBJECT));
        }
    }
}
