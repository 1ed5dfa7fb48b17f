//! Replacing references by what they lead to.

use serde_json::Value;

use crate::operation::METHODS;
use crate::pointer::child;
use crate::reference::{ReferenceError, target, try_resolve};
use crate::visit::Role;

/// How many values references may expand to. The largest published documents have some hundred
/// thousand; a few lines of references that multiply each other have any number.
const MAX_VALUES: usize = 500_000;
/// How many references may be nested in each other.
const MAX_DEPTH: usize = 64;

/// Replaces references by what they lead to.
///
/// A reference that cannot be replaced stays in place and is listed in [`errors`](Self::errors).
#[derive(Debug)]
pub struct Inliner<'a> {
    root: &'a Value,
    keeps: fn(&str) -> bool,
    /// The pointers that are being inlined.
    open: Vec<String>,
    size: usize,
    inlined: Vec<String>,
    errors: Vec<(String, ReferenceError)>,
}

impl<'a> Inliner<'a> {
    /// Creates an inliner for parts of a document. References stay if `keeps` returns true for the
    /// pointer that they lead to.
    #[must_use]
    pub fn new(root: &'a Value, keeps: fn(&str) -> bool) -> Self {
        Self {
            root,
            keeps,
            open: Vec::new(),
            size: 0,
            inlined: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Returns a value with its references replaced. `role` and `pointer` are those of the value.
    /// References that stay are written without percent-encoding, since generators compare them as
    /// text.
    ///
    /// `description` and `nullable` beside a reference are kept: OpenAPI 3.0 ignores them, but
    /// documents rely on them. So are operations beside the reference of a path item.
    pub fn inline(&mut self, value: &Value, role: Role, pointer: &str) -> Value {
        match value {
            Value::Object(_) if role == Role::Object && value["$ref"].is_string() => {
                match self.replacement(value, pointer) {
                    Ok(replacement) => replacement,
                    Err(None) => without_encoding(value),
                    Err(Some(error)) => {
                        self.errors.push((child(pointer, "$ref"), error));
                        value.clone()
                    }
                }
            }
            Value::Object(members) if role != Role::Data => members
                .iter()
                .map(|(key, member)| {
                    let role = role.member(key, member);
                    let member = self.inline(member, role, &child(pointer, key));
                    (key.clone(), member)
                })
                .collect(),
            Value::Array(items) if role != Role::Data => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.inline(item, role, &child(pointer, &index.to_string())))
                .collect(),
            _ => value.clone(),
        }
    }

    /// Returns the pointers that replaced references led to.
    #[must_use]
    pub fn inlined(&self) -> &[String] {
        &self.inlined
    }

    /// Returns the references that could not be replaced, each with the pointer of its `$ref`.
    #[must_use]
    pub fn errors(&self) -> &[(String, ReferenceError)] {
        &self.errors
    }

    /// Returns what replaces a reference. `Err(None)` means that the reference is to stay.
    fn replacement(
        &mut self,
        value: &Value,
        holder: &str,
    ) -> Result<Value, Option<ReferenceError>> {
        let reference = value["$ref"].as_str().unwrap_or_default();
        try_resolve(self.root, value, holder).map_err(Some)?;
        let pointer = target(reference).ok_or(None)?;
        if (self.keeps)(&pointer) {
            return Err(None);
        }
        if self.open.contains(&pointer) {
            return Err(Some(ReferenceError::Cycle(reference.to_owned())));
        }
        let found = self.root.pointer(&pointer).ok_or(None)?;
        self.size += size(found);
        if self.size > MAX_VALUES || self.open.len() >= MAX_DEPTH {
            return Err(Some(ReferenceError::TooLarge(reference.to_owned())));
        }
        self.inlined.push(pointer.clone());
        self.open.push(pointer.clone());
        let mut inlined = self.inline(found, Role::Object, &pointer);
        self.open.pop();
        for key in ["description", "nullable"] {
            if let (Some(sibling), Some(members)) = (value.get(key), inlined.as_object_mut()) {
                members.insert(key.to_owned(), sibling.clone());
            }
        }
        for method in METHODS {
            // A schema can have a member `options` that is a list.
            let own = value.get(method).filter(|own| own.is_object());
            if let (Some(own), Some(members)) = (own, inlined.as_object_mut()) {
                let own = self.inline(own, Role::Object, &child(holder, method));
                members.insert(method.to_owned(), own);
            }
        }
        Ok(inlined)
    }
}

/// Decodes the reference of a value, unless a second decoding would change it.
fn without_encoding(value: &Value) -> Value {
    let mut decoded = value.clone();
    let pointer = value["$ref"].as_str().and_then(target);
    if let Some(pointer) = pointer.filter(|pointer| !pointer.contains('%')) {
        decoded["$ref"] = format!("#{pointer}").into();
    }
    decoded
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(size).sum(),
        Value::Array(items) => items.iter().map(size).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn inlined(root: &Value) -> (Value, Vec<(String, ReferenceError)>) {
        let mut inliner = Inliner::new(root, |pointer| pointer.matches('/').count() == 1);
        let value = inliner.inline(root, Role::Object, "");
        (value, inliner.errors().to_vec())
    }

    #[test]
    fn references_are_replaced_unless_kept() {
        let root = json!({
            "A": { "properties": { "id": { "type": "string" }, "$ref": { "$ref": "#/A" } } },
            "B": { "items": { "$ref": "#/A/properties/id", "nullable": true, "type": "array", "options": [] } },
            "C": { "not": { "$ref": "#/B/items" }, "example": { "$ref": "#/B/items" } },
        });
        let (value, errors) = inlined(&root);
        let id = json!({ "type": "string", "nullable": true });
        assert_eq!(errors, []);
        assert_eq!(value["A"], root["A"]);
        assert_eq!(value["B"]["items"], id);
        assert_eq!(
            value["C"],
            json!({ "not": id, "example": { "$ref": "#/B/items" } })
        );
    }

    #[test]
    fn references_that_stay_are_decoded() {
        let root = json!({ "a b": {}, "ü": {}, "c%41": {}, "d/e": {} });
        for (reference, expected) in [
            ("#/a%20b", "#/a b"),
            ("#/%C3%BC", "#/ü"),
            ("#/%64%7E1e", "#/d~1e"),
            ("#/c%2541", "#/c%2541"),
            ("#/%6dissing", "#/%6dissing"),
        ] {
            let mut inliner = Inliner::new(&root, |_| true);
            let value = json!({ "$ref": reference, "description": "A." });
            let result = inliner.inline(&value, Role::Object, "");
            let expected = json!({ "$ref": expected, "description": "A." });
            assert_eq!(result, expected);
        }
    }

    #[test]
    fn references_without_an_end_or_a_target_stay() {
        let root = json!({
            "A": { "properties": { "a": { "$ref": "#/A/properties/a" } } },
            "B": { "properties": { "b": { "properties": { "c": { "$ref": "#/B/properties/b" } } } } },
            "C": { "items": { "$ref": "#/missing" } },
        });
        let (value, errors) = inlined(&root);
        assert_eq!(value["A"], root["A"]);
        assert_eq!(value["C"], root["C"]);
        let pointers: Vec<_> = errors.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/A/properties/a/$ref",
                "/B/properties/b/properties/c/$ref",
                "/C/items/$ref"
            ]
        );
        assert!(matches!(errors[0].1, ReferenceError::Cycle(_)));
        assert!(matches!(errors[1].1, ReferenceError::Cycle(_)));
        assert!(matches!(errors[2].1, ReferenceError::NotFound(_)));
    }

    #[test]
    fn references_that_multiply_stay() {
        let mut root = Map::new();
        root.insert("S0".to_owned(), json!({ "properties": { "a": {} } }));
        for level in 1..40 {
            let below = json!({ "$ref": format!("#/S{}/properties", level - 1) });
            let members =
                json!({ "a": { "not": below }, "b": { "not": below }, "c": { "not": below } });
            root.insert(format!("S{level}"), json!({ "properties": members }));
        }
        let (value, errors) = inlined(&Value::Object(root));
        assert!(size(&value) < 2 * MAX_VALUES);
        assert!(matches!(errors[0].1, ReferenceError::TooLarge(_)));
    }
}
