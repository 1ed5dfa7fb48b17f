//! The forms that a body can have.

use super::schemas::{Pair, Wire};
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;
use crate::diff::shape::equal;

/// A media type as it is compared: case and spaces mean nothing.
fn normal(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether one media type, or range of them, holds another.
fn holds(range: &str, name: &str) -> bool {
    if range == name || range == "*/*" {
        return true;
    }
    let essence = |name: &str| name.split(';').next().unwrap_or_default().to_owned();
    if essence(name) == range {
        return true;
    }
    range
        .strip_suffix("/*")
        .is_some_and(|kind| name.split('/').next() == Some(kind))
}

/// The first media type that holds another; one that is equal before a range.
fn holding<'p, 'a>(all: &'p [(String, Part<'a>)], name: &str) -> Option<&'p Part<'a>> {
    let equal = all.iter().find(|(known, _)| known == name);
    let held = || all.iter().find(|(known, _)| holds(known, name));
    equal.or_else(held).map(|(_, part)| part)
}

/// Compares what bodies can be, under `content` of both.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    direction: Direction,
    subject: &str,
) {
    let of = |part: &Part<'a>| -> Vec<(String, Part<'a>)> {
        let content = part.members_of("content");
        let content = content.into_iter();
        content.map(|(name, part)| (normal(name), part)).collect()
    };
    let (old_ones, new_ones) = (of(old), of(new));
    let (old_holder, new_holder) = (old.nearest("content"), new.nearest("content"));
    for (name, old) in &old_ones {
        if let Some(new) = holding(&new_ones, name) {
            body(comparison, old, new, direction, subject);
            continue;
        }
        // Whoever asked for several goes on with those that are left.
        let is_one_left = old_ones
            .iter()
            .any(|(other, _)| holding(&new_ones, other).is_some());
        let (verdict, advice) = match direction {
            Direction::Request => (
                Verdict::Breaking,
                "go on to take it; clients go on to send it",
            ),
            Direction::Response if is_one_left => (
                Verdict::Compatible,
                "nothing: clients ask for the others as well",
            ),
            Direction::Response => (
                Verdict::Breaking,
                "go on to offer it; clients ask for it and understand no other",
            ),
        };
        comparison.tell(
            Side::There(old),
            Side::NotIn(&new_holder),
            Meaning::wire(verdict, format!("{subject} is no longer {name}"), advice),
        );
    }
    for (name, new) in &new_ones {
        if holding(&old_ones, name).is_some() {
            continue;
        }
        comparison.tell(
            Side::NotIn(&old_holder),
            Side::There(new),
            Meaning::wire(
                Verdict::Compatible,
                format!("{subject} can be {name} as well"),
                "nothing: clients made before it neither send it nor ask for it",
            ),
        );
    }
}

fn body<'a>(
    comparison: &mut Comparison<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    direction: Direction,
    subject: &str,
) {
    let encoding = |part: &Part<'a>| part.value.get("encoding").cloned().unwrap_or_default();
    if !equal(&encoding(old), &encoding(new)) {
        comparison.tell(
            Side::There(&old.nearest("encoding")),
            Side::There(&new.nearest("encoding")),
            Meaning::wire(
                Verdict::NeedsReview,
                format!("the parts of {subject} are encoded otherwise"),
                "compare the encodings by hand",
            ),
        );
    }
    let subject = format!("the body of {subject}")
        .replace("the body of the request body", "the request body");
    match (old.member("schema"), new.member("schema")) {
        (Some(old), Some(new)) => comparison.schemas(Pair {
            old,
            new,
            direction,
            wire: Wire::Json,
            subject,
        }),
        (None, None) => {}
        (old_schema, new_schema) => {
            let is_narrower = old_schema.is_none();
            let is_harmless = is_narrower == (direction == Direction::Response);
            let what = if is_narrower {
                "now has a schema"
            } else {
                "no longer has a schema"
            };
            let (verdict, advice) = if is_harmless {
                (Verdict::Compatible, "nothing")
            } else {
                (
                    Verdict::NeedsReview,
                    "see what is sent today: nothing here knows it",
                )
            };
            comparison.tell(
                old_schema.as_ref().map_or(Side::NotIn(old), Side::There),
                new_schema.as_ref().map_or(Side::NotIn(new), Side::There),
                Meaning::wire(verdict, format!("{subject} {what}"), advice),
            );
        }
    }
}
