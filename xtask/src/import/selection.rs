//! Which operations of the provider's document are ours, and which could be.

use serde_json::{Map, Value, json};

use super::inlining::{Inlining, SCHEMAS};
use super::parts::{Part, references};
use crate::overlay::LeftOut;
use crate::problem::{Code, Failure, Problem};
use authress_users_openapi::{Document, OperationEntry, child};

/// How the provider tags what has to do with users.
const TAG: &str = "users";

/// An operation of the provider, as a person is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) name: String,
    /// Its method and path.
    pub(crate) request: String,
    pub(crate) line: usize,
}

/// What there is to take over.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Our operations, and those that were asked for.
    pub(crate) taken: Vec<Told>,
    /// Other operations on users.
    pub(crate) proposed: Vec<Told>,
    /// Those among them that are left out on purpose.
    pub(crate) left_out: Vec<(Told, String)>,
    /// How many operations the provider's document has.
    pub(crate) of: usize,
    /// How many references into the inside of schemas there were.
    pub(crate) into_schemas: usize,
    /// The provider's document with nothing but that and the schemas it reaches.
    pub(crate) value: Value,
}

/// Finds our operations by method and path, and those that are named in `take`.
pub(crate) fn select(
    own: &Document,
    provider: &Document,
    take: &[String],
    left_out: &[LeftOut],
) -> Result<Selection, Failure> {
    let mut theirs = provider.operations();
    theirs.retain(|entry| entry.value.is_object());
    let own_operations = own.operations();
    let mut selection = Selection {
        of: theirs.len(),
        ..Selection::default()
    };
    let mut missing = Vec::new();
    let mut chosen = Vec::new();
    for ours in &own_operations {
        match theirs.iter().find(|entry| is_same(ours, entry)) {
            Some(entry) => chosen.push((ours.path, *entry)),
            None => missing.push(no_longer_there(own, provider, ours, &theirs)),
        }
    }
    if chosen.is_empty() {
        return Err(Failure::Unusable(format!(
            "{}: has none of our {} operations among its {}, so it is another API's document; the \
             first one looked for is {}",
            provider.name,
            own_operations.len(),
            theirs.len(),
            own_operations.first().map(request).unwrap_or_default()
        )));
    }
    if !missing.is_empty() {
        return Err(Failure::Problems(missing));
    }
    let mut asked_for: Vec<&String> = take.iter().collect();
    for entry in theirs.iter().filter(|entry| is_about_users(entry)) {
        if own_operations.iter().any(|ours| is_same(ours, entry)) {
            continue;
        }
        let told = told(provider, entry);
        let before = asked_for.len();
        asked_for.retain(|name| **name != told.name && **name != told.request);
        if asked_for.len() < before {
            let path = own_operations
                .iter()
                .find(|ours| template(ours.path) == template(entry.path))
                .map_or(entry.path, |ours| ours.path);
            chosen.push((path, *entry));
        } else if let Some(found) = left_out.iter().find(|left| left.operation == told.name) {
            selection.left_out.push((told, found.reason.clone()));
        } else {
            selection.proposed.push(told);
        }
    }
    if let Some(name) = asked_for.first() {
        let all = selection.proposed.iter();
        let all = all.chain(selection.left_out.iter().map(|(told, _)| told));
        let names: Vec<_> = all.map(|told| format!("`{}`", told.name)).collect();
        return Err(Failure::Unusable(format!(
            "{}: has no operation `{name}` on users that could be taken; there are {}",
            provider.name,
            names.join(", ")
        )));
    }
    selection.taken = chosen
        .iter()
        .map(|(_, entry)| told(provider, entry))
        .collect();
    reduce(provider, &chosen, &mut selection)?;
    Ok(selection)
}

/// Makes the document that has nothing but the chosen operations and the schemas they reach.
fn reduce(
    provider: &Document,
    chosen: &[(&str, OperationEntry<'_>)],
    selection: &mut Selection,
) -> Result<(), Failure> {
    let mut inlining = Inlining::new(provider);
    let mut paths = Map::new();
    for (path, entry) in chosen {
        let mut operation = inlining.apply(entry.value, &entry.pointer())?;
        let common = &entry.path_item["parameters"];
        let place = child(&child("/paths", entry.path), "parameters");
        let common = inlining.apply(common, &place)?;
        add_parameters(&mut operation, common);
        rename_path_parameters(&mut operation, entry.path, path);
        if let Some(security) = provider.value.get("security")
            && operation.get("security").is_none()
        {
            operation["security"] = security.clone();
        }
        if let Some(item) = paths
            .entry((*path).to_owned())
            .or_insert_with(|| json!({}))
            .as_object_mut()
        {
            item.insert(entry.method.to_owned(), operation);
        }
    }
    let paths = Value::Object(paths);
    let mut schemas = Map::new();
    let mut open = schema_names(&paths);
    while let Some(name) = open.pop() {
        if schemas.contains_key(&name) {
            continue;
        }
        let pointer = child("/components/schemas", &name);
        let Some(schema) = provider.value.pointer(&pointer) else {
            continue;
        };
        let schema = inlining.apply(schema, &pointer)?;
        open.extend(schema_names(&schema));
        schemas.insert(name, schema);
    }
    schemas.sort_keys();
    selection.into_schemas = inlining.into_schemas;
    selection.value = json!({
        "openapi": provider.value["openapi"],
        "paths": paths,
        "components": {"schemas": schemas},
    });
    Ok(())
}

/// The names of the schemas that a value refers to.
pub(super) fn schema_names(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    references(value, Part::Object, &mut found);
    found
        .iter()
        .filter_map(|reference| reference.strip_prefix(SCHEMAS))
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Parameters of a path hold for each of its operations that has none of that name itself.
fn add_parameters(operation: &mut Value, common: Value) {
    let own = operation["parameters"].take();
    let mut all: Vec<Value> = own.as_array().cloned().unwrap_or_default();
    if let Value::Array(common) = common {
        for parameter in common {
            let is_there = all
                .iter()
                .any(|own| own["name"] == parameter["name"] && own["in"] == parameter["in"]);
            if !is_there {
                all.push(parameter);
            }
        }
    }
    if let Some(members) = operation.as_object_mut() {
        if all.is_empty() {
            members.shift_remove("parameters");
        } else {
            members.insert("parameters".to_owned(), Value::Array(all));
        }
    }
}

/// What a place in the path is called is ours to say.
fn rename_path_parameters(operation: &mut Value, theirs: &str, ours: &str) {
    let names = placeholders(theirs).zip(placeholders(ours));
    let names: Vec<_> = names.filter(|(theirs, ours)| theirs != ours).collect();
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        let found = names
            .iter()
            .find(|(theirs, _)| parameter["in"] == "path" && parameter["name"] == *theirs);
        if let Some((_, ours)) = found {
            parameter["name"] = json!(ours);
        }
    }
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
}

/// A path without the names in it, which are nobody's but the document's own.
fn template(path: &str) -> String {
    path.split('{')
        .map(|rest| rest.split_once('}').map_or(rest, |(_, behind)| behind))
        .collect::<Vec<_>>()
        .join("{}")
}

fn is_same(ours: &OperationEntry<'_>, theirs: &OperationEntry<'_>) -> bool {
    ours.method == theirs.method && template(ours.path) == template(theirs.path)
}

fn is_about_users(entry: &OperationEntry<'_>) -> bool {
    let tags = entry.value["tags"].as_array().into_iter().flatten();
    tags.filter_map(Value::as_str)
        .any(|tag| tag.eq_ignore_ascii_case(TAG))
        || entry.path.split('/').any(|segment| segment == TAG)
}

fn request(entry: &OperationEntry<'_>) -> String {
    format!("{} {}", entry.method.to_uppercase(), entry.path)
}

fn told(provider: &Document, entry: &OperationEntry<'_>) -> Told {
    Told {
        name: entry.name(),
        request: request(entry),
        line: provider.line(&entry.pointer()),
    }
}

fn no_longer_there(
    own: &Document,
    provider: &Document,
    ours: &OperationEntry<'_>,
    theirs: &[OperationEntry<'_>],
) -> Problem {
    let moved = theirs.iter().find(|entry| entry.name() == ours.name());
    let message = match moved {
        Some(entry) => format!(
            "{} has no {}; what it calls `{}` is {} in line {}",
            provider.name,
            request(ours),
            ours.name(),
            request(entry),
            provider.line(&entry.pointer())
        ),
        None => format!("{} has no {}", provider.name, request(ours)),
    };
    Problem::new(
        own,
        Code::MISSING_OPERATION,
        &ours.pointer(),
        message,
        "if the provider took it away or moved it, say so here first, then import again",
    )
}
