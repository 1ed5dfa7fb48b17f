//! Operations and their parameters.

use std::collections::HashSet;

use serde_json::Value;

use crate::pointer::child;
use crate::reference::{reference_target, resolve};

/// The methods that a path item of OpenAPI 3.0 can have.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation of a document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OperationEntry<'a> {
    /// The path template, such as `/v1/users/{userId}`.
    pub path: &'a str,
    /// The method, in lower case.
    pub method: &'a str,
    /// The path item in which the operation is written, which a reference in `paths` may lead to.
    pub path_item: &'a Value,
    /// The pointer of that path item.
    pub path_item_pointer: String,
    /// The operation object.
    pub value: &'a Value,
}

/// A parameter of an operation, with its reference resolved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ParameterEntry<'a> {
    /// The name of the parameter.
    pub name: &'a str,
    /// The location (`in`): `path`, `query`, `header` or `cookie`.
    pub location: &'a str,
    /// The parameter object.
    pub value: &'a Value,
    /// The pointer of the parameter object.
    pub pointer: String,
}

impl OperationEntry<'_> {
    /// Returns the pointer of the operation.
    #[must_use]
    pub fn pointer(&self) -> String {
        child(&self.path_item_pointer, self.method)
    }

    /// Returns the operationId; the method and the path if there is none.
    #[must_use]
    pub fn name(&self) -> String {
        match self.value["operationId"].as_str() {
            Some(id) if !id.trim().is_empty() => id.to_owned(),
            _ => self.address(),
        }
    }

    /// Returns the method and the path, such as `GET /v1/users/{userId}`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

/// Returns every operation, in the order of the document.
///
/// References of path items are followed. A path item may have operations beside its reference,
/// which replace those of the same method.
#[must_use]
pub fn operations(root: &Value) -> Vec<OperationEntry<'_>> {
    let mut operations: Vec<OperationEntry<'_>> = Vec::new();
    for (path, path_item) in root["paths"].as_object().into_iter().flatten() {
        let first = operations.len();
        let mut seen = HashSet::new();
        let mut next = Some((path_item, child("/paths", path)));
        while let Some((path_item, pointer)) = next {
            for (method, value) in path_item.as_object().into_iter().flatten() {
                let mut known = operations[first..].iter();
                if METHODS.contains(&method.as_str()) && !known.any(|it| it.method == method) {
                    operations.push(OperationEntry {
                        path,
                        method,
                        path_item,
                        path_item_pointer: pointer.clone(),
                        value,
                    });
                }
            }
            next = reference_target(path_item)
                .filter(|to| seen.insert(to.clone()))
                .and_then(|to| Some((root.pointer(&to)?, to)));
        }
    }
    operations
}

/// Returns the parameters of an operation: its own, then those of its path that it does not replace.
///
/// Parameters whose reference is broken or that lack a name or a location are skipped.
#[must_use]
pub fn parameters<'a>(root: &'a Value, operation: &OperationEntry<'a>) -> Vec<ParameterEntry<'a>> {
    let own = (operation.value, operation.pointer());
    let shared = (operation.path_item, operation.path_item_pointer.clone());
    let mut found: Vec<ParameterEntry<'a>> = Vec::new();
    for (holder, pointer) in [own, shared] {
        let list = child(&pointer, "parameters");
        let listed = holder["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in listed.enumerate() {
            let listed_at = child(&list, &index.to_string());
            let Some((value, pointer)) = resolve(root, parameter, &listed_at) else {
                continue;
            };
            let (Some(name), Some(location)) = (value["name"].as_str(), value["in"].as_str())
            else {
                continue;
            };
            if !found
                .iter()
                .any(|known| (known.name, known.location) == (name, location))
            {
                found.push(ParameterEntry {
                    name,
                    location,
                    value,
                    pointer,
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_of_path_items_are_followed() {
        let root = json!({
            "paths": {
                "/a": { "$ref": "#/x-items/one", "put": { "operationId": "own" } },
                "/b": { "$ref": "#/paths/~1a" },
                "/c": { "$ref": "#/missing" },
            },
            "x-items": { "one": {
                "parameters": [{ "name": "x", "in": "query" }],
                "get": {},
                "put": { "operationId": "replaced" },
            } },
        });
        let found: Vec<_> = operations(&root)
            .into_iter()
            .map(|entry| (entry.path, entry.name(), entry.pointer()))
            .collect();
        let expected = [
            ("/a", "own", "/paths/~1a/put"),
            ("/a", "GET /a", "/x-items/one/get"),
            ("/b", "own", "/paths/~1a/put"),
            ("/b", "GET /b", "/x-items/one/get"),
        ];
        assert_eq!(
            found,
            expected.map(|(path, name, pointer)| (path, name.to_owned(), pointer.to_owned()))
        );
        let parameters = parameters(&root, &operations(&root)[1]);
        assert_eq!(parameters[0].pointer, "/x-items/one/parameters/0");
    }

    #[test]
    fn own_parameters_replace_those_of_the_path() {
        let root = json!({
            "paths": { "/a": {
                "parameters": [
                    { "name": "x", "in": "query" },
                    { "$ref": "#/components/parameters/Y" },
                    { "$ref": "#/components/parameters/Missing" },
                ],
                "summary": "Not an operation",
                "get": { "parameters": [
                    { "name": "x", "in": "query", "required": true },
                    { "name": "x", "in": "header" },
                ] },
            } },
            "components": { "parameters": { "Y": { "name": "y", "in": "query" } } },
        });
        let operations = operations(&root);
        assert_eq!(operations.len(), 1);
        assert_eq!(operations[0].name(), "GET /a");
        let found: Vec<_> = parameters(&root, &operations[0])
            .into_iter()
            .map(|found| (found.name, found.location, found.pointer))
            .collect();
        let expected = [
            ("x", "query", "/paths/~1a/get/parameters/0"),
            ("x", "header", "/paths/~1a/get/parameters/1"),
            ("y", "query", "/components/parameters/Y"),
        ];
        assert_eq!(
            found,
            expected.map(|(name, location, pointer)| (name, location, pointer.to_owned()))
        );
    }
}
