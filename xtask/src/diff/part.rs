//! A part of a document, together with the place where it stands.

use serde_json::Value;

use authress_users_openapi::{Document, child};

/// A value in a document. References have been followed, where they lead anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) document: &'a Document,
    pub(crate) value: &'a Value,
    pub(crate) pointer: String,
}

impl<'a> Part<'a> {
    pub(crate) fn root(document: &'a Document) -> Self {
        Self {
            document,
            value: &document.value,
            pointer: String::new(),
        }
    }

    /// A member as it stands there.
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
        let found = self.document.resolve(self.value, &self.pointer);
        match found {
            Some((value, pointer)) => Self {
                value,
                pointer,
                ..self
            },
            None => self,
        }
    }

    /// A member, or what it refers to.
    pub(crate) fn member(&self, key: &str) -> Option<Self> {
        self.unresolved(key).map(Self::resolved)
    }

    /// The members of an object, or what they refer to.
    pub(crate) fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        members
            .filter_map(|(key, _)| Some((key.as_str(), self.member(key)?)))
            .collect()
    }

    /// The members of the object that is a member; none where it is absent.
    pub(crate) fn members_of(&self, key: &str) -> Vec<(&'a str, Self)> {
        // What is called `$ref` in there is a name, and leads nowhere.
        self.unresolved(key)
            .map_or_else(Vec::new, |part| part.members())
    }

    /// The items of a list, or what they refer to.
    pub(crate) fn items(&self) -> Vec<Self> {
        let count = self.value.as_array().map_or(0, Vec::len);
        (0..count)
            .filter_map(|index| self.member(&index.to_string()))
            .collect()
    }

    /// The items of the list that is a member; none where it is absent.
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

    /// Where a member stands, or the part itself where there is none.
    pub(crate) fn nearest(&self, key: &str) -> Self {
        self.unresolved(key).unwrap_or_else(|| self.clone())
    }
}
