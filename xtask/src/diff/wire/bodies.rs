//! What a client sends as a body.

use super::media_types;
use super::operations::Operation;
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;

/// Compares the request bodies of an operation.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let bodies = (
        old.part.member("requestBody"),
        new.part.member("requestBody"),
    );
    match bodies {
        (None, None) => {}
        (Some(body), None) => comparison.tell(
            Side::There(&body),
            Side::NotIn(&new.part),
            Meaning::wire(
                Verdict::Breaking,
                "the request body is gone",
                "go on to read it; clients go on to send it",
            ),
        ),
        (None, Some(body)) => {
            let meaning = if body.flag("required") {
                Meaning::wire(
                    Verdict::Breaking,
                    "a request body is new and required",
                    "make it optional; clients made before it don't send one",
                )
            } else {
                Meaning::wire(
                    Verdict::Compatible,
                    "a request body is new",
                    "offer it in the face",
                )
            };
            comparison.tell(Side::NotIn(&old.part), Side::There(&body), meaning);
        }
        (Some(old), Some(new)) => {
            let sides = (old.nearest("required"), new.nearest("required"));
            let meaning = match (old.flag("required"), new.flag("required")) {
                (false, true) => Some(Meaning::wire(
                    Verdict::Breaking,
                    "the request body was optional and is required",
                    "leave it optional; clients that don't send it are refused",
                )),
                (true, false) => Some(Meaning::wire(
                    Verdict::Compatible,
                    "the request body was required and is optional",
                    "let the face leave it out",
                )),
                _ => None,
            };
            if let Some(meaning) = meaning {
                comparison.tell(Side::There(&sides.0), Side::There(&sides.1), meaning);
            }
            behavior::annotations(comparison, &old, &new, "the request body");
            media_types::compare(
                comparison,
                &old,
                &new,
                Direction::Request,
                "the request body",
            );
        }
    }
}
