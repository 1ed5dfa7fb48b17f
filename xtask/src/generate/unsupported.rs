//! Finds the operations and schemas that cannot be generated, and removes them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::generator;
use crate::problem::{Code, Problem};
use authress_users_openapi::{Document, OperationEntry, Role, child, reachable_pointers, unescape};

/// Finds what progenitor rejects by running it for one operation at a time, with the components
/// that it needs. If it accepts all of them, a schema that no operation needs is at fault, or the
/// document as a whole.
pub(super) fn locate(
    document: &Document,
    lowered: &Value,
    reason: &str,
    advice: &str,
) -> Vec<Problem> {
    let rejected = |pointer: String, part: &Value| Some((pointer, generator::run(part).err()?));
    let operations = document.operations();
    let mut found: Vec<_> = operations
        .iter()
        .filter_map(|entry| {
            let mut path_item = lowered["paths"][entry.path].clone();
            if let Some(members) = path_item.as_object_mut() {
                members.retain(|key, _| key == entry.method || key == "parameters");
            }
            let part = part_of(lowered, &json!({ entry.path: path_item }), None);
            rejected(entry.pointer(), &part)
        })
        .collect();
    if found.is_empty() {
        let schemas = lowered["components"]["schemas"].as_object();
        found.extend(schemas.into_iter().flatten().filter_map(|(name, _)| {
            let pointer = child("/components/schemas", name);
            let part = part_of(lowered, &json!({}), Some(&pointer));
            rejected(pointer, &part)
        }));
    }
    if found.is_empty() {
        found.push((String::new(), reason.to_owned()));
    }
    let problems = found.into_iter().map(|(pointer, reason)| {
        let reason = reason.lines().next().unwrap_or_default();
        let message = format!("can't be generated: {reason}");
        Problem::new(document, Code::GENERATOR, &pointer, message, advice)
    });
    problems.collect()
}

/// Adds a problem for each operation that needs a component with a problem. Returns `None` if a
/// problem belongs to neither an operation nor a component, so that omitting nothing helps.
pub(super) fn with_dependents(
    document: &Document,
    problems: &[Problem],
    advice: &str,
) -> Option<Vec<Problem>> {
    let operations = document.operations();
    let mut found = Vec::new();
    for problem in problems {
        let part = part(problem)?;
        found.push(problem.clone());
        if problem.operation.is_some() {
            continue;
        }
        for entry in &operations {
            if reachable_pointers(
                &document.value,
                &with_shared_parameters(entry),
                Role::Object,
            )
            .contains(&part)
            {
                let message = format!(
                    "needs `{}`, which can't be generated: line {}, {}",
                    part.rsplit('/').next().unwrap_or(&part),
                    problem.line,
                    problem.message
                );
                let pointer = entry.pointer();
                found.push(Problem::new(
                    document,
                    problem.code,
                    &pointer,
                    message,
                    advice,
                ));
            }
        }
    }
    Some(found)
}

/// Removes the operations and components with problems, and the components that need these.
pub(super) fn remove(document: &mut Value, problems: &[Problem]) {
    let mut removed: BTreeSet<String> = problems.iter().filter_map(part).collect();
    let before = document.clone();
    for (section, members) in before["components"].as_object().into_iter().flatten() {
        let section = child("/components", section);
        for (name, member) in members.as_object().into_iter().flatten() {
            if !reachable_pointers(&before, member, Role::Object).is_disjoint(&removed) {
                removed.insert(child(&section, name));
            }
        }
    }
    for pointer in removed {
        if let Some((parent, key)) = pointer.rsplit_once('/') {
            let key = unescape(key);
            if let Some(parent) = document.pointer_mut(parent).and_then(Value::as_object_mut) {
                parent.shift_remove(&key);
            }
        }
    }
}

/// The pointer of what has to be omitted because of a problem.
fn part(problem: &Problem) -> Option<String> {
    if let Some(operation) = &problem.operation {
        return Some(operation.pointer.clone());
    }
    let mut tokens = problem.pointer.strip_prefix("/components/")?.split('/');
    let (section, name) = (tokens.next()?, tokens.next()?);
    Some(format!("/components/{section}/{name}"))
}

fn with_shared_parameters(entry: &OperationEntry<'_>) -> Value {
    json!([entry.value, entry.path_item["parameters"]])
}

/// The document reduced to some paths or one component, and the components that they need.
fn part_of(document: &Value, paths: &Value, component: Option<&str>) -> Value {
    let mut needed = reachable_pointers(document, paths, Role::Names);
    if let Some(pointer) = component {
        let member = document.pointer(pointer).unwrap_or(&Value::Null);
        needed.extend(reachable_pointers(document, member, Role::Object));
        needed.insert(pointer.to_owned());
    }
    let mut part =
        json!({ "openapi": document["openapi"], "info": document["info"], "paths": paths });
    for (section, members) in document["components"].as_object().into_iter().flatten() {
        let all = child("/components", section);
        let members = members.as_object().into_iter().flatten();
        let kept: Map<String, Value> = members
            .filter(|(name, _)| needed.contains(&child(&all, name)))
            .map(|(name, member)| (name.clone(), member.clone()))
            .collect();
        part["components"][section] = Value::Object(kept);
    }
    part
}
