//! Which operations of the two specs correspond.

use super::{bodies, parameters, responses, security};
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::operation::{Operation, operations};
use crate::diff::part::Part;
use crate::diff::shape::equal_without_annotations;
use authress_users_openapi::Document;

/// Compares every operation with the one that receives the same requests, or has the same id.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let (old_paths, new_paths) = (paths(comparison.old), paths(comparison.new));
    let mut added = operations(comparison.new);
    let mut removed = Vec::new();
    for old in operations(comparison.old) {
        let found = added.iter().position(|new| new.route() == old.route());
        match found.map(|index| added.remove(index)) {
            Some(new) => pair(comparison, &old, &new),
            None => removed.push(old),
        }
    }
    for old in removed {
        comparison.enter(Some(old.entry.name()));
        let found = added.iter().position(|new| {
            old.part.text("operationId").is_some() && old.entry.name() == new.entry.name()
        });
        let Some(new) = found.map(|index| added.remove(index)) else {
            let finding = wire(
                Verdict::Breaking,
                format!("{} was removed", old.entry.address()),
                "keep the operation as deprecated until no client calls it",
            );
            comparison.report(old.part.here(), new_paths.absent(), finding);
            continue;
        };
        let finding = wire(
            Verdict::Breaking,
            format!("{} moved to {}", old.entry.address(), new.entry.address()),
            "keep the old address as well until no client calls it",
        );
        comparison.report(old.part.here(), new.part.here(), finding);
        pair(comparison, &old, &new);
    }
    for new in added {
        comparison.enter(Some(new.entry.name()));
        let what = format!("{} was added", new.entry.address());
        let finding = wire(Verdict::Compatible, what, "offer it in ext");
        comparison.report(old_paths.absent(), new.part.here(), finding);
    }
    comparison.enter(None);
}

fn paths(document: &Document) -> Part<'_> {
    Part::root(document).nearest("paths")
}

fn pair<'a>(comparison: &mut Comparison<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    comparison.enter(Some(old.entry.name()));
    parameters::compare(comparison, old, new);
    bodies::compare(comparison, old, new);
    responses::compare(comparison, old, new);
    security::compare(comparison, old, new);
    behavior::operation::compare(comparison, old, new);
    let key = "callbacks";
    let is_same = match (old.part.member(key), new.part.member(key)) {
        (Some(old), Some(new)) => equal_without_annotations(key, old.value, new.value),
        (old, new) => old.is_none() && new.is_none(),
    };
    if !is_same {
        let finding = wire(
            Verdict::NeedsReview,
            "the callbacks changed",
            "compare the callbacks manually; the comparison does not cover them",
        );
        comparison.report(old.part.near(key), new.part.near(key), finding);
    }
}
