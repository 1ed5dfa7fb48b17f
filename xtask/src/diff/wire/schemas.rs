//! Schemas: objects member by member, arrays by their items, all others as a whole.

use std::collections::HashSet;

use authress_users_openapi::{COMPOSITION_KEYWORDS, json_schema};
use serde_json::{Map, Value};

use super::decision::decide;
use super::differences::{differences, keywords};
use super::members;
use super::pair::Pair;
use crate::diff::behavior::annotations;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, wire};
use crate::diff::direction::Encoding;
use crate::diff::shape::{Shape, equal, same};

/// Compares two schemas and all schemas in them.
pub(super) fn compare<'a>(comparison: &mut Comparison<'a>, pair: Pair<'a>) {
    let outer = comparison.direction.replace(pair.direction);
    let mut open = vec![pair];
    while let Some(pair) = open.pop() {
        let key = (
            pair.old.pointer.clone(),
            pair.new.pointer.clone(),
            pair.direction,
        );
        if comparison.seen.insert(key) {
            schema(comparison, &pair, &mut open);
        }
    }
    comparison.direction = outer;
}

fn schema<'a>(comparison: &mut Comparison<'a>, pair: &Pair<'a>, open: &mut Vec<Pair<'a>>) {
    let both = (&pair.old, &pair.new);
    annotations::compare_schema(comparison, pair.direction, both, &pair.subject);
    annotations_of_parts(comparison, pair);
    let (mut old, mut new) = (Shape::of(&pair.old), Shape::of(&pair.new));
    if pair.encoding == Encoding::Text {
        null_in_text(comparison, pair, [&mut old, &mut new]);
    }
    let shapes = (&old, &new);
    if is_object(&old) && is_object(&new) {
        members::compare(comparison, pair, shapes, open);
        own_keywords(comparison, pair, shapes);
        return;
    }
    if let (Some(old_items), Some(new_items)) = (items(&old), items(&new)) {
        open.push(pair.inner(old_items, new_items, "[]"));
        own_keywords(comparison, pair, shapes);
        return;
    }
    if !same(&pair.old, &pair.new) {
        let differences = differences(both, &old, &new);
        decide(comparison, pair, shapes, &differences, None);
    }
}

/// Reports that a parameter may be null, or no longer, and takes null for no value further on.
fn null_in_text<'a>(comparison: &mut Comparison<'a>, pair: &Pair<'a>, shapes: [&mut Shape<'a>; 2]) {
    let key = "nullable";
    let finding = |what| {
        let what = format!("{}: {key} {what}", pair.subject);
        let advice = "none needed; null cannot be written there, and callers omit the value";
        wire(Verdict::Compatible, what, advice)
    };
    let both = (&pair.old, &pair.new);
    comparison.flag(both, key, finding("added"), finding("removed"));
    for shape in shapes {
        shape.is_nullable = false;
    }
}

/// Compares the annotations of the schemas that a schema consists of: they have no pairs of their own.
fn annotations_of_parts<'a>(comparison: &mut Comparison<'a>, pair: &Pair<'a>) {
    let mut compared = HashSet::new();
    let mut open = vec![pair.clone()];
    while let Some(whole) = open.pop() {
        for keyword in COMPOSITION_KEYWORDS {
            let new_parts = whole.new.items_of(keyword);
            for old in whole.old.items_of(keyword) {
                // The order of parts has no meaning.
                let new = new_parts.iter().find(|new| new.pointer == old.pointer);
                if let Some(new) = new.filter(|new| compared.insert(new.pointer.clone())) {
                    let part = whole.inner(&old, new, "");
                    let both = (&part.old, &part.new);
                    annotations::compare_schema(comparison, part.direction, both, &part.subject);
                    open.push(part);
                }
            }
        }
    }
}

/// Compares what an object or array restricts, apart from its members or items.
fn own_keywords<'a>(
    comparison: &mut Comparison<'a>,
    pair: &Pair<'a>,
    (old, new): (&Shape<'a>, &Shape<'a>),
) {
    let is_own = |key: &str| {
        matches!(
            key,
            "type"
                | "format"
                | "minProperties"
                | "maxProperties"
                | "minItems"
                | "maxItems"
                | "uniqueItems"
        )
    };
    let own = |shape: &Shape<'a>| {
        let mut schema = Map::new();
        for (key, part) in &shape.facets {
            if is_own(key) {
                schema.insert((*key).to_owned(), part.value.clone());
            }
        }
        if shape.is_nullable && schema.contains_key("type") {
            schema.insert("nullable".to_owned(), Value::Bool(true));
        }
        Value::Object(schema)
    };
    let (old_own, new_own) = (own(old), own(new));
    if !equal(&old_own, &new_own) {
        let schemas = (
            json_schema(&comparison.old.value, &old_own, None),
            json_schema(&comparison.new.value, &new_own, None),
        );
        let mut differences = keywords(old, new);
        differences.retain(|difference| is_own(difference.key) || difference.key == "nullable");
        decide(comparison, pair, (old, new), &differences, Some(&schemas));
    }
}

/// Returns whether a schema is more than its members or items.
fn is_composed(shape: &Shape<'_>) -> bool {
    let keywords = [
        "enum",
        "not",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "discriminator",
    ];
    keywords.iter().any(|key| shape.facets.contains_key(key))
}

fn is_object(shape: &Shape<'_>) -> bool {
    let is_of_type = match shape.facet("type") {
        Some(kind) => kind == "object",
        None => !shape.members.is_empty(),
    };
    is_of_type && !is_composed(shape)
}

/// Returns the schema of the items, if the items define the array.
fn items<'s, 'a>(shape: &'s Shape<'a>) -> Option<&'s crate::diff::part::Part<'a>> {
    let is_list = shape.type_name() == Some("array") && !is_composed(shape);
    shape.facets.get("items").filter(|_| is_list)
}
