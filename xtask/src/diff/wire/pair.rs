//! Two schemas for the same value.

use authress_users_openapi::{json_schema, unescape};

use super::containment::JsonSchema;
use crate::diff::direction::{Direction, Encoding};
use crate::diff::part::Part;

#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) old: Part<'a>,
    pub(super) new: Part<'a>,
    pub(super) direction: Direction,
    pub(super) encoding: Encoding,
    /// The name in messages.
    pub(super) subject: String,
}

impl<'a> Pair<'a> {
    /// Creates a pair. A schema of a component is named after it, unless it was somewhere else before;
    /// otherwise by `subject`.
    pub(super) fn new(
        old: Part<'a>,
        new: Part<'a>,
        direction: Direction,
        encoding: Encoding,
        subject: &str,
    ) -> Self {
        let name = component_path(&old)
            .filter(|(_, path)| component_path(&new).is_some_and(|(_, new)| *path == new))
            .map(|(component, path)| component + &path);
        Self {
            subject: name.unwrap_or_else(|| subject.to_owned()),
            old,
            new,
            direction,
            encoding,
        }
    }

    /// Translates both schemas.
    pub(super) fn json_schemas(&self) -> (JsonSchema, JsonSchema) {
        let translate = |part: &Part<'a>| {
            let mut schema = part.value.clone();
            if self.encoding == Encoding::Text
                && let Some(members) = schema.as_object_mut()
            {
                members.shift_remove("nullable");
            }
            json_schema(&part.document.value, &schema, Some(self.direction))
        };
        (translate(&self.old), translate(&self.new))
    }

    /// Creates a pair of schemas inside this one; the subject gets the suffix.
    pub(super) fn inner(&self, old: &Part<'a>, new: &Part<'a>, suffix: &str) -> Self {
        let subject = format!("{}{suffix}", self.subject);
        let (old, new) = (old.clone(), new.clone());
        Self::new(old, new, self.direction, self.encoding, &subject)
    }
}

/// Names a schema by its path in a component, such as `User.addresses[].street`.
pub(super) fn component_name(schema: &Part<'_>) -> Option<String> {
    component_path(schema).map(|(component, path)| component + &path)
}

/// Returns the name of the component that has a schema, and the path of the schema in it.
fn component_path(schema: &Part<'_>) -> Option<(String, String)> {
    let pointer = schema.pointer.strip_prefix("/components/schemas/")?;
    let mut segments = pointer.split('/');
    let component = unescape(segments.next()?);
    let mut path = String::new();
    while let Some(segment) = segments.next() {
        match segment {
            "properties" => {
                path.push('.');
                path += &unescape(segments.next()?);
            }
            "items" => path += "[]",
            "additionalProperties" => path += ".*",
            "allOf" | "anyOf" | "oneOf" => _ = segments.next()?,
            _ => return None,
        }
    }
    Some((component, path))
}
