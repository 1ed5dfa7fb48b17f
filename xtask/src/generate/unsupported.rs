//! Finds the operations, parameters and schemas that cannot be generated, and removes them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{generator, lower};
use crate::problem::{Code, Problem};
use authress_users_openapi::{
    Document, METHODS, OperationEntry, Role, child, reachable_pointers, references, resolve,
    schema_name, target, unescape,
};

/// Finds the bodies that progenitor does not support, without running it.
pub(super) fn check(document: &Document, advice: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in document.operations() {
        let pointer = child(&entry.pointer(), "requestBody");
        let body = entry.value.get("requestBody");
        let Some((body, _)) = body.and_then(|body| document.resolve(body, &pointer)) else {
            continue;
        };
        let mut media_types = body["content"].as_object().into_iter().flatten();
        if let Some((media_type, _)) = media_types.next()
            && lower::is_multipart(media_type)
        {
            let message = format!("cannot be generated: the request body is `{media_type}`");
            problems.push(Problem::new(
                document,
                Code::GENERATOR,
                &pointer,
                message,
                advice,
            ));
        }
    }
    problems
}

/// Finds what progenitor rejects. First it runs for each schema alone. If it accepts all of them, it
/// runs for ever fewer operations.
pub(super) fn locate(
    document: &Document,
    lowered: &Value,
    reason: &str,
    advice: &str,
) -> Vec<Problem> {
    let mut found = rejected_schemas(lowered);
    if found.is_empty() {
        let operations = document.operations();
        rejected_operations(lowered, &operations, &mut found);
    }
    if found.is_empty() {
        found.push((String::new(), reason.to_owned()));
    }
    problems(document, found, advice)
}

fn problems(document: &Document, found: Vec<(String, String)>, advice: &str) -> Vec<Problem> {
    let problems = found.into_iter().map(|(pointer, reason)| {
        let reason = reason.lines().next().unwrap_or_default();
        let message = format!("cannot be generated: {reason}");
        Problem::new(document, Code::GENERATOR, &pointer, message, advice)
    });
    problems.collect()
}

/// A problem for each component whose type another schema defines, too.
pub(super) fn duplicates(document: &Document, names: &[String], advice: &str) -> Vec<Problem> {
    let schemas = document.value["components"]["schemas"].as_object();
    let found = names.iter().map(|name| {
        let mut components = schemas
            .into_iter()
            .flatten()
            .map(|(component, _)| component);
        let component = components.find(|component| lower::type_name(component) == *name);
        let pointer = component.map(|component| child("/components/schemas", component));
        let reason = format!("several schemas become the type `{name}`");
        (pointer.unwrap_or_default(), reason)
    });
    problems(document, found.collect(), advice)
}

/// The schemas of `components` that progenitor rejects, even if those they refer to allow anything.
fn rejected_schemas(lowered: &Value) -> Vec<(String, String)> {
    let schemas = lowered["components"]["schemas"].as_object();
    let rejected = schemas.into_iter().flatten().filter_map(|(name, schema)| {
        let mut alone = Map::new();
        for reference in references(schema, Role::Object) {
            alone.insert(schema_name(&target(reference)?)?, json!({}));
        }
        alone.insert(name.clone(), schema.clone());
        let mut part = part_of(lowered, &json!({}), None);
        part["components"] = json!({ "schemas": alone });
        generator::run(&part).err()?;
        // Merging with what allows anything could be the cause.
        let pointer = child("/components/schemas", name);
        let part = part_of(lowered, &json!({}), Some(&pointer));
        Some((pointer, generator::run(&part).err()?))
    });
    rejected.collect()
}

/// Adds the operations that progenitor rejects, given that it rejects them together.
fn rejected_operations(
    lowered: &Value,
    operations: &[OperationEntry<'_>],
    found: &mut Vec<(String, String)>,
) {
    let run = |operations: &[OperationEntry<'_>]| {
        let mut paths = Map::new();
        for entry in operations {
            let item = &lowered["paths"][entry.path];
            let own = paths.entry(entry.path).or_insert_with(|| json!({}));
            own[entry.method] = item[entry.method].clone();
            if let Some(parameters) = item.get("parameters") {
                own["parameters"] = parameters.clone();
            }
        }
        generator::run(&part_of(lowered, &Value::Object(paths), None)).err()
    };
    let mut open = vec![operations];
    while let Some(operations) = open.pop() {
        let Some(reason) = run(operations) else {
            continue;
        };
        match operations {
            [] => {}
            [entry] => found.push((entry.pointer(), reason)),
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                open.extend([second, first]);
            }
        }
    }
}

/// Adds a problem for each operation that needs components with a problem, about the first of them.
/// Returns `None` if a problem belongs to neither an operation nor a component, so that omitting
/// operations and components does not help.
pub(super) fn with_dependents(
    document: &Document,
    problems: &[Problem],
    advice: &str,
) -> Option<Vec<Problem>> {
    let operations = document.operations();
    let graph = Dependents::of(&document.value);
    let (mut found, mut named) = (Vec::new(), BTreeSet::new());
    for problem in problems {
        let part = part(&document.value, problem)?;
        found.push(problem.clone());
        if problem.operation.is_some() {
            continue;
        }
        let needing = graph.of_parts([part.clone()].into());
        for entry in &operations {
            if direct_references(&with_shared_parameters(entry)).is_disjoint(&needing)
                || !named.insert(entry.pointer())
            {
                continue;
            }
            let message = format!(
                "needs `{}`, which cannot be generated: line {}, {}",
                unescape(part.rsplit('/').next().unwrap_or(&part)),
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
    Some(found)
}

/// Removes the operations, parameters and components with problems, the components that need these,
/// and paths without an operation.
pub(super) fn remove(document: &mut Value, problems: &[Problem]) {
    let removed = problems
        .iter()
        .filter_map(|problem| part(document, problem));
    let removed = Dependents::of(document).of_parts(removed.collect());
    for pointer in removed {
        let Some((parent, key)) = pointer.rsplit_once('/') else {
            continue;
        };
        match document.pointer_mut(parent) {
            Some(Value::Object(parent)) => {
                parent.shift_remove(&unescape(key));
            }
            // The indexes of the other parameters stay until all are marked.
            Some(Value::Array(_)) => {
                if let Some(parameter) = document.pointer_mut(&pointer) {
                    *parameter = Value::Null;
                }
            }
            _ => {}
        }
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    paths.retain(|_, item| METHODS.iter().any(|method| item.get(method).is_some()));
    for operation in paths
        .values_mut()
        .flat_map(|item| item.as_object_mut().into_iter().flatten())
    {
        if let Some(parameters) = operation
            .1
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        {
            parameters.retain(|parameter| !parameter.is_null());
        }
    }
}

/// The pointer of what has to be omitted because of a problem: an optional parameter, an operation, a
/// path or a component.
fn part(document: &Value, problem: &Problem) -> Option<String> {
    if let Some(operation) = &problem.operation {
        let parameters = child(&operation.pointer, "parameters");
        let index = problem.pointer.strip_prefix(&*parameters);
        let index = index.and_then(|rest| rest.strip_prefix('/')?.split('/').next());
        let parameter = index.map(|index| child(&parameters, index));
        let is_optional = |pointer: &String| {
            let parameter = document
                .pointer(pointer)
                .and_then(|it| resolve(document, it, ""));
            parameter.is_some_and(|(parameter, _)| parameter["required"] != true)
        };
        let parameter = parameter.filter(is_optional);
        return Some(parameter.unwrap_or_else(|| operation.pointer.clone()));
    }
    let mut tokens = problem.pointer.strip_prefix('/')?.split('/');
    match (tokens.next()?, tokens.next()?, tokens.next()) {
        ("components", section, Some(name)) => Some(format!("/components/{section}/{name}")),
        ("paths", path, _) => Some(format!("/paths/{path}")),
        _ => None,
    }
}

fn with_shared_parameters(entry: &OperationEntry<'_>) -> Value {
    json!([entry.value, entry.path_item["parameters"]])
}

fn direct_references(value: &Value) -> BTreeSet<String> {
    let references = references(value, Role::Object).into_iter();
    references.filter_map(target).collect()
}

/// The components that refer to each component.
struct Dependents(BTreeMap<String, Vec<String>>);

impl Dependents {
    fn of(document: &Value) -> Self {
        let mut dependents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (section, members) in document["components"].as_object().into_iter().flatten() {
            let section = child("/components", section);
            for (name, member) in members.as_object().into_iter().flatten() {
                for reference in direct_references(member) {
                    dependents
                        .entry(reference)
                        .or_default()
                        .push(child(&section, name));
                }
            }
        }
        Self(dependents)
    }

    /// The parts and all components that refer to them, directly or through others.
    fn of_parts(&self, mut parts: BTreeSet<String>) -> BTreeSet<String> {
        let mut open: Vec<String> = parts.iter().cloned().collect();
        while let Some(part) = open.pop() {
            for dependent in self.0.get(&part).into_iter().flatten() {
                if parts.insert(dependent.clone()) {
                    open.push(dependent.clone());
                }
            }
        }
        parts
    }
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
