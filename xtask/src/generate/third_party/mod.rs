//! The sources of a raw crate from any document: what is lowered, what can't be generated, and
//! what is left out because of that.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::generate::lower::{LOWERINGS_OF_OTHERS, PREPARATIONS, is_json};
use crate::generate::{Files, Idle, Source, made, run_generator};
use crate::lint::{self, rules};
use crate::problem::{Code, Failure, Problem};
use authress_users_openapi::{Document, OperationEntry, child};

/// What the lint holds against a document and the lowering mends, or the generator judges better.
const MENDED: [&rules::Rule; 7] = [
    &rules::OPEN_STATUS,
    &rules::DIFFERING_MEDIA_TYPES,
    &rules::MIXED_SUCCESS_BODIES,
    &rules::MIXED_ERROR_BODIES,
    &rules::REQUEST_NOT_JSON,
    &rules::SEVERAL_REQUEST_MEDIA_TYPES,
    &rules::RESPONSE_NOT_JSON,
];
const ADVICE: &str = "describe it in another way, or leave it out with `--skip-unsupported`";
/// The same for those who have left it out.
const ADVICE_BEHIND: &str = "describe it in another way to have it too";

/// What a document makes.
pub(crate) struct Sources {
    /// The generated module.
    pub(crate) files: Files,
    /// The first lines of every file beside it, as TOML has comments.
    pub(crate) header: String,
    /// The steps that found something to do, and in how many places.
    pub(crate) lowered: Vec<(&'static str, usize)>,
    /// How many operations are generated.
    pub(crate) operations: usize,
    /// What is not, and why.
    pub(crate) left_out: Vec<Problem>,
}

/// Makes the sources of a document; what can't be generated is left out, or an error.
pub(crate) fn sources(document: &Document, skip_unsupported: bool) -> Result<Sources, Failure> {
    let mut value = document.value.clone();
    let mut lowered = Vec::new();
    // In another dialect there is nothing to find.
    for step in PREPARATIONS.iter().filter(|_| document.is_openapi_3_0()) {
        lowered.extend(step.apply(&mut value).map(|places| (step.name, places)));
    }
    let mut kept = document.with_value(value);
    let mut left_out = Vec::new();
    let client = loop {
        let found = match attempt(&kept)? {
            Attempt::Written(client) => break Some(client),
            Attempt::Unsupported(found) => found,
        };
        remove(&mut kept.value, &found);
        left_out.extend(found.into_iter().map(|(problem, _)| problem));
        if kept.operations().is_empty() {
            break None;
        }
    };
    left_out.sort_by_key(|problem| problem.line);
    for problem in left_out.iter_mut().filter(|_| skip_unsupported) {
        if problem.advice == ADVICE {
            ADVICE_BEHIND.clone_into(&mut problem.advice);
        }
    }
    let client = match client {
        Some(client) if left_out.is_empty() || skip_unsupported => client,
        _ => return Err(Failure::Problems(left_out)),
    };
    lowered.extend(lower(&mut kept.value.clone()));
    let name = Path::new(&document.name).file_name().map_or_else(
        || document.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    );
    let lines: Vec<_> = left_out
        .iter()
        .map(|problem| {
            let Problem {
                line,
                code,
                message,
                ..
            } = problem;
            let subject = problem.subject();
            let message = message.replace('\n', " ");
            format!("{name}:{line}: [{code}] {subject}: {message}")
        })
        .collect();
    let source = Source {
        document,
        name: &name,
        prepared: &kept,
        idle: Idle::Allowed,
        left_out: &lines,
    };
    Ok(Sources {
        files: made(&source, client)?,
        header: source.header("#"),
        lowered,
        operations: kept.operations().len(),
        left_out,
    })
}

fn lower(value: &mut Value) -> Vec<(&'static str, usize)> {
    LOWERINGS_OF_OTHERS
        .iter()
        .filter_map(|step| step.apply(value).ok().map(|places| (step.name, places)))
        .collect()
}

/// What comes of generating a document as it is.
enum Attempt {
    Written(syn::File),
    /// What can't be generated: the reason, with the pointer of an operation or of a schema.
    Unsupported(Vec<(Problem, String)>),
}

fn attempt(document: &Document) -> Result<Attempt, Failure> {
    let told: Vec<_> = lint::problems(document)
        .into_iter()
        .filter(|problem| is_relied_on(problem.code))
        .chain(several_bodies(document))
        .collect();
    if !told.is_empty() {
        return blamed(document, told).map(Attempt::Unsupported);
    }
    let mut lowered = document.value.clone();
    lower(&mut lowered);
    let reason = match run_generator(&lowered) {
        Ok(client) => return Ok(Attempt::Written(client)),
        Err(reason) => reason,
    };
    let mut found = Vec::new();
    for entry in document.operations() {
        let mut path_item = Map::new();
        for key in [entry.method, "parameters"] {
            if let Some(member) = lowered["paths"][entry.path].get(key) {
                path_item.insert(key.to_owned(), member.clone());
            }
        }
        let paths = json!({ entry.path: path_item });
        if let Err(reason) = run_generator(&with_its_parts(&lowered, &paths, &[])) {
            found.push((entry.pointer(), reason));
        }
    }
    // What no operation needs is generated all the same.
    if found.is_empty() {
        for (name, _) in lowered["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let place = child("/components/schemas", name);
            let alone = with_its_parts(&lowered, &json!({}), &[&place]);
            if let Err(reason) = run_generator(&alone) {
                found.push((place.clone(), reason));
            }
        }
    }
    if found.is_empty() {
        found.push((String::new(), reason));
    }
    let told = found.into_iter().map(|(pointer, reason)| {
        let reason = reason.lines().next().unwrap_or_default();
        let message = format!("can't be generated: {reason}");
        Problem::new(document, Code::GENERATOR, &pointer, message, ADVICE)
    });
    blamed(document, told.collect()).map(Attempt::Unsupported)
}

fn is_relied_on(code: Code) -> bool {
    rules::with_code(code).is_none_or(|rule| {
        rule.relied_on_by.contains(&rules::Reliant::Generator)
            && !MENDED.iter().any(|mended| mended.code == code)
    })
}

/// Request bodies of several media types, of which the generator takes one.
fn several_bodies(document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    for entry in document.operations() {
        let body = entry
            .value
            .get("requestBody")
            .and_then(|body| document.resolve(body, ""));
        let content = body.and_then(|(body, _)| body["content"].as_object());
        let bodies: Vec<_> = content.into_iter().flatten().collect();
        let is_one = bodies.iter().all(|(media_type, body)| {
            bodies.len() == 1 || (is_json(media_type) && body["schema"] == bodies[0].1["schema"])
        });
        if !is_one {
            problems.push(Problem::new(
                document,
                rules::SEVERAL_REQUEST_MEDIA_TYPES.code,
                &child(&entry.pointer(), "requestBody"),
                format!(
                    "its request body has {} media types that differ",
                    bodies.len()
                ),
                ADVICE,
            ));
        }
    }
    problems
}

/// Finds for each problem what has to go: the operation that has it, or the schema, and then every
/// operation that needs the schema.
fn blamed(document: &Document, told: Vec<Problem>) -> Result<Vec<(Problem, String)>, Failure> {
    let operations = document.operations();
    let mut found: Vec<(Problem, String)> = Vec::new();
    for problem in &told {
        if let Some(operation) = &problem.operation {
            found.push((problem.clone(), operation.pointer.clone()));
            continue;
        }
        let component = problem
            .pointer
            .strip_prefix("/components/")
            .map(|rest| rest.split('/').take(2).collect::<Vec<_>>().join("/"));
        let Some(component) = component else {
            // Nothing can be left out to mend it.
            return Err(Failure::Problems(told));
        };
        let place = format!("/components/{component}");
        found.push((problem.clone(), place.clone()));
        for entry in &operations {
            if reached(&document.value, &with_shared(entry)).contains(&place) {
                let message = format!(
                    "needs `{}`, which can't be generated: line {}, {}",
                    component.rsplit('/').next().unwrap_or(&component),
                    problem.line,
                    problem.message
                );
                let pointer = entry.pointer();
                found.push((
                    Problem::new(document, problem.code, &pointer, message, ADVICE),
                    pointer,
                ));
            }
        }
    }
    Ok(found)
}

/// An operation with what it shares with the others of its path.
fn with_shared(entry: &OperationEntry<'_>) -> Value {
    json!([entry.value, entry.path_item["parameters"]])
}

/// The components that a value refers to, directly or through others.
fn reached(document: &Value, value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let target = members.get("$ref").and_then(Value::as_str);
                if let Some(target) = target.and_then(|reference| reference.strip_prefix('#'))
                    && found.insert(target.to_owned())
                {
                    open.extend(document.pointer(target));
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// The document with nothing but some paths and components, and what these need.
fn with_its_parts(document: &Value, paths: &Value, components: &[&str]) -> Value {
    let mut needed = reached(document, paths);
    for place in components {
        needed.insert((*place).to_owned());
        needed.extend(reached(
            document,
            document.pointer(place).unwrap_or(&Value::Null),
        ));
    }
    let mut part =
        json!({ "openapi": document["openapi"], "info": document["info"], "paths": paths });
    for (sort, members) in document["components"].as_object().into_iter().flatten() {
        let all = child("/components", sort);
        let members = members.as_object().into_iter().flatten();
        let kept: Map<String, Value> = members
            .filter(|(name, _)| needed.contains(&child(&all, name)))
            .map(|(name, member)| (name.clone(), member.clone()))
            .collect();
        part["components"][sort] = Value::Object(kept);
    }
    part
}

/// Takes operations away, and schemas with those that need them.
fn remove(document: &mut Value, found: &[(Problem, String)]) {
    let mut gone: BTreeSet<String> = found.iter().map(|(_, pointer)| pointer.clone()).collect();
    let before = document.clone();
    for (sort, members) in before["components"].as_object().into_iter().flatten() {
        let all = child("/components", sort);
        for (name, member) in members.as_object().into_iter().flatten() {
            if reached(&before, member)
                .iter()
                .any(|place| gone.contains(place))
            {
                gone.insert(child(&all, name));
            }
        }
    }
    for pointer in gone {
        if let Some((holder, key)) = pointer.rsplit_once('/') {
            let key = key.replace("~1", "/").replace("~0", "~");
            if let Some(holder) = document.pointer_mut(holder).and_then(Value::as_object_mut) {
                holder.shift_remove(&key);
            }
        }
    }
}
