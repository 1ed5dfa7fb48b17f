//! Response headers.

use super::pair::Pair;
use super::schemas;
use crate::diff::behavior::annotations;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::{Direction, Encoding};
use crate::diff::part::Both;

/// Compares the headers of a response; their names are case-insensitive.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    (old, new): Both<'_, 'a>,
    response: &str,
) {
    let mut added = new.members_of("headers");
    for (name, header) in old.members_of("headers") {
        let subject = format!("the header `{name}` of {response}");
        let found = added
            .iter()
            .position(|(other, _)| other.eq_ignore_ascii_case(name));
        let Some((_, other)) = found.map(|index| added.remove(index)) else {
            let (verdict, advice) = if header.flag("required") {
                (Verdict::Breaking, "keep sending it; clients rely on it")
            } else {
                let advice = "check who reads it; it was optional and is never sent now";
                (Verdict::NeedsReview, advice)
            };
            let finding = wire(verdict, format!("{subject} was removed"), advice);
            comparison.report(header.here(), new.absent(), finding);
            continue;
        };
        let both = (&header, &other);
        comparison.flag(
            both,
            "required",
            wire(
                Verdict::Compatible,
                format!("{subject} was optional and is now required"),
                "none needed",
            ),
            wire(
                Verdict::Breaking,
                format!("{subject} was required and is now optional"),
                "keep sending it in every response; clients rely on it",
            ),
        );
        annotations::compare(comparison, both, &subject);
        if let (Some(old), Some(new)) = (header.member("schema"), other.member("schema")) {
            let direction = Direction::Response;
            schemas::compare(
                comparison,
                Pair::new(old, new, direction, Encoding::Text, &subject),
            );
        }
    }
    for (name, header) in added {
        let finding = wire(
            Verdict::Compatible,
            format!("the header `{name}` of {response} was added"),
            "none needed; existing clients ignore it",
        );
        comparison.report(old.absent(), header.here(), finding);
    }
}
