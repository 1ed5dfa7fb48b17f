//! Which part of a spec an item is generated from.

use authress_users_openapi::{Document, OperationEntry, child};
use heck::{ToPascalCase as _, ToShoutySnakeCase as _, ToSnakeCase as _};
use serde_json::Value;

/// The part of the specs that an item is generated from, where known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Origin {
    /// An operationId.
    pub(crate) operation: Option<String>,
    /// The name of a schema component.
    pub(crate) component: Option<String>,
    /// The JSON pointer in the old spec.
    pub(crate) old: Option<String>,
    /// The JSON pointer in the new spec.
    pub(crate) new: Option<String>,
}

/// The same for one spec.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Source {
    operation: Option<String>,
    component: Option<String>,
    pointer: Option<String>,
}

impl Origin {
    /// Finds the origin of an item that the code of both specs, or of one, has.
    pub(super) fn of(
        path: &str,
        (old, new): (&Document, &Document),
        (in_old, in_new): (bool, bool),
    ) -> Self {
        let (mut old, mut new) = (Finder::of(old, path), Finder::of(new, path));
        // If one spec lacks the item, another part of it may have a similar name.
        let is_same = old.operation == new.operation && old.component == new.component;
        if in_old != in_new && !is_same {
            *(if in_old { &mut new } else { &mut old }) = Source::default();
        }
        Self {
            operation: old.operation.or(new.operation),
            component: old.component.or(new.component),
            old: old.pointer,
            new: new.pointer,
        }
    }
}

struct Finder<'a> {
    document: &'a Document,
    operations: Vec<OperationEntry<'a>>,
}

impl<'a> Finder<'a> {
    /// Finds the source of an item by the names that the generator derives.
    fn of(document: &'a Document, path: &str) -> Source {
        let mut operations = document.operations();
        operations.retain(|entry| entry.value["operationId"].is_string());
        let finder = Self {
            document,
            operations,
        };
        let (head, member) = match path.split_once('.') {
            Some((head, member)) => (head, Some(member)),
            None => (path, None),
        };
        let names: Vec<_> = head.split("::").collect();
        match *names {
            ["Client", name] => finder.operation(|id| id.to_snake_case() == name, None),
            ["builder", name] => finder.operation(|id| id.to_pascal_case() == name, None),
            ["builder", name, setter] => {
                finder.operation(|id| id.to_pascal_case() == name, Some(setter))
            }
            ["operations", name] => {
                finder.operation(|id| id.to_shouty_snake_case() == name, member)
            }
            ["types", "builder", name] => finder.schema(name, None),
            ["types", "builder", name, setter] => finder.schema(name, Some(setter)),
            ["types", name] => finder.schema(name, member),
            ["types", name, variant] => finder.schema(name, Some(variant)),
            _ => Source::default(),
        }
    }

    fn operation(&self, matches: impl Fn(&str) -> bool, part: Option<&str>) -> Source {
        let found = self.operations.iter().find(|entry| matches(&entry.name()));
        found.map_or_else(Source::default, |entry| self.in_operation(entry, part))
    }

    fn in_operation(&self, entry: &OperationEntry<'a>, part: Option<&str>) -> Source {
        let whole = entry.pointer();
        let pointer = part.and_then(|part| self.part(entry, part));
        Source {
            operation: Some(entry.name()),
            component: None,
            pointer: Some(pointer.unwrap_or(whole)),
        }
    }

    /// Returns the pointer of a parameter or the body by its setter, or of a response by its status.
    fn part(&self, entry: &OperationEntry<'a>, part: &str) -> Option<String> {
        let whole = entry.pointer();
        let status = part.strip_prefix("responses[");
        if let Some(status) = status.and_then(|rest| rest.strip_suffix(']')) {
            return Some(child(&child(&whole, "responses"), status));
        }
        if part.starts_with("body") || part == "request_media_type" {
            return Some(child(&whole, "requestBody"));
        }
        let parameters = self.document.parameters(entry).into_iter();
        let mut named = parameters.filter(|parameter| parameter.name.to_snake_case() == part);
        named.next().map(|parameter| parameter.pointer)
    }

    fn schema(&self, name: &str, member: Option<&str>) -> Source {
        let schemas = self.document.value["components"]["schemas"].as_object();
        let components = schemas.into_iter().flat_map(serde_json::Map::keys);
        // The name of an inline type starts with the name of its operation or component.
        let component = components
            .filter(|component| starts_with_words(name, &component.to_pascal_case()))
            .max_by_key(|component| component.len());
        let operation = self
            .operations
            .iter()
            .filter(|entry| starts_with_words(name, &entry.name().to_pascal_case()))
            .max_by_key(|entry| entry.name().len());
        let is_exact = component.is_some_and(|component| component.to_pascal_case() == name);
        if let Some(entry) = operation.filter(|_| !is_exact) {
            let id = entry.name();
            if component.is_none_or(|component| component.len() < id.len()) {
                let rest = name[id.to_pascal_case().len()..].to_snake_case();
                return self.in_operation(entry, Some(&rest));
            }
        }
        let Some(component) = component else {
            return Source::default();
        };
        let whole = child("/components/schemas", component);
        let member = member.filter(|_| is_exact).and_then(|member| {
            let pointer = child(&whole, "properties");
            let properties = self
                .document
                .value
                .pointer(&pointer)
                .and_then(Value::as_object)?;
            let wanted = member.trim_end_matches('_');
            let key = properties
                .keys()
                .find(|key| key.to_snake_case() == wanted)?;
            Some(child(&pointer, key))
        });
        Source {
            operation: None,
            component: Some(component.clone()),
            pointer: Some(member.unwrap_or(whole)),
        }
    }
}

/// Returns whether a name in Pascal case is another name or starts with its words.
fn starts_with_words(name: &str, start: &str) -> bool {
    name.strip_prefix(start)
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_lowercase()))
}
