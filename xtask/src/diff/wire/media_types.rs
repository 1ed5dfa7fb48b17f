//! The media types of a body.

use authress_users_openapi::{covers, essence};

use super::pair::Pair;
use super::schemas;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::{Direction, Encoding};
use crate::diff::part::{Both, Part};
use crate::diff::shape::equal_without_annotations;

/// Removes what is not significant in a media type: case and spaces.
fn normal(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns the part for a media type: the same media type if listed, the same without parameters, or
/// the first range over it.
fn covering<'p, 'a>(all: &'p [(String, Part<'a>)], name: &str) -> Option<&'p Part<'a>> {
    let exact = all.iter().find(|(known, _)| known == name);
    let same = || {
        all.iter()
            .find(|(known, _)| essence(known) == essence(name))
    };
    let range = || all.iter().find(|(known, _)| covers(known, name));
    exact.or_else(same).or_else(range).map(|(_, part)| part)
}

/// Compares the media types under `content`. The subjects name the whole and its body.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    (old, new): Both<'_, 'a>,
    direction: Direction,
    (subject, body_subject): (&str, &str),
) {
    let media_types = |part: &Part<'a>| -> Vec<(String, Part<'a>)> {
        let content = part.members_of("content").into_iter();
        content.map(|(name, part)| (normal(name), part)).collect()
    };
    let (old_ones, new_ones) = (media_types(old), media_types(new));
    let is_kept = |name: &str| covering(&new_ones, name).is_some();
    let is_one_kept = old_ones.iter().any(|(name, _)| is_kept(name));
    for (name, old) in &old_ones {
        if let Some(new) = covering(&new_ones, name) {
            body(comparison, (old, new), direction, body_subject);
            continue;
        }
        let (verdict, advice) = match direction {
            Direction::Request => (
                Verdict::Breaking,
                "keep accepting it; existing clients still send it",
            ),
            Direction::Response if is_one_kept => (
                Verdict::Compatible,
                "none needed; clients also accept the others",
            ),
            Direction::Response => (
                Verdict::Breaking,
                "keep offering it; existing clients accept no other",
            ),
        };
        let finding = wire(verdict, format!("{subject} is no longer {name}"), advice);
        comparison.report(old.here(), new.nearest("content").absent(), finding);
    }
    for (name, part) in &new_ones {
        if covering(&old_ones, name).is_none() {
            let finding = wire(
                Verdict::Compatible,
                format!("{subject} can also be {name}"),
                "none needed; existing clients neither send nor accept it",
            );
            comparison.report(old.nearest("content").absent(), part.here(), finding);
        }
    }
}

fn body<'a>(
    comparison: &mut Comparison<'a>,
    (old, new): Both<'_, 'a>,
    direction: Direction,
    subject: &str,
) {
    let key = "encoding";
    let is_same = match (old.value.get(key), new.value.get(key)) {
        (Some(old), Some(new)) => equal_without_annotations(key, old, new),
        (old, new) => old == new,
    };
    if !is_same {
        let finding = wire(
            Verdict::NeedsReview,
            format!("the encoding of the parts of {subject} changed"),
            "compare the encodings manually",
        );
        comparison.report(old.near("encoding"), new.near("encoding"), finding);
    }
    let is_narrower = match (old.member("schema"), new.member("schema")) {
        (Some(old), Some(new)) => {
            let pair = Pair::new(old, new, direction, Encoding::Json, subject);
            return schemas::compare(comparison, pair);
        }
        (None, None) => return,
        (old, _) => old.is_none(),
    };
    let what = format!(
        "{subject} {} a schema",
        if is_narrower {
            "now has"
        } else {
            "no longer has"
        }
    );
    let finding = if is_narrower == (direction == Direction::Response) {
        wire(Verdict::Compatible, what, "none needed")
    } else {
        let advice = "check what is sent today; the spec does not define it";
        wire(Verdict::NeedsReview, what, advice)
    };
    comparison.report(
        old.member_place("schema"),
        new.member_place("schema"),
        finding,
    );
}
