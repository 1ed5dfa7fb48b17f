//! What a client sends beside the body: path, query, headers and cookies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::media_types;
use super::operations::Operation;
use super::schemas::{Pair, Wire};
use crate::diff::behavior;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;
use crate::diff::shape::Shape;

/// Headers that OpenAPI describes elsewhere; what it says of them as parameters is ignored.
const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// How a server tells parameters apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    location: String,
    name: String,
}

type Parameters<'a> = BTreeMap<Key, Part<'a>>;

/// The parameters of an operation, those of its path included.
fn parameters<'a>(operation: &Operation<'a>) -> Parameters<'a> {
    let mut parameters = Parameters::new();
    // What the operation says counts before what its path says.
    for holder in [&operation.path_item, &operation.part] {
        for parameter in holder.items_of("parameters") {
            let location = parameter.text("in").unwrap_or_default().to_owned();
            let name = parameter.text("name").unwrap_or_default();
            let name = match &*location {
                // A path is read by position, and its names are for people.
                "path" => match operation.path.find(&format!("{{{name}}}")) {
                    Some(place) => operation.path[..place].matches('{').count().to_string(),
                    None => name.to_owned(),
                },
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            if location != "header" || !ELSEWHERE.contains(&&*name) {
                parameters.insert(Key { location, name }, parameter);
            }
        }
    }
    parameters
}

/// What messages call a parameter.
fn named(parameter: &Part<'_>) -> String {
    let text = |key| parameter.text(key).unwrap_or_default();
    format!("the {} parameter `{}`", text("in"), text("name"))
}

/// Compares what clients send with what servers expect of them.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let (old_ones, mut new_ones) = (parameters(old), parameters(new));
    let mut removed = Vec::new();
    for (key, old) in old_ones {
        match new_ones.remove(&key) {
            Some(new) => pair(comparison, &old, &new),
            None => removed.push(old),
        }
    }
    for gone in removed {
        let moved = new_ones
            .iter()
            .find(|(_, new)| new.text("name") == gone.text("name"))
            .map(|(key, _)| key.clone());
        if let Some(found) = moved.and_then(|key| new_ones.remove(&key)) {
            let what = format!("{} is now {}", named(&gone), named(&found));
            let advice = "let the server read it from both places until no client sends the old";
            comparison.tell(
                Side::There(&gone),
                Side::There(&found),
                Meaning::wire(Verdict::Breaking, what, advice),
            );
            pair(comparison, &gone, &found);
            continue;
        }
        comparison.tell(
            Side::There(&gone),
            Side::NotIn(&new.part),
            Meaning::wire(
                Verdict::Breaking,
                format!("{} is gone", named(&gone)),
                "keep it, deprecated: clients that send it are refused, or answered as if they did not",
            ),
        );
    }
    for added in new_ones.into_values() {
        let meaning = if added.flag("required") {
            Meaning::wire(
                Verdict::Breaking,
                format!("{} is new and required", named(&added)),
                "make it optional; clients made before it don't send it",
            )
        } else {
            Meaning::wire(
                Verdict::Compatible,
                format!("{} is new", named(&added)),
                "offer it in the face",
            )
        };
        comparison.tell(Side::NotIn(&old.part), Side::There(&added), meaning);
        if let Some(schema) = added.member("schema") {
            behavior::new_default(comparison, &old.part, &schema, &named(&added));
        }
    }
}

fn pair<'a>(comparison: &mut Comparison<'a>, old: &Part<'a>, new: &Part<'a>) {
    let name = named(old);
    match (old.flag("required"), new.flag("required")) {
        (false, true) => comparison.tell(
            Side::There(&old.nearest("required")),
            Side::There(&new.nearest("required")),
            Meaning::wire(
                Verdict::Breaking,
                format!("{name} was optional and is required"),
                "leave it optional; clients that don't send it are refused",
            ),
        ),
        (true, false) => comparison.tell(
            Side::There(&old.nearest("required")),
            Side::There(&new.nearest("required")),
            Meaning::wire(
                Verdict::Compatible,
                format!("{name} was required and is optional"),
                "let the face leave it out",
            ),
        ),
        _ => {}
    }
    serialization(comparison, old, new, &name);
    behavior::annotations(comparison, old, new, &name);
    let (old_schema, new_schema) = (old.member("schema"), new.member("schema"));
    match (old_schema, new_schema) {
        (Some(old), Some(new)) => comparison.schemas(Pair {
            old,
            new,
            direction: Direction::Request,
            wire: Wire::Text,
            subject: name,
        }),
        (None, None) => media_types::compare(comparison, old, new, Direction::Request, &name),
        _ => comparison.tell(
            Side::There(old),
            Side::There(new),
            Meaning::wire(
                Verdict::Breaking,
                format!("{name} is written in another form (schema against content)"),
                "keep the form; clients go on to write the old one",
            ),
        ),
    }
}

/// How a value becomes text: what is spelled out and is the default anyway is no change.
fn serialization<'a>(comparison: &mut Comparison<'a>, old: &Part<'a>, new: &Part<'a>, name: &str) {
    let style = |part: &Part<'a>| match (part.text("style"), part.text("in")) {
        (Some(style), _) => style,
        (None, Some("query" | "cookie")) => "form",
        (None, _) => "simple",
    };
    let explode = |part: &Part<'a>| match part.value.get("explode") {
        Some(explode) => *explode == true,
        None => style(part) == "form",
    };
    let is_plain = |part: &Part<'a>| {
        part.member("schema").is_some_and(|schema| {
            let kind = Shape::of(&schema);
            matches!(
                kind.facet("type").and_then(Value::as_str),
                Some("string" | "integer" | "number" | "boolean")
            )
        })
    };
    let one_value = is_plain(old) && is_plain(new);
    // A single value looks the same however lists of them are joined.
    let looks_other = style(old) != style(new)
        && !(one_value && old.text("in") == Some("query") && style(new) != "deepObject");
    if looks_other || (explode(old) != explode(new) && !one_value) {
        let key = if looks_other { "style" } else { "explode" };
        let of = |part: &Part<'a>| format!("{}, explode {}", style(part), explode(part));
        comparison.tell(
            Side::There(&old.nearest(key)),
            Side::There(&new.nearest(key)),
            Meaning::wire(
                Verdict::Breaking,
                format!("{name} is written otherwise: {} -> {}", of(old), of(new)),
                "keep the style; clients go on to write the old one",
            ),
        );
    }
    for key in ["allowReserved", "allowEmptyValue"] {
        if old.flag(key) != new.flag(key) {
            comparison.tell(
                Side::There(&old.nearest(key)),
                Side::There(&new.nearest(key)),
                Meaning::wire(
                    Verdict::NeedsReview,
                    format!("{name}: {key} {} -> {}", old.flag(key), new.flag(key)),
                    "try how the server reads what clients send today",
                ),
            );
        }
    }
}
