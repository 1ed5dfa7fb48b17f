//! What a server says in headers.

use super::schemas::{Pair, Wire};
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;

/// Compares the headers of an answer; their names have no case.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    subject: &str,
) {
    let mut new_ones = new.members_of("headers");
    for (name, header) in old.members_of("headers") {
        let named = format!("the header `{name}` of {subject}");
        let found = new_ones
            .iter()
            .position(|(other, _)| other.eq_ignore_ascii_case(name));
        let is_required = header.flag("required");
        let Some((_, other)) = found.map(|index| new_ones.remove(index)) else {
            let (verdict, advice) = if is_required {
                (Verdict::Breaking, "go on to send it; clients rely on it")
            } else {
                (
                    Verdict::NeedsReview,
                    "see who reads it: it was optional, and now never comes",
                )
            };
            comparison.tell(
                Side::There(&header),
                Side::NotIn(new),
                Meaning::wire(verdict, format!("{named} is gone"), advice),
            );
            continue;
        };
        let meaning = match (is_required, other.flag("required")) {
            (true, false) => Some(Meaning::wire(
                Verdict::Breaking,
                format!("{named} was required and is optional"),
                "go on to send it always; clients rely on it",
            )),
            (false, true) => Some(Meaning::wire(
                Verdict::Compatible,
                format!("{named} was optional and is required"),
                "nothing",
            )),
            _ => None,
        };
        if let Some(meaning) = meaning {
            comparison.tell(
                Side::There(&header.nearest("required")),
                Side::There(&other.nearest("required")),
                meaning,
            );
        }
        behavior::annotations(comparison, &header, &other, &named);
        if let (Some(old), Some(new)) = (header.member("schema"), other.member("schema")) {
            comparison.schemas(Pair {
                old,
                new,
                direction: Direction::Response,
                wire: Wire::Text,
                subject: named,
            });
        }
    }
    for (name, header) in new_ones {
        comparison.tell(
            Side::NotIn(old),
            Side::There(&header),
            Meaning::wire(
                Verdict::Compatible,
                format!("the header `{name}` of {subject} is new"),
                "nothing: clients made before it ignore it",
            ),
        );
    }
}
