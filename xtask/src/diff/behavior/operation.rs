//! What an operation does, apart from its requests and responses.

use std::collections::BTreeSet;

use super::{annotations, servers};
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, behavior};
use crate::diff::operation::Operation;
use crate::diff::part::Part;

/// Compares an operation.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let both = (&old.part, &new.part);
    comparison.flag(
        both,
        "x-idempotent",
        behavior(
            Verdict::NeedsReview,
            "the operation is now idempotent",
            "make sure that it is: ext now retries it after a failure",
        ),
        behavior(
            Verdict::Breaking,
            "the operation is no longer idempotent",
            "release ext before the server changes; existing clients retry it after a failure",
        ),
    );
    annotations::deprecation(comparison, both, "the operation");
    let mut renamed = |key, finding| {
        comparison.report(old.part.near(key), new.part.near(key), finding);
    };
    if old.part.text("operationId") != new.part.text("operationId") {
        let finding = behavior(
            Verdict::NeedsReview,
            format!(
                "the operation is renamed from {} to {}",
                old.entry.name(),
                new.entry.name()
            ),
            "update dashboards and log queries; spans and errors carry the new name",
        );
        renamed("operationId", finding);
    }
    let tags = |part: &Part<'a>| part.texts("tags").collect::<BTreeSet<_>>();
    let (old_tags, new_tags) = (tags(&old.part), tags(&new.part));
    if old_tags != new_tags {
        let list = |tags: BTreeSet<&str>| match Vec::from_iter(tags).join(", ") {
            none if none.is_empty() => "none".to_owned(),
            tags => tags,
        };
        let finding = behavior(
            Verdict::Compatible,
            format!(
                "the tags changed from {} to {}",
                list(old_tags),
                list(new_tags)
            ),
            "none needed; tags only group the documentation",
        );
        renamed("tags", finding);
    }
    servers::compare(comparison, old, new);
    annotations::unknown_members(comparison, both, "the operation", |key| {
        matches!(
            key,
            "operationId"
                | "parameters"
                | "requestBody"
                | "responses"
                | "security"
                | "servers"
                | "callbacks"
                | "deprecated"
                | "tags"
                | "summary"
                | "x-idempotent"
                | "examples"
        )
    });
}

/// Compares the success statuses, which tell callers whether the work is complete.
pub(crate) fn compare_successes<'a>(
    comparison: &mut Comparison<'a>,
    (old_holder, old): (&Part<'a>, &[(&'a str, Part<'a>)]),
    (new_holder, new): (&Part<'a>, &[(&'a str, Part<'a>)]),
) {
    let successes = |responses: &[(&'a str, Part<'a>)]| -> Vec<&'a str> {
        let statuses = responses.iter().map(|(status, _)| *status);
        statuses.filter(|status| status.starts_with('2')).collect()
    };
    let (old, new) = (successes(old), successes(new));
    let is_accepted = new.contains(&"202");
    if old.contains(&"202") == is_accepted || old.is_empty() || new.is_empty() {
        return;
    }
    let finding = behavior(
        Verdict::NeedsReview,
        if is_accepted {
            "the response now comes before the work is complete"
        } else {
            "the response now comes after the work is complete"
        },
        "look for callers that wait for the effect or rely on it",
    );
    comparison.report(old_holder.here(), new_holder.here(), finding);
}
