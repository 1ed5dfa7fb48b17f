//! Inlines the references of the provider's spec, except those to whole schemas.

use authress_users_openapi::{Document, ReferenceError, Role, child, target, try_resolve};
use serde_json::Value;

use super::schemas::SCHEMAS;
use crate::problem::{Code, Failure, Problem};

/// The limit on references to inline, in case they multiply.
const MAX_REFERENCES: usize = 20_000;

/// Replaces references by their targets.
#[derive(Debug)]
pub(super) struct Inliner<'a> {
    document: &'a Document,
    /// The references that are being inlined.
    open: Vec<&'a str>,
    /// The number of references to parts of schemas.
    pub(super) into_schemas: usize,
    inlined: usize,
}

impl<'a> Inliner<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            open: Vec::new(),
            into_schemas: 0,
            inlined: 0,
        }
    }

    /// Inlines the value at `pointer`; the remaining references lead to whole schemas.
    pub(super) fn inline(&mut self, value: &'a Value, pointer: &str) -> Result<Value, Failure> {
        self.inline_part(value, pointer, Role::Object)
    }

    fn inline_part(
        &mut self,
        value: &'a Value,
        pointer: &str,
        part: Role,
    ) -> Result<Value, Failure> {
        match value {
            _ if part == Role::Data => Ok(value.clone()),
            Value::Object(_) if part == Role::Object && value["$ref"].is_string() => {
                self.follow(value, pointer)
            }
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| {
                    let part = part.member(key, member);
                    let member = self.inline_part(member, &child(pointer, key), part)?;
                    Ok((key.clone(), member))
                })
                .collect(),
            Value::Array(items) => (0..)
                .zip(items)
                .map(|(index, item)| {
                    self.inline_part(item, &child(pointer, &format!("{index}")), part)
                })
                .collect(),
            _ => Ok(value.clone()),
        }
    }

    fn follow(&mut self, value: &'a Value, pointer: &str) -> Result<Value, Failure> {
        let document = self.document;
        let reference = value["$ref"].as_str().unwrap_or_default();
        let rejected = |message: String| {
            Failure::Problems(vec![Problem::new(
                document,
                Code::REFERENCE,
                &child(pointer, "$ref"),
                message,
                "report it to the provider, and fix it in a copy until then",
            )])
        };
        try_resolve(&document.value, value, pointer)
            .map_err(|error| rejected(error.to_string()))?;
        // A schema can contain itself, but not consist of itself.
        if is_whole_schema(reference) {
            return Ok(value.clone());
        }
        if self.open.contains(&reference) || self.open.len() > 64 {
            return Err(rejected(
                ReferenceError::Cycle(reference.to_owned()).to_string(),
            ));
        }
        self.inlined += 1;
        if self.inlined > MAX_REFERENCES {
            return Err(rejected(format!(
                "the reference `{reference}` is one of more than {MAX_REFERENCES} to inline"
            )));
        }
        self.into_schemas += usize::from(reference.starts_with(SCHEMAS));
        let target = target(reference).unwrap_or_default();
        let Some(found) = document.value.pointer(&target) else {
            return Ok(value.clone());
        };
        self.open.push(reference);
        let mut inlined = self.inline(found, &target)?;
        self.open.pop();
        // OpenAPI 3.0 ignores siblings of `$ref`, but the provider's spec relies on these.
        for key in ["description", "nullable"] {
            if let (Some(sibling), Some(members)) = (value.get(key), inlined.as_object_mut()) {
                members.insert(key.to_owned(), sibling.clone());
            }
        }
        Ok(inlined)
    }
}

/// Whether a reference leads to a whole schema, not to a part of one.
fn is_whole_schema(reference: &str) -> bool {
    reference
        .strip_prefix(SCHEMAS)
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}
