//! What a schema says, whichever way it is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::part::Part;

/// Keywords that speak to people alone.
pub(crate) const FOR_PEOPLE: [&str; 4] = ["title", "description", "example", "externalDocs"];
/// Keywords whose value is a list of schemas.
pub(crate) const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A schema with its `allOf` merged, as far as one schema can say the same.
#[derive(Debug, Clone)]
pub(crate) struct Shape<'a> {
    /// Every keyword that isn't a member below, and means something; `allOf` where one schema could
    /// not say the same.
    pub(crate) facets: BTreeMap<&'a str, Part<'a>>,
    pub(crate) members: BTreeMap<&'a str, Part<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    pub(crate) takes_null: bool,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(schema: &Part<'a>) -> Self {
        Self::merged(schema, &mut vec![schema.pointer.clone()], &mut 0)
            .unwrap_or_else(|| Self::own(schema, true))
    }

    fn merged(schema: &Part<'a>, way: &mut Vec<String>, parts: &mut usize) -> Option<Self> {
        let mut shape = Self::own(schema, false);
        let own_null = shape.takes_null;
        let mut parts_null = true;
        for part in schema.items_of("allOf") {
            *parts += 1;
            // A circle, or more than anybody wrote by hand.
            if way.contains(&part.pointer) || way.len() > 64 || *parts > 50 {
                return None;
            }
            way.push(part.pointer.clone());
            let part = Self::merged(&part, way, parts)?;
            way.pop();
            parts_null &= part.takes_null;
            shape.absorb(part)?;
        }
        // `nullable` beside an `allOf` speaks for the whole of it.
        shape.takes_null = schema.flag("nullable") || (own_null && parts_null);
        Some(shape)
    }

    fn own(schema: &Part<'a>, is_composed: bool) -> Self {
        let mut facets = BTreeMap::new();
        for (key, part) in schema.members() {
            let is_kept = match key {
                "properties" | "required" | "nullable" => false,
                "allOf" => is_composed,
                key => !FOR_PEOPLE.contains(&key) && !says_nothing(key, part.value),
            };
            if is_kept {
                facets.insert(key, part);
            }
        }
        let required = schema.value["required"].as_array().into_iter().flatten();
        Self {
            takes_null: schema.flag("nullable")
                || !["type", "enum", "not", "anyOf", "oneOf", "$ref"]
                    .iter()
                    .any(|key| facets.contains_key(key)),
            facets,
            members: schema.members_of("properties").into_iter().collect(),
            required: required.filter_map(Value::as_str).collect(),
        }
    }

    /// Takes over what another schema says that has to hold as well.
    fn absorb(&mut self, other: Self) -> Option<()> {
        for (one, two) in [(&*self, &other), (&other, &*self)] {
            // A closed schema closes its own members in, and not those of its neighbour.
            if one.facets.contains_key("additionalProperties") && !two.members.is_empty() {
                return None;
            }
        }
        for (key, part) in other.facets {
            let is_known = self
                .facets
                .get(key)
                .is_some_and(|own| !equal(own.value, part.value));
            if is_known {
                return None;
            }
            self.facets.insert(key, part);
        }
        for (name, part) in other.members {
            let is_other = self
                .members
                .get(name)
                .is_some_and(|own| own.pointer != part.pointer);
            if is_other {
                return None;
            }
            self.members.insert(name, part);
        }
        self.required.extend(other.required);
        Some(())
    }

    pub(crate) fn facet(&self, key: &str) -> Option<&'a Value> {
        self.facets.get(key).map(|part| part.value)
    }
}

/// A keyword that says what holds without it.
fn says_nothing(key: &str, value: &Value) -> bool {
    match key {
        "deprecated" | "readOnly" | "writeOnly" | "uniqueItems" | "exclusiveMinimum"
        | "exclusiveMaximum" => value == false,
        "additionalProperties" => value == true || value.as_object().is_some_and(Map::is_empty),
        "minLength" | "minItems" | "minProperties" => value == 0,
        _ => false,
    }
}

/// Whether two values are the same, where 1 and 1.0 are.
pub(crate) fn equal(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Number(old), Value::Number(new)) => old == new || old.as_f64() == new.as_f64(),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| equal(old, new))
        }
        (Value::Object(old), Value::Object(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .all(|(key, old)| new.get(key).is_some_and(|new| equal(old, new)))
        }
        (old, new) => old == new,
    }
}

/// Whether two schemas say the same in whatever words; `false` may only mean that it was not seen.
pub(crate) fn same(old: &Part<'_>, new: &Part<'_>) -> bool {
    Sameness::default().of(old, new, 0)
}

/// What is known while two schemas are compared.
#[derive(Default)]
struct Sameness {
    /// Where a pair comes up again within itself, it is the same unless the rest says otherwise.
    seen: HashSet<(String, String)>,
    steps: usize,
}

impl Sameness {
    fn of(&mut self, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        if !self.seen.insert((old.pointer.clone(), new.pointer.clone())) {
            return true;
        }
        self.steps += 1;
        // More than people write; whoever asks must then look elsewhere.
        if depth > 100 || self.steps > 2_000 {
            return false;
        }
        let (Value::Object(_), Value::Object(_)) = (old.value, new.value) else {
            return old.value == new.value;
        };
        let (old, new) = (Shape::of(old), Shape::of(new));
        old.facets.keys().eq(new.facets.keys())
            && old.members.keys().eq(new.members.keys())
            && old.required == new.required
            && old.takes_null == new.takes_null
            && (old.members.values().zip(new.members.values()))
                .all(|(old, new)| self.of(old, new, depth + 1))
            && (old.facets.iter().zip(new.facets.values()))
                .all(|((key, old), new)| self.of_facets(key, old, new, depth + 1))
    }

    fn of_facets(&mut self, key: &str, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        match key {
            "items" | "additionalProperties" | "not" => self.of(old, new, depth),
            key if LISTS.contains(&key) => self.of_lists(old, new, depth),
            "enum" => same_sets(old.value, new.value),
            _ => equal(old.value, new.value),
        }
    }

    /// Whether two lists hold the same schemas in any order.
    fn of_lists(&mut self, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        let (old, mut left) = (old.items(), new.items());
        if old.len() != left.len() {
            return false;
        }
        old.iter().all(|old| {
            let found = left.iter().position(|new| {
                // What a failed attempt has seen proves nothing.
                let before = self.seen.clone();
                let is_same = self.of(old, new, depth);
                if !is_same {
                    self.seen = before;
                }
                is_same
            });
            found.map(|index| left.remove(index)).is_some()
        })
    }
}

/// Whether two lists of values hold the same in any order.
pub(crate) fn same_sets(old: &Value, new: &Value) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (old, new) = (list(old), list(new));
    let within = |some: &[Value], all: &[Value]| {
        some.iter()
            .all(|value| all.iter().any(|other| equal(value, other)))
    };
    within(&old, &new) && within(&new, &old)
}
