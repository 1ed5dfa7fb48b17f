//! A part of a spec together with its place.

use serde_json::Value;

use super::change::Place;
use authress_users_openapi::{Document, child};

/// A value in a spec, with references resolved where possible.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) document: &'a Document,
    pub(crate) value: &'a Value,
    pub(crate) pointer: String,
}

/// A part of the old spec and the part of the new spec that it is compared with.
pub(crate) type Both<'p, 'a> = (&'p Part<'a>, &'p Part<'a>);

impl<'a> Part<'a> {
    pub(crate) fn root(document: &'a Document) -> Self {
        Self {
            document,
            value: &document.value,
            pointer: String::new(),
        }
    }

    /// Returns a member without resolving its reference.
    pub(crate) fn unresolved(&self, key: &str) -> Option<Self> {
        Some(Self {
            document: self.document,
            value: match self.value {
                Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
                other => other.get(key)?,
            },
            pointer: child(&self.pointer, key),
        })
    }

    fn resolved(self) -> Self {
        match self.document.resolve(self.value, &self.pointer) {
            Some((value, pointer)) => Self {
                value,
                pointer,
                ..self
            },
            None => self,
        }
    }

    /// Returns a member, with its reference resolved.
    pub(crate) fn member(&self, key: &str) -> Option<Self> {
        self.unresolved(key).map(Self::resolved)
    }

    /// Returns the members of an object, with references resolved.
    pub(crate) fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members
            .filter_map(|(key, _)| Some((key.as_str(), self.member(key)?)))
            .collect()
    }

    /// Returns the members of the object under `key`; none if it is absent.
    pub(crate) fn members_of(&self, key: &str) -> Vec<(&'a str, Self)> {
        // The object maps names to parts, so a member `$ref` in it is not a reference.
        self.unresolved(key)
            .map_or_else(Vec::new, |part| part.members())
    }

    /// Returns the items of an array, with references resolved.
    pub(crate) fn items(&self) -> Vec<Self> {
        let count = self.value.as_array().map_or(0, Vec::len);
        (0..count)
            .filter_map(|index| self.member(&index.to_string()))
            .collect()
    }

    /// Returns the items of the array under `key`; none if it is absent.
    pub(crate) fn items_of(&self, key: &str) -> Vec<Self> {
        self.unresolved(key)
            .map_or_else(Vec::new, |part| part.items())
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    /// Returns the strings of the array under `key`.
    pub(crate) fn texts(&self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let items = self.value.get(key).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Returns a member without resolving it, or the part itself if the member is absent.
    pub(crate) fn nearest(&self, key: &str) -> Self {
        self.unresolved(key).unwrap_or_else(|| self.clone())
    }

    /// Returns the place of this part.
    pub(crate) fn here(&self) -> Place {
        self.place(true)
    }

    /// Returns the place of [`nearest`](Self::nearest).
    pub(crate) fn near(&self, key: &str) -> Place {
        self.nearest(key).here()
    }

    /// Returns the place where something is absent that would be in this part.
    pub(crate) fn absent(&self) -> Place {
        self.place(false)
    }

    /// Returns the place of this part, or of what is absent in it.
    pub(crate) fn place(&self, present: bool) -> Place {
        let line = self.document.line(&self.pointer);
        Place {
            file: self.document.name.clone(),
            line,
            pointer: self.pointer.clone(),
            source: self.document.source_line(line),
            present,
        }
    }

    /// Returns the place of a member, or its absence in this part.
    pub(crate) fn member_place(&self, key: &str) -> Place {
        match self.unresolved(key) {
            Some(member) => member.here(),
            None => self.absent(),
        }
    }
}
