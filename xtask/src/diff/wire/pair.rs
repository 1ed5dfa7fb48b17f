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
        let name = component_name(&old).filter(|old| {
            let new = component_name(&new);
            new.is_some_and(|new| path_in_component(old) == path_in_component(&new))
        });
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

/// The part of a name after that of the component.
fn path_in_component(name: &str) -> &str {
    let end = name.find(['.', '[']);
    end.map_or("", |end| &name[end..])
}

/// Names a schema by its path in a component, such as `User.addresses[].street`.
pub(super) fn component_name(schema: &Part<'_>) -> Option<String> {
    let path = schema.pointer.strip_prefix("/components/schemas/")?;
    let mut segments = path.split('/');
    let mut name = segments.next()?.to_owned();
    while let Some(segment) = segments.next() {
        match segment {
            "properties" => {
                name.push('.');
                name += &unescape(segments.next()?);
            }
            "items" => name += "[]",
            "additionalProperties" => name += ".*",
            "allOf" | "anyOf" | "oneOf" => _ = segments.next()?,
            _ => return None,
        }
    }
    Some(name)
}
