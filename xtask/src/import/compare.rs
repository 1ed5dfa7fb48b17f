//! What a part of a spec states, regardless of texts, order and notation.

use authress_users_openapi::{COMPOSITION_KEYWORDS, Role, is_default};
use serde_json::{Map, Value, json};

use super::part::Part;
use crate::nullability::nullable_reference;

/// A value behind its references and behind an `allOf` with one schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) value: &'a Value,
    /// The last reference that was followed.
    pub(super) reference: Option<&'a str>,
    pub(super) nullable: bool,
}

impl<'a> View<'a> {
    /// Follows the references of `value` in `root`.
    pub(super) fn of(root: &'a Value, value: &'a Value) -> Self {
        let mut view = Self {
            value,
            reference: None,
            nullable: false,
        };
        // A longer chain is a cycle, which is reported when the candidate is linted.
        for _ in 0..32 {
            view.nullable |= view.value["nullable"] == true;
            let Some(target) = target(view.value) else {
                break;
            };
            let Some(reference) = target["$ref"].as_str() else {
                view.value = target;
                continue;
            };
            let found = authress_users_openapi::target(reference)
                .and_then(|pointer| root.pointer(&pointer));
            let Some(found) = found else {
                break;
            };
            view.value = found;
            view.reference = Some(reference);
            view.nullable |= target["nullable"] == true;
        }
        view
    }
}

/// The part that a value consists of: itself if it is a reference, or its only part.
fn target(value: &Value) -> Option<&Value> {
    if value["$ref"].is_string() {
        return Some(value);
    }
    let composition = COMPOSITION_KEYWORDS
        .into_iter()
        .find(|key| value.get(key).is_some())?;
    match value[composition].as_array()?.as_slice() {
        [only] => {
            let mut facts = value.as_object()?.iter().filter(|(key, _)| !is_text(key));
            facts
                .all(|(key, fact)| {
                    // The part states the type too.
                    key == composition || key == "nullable" || (key == "type" && fact == "object")
                })
                .then_some(only)
        }
        _ => None,
    }
}

/// A reference, and whether the value may be null instead.
pub(super) fn reference(to: &str, nullable: bool, description: Option<&Value>) -> Value {
    if !nullable {
        return json!({"$ref": to});
    }
    nullable_reference(to, description)
}

/// Whether a member is meant for people, so that ours stays.
pub(super) fn is_text(key: &str) -> bool {
    matches!(
        key,
        "description"
            | "summary"
            | "title"
            | "example"
            | "examples"
            | "externalDocs"
            | "tags"
            | "operationId"
    )
}

/// The facts that a value states, in a form that is equal for equal facts.
pub(super) fn facts(value: &Value, part: Role) -> Value {
    facts_of(value, part, "")
}

fn facts_of(value: &Value, part: Role, key: &str) -> Value {
    match value {
        Value::Object(members) if part != Role::Data => {
            if part == Role::Object
                && let Some(Value::String(to)) = target(value).map(|target| &target["$ref"])
            {
                return reference(to, value["nullable"] == true, None);
            }
            let mut facts: Vec<_> = members
                .iter()
                .filter(|(key, member)| {
                    part == Role::Names || !(is_text(key) || is_default(key, member))
                })
                .map(|(key, member)| {
                    let facts = facts_of(member, part.member(key, member), key);
                    (key.clone(), facts)
                })
                .collect();
            facts.sort_by(|(left, _), (right, _)| left.cmp(right));
            facts.into_iter().collect()
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| facts_of(item, part, "")).collect();
            // The order of these has no meaning.
            if matches!(key, "required" | "enum" | "security" | "parameters") {
                items.sort_by_cached_key(ToString::to_string);
                items.dedup();
            }
            Value::Array(items)
        }
        // 1 and 1.0 are the same number.
        Value::Number(number) => json!(number.as_f64()),
        _ => value.clone(),
    }
}

/// Whether two values state the same facts.
pub(super) fn is_same(left: &Value, right: &Value, part: Role) -> bool {
    facts(left, part) == facts(right, part)
}

/// The place and name that identify a parameter.
pub(super) fn identity(parameter: &Value) -> (Option<&str>, Option<&str>) {
    (parameter["in"].as_str(), parameter["name"].as_str())
}

/// The index of the item that corresponds to `wanted`: parameters are identified by their names.
pub(super) fn position(
    root: &Value,
    items: &[Value],
    wanted: &Value,
    index: usize,
) -> Option<usize> {
    let identity_of = |item| identity(View::of(root, item).value);
    let identity = identity_of(wanted);
    if identity.0.is_none() {
        return (index < items.len()).then_some(index);
    }
    items.iter().position(|item| identity_of(item) == identity)
}

/// The item that corresponds to `wanted`.
pub(super) fn counterpart<'a>(
    root: &Value,
    items: &'a [Value],
    wanted: &Value,
    index: usize,
) -> Option<&'a Value> {
    position(root, items, wanted, index).map(|found| &items[found])
}

/// Our member that corresponds to the member `key` of `theirs`. A media type, and the status of a
/// success, can be another one.
pub(super) fn partner<'a>(
    ours: &'a Map<String, Value>,
    theirs: &Map<String, Value>,
    key: &str,
    part: Part<'_>,
) -> Option<&'a Value> {
    let is_alike = |key: &str| {
        part.is_content() || part.is_responses() && key.len() == 3 && key.starts_with('2')
    };
    let other = || {
        let mut free = ours
            .iter()
            .filter(|(key, _)| is_alike(key) && !theirs.contains_key(*key));
        free.next()
            .filter(|_| is_alike(key))
            .map(|(_, member)| member)
    };
    ours.get(key).or_else(other)
}

/// Whether the status of a response is one of an error.
pub(super) fn is_error(key: &str) -> bool {
    key == "default" || (key.len() == 3 && key.starts_with(['4', '5']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_correspond_only_if_they_are_media_types_or_successes() {
        for (holder, ours, theirs, is_partner) in [
            ("content", "application/a+json", "application/json", true),
            ("responses", "200", "2XX", true),
            ("responses", "404", "200", false),
            ("responses", "default", "204", false),
            ("properties", "a/b", "c/d", false),
            ("properties", "2fa", "200", false),
            ("headers", "2fa", "200", false),
            ("paths", "a/b", "c/d", false),
        ] {
            let map = |key| Map::from_iter([(String::from(key), json!({}))]);
            let (ours, their) = (map(ours), map(theirs));
            let found = partner(&ours, &their, theirs, Part::names(holder));
            assert_eq!(found.is_some(), is_partner, "{holder}: {theirs}");
        }
        // A property named like a keyword holds a schema, not a map.
        let content = json!({"a/b": {}});
        let part = Part::names("properties").member("content", &content);
        assert!(!part.is_content());
        assert!(Part::OBJECT.member("content", &content).is_content());
    }
}
