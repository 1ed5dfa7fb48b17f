//! The position of a value in a spec.

use authress_users_openapi::Role;
use serde_json::Value;

/// The role of a value, and the key of the member that holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) role: Role,
    key: &'a str,
}

impl<'a> Part<'a> {
    pub(super) const OBJECT: Self = Self {
        role: Role::Object,
        key: "",
    };

    /// The map under `key`.
    pub(super) fn names(key: &'a str) -> Self {
        Self {
            role: Role::Names,
            key,
        }
    }

    /// Returns what a member of this value is.
    pub(super) fn member<'k>(self, key: &'k str, member: &Value) -> Part<'k> {
        Part {
            role: self.role.member(key, member),
            key,
        }
    }

    /// Returns whether the value maps media types to contents.
    pub(super) fn is_content(self) -> bool {
        self.role == Role::Names && self.key == "content"
    }

    /// Returns whether the value is a map `responses`: of an operation by status, or of components by name.
    pub(super) fn is_responses(self) -> bool {
        self.role == Role::Names && self.key == "responses"
    }
}
