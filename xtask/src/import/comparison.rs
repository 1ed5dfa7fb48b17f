//! Whether two documents say the same thing at a place, in whatever words and however written.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::parts::Part;

/// A document to follow references in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a>(pub(super) &'a Value);

/// A value behind its references and behind `allOf`s of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) value: &'a Value,
    /// The last reference on the way.
    pub(super) place: Option<&'a str>,
    pub(super) nullable: bool,
}

impl<'a> Side<'a> {
    pub(super) fn view(self, value: &'a Value) -> View<'a> {
        let mut view = View {
            value,
            place: None,
            nullable: false,
        };
        // Longer chains than this are circles, which are told elsewhere.
        for _ in 0..32 {
            let Some(members) = view.value.as_object() else {
                break;
            };
            view.nullable |= members.get("nullable") == Some(&Value::Bool(true));
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let Some(found) = reference
                    .strip_prefix('#')
                    .and_then(|target| self.0.pointer(target))
                else {
                    break;
                };
                view.value = found;
                view.place = Some(reference);
            } else if let Some([only]) = members
                .get("allOf")
                .and_then(Value::as_array)
                .map(Vec::as_slice)
                && facts(members).all(|(key, _)| key == "allOf")
            {
                view.value = only;
            } else {
                break;
            }
        }
        view
    }

    /// The value behind references alone.
    pub(super) fn view_of(self, value: &'a Value) -> &'a Value {
        self.view(value).value
    }
}

/// Members that say something to people alone.
pub(super) fn is_words(key: &str) -> bool {
    matches!(
        key,
        "description"
            | "summary"
            | "title"
            | "example"
            | "examples"
            | "externalDocs"
            | "tags"
            | "operationId"
    )
}

/// Members of an object that say something of the API.
fn facts(members: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    members.iter().filter(|(key, value)| {
        let is_usual = match &***key {
            "nullable" | "$ref" => true,
            "required" | "deprecated" | "readOnly" | "writeOnly" | "uniqueItems"
            | "exclusiveMinimum" | "exclusiveMaximum" | "allowReserved" | "allowEmptyValue" => {
                **value == Value::Bool(false) || value.as_array().is_some_and(Vec::is_empty)
            }
            "parameters" => value.as_array().is_some_and(Vec::is_empty),
            "additionalProperties" => {
                **value == Value::Bool(true) || value.as_object().is_some_and(Map::is_empty)
            }
            _ => false,
        };
        !is_usual && !is_words(key)
    })
}

/// Compares values of two documents; or of one, with itself on both sides.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) left: Side<'a>,
    pub(super) right: Side<'a>,
    /// Pairs that are being compared: schemas may hold themselves.
    assumed: HashSet<(&'a str, &'a str)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(left: Side<'a>, right: Side<'a>) -> Self {
        Self {
            left,
            right,
            assumed: HashSet::new(),
        }
    }

    /// Whether both say the same.
    pub(super) fn same(mut self, left: &'a Value, right: &'a Value, part: Part) -> bool {
        self.same_parts(left, right, part, "")
    }

    /// The same, whether or not there may be null instead.
    pub(super) fn same_but_for_null(mut self, left: &'a Value, right: &'a Value) -> bool {
        let (left, right) = (self.left.view(left), self.right.view(right));
        self.same_views(left, right)
    }

    fn same_parts(&mut self, left: &'a Value, right: &'a Value, part: Part, key: &str) -> bool {
        match (left, right, part) {
            (Value::Object(left), Value::Object(right), Part::Names) => {
                left.len() == right.len()
                    && left.iter().all(|(name, left)| {
                        right
                            .get(name)
                            .is_some_and(|right| self.same_parts(left, right, Part::Object, name))
                    })
            }
            (Value::Object(_), Value::Object(_), Part::Object) => {
                let (left, right) = (self.left.view(left), self.right.view(right));
                left.nullable == right.nullable && self.same_views(left, right)
            }
            (Value::Array(left), Value::Array(right), _) if is_set(key) => {
                let sorted = |items: &[Value]| {
                    let mut items: Vec<_> = items.iter().map(ToString::to_string).collect();
                    items.sort();
                    items.dedup();
                    items
                };
                sorted(left) == sorted(right)
            }
            (Value::Array(lefts), Value::Array(rights), Part::Object) => {
                lefts.len() == rights.len()
                    && lefts.iter().enumerate().all(|(index, left)| {
                        let right = if key == "parameters" {
                            self.parameter(rights, left)
                        } else {
                            rights.get(index)
                        };
                        right.is_some_and(|right| self.same_parts(left, right, Part::Object, ""))
                    })
            }
            (Value::Number(left), Value::Number(right), _) => {
                left == right || left.as_f64() == right.as_f64()
            }
            _ => left == right,
        }
    }

    fn parameter(&self, rights: &'a [Value], left: &'a Value) -> Option<&'a Value> {
        let wanted = identity(self.left.view(left).value);
        rights
            .iter()
            .find(|right| identity(self.right.view(right).value) == wanted)
    }

    fn same_views(&mut self, left: View<'a>, right: View<'a>) -> bool {
        if let (Some(left), Some(right)) = (left.place, right.place)
            && !self.assumed.insert((left, right))
        {
            return true;
        }
        let (Some(left), Some(right)) = (left.value.as_object(), right.value.as_object()) else {
            return left.value == right.value;
        };
        facts(left).count() == facts(right).count()
            && facts(left).all(|(key, left)| {
                facts(right).any(|(other, right)| {
                    key == other
                        && self.same_parts(left, right, Part::Object.member(key, left), key)
                })
            })
    }
}

/// Lists in which the order says nothing.
pub(super) fn is_set(key: &str) -> bool {
    matches!(key, "required" | "enum" | "security")
}

/// What tells a parameter from others.
pub(super) fn identity(parameter: &Value) -> (Option<&str>, Option<&str>) {
    (parameter["in"].as_str(), parameter["name"].as_str())
}
