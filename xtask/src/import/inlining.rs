//! References of the provider's document, of which only those to whole schemas stay.

use serde_json::Value;

use super::parts::Part;
use crate::problem::{Code, Failure, Problem};
use authress_users_openapi::{Document, child};

/// Where the schemas stand that can be referred to.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// More references than this are a document that unfolds without end.
const MOST: usize = 20_000;

/// Puts in the place of each reference what it leads to.
#[derive(Debug)]
pub(super) struct Inlining<'a> {
    document: &'a Document,
    /// The references that are being followed.
    open: Vec<&'a str>,
    /// How many led into the inside of a schema.
    pub(super) into_schemas: usize,
    inlined: usize,
}

impl<'a> Inlining<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            open: Vec::new(),
            into_schemas: 0,
            inlined: 0,
        }
    }

    /// The value at `pointer`, in which all references lead to whole schemas.
    pub(super) fn apply(&mut self, value: &'a Value, pointer: &str) -> Result<Value, Failure> {
        self.inline(value, pointer, Part::Object)
    }

    fn inline(&mut self, value: &'a Value, pointer: &str, part: Part) -> Result<Value, Failure> {
        match value {
            Value::Object(members) if part != Part::Data => {
                if part == Part::Object
                    && let Some(reference) = members.get("$ref").and_then(Value::as_str)
                {
                    return self.follow(value, reference, pointer);
                }
                members
                    .iter()
                    .map(|(key, member)| {
                        let part = part.member(key, member);
                        let member = self.inline(member, &child(pointer, key), part)?;
                        Ok((key.clone(), member))
                    })
                    .collect()
            }
            Value::Array(items) if part != Part::Data => items
                .iter()
                .enumerate()
                .map(|(index, item)| self.inline(item, &child(pointer, &index.to_string()), part))
                .collect(),
            _ => Ok(value.clone()),
        }
    }

    fn follow(
        &mut self,
        value: &'a Value,
        reference: &'a str,
        pointer: &str,
    ) -> Result<Value, Failure> {
        let refused = |message: String, advice: &str| {
            let place = child(pointer, "$ref");
            let document = self.document;
            Err(Failure::Problems(vec![Problem::new(
                document,
                Code::REFERENCE,
                &place,
                format!("`{reference}` {message}"),
                advice,
            )]))
        };
        let Some(target) = reference.strip_prefix('#') else {
            return refused(
                "leads out of the document".to_owned(),
                "bring the document together into one file first",
            );
        };
        let Some(found) = self.document.value.pointer(target) else {
            return refused(
                "leads to nothing".to_owned(),
                "tell the provider, and correct it in a copy until then",
            );
        };
        // A schema may lead back to itself through its members, but not be itself.
        let is_whole = is_whole_schema(reference);
        let has_no_end = if is_whole {
            self.document.resolve(value, pointer).is_none()
        } else {
            self.open.contains(&reference) || self.open.len() > 64
        };
        if has_no_end {
            return refused(
                "leads back to itself, so what it means has no end".to_owned(),
                "tell the provider, and correct it in a copy until then",
            );
        }
        if is_whole {
            return Ok(value.clone());
        }
        self.inlined += 1;
        if self.inlined > MOST {
            return refused(
                format!("is one of more than {MOST} references to follow"),
                "look for parts that refer to one another many times over",
            );
        }
        if reference.starts_with(SCHEMAS) {
            self.into_schemas += 1;
        }
        self.open.push(reference);
        let inlined = self.inline(found, target, Part::Object);
        self.open.pop();
        let mut inlined = inlined?;
        // Beside a reference nothing counts in OpenAPI 3.0, but it is written there and meant.
        for key in ["description", "nullable"] {
            if let (Some(said), Some(members)) = (value.get(key), inlined.as_object_mut()) {
                members.insert(key.to_owned(), said.clone());
            }
        }
        Ok(inlined)
    }
}

/// Whether a reference leads to a schema as a whole, and not into it.
pub(super) fn is_whole_schema(reference: &str) -> bool {
    reference
        .strip_prefix(SCHEMAS)
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}
