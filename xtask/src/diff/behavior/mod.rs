//! What compiles and passes, and still surprises.

mod servers;

use std::collections::BTreeSet;

use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;
use crate::diff::shape::{FOR_PEOPLE, equal};
use crate::diff::wire::operations::Operation;
use crate::diff::wire::security::details;

/// Keywords of a schema that say nothing about which values fit.
pub(crate) const ANNOTATIONS: [&str; 6] = [
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "xml",
];

/// Everything else that a schema can say.
const KEYWORDS: [&str; 36] = [
    "$ref",
    "type",
    "format",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "additionalProperties",
    "nullable",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "xml",
    "title",
    "description",
    "example",
    "externalDocs",
];
/// What is told of a parameter, body, answer or header apart from its schema.
const TOLD: [&str; 13] = [
    "name",
    "in",
    "required",
    "schema",
    "content",
    "headers",
    "links",
    "style",
    "explode",
    "allowReserved",
    "allowEmptyValue",
    "deprecated",
    "examples",
];
/// The same of an operation.
const TOLD_OF_OPERATIONS: [&str; 12] = [
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "security",
    "servers",
    "callbacks",
    "deprecated",
    "tags",
    "summary",
    "x-idempotent",
    "examples",
];

/// Compares what an operation does, beside what goes over the wire.
pub(crate) fn operation<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let (old_part, new_part) = (&old.part, &new.part);
    idempotency(comparison, old_part, new_part);
    deprecation(comparison, old_part, new_part, "the operation");
    if old_part.text("operationId") != new_part.text("operationId") {
        comparison.tell(
            Side::There(&old_part.nearest("operationId")),
            Side::There(&new_part.nearest("operationId")),
            Meaning::behavior(
                Verdict::NeedsReview,
                format!("it is called {} and was {}", new.name(), old.name()),
                "look for dashboards and logs: spans and errors carry the new name",
            ),
        );
    }
    let tags = |part: &Part<'a>| -> BTreeSet<String> {
        let tags = part.value["tags"].as_array().into_iter().flatten();
        tags.filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect()
    };
    let (old_tags, new_tags) = (tags(old_part), tags(new_part));
    if old_tags != new_tags {
        let list = |tags: BTreeSet<String>| Vec::from_iter(tags).join(", ");
        comparison.tell(
            Side::There(&old_part.nearest("tags")),
            Side::There(&new_part.nearest("tags")),
            Meaning::behavior(
                Verdict::Compatible,
                format!(
                    "its tags are {} and were {}",
                    list(new_tags),
                    list(old_tags)
                ),
                "nothing: tags order what people read",
            ),
        );
    }
    servers::compare(comparison, old, new);
    let told = |key: &str| TOLD_OF_OPERATIONS.contains(&key);
    untold(comparison, old_part, new_part, "the operation", told);
}

fn idempotency<'a>(comparison: &mut Comparison<'a>, old: &Part<'a>, new: &Part<'a>) {
    let key = "x-idempotent";
    let meaning = match (old.flag(key), new.flag(key)) {
        (true, false) => Meaning::behavior(
            Verdict::Breaking,
            "it is no longer idempotent",
            "release the face before the server changes: clients made before it send it again after a failure",
        ),
        (false, true) => Meaning::behavior(
            Verdict::NeedsReview,
            "it is idempotent now",
            "make sure that it is: from now on the face sends it again after a failure",
        ),
        _ => return,
    };
    comparison.tell(
        Side::There(&old.nearest(key)),
        Side::There(&new.nearest(key)),
        meaning,
    );
}

fn deprecation<'a>(comparison: &mut Comparison<'a>, old: &Part<'a>, new: &Part<'a>, subject: &str) {
    let meaning = match (old.flag("deprecated"), new.flag("deprecated")) {
        (false, true) => Meaning::behavior(
            Verdict::NeedsReview,
            format!("{subject} is deprecated"),
            "say in the docs of the face what to use in its place",
        ),
        (true, false) => Meaning::behavior(
            Verdict::Compatible,
            format!("{subject} is no longer deprecated"),
            "take the note out of the docs of the face",
        ),
        _ => return,
    };
    comparison.tell(
        Side::There(&old.nearest("deprecated")),
        Side::There(&new.nearest("deprecated")),
        meaning,
    );
}

/// The statuses of success, which tell when the work is done.
pub(crate) fn successes<'a>(
    comparison: &mut Comparison<'a>,
    (old_holder, old): (&Part<'a>, &[(&'a str, Part<'a>)]),
    (new_holder, new): (&Part<'a>, &[(&'a str, Part<'a>)]),
) {
    let of = |responses: &[(&'a str, Part<'a>)]| -> BTreeSet<&'a str> {
        let statuses = responses.iter().map(|(status, _)| *status);
        statuses.filter(|status| status.starts_with('2')).collect()
    };
    let (old, new) = (of(old), of(new));
    if old.contains("202") != new.contains("202") && !old.is_empty() && !new.is_empty() {
        let what = if new.contains("202") {
            "the work is done after the answer from now on"
        } else {
            "the work is done before the answer from now on"
        };
        comparison.tell(
            Side::There(old_holder),
            Side::There(new_holder),
            Meaning::behavior(
                Verdict::NeedsReview,
                what,
                "look for callers that wait for the effect, or that rely on it",
            ),
        );
    }
}

/// Compares what a parameter, body, answer or header says apart from its schema.
pub(crate) fn annotations<'a>(
    comparison: &mut Comparison<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    subject: &str,
) {
    deprecation(comparison, old, new, subject);
    untold(comparison, old, new, subject, |key| TOLD.contains(&key));
}

/// Members that no rule knows. They mean something to somebody, and never nothing.
fn untold<'a>(
    comparison: &mut Comparison<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    subject: &str,
    is_told: impl Fn(&str) -> bool,
) {
    let keys = |part: &Part<'a>| -> BTreeSet<&'a str> {
        let members = part.value.as_object().into_iter().flatten();
        members.map(|(key, _)| key.as_str()).collect()
    };
    for key in keys(old).union(&keys(new)) {
        let is_same = match (old.value.get(*key), new.value.get(*key)) {
            (Some(old), Some(new)) => equal(old, new),
            _ => false,
        };
        if is_same || is_told(key) || FOR_PEOPLE.contains(key) {
            continue;
        }
        comparison.tell(
            Side::There(&old.nearest(key)),
            Side::There(&new.nearest(key)),
            Meaning::behavior(
                Verdict::NeedsReview,
                format!("{subject}: `{key}` changed"),
                "ask who reads it; nothing here knows what it means",
            ),
        );
    }
}

/// Compares what a schema says about values that fit either way.
pub(crate) fn schema_annotations<'a>(
    comparison: &mut Comparison<'a>,
    direction: Direction,
    old: &Part<'a>,
    new: &Part<'a>,
    subject: &str,
) {
    deprecation(comparison, old, new, subject);
    let values = (old.value.get("default"), new.value.get("default"));
    if values.0.is_some() || values.1.is_some() {
        let is_same = matches!(values, (Some(old), Some(new)) if equal(old, new));
        if !is_same {
            let what = match values {
                (Some(was), Some(is)) => format!("{subject}: the default {was} -> {is}"),
                (None, Some(is)) => format!("{subject}: the default {is} is new"),
                (Some(was), None) => format!("{subject}: the default {was} is gone"),
                (None, None) => return,
            };
            let key = "default";
            let sides = (old.nearest(key), new.nearest(key));
            comparison.tell(
                if values.0.is_some() {
                    Side::There(&sides.0)
                } else {
                    Side::NotIn(&sides.0)
                },
                if values.1.is_some() {
                    Side::There(&sides.1)
                } else {
                    Side::NotIn(&sides.1)
                },
                Meaning::behavior(
                    Verdict::NeedsReview,
                    what,
                    "look for callers that leave it out: they get something else",
                ),
            );
        }
    }
    for key in ["readOnly", "writeOnly"] {
        if old.flag(key) != new.flag(key) {
            let is_harmful = new.flag(key) && key == direction.excluded();
            let verdict = if is_harmful {
                Verdict::NeedsReview
            } else {
                Verdict::Compatible
            };
            comparison.tell(
                Side::There(&old.nearest(key)),
                Side::There(&new.nearest(key)),
                Meaning::wire(
                    verdict,
                    format!("{subject}: {key} {} -> {}", old.flag(key), new.flag(key)),
                    "see who still sends it where it no longer goes",
                ),
            );
        }
    }
    for key in ["discriminator", "xml"] {
        if old.value.get(key) != new.value.get(key) {
            comparison.tell(
                Side::There(&old.nearest(key)),
                Side::There(&new.nearest(key)),
                Meaning::wire(
                    Verdict::NeedsReview,
                    format!("{subject}: `{key}` changed"),
                    "compare by hand; nothing here follows it",
                ),
            );
        }
    }
    untold(comparison, old, new, subject, |key| KEYWORDS.contains(&key));
}

/// A parameter that is new may change what those get who don't know it.
pub(crate) fn new_default<'a>(
    comparison: &mut Comparison<'a>,
    holder: &Part<'a>,
    schema: &Part<'a>,
    subject: &str,
) {
    let Some(default) = schema.value.get("default") else {
        return;
    };
    comparison.tell(
        Side::NotIn(holder),
        Side::There(&schema.nearest("default")),
        Meaning::behavior(
            Verdict::NeedsReview,
            format!("{subject} is {default} for those who leave it out"),
            "make sure that this is what they got before",
        ),
    );
}

/// Compares what belongs to no operation.
pub(crate) fn document(comparison: &mut Comparison<'_>) {
    let schemes = |document| {
        let components = Part::root(document).member("components");
        components.map_or_else(Vec::new, |part| part.members_of("securitySchemes"))
    };
    let new_ones = schemes(comparison.new);
    for (name, old) in schemes(comparison.old) {
        let Some((_, new)) = new_ones.iter().find(|(other, _)| *other == name) else {
            continue;
        };
        if details(&old) != details(new) {
            comparison.tell(
                Side::There(&old),
                Side::There(new),
                Meaning::behavior(
                    Verdict::NeedsReview,
                    format!("the security scheme {name} is described otherwise"),
                    "see whether tokens are still made and sent as it says",
                ),
            );
        }
    }
    let (old, new) = (Part::root(comparison.old), Part::root(comparison.new));
    untold(comparison, &old, &new, "the document", |key| {
        !key.starts_with("x-")
    });
}
