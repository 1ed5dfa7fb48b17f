//! Which operations belong together, and which have none to belong to.

use super::{bodies, parameters, responses, security};
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::part::Part;
use crate::diff::shape::equal;
use authress_users_openapi::{Document, METHODS};

/// An operation with what it takes from its path.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) path_item: Part<'a>,
    pub(crate) part: Part<'a>,
}

impl Operation<'_> {
    /// The operationId, or the method and path where there is none.
    pub(crate) fn name(&self) -> String {
        match self.part.text("operationId") {
            Some(id) if !id.trim().is_empty() => id.to_owned(),
            _ => self.address(),
        }
    }

    fn address(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Method and path as a server tells requests apart: by whatever name a parameter goes.
    fn route(&self) -> String {
        let mut route = format!("{} ", self.method);
        let mut rest = self.path;
        while let Some((before, behind)) = rest.split_once('{') {
            route.push_str(before);
            route.push_str("{}");
            rest = behind.split_once('}').map_or("", |(_, rest)| rest);
        }
        route.push_str(rest);
        route
    }
}

/// Every operation of a document, in its order.
pub(crate) fn operations(document: &Document) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, path_item) in Part::root(document).members_of("paths") {
        for (method, part) in path_item.members() {
            if METHODS.contains(&method) {
                operations.push(Operation {
                    method,
                    path,
                    path_item: path_item.clone(),
                    part,
                });
            }
        }
    }
    operations
}

/// Compares every operation with the one that a server takes the same request for.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let (old_document, new_document) = (comparison.old, comparison.new);
    let mut new_ones = operations(new_document);
    let mut removed = Vec::new();
    for old in operations(old_document) {
        let found = new_ones.iter().position(|new| new.route() == old.route());
        match found.map(|index| new_ones.remove(index)) {
            Some(new) => pair(comparison, &old, &new),
            None => removed.push(old),
        }
    }
    for old in removed {
        comparison.enter(Some(old.name()));
        let found = new_ones
            .iter()
            .position(|new| old.part.text("operationId").is_some() && old.name() == new.name());
        let Some(new) = found.map(|index| new_ones.remove(index)) else {
            comparison.tell(
                Side::There(&old.part),
                Side::NotIn(&paths(new_document)),
                Meaning::wire(
                    Verdict::Breaking,
                    format!("{} is gone", old.address()),
                    "keep it, deprecated, until no client calls it",
                ),
            );
            continue;
        };
        comparison.tell(
            Side::There(&old.part),
            Side::There(&new.part),
            Meaning::wire(
                Verdict::Breaking,
                format!("it was {} and is {}", old.address(), new.address()),
                "keep the old address beside the new one until no client calls it",
            ),
        );
        pair(comparison, &old, &new);
    }
    for new in new_ones {
        comparison.enter(Some(new.name()));
        comparison.tell(
            Side::NotIn(&paths(old_document)),
            Side::There(&new.part),
            Meaning::wire(
                Verdict::Compatible,
                format!("{} is new", new.address()),
                "offer it in the face",
            ),
        );
    }
    comparison.enter(None);
}

fn paths(document: &Document) -> Part<'_> {
    Part::root(document).nearest("paths")
}

fn pair<'a>(comparison: &mut Comparison<'a>, old: &Operation<'a>, new: &Operation<'a>) {
    comparison.enter(Some(old.name()));
    parameters::compare(comparison, old, new);
    bodies::compare(comparison, old, new);
    responses::compare(comparison, old, new);
    security::compare(comparison, old, new);
    behavior::operation(comparison, old, new);
    let (old_calls, new_calls) = (old.part.nearest("callbacks"), new.part.nearest("callbacks"));
    let is_same = match (old.part.member("callbacks"), new.part.member("callbacks")) {
        (Some(old), Some(new)) => equal(old.value, new.value),
        (old, new) => old.is_none() && new.is_none(),
    };
    if !is_same {
        comparison.tell(
            Side::There(&old_calls),
            Side::There(&new_calls),
            Meaning::wire(
                Verdict::NeedsReview,
                "what the server calls back changed",
                "compare the callbacks by hand; nothing here follows them",
            ),
        );
    }
}
