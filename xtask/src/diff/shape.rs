//! The meaning of a schema, independent of how it is written.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use authress_users_openapi::{Role, is_default, visit_objects_mut};
use serde_json::{Map, Value};

use super::part::Part;

/// Limits of a comparison; schemas beyond them are compared by containment or need review.
const MAX_ALL_OF_PARTS: usize = 50;
const MAX_DEPTH: usize = 100;
const MAX_STEPS: usize = 2_000;

/// Returns whether a keyword only informs readers.
pub(crate) fn is_for_people(key: &str) -> bool {
    matches!(key, "title" | "description" | "example" | "externalDocs")
}

/// Returns a member `key` of an object of OpenAPI without what only informs readers, and without
/// extensions.
pub(crate) fn without_annotations(key: &str, value: &Value) -> Value {
    let mut value = value.clone();
    let role = Role::Object.member(key, &value);
    visit_objects_mut(&mut value, role, &mut |members| {
        members.retain(|key, _| !is_for_people(key) && !key.starts_with("x-"));
        0
    });
    value
}

/// Returns whether two members `key` of objects of OpenAPI are equal without these parts.
pub(crate) fn equal_without_annotations(key: &str, old: &Value, new: &Value) -> bool {
    // Most members are equal, and copying them is slow.
    equal(old, new)
        || equal(
            &without_annotations(key, old),
            &without_annotations(key, new),
        )
}

/// A schema with its `allOf` merged, where a single schema can express the same.
#[derive(Debug, Clone)]
pub(crate) struct Shape<'a> {
    /// Every keyword with a meaning that the other fields do not hold; `allOf` only if it could not
    /// be merged.
    pub(crate) facets: BTreeMap<&'a str, Part<'a>>,
    pub(crate) members: BTreeMap<&'a str, Part<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    pub(crate) is_nullable: bool,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(schema: &Part<'a>) -> Self {
        Self::merged(schema, &mut vec![schema.pointer.clone()], &mut 0)
            .unwrap_or_else(|| Self::own(schema, true))
    }

    fn merged(schema: &Part<'a>, path: &mut Vec<String>, parts: &mut usize) -> Option<Self> {
        let mut shape = Self::own(schema, false);
        let own_nullable = shape.is_nullable;
        let mut parts_nullable = true;
        for part in schema.items_of("allOf") {
            *parts += 1;
            if path.contains(&part.pointer) || *parts > MAX_ALL_OF_PARTS {
                return None;
            }
            path.push(part.pointer.clone());
            let part = Self::merged(&part, path, parts)?;
            path.pop();
            parts_nullable &= part.is_nullable;
            shape.absorb(part)?;
        }
        // `nullable` beside an `allOf` applies to the merged schema.
        shape.is_nullable = schema.flag("nullable") || (own_nullable && parts_nullable);
        Some(shape)
    }

    fn own(schema: &Part<'a>, keep_all_of: bool) -> Self {
        let facets: BTreeMap<_, _> = schema
            .members()
            .into_iter()
            .filter(|(key, part)| match *key {
                "properties" | "required" | "nullable" => false,
                "allOf" => keep_all_of,
                // Extensions do not restrict values.
                key if key.starts_with("x-") => false,
                key => !is_for_people(key) && !is_default(key, part.value),
            })
            .collect();
        let restricts_type = ["type", "enum", "not", "anyOf", "oneOf", "$ref"]
            .iter()
            .any(|key| facets.contains_key(key));
        Self {
            is_nullable: schema.flag("nullable") || !restricts_type,
            facets,
            members: schema.members_of("properties").into_iter().collect(),
            required: schema.texts("required").collect(),
        }
    }

    /// Adds another schema that must hold as well; `None` if one schema cannot express both.
    fn absorb(&mut self, other: Self) -> Option<()> {
        for (one, two) in [(&*self, &other), (&other, &*self)] {
            // A closed schema allows its own members only, not those of the other schema.
            if one.facets.contains_key("additionalProperties") && !two.members.is_empty() {
                return None;
            }
        }
        for (key, part) in other.facets {
            let own = self.facets.get(key);
            if own.is_some_and(|own| !equal(own.value, part.value)) {
                return None;
            }
            self.facets.insert(key, part);
        }
        for (name, part) in other.members {
            let own = self.members.get(name);
            if own.is_some_and(|own| own.pointer != part.pointer) {
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

    /// Returns whether no `allOf` is left.
    pub(crate) fn is_merged(&self) -> bool {
        !self.facets.contains_key("allOf")
    }

    pub(crate) fn type_name(&self) -> Option<&'a str> {
        self.facet("type")?.as_str()
    }

    /// Returns whether its values are single values, which every style of a parameter writes alike.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(
            self.type_name(),
            Some("string" | "integer" | "number" | "boolean")
        )
    }
}

/// Returns whether two values are equal, where 1 equals 1.0.
pub(crate) fn equal(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Number(old), Value::Number(new)) => old == new || old.as_f64() == new.as_f64(),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| equal(old, new))
        }
        (Value::Object(old), Value::Object(new)) => {
            let is_equal =
                |(key, old)| Map::get(new, key).is_some_and(|new: &Value| equal(old, new));
            old.len() == new.len() && old.iter().all(is_equal)
        }
        (old, new) => old == new,
    }
}

/// Returns whether two schemas are known to be equivalent; `false` may also mean unknown.
pub(crate) fn same(old: &Part<'_>, new: &Part<'_>) -> bool {
    Equivalence::default().of(old, new, 0)
}

#[derive(Default)]
struct Equivalence {
    /// The pairs already visited; a pair that contains itself is equivalent unless another part
    /// differs.
    seen: HashSet<(String, String)>,
    /// The pairs that differ. The assumption that the pairs around them are equivalent cannot make a pair
    /// differ, so this also holds after a failed attempt.
    different: HashSet<(String, String)>,
    steps: usize,
}

impl Equivalence {
    fn of(&mut self, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        let pair = (old.pointer.clone(), new.pointer.clone());
        if self.different.contains(&pair) {
            return false;
        }
        if !self.seen.insert(pair.clone()) {
            return true;
        }
        self.steps += 1;
        let is_same =
            depth <= MAX_DEPTH && self.steps <= MAX_STEPS && self.of_shapes(old, new, depth);
        if !is_same {
            self.different.insert(pair);
        }
        is_same
    }

    fn of_shapes(&mut self, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        if !old.value.is_object() || !new.value.is_object() {
            return old.value == new.value;
        }
        let (old, new) = (Shape::of(old), Shape::of(new));
        old.facets.keys().eq(new.facets.keys())
            && old.members.keys().eq(new.members.keys())
            && old.required == new.required
            && old.is_nullable == new.is_nullable
            && (old.members.values().zip(new.members.values()))
                .all(|(old, new)| self.of(old, new, depth + 1))
            && (old.facets.iter().zip(new.facets.values()))
                .all(|((key, old), new)| self.of_facets(key, old, new, depth + 1))
    }

    fn of_facets(&mut self, key: &str, old: &Part<'_>, new: &Part<'_>, depth: usize) -> bool {
        match key {
            "items" | "additionalProperties" | "not" => self.of(old, new, depth),
            "allOf" | "anyOf" | "oneOf" => {
                in_any_order(&old.items(), new.items(), |old, new| {
                    // A failed attempt proves nothing about the pairs that it visited.
                    let before = self.seen.clone();
                    let is_same = self.of(old, new, depth);
                    if !is_same {
                        self.seen = before;
                    }
                    is_same
                })
            }
            "enum" => in_any_order(&old.items(), new.items(), |old, new| {
                equal(old.value, new.value)
            }),
            _ => equal(old.value, new.value),
        }
    }
}

/// Returns whether two lists have the same items in any order.
fn in_any_order<T>(old: &[T], mut new: Vec<T>, mut is_same: impl FnMut(&T, &T) -> bool) -> bool {
    old.len() == new.len()
        && old.iter().all(|old| {
            let found = new.iter().position(|new| is_same(old, new));
            found.map(|index| new.remove(index)).is_some()
        })
}
