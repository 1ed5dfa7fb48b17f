//! Which part of the documents makes an item.

use heck::{ToPascalCase as _, ToShoutySnakeCase as _, ToSnakeCase as _};
use serde_json::Value;

use crate::generate::Files;
use authress_users_openapi::{METHODS, child};

/// What in the documents makes an item, where that can be told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    /// An operationId.
    pub(crate) operation: Option<String>,
    /// The name of a schema among the components.
    pub(crate) component: Option<String>,
    /// The JSON pointer of the part in the old document.
    pub(crate) old: Option<String>,
    /// The JSON pointer of the part in the new document.
    pub(crate) new: Option<String>,
}

impl Origin {
    /// This of the old document together with that of the new one.
    pub(super) fn with(self, new: Self) -> Self {
        Self {
            operation: self.operation.or(new.operation),
            component: self.component.or(new.component),
            old: self.old,
            new: new.old,
        }
    }

    /// This of the document that has the item, where `other` is that of the one that has it not:
    /// a part with a name that is like it says nothing of the item.
    pub(super) fn without(self, other: Self) -> Self {
        let same = self.operation == other.operation && self.component == other.component;
        Self {
            new: other.old.filter(|_| same),
            ..self
        }
    }

    /// The same, as seen from the other document.
    pub(super) fn turned(self) -> Self {
        Self {
            old: self.new,
            new: self.old,
            ..self
        }
    }
}

/// The parts of a document that items are made from.
pub(super) struct Origins {
    document: Value,
    operations: Vec<Operation>,
    components: Vec<String>,
}

struct Operation {
    id: String,
    path: String,
    method: &'static str,
}

impl Origins {
    /// Reads them from the document that stands beside the generated code.
    pub(super) fn read(files: &Files) -> Result<Self, String> {
        let text = files.get("openapi.json").map_or("", String::as_str);
        let document: Value = serde_json::from_str(text)
            .map_err(|reason| format!("the generated openapi.json is not JSON: {reason}"))?;
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in METHODS {
                if let Some(id) = item[method]["operationId"].as_str() {
                    operations.push(Operation {
                        id: id.to_owned(),
                        path: path.clone(),
                        method,
                    });
                }
            }
        }
        let components = document["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        Ok(Self {
            document,
            operations,
            components,
        })
    }

    /// What makes the item with this path, and where it stands in this one document.
    pub(super) fn of(&self, path: &str) -> Origin {
        let (head, member) = match path.split_once('.') {
            Some((head, member)) => (head, Some(member)),
            None => (path, None),
        };
        let names: Vec<_> = head.split("::").collect();
        match names.as_slice() {
            ["Client", method] => self.operation(|id| id.to_snake_case() == *method, None),
            ["builder", name] => self.operation(|id| id.to_pascal_case() == *name, None),
            ["builder", name, setter] => {
                self.operation(|id| id.to_pascal_case() == *name, Some(setter))
            }
            ["operations", name] => self.operation(|id| id.to_shouty_snake_case() == *name, member),
            ["types", "builder", name] => self.schema(name, None),
            ["types", "builder", name, setter] => self.schema(name, Some(setter)),
            ["types", name] => self.schema(name, member),
            ["types", name, variant] => self.schema(name, Some(variant)),
            _ => Origin::default(),
        }
    }

    fn operation(&self, matches: impl Fn(&str) -> bool, part: Option<&str>) -> Origin {
        let Some(found) = self
            .operations
            .iter()
            .find(|operation| matches(&operation.id))
        else {
            return Origin::default();
        };
        Origin {
            operation: Some(found.id.clone()),
            old: Some(self.place(found, part)),
            ..Origin::default()
        }
    }

    /// The part of an operation: a parameter or the body by its setter, an answer by its status.
    fn place(&self, operation: &Operation, part: Option<&str>) -> String {
        let item = child("/paths", &operation.path);
        let whole = child(&item, operation.method);
        let Some(part) = part else { return whole };
        let status = part
            .strip_prefix("responses[")
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(status) = status {
            return child(&child(&whole, "responses"), status);
        }
        if part.starts_with("body") || part == "request_media_type" {
            return child(&whole, "requestBody");
        }
        for holder in [&whole, &item] {
            let pointer = child(holder, "parameters");
            let parameters = self.document.pointer(&pointer).and_then(Value::as_array);
            for (index, parameter) in parameters.into_iter().flatten().enumerate() {
                let target = parameter["$ref"]
                    .as_str()
                    .and_then(|reference| self.document.pointer(reference.strip_prefix('#')?));
                let name = target.unwrap_or(parameter)["name"].as_str();
                if name.is_some_and(|name| name.to_snake_case() == part) {
                    return child(&pointer, &index.to_string());
                }
            }
        }
        whole
    }

    fn schema(&self, name: &str, member: Option<&str>) -> Origin {
        // A type without a name of its own is called after what it stands in.
        let component = self
            .components
            .iter()
            .filter(|component| is_called_after(name, &component.to_pascal_case()))
            .max_by_key(|component| component.len());
        let exact = component.filter(|component| component.to_pascal_case() == name);
        let operation = self
            .operations
            .iter()
            .filter(|operation| is_called_after(name, &operation.id.to_pascal_case()))
            .max_by_key(|operation| operation.id.len());
        let longer = |operation: &Operation| {
            component.is_none_or(|component| component.len() < operation.id.len())
        };
        if let Some(operation) = operation.filter(|found| exact.is_none() && longer(found)) {
            let rest = name[operation.id.to_pascal_case().len()..].to_snake_case();
            return Origin {
                operation: Some(operation.id.clone()),
                old: Some(self.place(operation, Some(&rest))),
                ..Origin::default()
            };
        }
        let Some(component) = component else {
            return Origin::default();
        };
        let whole = child("/components/schemas", component);
        let member = member.filter(|_| exact.is_some()).and_then(|member| {
            let pointer = child(&whole, "properties");
            let properties = self.document.pointer(&pointer)?.as_object()?;
            let wanted = member.trim_end_matches('_');
            let key = properties
                .keys()
                .find(|key| key.to_snake_case() == wanted)?;
            Some(child(&pointer, key))
        });
        Origin {
            component: Some(component.clone()),
            old: Some(member.unwrap_or(whole)),
            ..Origin::default()
        }
    }
}

/// Whether a type's name is that of the other, or starts with its words.
fn is_called_after(name: &str, other: &str) -> bool {
    name.strip_prefix(other)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_lowercase()))
}
