//! The keywords in which two schemas differ.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use authress_users_openapi::{COMPOSITION_KEYWORDS, schema_name};
use serde_json::Value;

use crate::diff::part::{Both, Part};
use crate::diff::shape::{Shape, equal, same};

/// A keyword that differs, and how; the keyword is empty if the difference is in a composed schema.
pub(super) struct Difference<'a> {
    pub(super) key: &'a str,
    pub(super) text: String,
    /// The schemas inside the compared ones that differ.
    pub(super) inside: Option<(Part<'a>, Part<'a>)>,
}

impl<'a> Difference<'a> {
    fn of(key: &'a str, text: String) -> Self {
        Self {
            key,
            text,
            inside: None,
        }
    }

    /// Returns whether callers know the keyword as a limit.
    pub(super) fn is_limit(&self) -> bool {
        matches!(
            self.key,
            "minimum"
                | "maximum"
                | "exclusiveMinimum"
                | "exclusiveMaximum"
                | "minLength"
                | "maxLength"
                | "minItems"
                | "maxItems"
                | "minProperties"
                | "maxProperties"
        )
    }
}

pub(super) fn differences<'a>(
    both: Both<'_, 'a>,
    old: &Shape<'a>,
    new: &Shape<'a>,
) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    let mut inside = Inside::default();
    if old.is_merged() && new.is_merged() {
        found = keywords(old, new);
        inside.shapes(None, old, new);
    } else {
        inside.parts(both);
    }
    inside.truncate();
    found.append(&mut inside.found);
    if found.is_empty() {
        let kind = old.type_name().unwrap_or("schema");
        let text = format!("the definition of the {kind} changed");
        found.push(Difference::of("", text));
    }
    found
}

/// Returns the keywords in which two schemas differ, apart from those that contain schemas.
pub(super) fn keywords<'a>(old: &Shape<'a>, new: &Shape<'a>) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    if old.is_nullable != new.is_nullable {
        let text = if new.is_nullable {
            "may now be null"
        } else {
            "may no longer be null"
        };
        found.push(Difference::of("nullable", text.to_owned()));
    }
    for key in all_keys(&old.facets, &new.facets) {
        // Compared on their own, or by their parts.
        let is_annotation = matches!(
            key,
            "default"
                | "deprecated"
                | "readOnly"
                | "writeOnly"
                | "discriminator"
                | "xml"
                | "allOf"
                | "anyOf"
                | "oneOf"
                | "not"
                | "items"
        );
        let (was, is) = (old.facet(key), new.facet(key));
        let is_same = match (was, is) {
            (Some(was), Some(is)) if key == "additionalProperties" => {
                equal(was, is) || (was.is_object() && is.is_object())
            }
            (Some(was), Some(is)) => equal(was, is),
            _ => false,
        };
        if !is_annotation && !is_same {
            found.push(Difference::of(key, difference(key, was, is)));
        }
    }
    found
}

fn all_keys<'a, T>(old: &BTreeMap<&'a str, T>, new: &BTreeMap<&'a str, T>) -> BTreeSet<&'a str> {
    old.keys().chain(new.keys()).copied().collect()
}

/// How deep differences inside a schema are sought, and how many are named.
const MAX_DEPTH: usize = 3;
const MAX_NAMED: usize = 6;

/// The differences in the schemas inside two schemas.
#[derive(Default)]
struct Inside<'a> {
    found: Vec<Difference<'a>>,
    /// The steps from the compared schemas.
    path: Vec<String>,
}

impl<'a> Inside<'a> {
    fn add(&mut self, both: Option<Both<'_, 'a>>, text: &str) {
        let path = self.path.join(".");
        let separator = if path.is_empty() { "" } else { ": " };
        self.found.push(Difference {
            key: "",
            text: format!("{path}{separator}{text}"),
            inside: both.map(|(old, new)| (old.clone(), new.clone())),
        });
    }

    /// Compares what two schemas are composed of.
    fn composition(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let lost = |shape: &Shape<'a>, other: &Shape<'a>| {
            let mut keys = COMPOSITION_KEYWORDS.into_iter();
            keys.find(|key| shape.facets.contains_key(key) && !other.facets.contains_key(key))
        };
        match (lost(old, new), lost(new, old)) {
            (None, None) => {}
            (Some(was), Some(is)) => return self.add(None, &format!("{was} -> {is}")),
            (Some(was), None) => self.add(None, &format!("{was} removed")),
            (None, Some(is)) => self.add(None, &format!("{is} added")),
        }
        for key in ["anyOf", "oneOf", "not", "items", "additionalProperties"] {
            match (key, old.facets.get(key), new.facets.get(key)) {
                ("anyOf" | "oneOf", Some(was), Some(is)) => {
                    self.list(key, (was, is), (was.items(), is.items()));
                }
                ("not" | "items" | "additionalProperties", Some(was), Some(is)) => {
                    self.schema(key, was, is);
                }
                _ => {}
            }
        }
    }

    /// Compares the parts of an `allOf` that cannot be merged into one schema.
    fn parts(&mut self, (old, new): Both<'_, 'a>) {
        let before = self.found.len();
        let key = "allOf";
        self.list(key, (old, new), (old.items_of(key), new.items_of(key)));
        if self.found.len() == before {
            self.add(Some((old, new)), "a keyword beside allOf changed");
        }
    }

    /// Compares alternatives or parts, whose order has no meaning.
    fn list(
        &mut self,
        key: &str,
        (was, is): Both<'_, 'a>,
        (old, new): (Vec<Part<'a>>, Vec<Part<'a>>),
    ) {
        let number = |parts: Vec<Part<'a>>| -> Vec<(usize, Part<'a>)> {
            parts.into_iter().enumerate().collect()
        };
        let (mut old, mut new) = (number(old), number(new));
        // There can be many parts, and following them is slow.
        let is_cheap = key == "allOf";
        let mut pairs = Vec::new();
        for by_name in [true, false] {
            old.retain(|(index, old)| {
                let found = new.iter().position(|(_, new)| {
                    if by_name {
                        old.pointer.starts_with("/components/") && old.pointer == new.pointer
                    } else if is_cheap {
                        equal(old.value, new.value)
                    } else {
                        same(old, new)
                    }
                });
                let Some(found) = found else { return true };
                pairs.push((*index, old.clone(), new.remove(found).1));
                false
            });
        }
        if old.len() == new.len() {
            let rest = old.drain(..).zip(new.drain(..));
            pairs.extend(rest.map(|((index, old), (_, new))| (index, old, new)));
        }
        pairs.sort_by_key(|(index, ..)| *index);
        // What changed inside a repeated part is named once, and comparing it again is slow.
        let mut seen = HashSet::new();
        pairs.retain(|(_, was, is)| seen.insert((was.pointer.clone(), is.pointer.clone())));
        for (index, old, new) in pairs {
            self.schema(&format!("{key}[{index}]"), &old, &new);
        }
        let name = |index: usize, part: &Part<'a>| {
            schema_name(&part.pointer).unwrap_or_else(|| format!("{key}[{index}]"))
        };
        let noun = if is_cheap { "part" } else { "alternative" };
        for (index, gone) in old {
            let text = format!("the {noun} {} was removed", name(index, &gone));
            self.add(Some((&gone, is)), &text);
        }
        for (index, added) in new {
            let text = format!("the {noun} {} was added", name(index, &added));
            self.add(Some((was, &added)), &text);
        }
    }

    fn schema(&mut self, step: &str, old: &Part<'a>, new: &Part<'a>) {
        if same(old, new) || self.found.len() > MAX_NAMED {
            return;
        }
        self.path.push(step.to_owned());
        if self.path.len() > MAX_DEPTH {
            self.add(Some((old, new)), "a schema inside it changed");
        } else {
            let (was, is) = (Shape::of(old), Shape::of(new));
            if was.is_merged() && is.is_merged() {
                self.shapes(Some((old, new)), &was, &is);
            } else {
                self.parts((old, new));
            }
        }
        self.path.pop();
    }

    /// Compares what is inside two schemas; with `both`, also their own keywords.
    fn shapes(&mut self, both: Option<Both<'_, 'a>>, old: &Shape<'a>, new: &Shape<'a>) {
        let is_same_type = old.type_name() == new.type_name();
        let mut own = Vec::new();
        if both.is_some() {
            own.extend(keywords(old, new).into_iter().map(|it| it.text));
        }
        own.extend(required(old, new).filter(|_| is_same_type));
        if !own.is_empty() {
            self.add(both, &own.join(", "));
        }
        // What another type consists of says nothing more.
        if is_same_type {
            self.composition(old, new);
            self.members(old, new);
        }
    }

    fn members(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        for name in all_keys(&old.members, &new.members) {
            match (old.members.get(name), new.members.get(name)) {
                (Some(was), Some(is)) => self.schema(name, was, is),
                (None, Some(_)) => self.add(None, &format!("{name} was added")),
                (Some(_), None) => self.add(None, &format!("{name} was removed")),
                (None, None) => {}
            }
        }
    }

    fn truncate(&mut self) {
        if self.found.len() > MAX_NAMED {
            self.found.truncate(MAX_NAMED);
            self.found.push(Difference::of("", "and more".to_owned()));
        }
    }
}

/// Describes which members became required or optional.
fn required(old: &Shape<'_>, new: &Shape<'_>) -> Option<String> {
    let lost: Vec<_> = old.required.difference(&new.required).copied().collect();
    let won: Vec<_> = new.required.difference(&old.required).copied().collect();
    let texts = [(won, "now required"), (lost, "no longer required")];
    let texts = texts.iter().filter(|(names, _)| !names.is_empty());
    let texts: Vec<_> = texts
        .map(|(names, what)| format!("{} {what}", names.join(", ")))
        .collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

fn difference(key: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    if key == "enum" {
        return enum_difference(was, is);
    }
    let shown = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => String::new(),
        Value::String(text) => format!(" {text}"),
        other => format!(" {other}"),
    };
    match (was, is) {
        (Some(was), Some(is)) => match (shown(was), shown(is)) {
            (was, is) if was.is_empty() || is.is_empty() => format!("{key} changed"),
            (was, is) => format!("{key}{was} ->{is}"),
        },
        (None, is) => format!("{key}{} added", is.map(shown).unwrap_or_default()),
        (Some(was), None) => format!("{key}{} removed", shown(was)),
    }
}

fn enum_difference(was: Option<&Value>, is: Option<&Value>) -> String {
    let values = |value: Option<&Value>| -> Vec<String> {
        let values = value.and_then(Value::as_array).into_iter().flatten();
        values.map(Value::to_string).collect()
    };
    let (was, is) = (values(was), values(is));
    if was.is_empty() || is.is_empty() {
        return if was.is_empty() {
            format!("enum added: {}", is.join(", "))
        } else {
            format!("enum removed: {}", was.join(", "))
        };
    }
    let missing = |values: &[String], other: &[String], change: &str| {
        let values: Vec<_> = values
            .iter()
            .filter(|value| !other.contains(value))
            .cloned()
            .collect();
        (!values.is_empty()).then(|| format!("{} {change}", values.join(", ")))
    };
    let parts = [missing(&is, &was, "added"), missing(&was, &is, "removed")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    format!("enum: {}", parts.join(", "))
}
