//! Members of parameters, bodies, responses, headers and schemas that do not restrict values.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, behavior, wire};
use crate::diff::direction::Direction;
use crate::diff::part::{Both, Part};
use crate::diff::shape::{equal, equal_without_annotations, is_for_people, without_annotations};

/// Compares the members of a parameter, body, response or header other than its schema.
pub(crate) fn compare<'a>(comparison: &mut Comparison<'a>, both: Both<'_, 'a>, subject: &str) {
    deprecation(comparison, both, subject);
    comparison.flag(
        both,
        "x-assumed",
        behavior(
            Verdict::NeedsReview,
            format!("{subject} is now assumed"),
            "check that the provider does not document it; its headers and body are no longer validated",
        ),
        behavior(
            Verdict::Compatible,
            format!("{subject} is no longer assumed"),
            "none needed; its headers and body are now validated",
        ),
    );
    unknown_members(comparison, both, subject, |key| {
        matches!(
            key,
            "name"
                | "in"
                | "required"
                | "schema"
                | "content"
                | "headers"
                | "style"
                | "explode"
                | "allowReserved"
                | "allowEmptyValue"
                | "deprecated"
                | "x-assumed"
                | "examples"
        )
    });
}

/// Compares the members of a schema that do not restrict its values.
pub(crate) fn compare_schema<'a>(
    comparison: &mut Comparison<'a>,
    direction: Direction,
    both: Both<'_, 'a>,
    subject: &str,
) {
    let (old, new) = both;
    deprecation(comparison, both, subject);
    default(comparison, both, subject);
    access(comparison, direction, both, subject);
    discriminator(comparison, direction, both, subject);
    let xml = |part: &Part<'a>| Some(without_annotations("xml", part.value.get("xml")?));
    if xml(old) != xml(new) {
        let finding = wire(
            Verdict::NeedsReview,
            format!("{subject}: `xml` changed"),
            "compare manually; the comparison ignores this keyword",
        );
        comparison.report(old.near("xml"), new.near("xml"), finding);
    }
    unknown_members(comparison, both, subject, |key| {
        matches!(
            key,
            "$ref"
                | "type"
                | "format"
                | "enum"
                | "pattern"
                | "minLength"
                | "maxLength"
                | "minimum"
                | "maximum"
                | "exclusiveMinimum"
                | "exclusiveMaximum"
                | "multipleOf"
                | "items"
                | "minItems"
                | "maxItems"
                | "uniqueItems"
                | "properties"
                | "required"
                | "minProperties"
                | "maxProperties"
                | "additionalProperties"
                | "nullable"
                | "allOf"
                | "anyOf"
                | "oneOf"
                | "not"
                | "default"
                | "deprecated"
                | "readOnly"
                | "writeOnly"
                | "discriminator"
                | "xml"
        )
    });
}

/// Compares in which direction a member is sent.
fn access<'a>(
    comparison: &mut Comparison<'a>,
    direction: Direction,
    both: Both<'_, 'a>,
    subject: &str,
) {
    for key in ["readOnly", "writeOnly"] {
        let excludes = key == direction.excluding_keyword();
        let (set, cleared) = match (excludes, direction) {
            (true, Direction::Request) => (
                "stop sending it; the server may ignore or reject it",
                "offer it in ext; requests may contain it now",
            ),
            (true, Direction::Response) => (
                "look for code that reads it; responses no longer contain it",
                "none needed; existing clients ignore it in responses",
            ),
            (false, Direction::Request) => (
                "none needed; requests still contain it",
                "none needed; requests contain it as before",
            ),
            (false, Direction::Response) => (
                "none needed; responses still contain it",
                "none needed; responses contain it as before",
            ),
        };
        let verdict = if excludes {
            Verdict::NeedsReview
        } else {
            Verdict::Compatible
        };
        comparison.flag(
            both,
            key,
            wire(verdict, format!("{subject}: {key} added"), set),
            wire(
                Verdict::Compatible,
                format!("{subject}: {key} removed"),
                cleared,
            ),
        );
    }
}

/// Compares which member selects the alternative of a schema.
fn discriminator<'a>(
    comparison: &mut Comparison<'a>,
    direction: Direction,
    (old, new): Both<'_, 'a>,
    subject: &str,
) {
    let key = "discriminator";
    let (was, is) = (old.value.get(key), new.value.get(key));
    let name = |value: &Value| {
        value["propertyName"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let is_request = direction == Direction::Request;
    let (what, advice) = match (was, is) {
        (was, is) if was == is => return,
        (None, Some(is)) => (
            format!("{subject}: discriminator `{}` added", name(is)),
            if is_request {
                "check that existing clients send this member; it now selects the alternative"
            } else {
                "use this member to select the alternative; check that every response has it"
            },
        ),
        (Some(was), None) => (
            format!("{subject}: discriminator `{}` removed", name(was)),
            "look for code that selects the alternative by this member",
        ),
        (Some(was), Some(is)) if name(was) != name(is) => (
            format!("{subject}: discriminator `{}` -> `{}`", name(was), name(is)),
            "look for code that selects the alternative by the old member",
        ),
        _ => (
            format!("{subject}: the mapping of the discriminator changed"),
            "compare which value selects which alternative",
        ),
    };
    let finding = wire(Verdict::NeedsReview, what, advice);
    comparison.report(old.member_place(key), new.member_place(key), finding);
}

pub(super) fn deprecation<'a>(comparison: &mut Comparison<'a>, both: Both<'_, 'a>, subject: &str) {
    comparison.flag(
        both,
        "deprecated",
        behavior(
            Verdict::NeedsReview,
            format!("{subject} is now deprecated"),
            "name the replacement in the documentation of ext",
        ),
        behavior(
            Verdict::Compatible,
            format!("{subject} is no longer deprecated"),
            "remove the deprecation from the documentation of ext",
        ),
    );
}

fn default<'a>(comparison: &mut Comparison<'a>, (old, new): Both<'_, 'a>, subject: &str) {
    let key = "default";
    let what = match (old.value.get(key), new.value.get(key)) {
        (Some(was), Some(is)) if !equal(was, is) => format!("{subject}: default {was} -> {is}"),
        (None, Some(is)) => format!("{subject}: default {is} added"),
        (Some(was), None) => format!("{subject}: default {was} removed"),
        _ => return,
    };
    let finding = behavior(
        Verdict::NeedsReview,
        what,
        "look for callers that omit the value; they now get another one",
    );
    comparison.report(old.member_place(key), new.member_place(key), finding);
}

/// Reports the default of a new parameter, which may change results for callers that omit it.
pub(crate) fn new_default<'a>(
    comparison: &mut Comparison<'a>,
    holder: &Part<'a>,
    schema: &Part<'a>,
    subject: &str,
) {
    if let Some(default) = schema.value.get("default") {
        let finding = behavior(
            Verdict::NeedsReview,
            format!("{subject} defaults to {default} for callers that omit it"),
            "make sure that existing callers get the same results",
        );
        comparison.report(holder.absent(), schema.near("default"), finding);
    }
}

/// Reports members that no rule covers, since the comparison does not know what they mean.
pub(super) fn unknown_members<'a>(
    comparison: &mut Comparison<'a>,
    (old, new): Both<'_, 'a>,
    subject: &str,
    is_known: impl Fn(&str) -> bool,
) {
    let members = [old, new]
        .into_iter()
        .filter_map(|part| part.value.as_object());
    let keys: BTreeSet<&String> = members.flat_map(serde_json::Map::keys).collect();
    for key in keys {
        if is_known(key) || is_for_people(key) {
            continue;
        }
        let is_same = match (old.value.get(key), new.value.get(key)) {
            (Some(old), Some(new)) if key.starts_with("x-") => equal(old, new),
            (Some(old), Some(new)) => equal_without_annotations(key, old, new),
            _ => false,
        };
        if is_same {
            continue;
        }
        if key.starts_with("x-") {
            comparison.extension((old, new), key);
        } else {
            let finding = behavior(
                Verdict::NeedsReview,
                format!("{subject}: `{key}` changed"),
                "check who uses this member; diff does not interpret it",
            );
            comparison.report(old.near(key), new.near(key), finding);
        }
    }
}
