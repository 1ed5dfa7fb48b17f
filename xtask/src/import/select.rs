//! Selects operations of the provider's spec.

use authress_users_openapi::{
    Document, Inliner, OperationEntry, PathTemplate, Role, child, schema_name,
};
use serde_json::{Map, Value, json};

use super::schemas::schema_names;
use crate::overlay::ListedOperation;
use crate::problem::{Code, Failure, Problem};

/// The provider's tag for operations on users.
const TAG: &str = "users";

/// An operation of the provider, as shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) name: String,
    /// The method and path.
    pub(crate) request: String,
    pub(crate) line: usize,
}

impl Summary {
    fn of(provider: &Document, entry: &OperationEntry<'_>) -> Self {
        Self {
            name: entry.name(),
            request: entry.address(),
            line: provider.line(&entry.pointer()),
        }
    }
}

/// The selected operations, and the others on users.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Our operations, and those named by `--take`.
    pub(crate) taken: Vec<Summary>,
    /// Other operations on users.
    pub(crate) proposed: Vec<Summary>,
    /// Operations on users that the overlay skips, with the reason.
    pub(crate) skipped: Vec<(Summary, String)>,
    /// The names of our operations that the provider has.
    pub(super) present: Vec<String>,
    /// The number of operations in the provider's spec.
    pub(crate) total: usize,
    /// The number of references to parts of schemas.
    pub(super) into_schemas: usize,
    /// The provider's spec, reduced to the taken operations and the schemas that they use.
    pub(super) value: Value,
}

/// Selects our operations, by method and path, and those named in `take`.
pub(super) fn select(
    own: &Document,
    provider: &Document,
    take: &[String],
    skipped: &[ListedOperation],
) -> Result<Selection, Failure> {
    let mut theirs = provider.operations();
    theirs.retain(|entry| entry.value.is_object());
    let own_operations = own.operations();
    let mut selection = Selection {
        total: theirs.len(),
        ..Selection::default()
    };
    let mut moved = Vec::new();
    let mut chosen = Vec::new();
    for ours in &own_operations {
        if let Some(entry) = theirs.iter().find(|entry| is_same(ours, entry)) {
            chosen.push((ours.path, entry.clone()));
            selection.present.push(ours.name());
        } else if let Some(entry) = theirs.iter().find(|entry| entry.name() == ours.name()) {
            moved.push(moved_operation(own, provider, ours, entry));
        }
    }
    if chosen.is_empty() {
        return Err(Failure::Unusable(format!(
            "{}: none of its {} operations is one of our {}, for example {}; check that it is the \
             spec of this API",
            provider.name,
            theirs.len(),
            own_operations.len(),
            own_operations
                .first()
                .map(OperationEntry::address)
                .unwrap_or_default()
        )));
    }
    if !moved.is_empty() {
        return Err(Failure::Problems(moved));
    }
    let mut requested: Vec<&String> = take.iter().collect();
    for entry in theirs.iter().filter(|entry| is_about_users(entry)) {
        if own_operations.iter().any(|ours| is_same(ours, entry)) {
            continue;
        }
        let summary = Summary::of(provider, entry);
        let before = requested.len();
        requested.retain(|name| **name != summary.name && **name != summary.request);
        if requested.len() < before {
            let path = own_operations
                .iter()
                .find(|ours| pattern(ours.path) == pattern(entry.path))
                .map_or(entry.path, |ours| ours.path);
            chosen.push((path, entry.clone()));
        } else if let Some(found) = skipped.iter().find(|it| it.operation == summary.name) {
            selection.skipped.push((summary, found.reason.clone()));
        } else {
            selection.proposed.push(summary);
        }
    }
    if let Some(name) = requested.first() {
        let all = selection.proposed.iter();
        let all = all.chain(selection.skipped.iter().map(|(summary, _)| summary));
        let names: Vec<_> = all.map(|summary| format!("`{}`", summary.name)).collect();
        return Err(Failure::Unusable(format!(
            "{}: no operation `{name}` on users to take; available: {}",
            provider.name,
            names.join(", ")
        )));
    }
    let taken = chosen.iter();
    selection.taken = taken.map(|(_, it)| Summary::of(provider, it)).collect();
    reduce(own, provider, &chosen, &mut selection)?;
    Ok(selection)
}

/// Reduces the provider's spec to the chosen operations and the schemas that they use.
fn reduce(
    own: &Document,
    provider: &Document,
    chosen: &[(&str, OperationEntry<'_>)],
    selection: &mut Selection,
) -> Result<(), Failure> {
    let mut inliner = Inliner::new(&provider.value, |pointer| schema_name(pointer).is_some());
    let mut paths = json!({});
    for (path, entry) in chosen {
        let mut operation = inliner.inline(entry.value, Role::Object, &entry.pointer());
        let pointer = child(&entry.path_item_pointer, "parameters");
        let common = inliner.inline(&entry.path_item["parameters"], Role::Object, &pointer);
        if let Some(members) = operation.as_object_mut() {
            set_parameters(members, &common, (entry.path, path));
            set_security(members, provider, own);
        }
        paths[*path][entry.method] = operation;
    }
    let mut schemas = Map::new();
    let mut open = schema_names(&paths);
    while let Some(name) = open.pop() {
        let pointer = child("/components/schemas", &name);
        if let Some(schema) = provider.value.pointer(&pointer)
            && !schemas.contains_key(&name)
        {
            let schema = inliner.inline(schema, Role::Object, &pointer);
            open.extend(schema_names(&schema));
            schemas.insert(name, schema);
        }
    }
    if let Some((pointer, error)) = inliner.errors().first() {
        return Err(Failure::Problems(vec![Problem::new(
            provider,
            Code::REFERENCE,
            pointer,
            error.to_string(),
            "report it to the provider, and fix it in a copy until then",
        )]));
    }
    schemas.sort_keys();
    let parts = inliner.inlined().iter();
    selection.into_schemas = parts
        .filter(|it| it.starts_with("/components/schemas/"))
        .count();
    selection.value = json!({"paths": paths, "components": {"schemas": schemas}});
    Ok(())
}

/// Adds the parameters of the path, and names path parameters as we do.
fn set_parameters(operation: &mut Map<String, Value>, common: &Value, paths: (&str, &str)) {
    let own = operation.get("parameters").and_then(Value::as_array);
    let mut all = own.cloned().unwrap_or_default();
    for parameter in common.as_array().into_iter().flatten() {
        let is_same =
            |own: &Value| own["name"] == parameter["name"] && own["in"] == parameter["in"];
        if !all.iter().any(is_same) {
            all.push(parameter.clone());
        }
    }
    let (theirs, ours) = (PathTemplate::parse(paths.0), PathTemplate::parse(paths.1));
    for parameter in all.iter_mut().filter(|it| it["in"] == "path") {
        let mut names = theirs.parameters().zip(ours.parameters());
        if let Some((_, ours)) = names.find(|(theirs, _)| parameter["name"] == *theirs) {
            parameter["name"] = json!(ours);
        }
    }
    if all.is_empty() {
        operation.shift_remove("parameters");
    } else {
        operation.insert("parameters".to_owned(), Value::Array(all));
    }
}

/// States the security of an operation only if it differs from that of our spec.
fn set_security(operation: &mut Map<String, Value>, provider: &Document, own: &Document) {
    let security = operation.shift_remove("security");
    let security = security.as_ref().unwrap_or(&provider.value["security"]);
    let security = alternatives(security, |scheme| own_scheme(provider, own, scheme));
    if security != alternatives(&own.value["security"], str::to_owned) {
        operation.insert("security".to_owned(), security);
    }
}

/// The alternatives with other names of schemes, and without scopes: these do not apply to bearer
/// tokens, the only security of this API.
fn alternatives(security: &Value, name: impl Fn(&str) -> String) -> Value {
    let alternatives = security.as_array().into_iter().flatten();
    alternatives
        .map(|schemes| {
            let schemes = schemes.as_object().into_iter().flatten();
            let schemes = schemes.map(|(scheme, _)| (name(scheme), json!([])));
            Value::Object(schemes.collect())
        })
        .collect()
}

/// Our name of a scheme of the provider: that of a scheme with bearer tokens, if both are.
fn own_scheme(provider: &Document, own: &Document, scheme: &str) -> String {
    let ours = &own.value["components"]["securitySchemes"];
    let theirs = &provider.value["components"]["securitySchemes"][scheme];
    let mut schemes = ours.as_object().into_iter().flatten();
    let same = schemes.find(|(_, ours)| is_bearer(ours) && is_bearer(theirs));
    match same {
        Some((name, _)) if ours.get(scheme).is_none() => name.clone(),
        _ => scheme.to_owned(),
    }
}

fn is_bearer(scheme: &Value) -> bool {
    let bearer = scheme["scheme"].as_str();
    match scheme["type"].as_str() {
        Some("http") => bearer.is_some_and(|it| it.eq_ignore_ascii_case("bearer")),
        Some("oauth2" | "openIdConnect") => true,
        _ => false,
    }
}

/// A path without the names of its parameters, which each spec chooses itself.
fn pattern(path: &str) -> String {
    PathTemplate::parse(path).pattern()
}

fn is_same(ours: &OperationEntry<'_>, theirs: &OperationEntry<'_>) -> bool {
    ours.method == theirs.method && pattern(ours.path) == pattern(theirs.path)
}

fn is_about_users(entry: &OperationEntry<'_>) -> bool {
    let tags = entry.value["tags"].as_array().into_iter().flatten();
    tags.filter_map(Value::as_str)
        .any(|tag| tag.eq_ignore_ascii_case(TAG))
        || entry.path.split('/').any(|segment| segment == TAG)
}

/// The problem that the provider has one of our operations elsewhere: it may have moved or changed.
fn moved_operation(
    own: &Document,
    provider: &Document,
    ours: &OperationEntry<'_>,
    theirs: &OperationEntry<'_>,
) -> Problem {
    let Summary {
        name,
        request: moved,
        line,
    } = Summary::of(provider, theirs);
    let message = format!(
        "{} has no {}; its `{name}` is {moved} at line {line}",
        provider.name,
        ours.address()
    );
    Problem::new(
        own,
        Code::MISSING_OPERATION,
        &ours.pointer(),
        message,
        "if the provider moved or removed it, change it here first, then import again",
    )
}
