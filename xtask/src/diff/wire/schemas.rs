//! What values look like: member by member, and as a whole where they have none.

use serde_json::{Map, Value};

use super::json_schema::{JsonSchema, json_schema};
use crate::diff::behavior;
use crate::diff::comparison::Comparison;
use crate::diff::direction::Direction;
use crate::diff::part::Part;
use crate::diff::shape::{Shape, equal, same};

/// How a value gets from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wire {
    Json,
    /// As text in an address or a header, where 5 and "5" look the same.
    Text,
}

/// Two schemas for the same thing.
#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) old: Part<'a>,
    pub(super) new: Part<'a>,
    pub(super) direction: Direction,
    pub(super) wire: Wire,
    /// What messages call it.
    pub(super) subject: String,
}

/// What an object or a list says of itself, apart from what it holds.
const OUTSIDE: [&str; 7] = [
    "type",
    "format",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
];
/// What makes a schema more than the sum of its members.
const COMPOSED: [&str; 7] = [
    "enum",
    "not",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "discriminator",
];

impl<'a> Comparison<'a> {
    /// Compares two schemas and everything that they hold.
    pub(super) fn schemas(&mut self, pair: Pair<'a>) {
        let mut open = vec![pair];
        while let Some(mut pair) = open.pop() {
            let key = (
                pair.old.pointer.clone(),
                pair.new.pointer.clone(),
                pair.direction,
            );
            if !self.seen.insert(key) {
                continue;
            }
            pair.subject = named(&pair.old)
                .or_else(|| named(&pair.new))
                .unwrap_or(pair.subject);
            self.schema(&pair, &mut open);
        }
    }

    fn schema(&mut self, pair: &Pair<'a>, open: &mut Vec<Pair<'a>>) {
        behavior::schema_annotations(self, pair.direction, &pair.old, &pair.new, &pair.subject);
        let (old, new) = (Shape::of(&pair.old), Shape::of(&pair.new));
        let both = |is: fn(&Shape<'_>) -> bool| is(&old) && is(&new);
        if both(is_object) {
            self.members(pair, &old, &new, open);
            self.others(pair, &old, &new, open);
            self.outside(pair, &old, &new);
        } else if both(is_list) {
            if let (Some(old_items), Some(new_items)) =
                (old.facets.get("items"), new.facets.get("items"))
            {
                open.push(inside(pair, old_items, new_items, "[]"));
                self.outside(pair, &old, &new);
            } else {
                self.whole(pair, &old, &new);
            }
        } else {
            self.whole(pair, &old, &new);
        }
    }
    /// Whatever an object or a list says of itself.
    fn outside(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        let schema = |shape: &Shape<'a>| {
            let mut schema: Map<String, Value> = OUTSIDE
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), shape.facet(key)?.clone())))
                .collect();
            if shape.takes_null && schema.contains_key("type") {
                schema.insert("nullable".to_owned(), Value::Bool(true));
            }
            Value::Object(schema)
        };
        let (old_schema, new_schema) = (schema(old), schema(new));
        if !equal(&old_schema, &new_schema) {
            let schemas = (
                json_schema(self.old, &old_schema),
                json_schema(self.new, &new_schema),
            );
            self.decide(pair, old, new, schemas);
        }
    }

    /// Schemas without members, and those that are more than their members.
    fn whole(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        if !same(&pair.old, &pair.new) {
            let schemas = (JsonSchema::of(&pair.old), JsonSchema::of(&pair.new));
            self.decide(pair, old, new, schemas);
        }
    }
}

fn is_object(shape: &Shape<'_>) -> bool {
    let is_of_type = match shape.facet("type") {
        Some(kind) => kind == "object",
        None => !shape.members.is_empty(),
    };
    is_of_type && !COMPOSED.iter().any(|key| shape.facets.contains_key(key))
}

fn is_list(shape: &Shape<'_>) -> bool {
    shape.facet("type").is_some_and(|kind| kind == "array")
        && shape.facets.contains_key("items")
        && !COMPOSED.iter().any(|key| shape.facets.contains_key(key))
}

/// What messages call a schema of a component, however one gets there: `User.addresses[].street`.
pub(super) fn named(schema: &Part<'_>) -> Option<String> {
    let place = schema.pointer.strip_prefix("/components/schemas/")?;
    let mut segments = place.split('/');
    let mut name = segments.next()?.to_owned();
    while let Some(segment) = segments.next() {
        match segment {
            "properties" => {
                name.push('.');
                name += &segments.next()?.replace("~1", "/").replace("~0", "~");
            }
            "items" => name += "[]",
            "additionalProperties" => name += ".*",
            "allOf" | "anyOf" | "oneOf" => _ = segments.next()?,
            _ => return None,
        }
    }
    Some(name)
}

/// Schemas inside of others.
pub(super) fn inside<'a>(
    pair: &Pair<'a>,
    old: &Part<'a>,
    new: &Part<'a>,
    suffix: &str,
) -> Pair<'a> {
    Pair {
        old: old.clone(),
        new: new.clone(),
        direction: pair.direction,
        wire: pair.wire,
        subject: format!("{}{suffix}", pair.subject),
    }
}
