//! Parameters. Progenitor sends plain values, and lists in a query that repeat the name.

use std::collections::HashSet;

use authress_users_openapi::{PathTemplate, child, operations, parameters, resolve};
use serde_json::{Map, Value, json};

use crate::generate::names::{RESERVED_HEADERS, SETTERS};

/// Lists in each operation the parameters of its path and those that it refers to, so that the
/// following steps can change them for this operation alone.
pub(super) fn parameters_in_operations(document: &mut Value) -> usize {
    let source = document.clone();
    let mut changed = 0;
    for entry in operations(&source) {
        let own = entry.value["parameters"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let shared = entry.path_item["parameters"].as_array();
        let has_references = own.iter().any(|parameter| parameter.get("$ref").is_some());
        if !has_references && shared.is_none_or(Vec::is_empty) {
            continue;
        }
        let resolved = |parameter: &Value| {
            let found = resolve(&source, parameter, "");
            found.map_or_else(|| parameter.clone(), |(value, _)| value.clone())
        };
        let mut listed: Vec<Value> = own.iter().map(resolved).collect();
        let known: HashSet<(String, String)> = listed.iter().filter_map(key).collect();
        let shared = shared.into_iter().flatten().map(resolved);
        listed.extend(
            shared.filter(|parameter| key(parameter).is_none_or(|it| !known.contains(&it))),
        );
        if let Some(Value::Object(operation)) = document.pointer_mut(&entry.pointer()) {
            operation.insert("parameters".to_owned(), Value::Array(listed));
            changed += 1;
        }
    }
    for (_, item) in document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(members) = item.as_object_mut() {
            members.shift_remove("parameters");
        }
    }
    changed
}

/// What identifies a parameter.
fn key(parameter: &Value) -> Option<(String, String)> {
    let text = |key: &str| parameter[key].as_str().map(str::to_owned);
    Some((text("name")?, text("in")?))
}

/// Makes the path parameters of an operation those of its path.
pub(super) fn path_parameters_of_the_path(document: &mut Value) -> usize {
    each_list(document, |_, path, list| {
        let template = PathTemplate::parse(path);
        let placeholders: Vec<_> = template.parameters().collect();
        let mut changed = 0;
        list.retain(|parameter| {
            let is_superfluous = parameter["in"] == "path"
                && !placeholders.iter().any(|name| parameter["name"] == *name);
            changed += usize::from(is_superfluous);
            !is_superfluous
        });
        for parameter in list
            .iter_mut()
            .filter(|parameter| parameter["in"] == "path")
        {
            if parameter["required"] != true {
                parameter["required"] = Value::Bool(true);
                changed += 1;
            }
        }
        for name in placeholders {
            let is_declared = list
                .iter()
                .any(|parameter| parameter["in"] == "path" && parameter["name"] == *name);
            // A reference that does not resolve could be the declaration.
            if !is_declared && !list.iter().any(|parameter| parameter.get("$ref").is_some()) {
                list.push(json!({
                    "name": name, "in": "path", "required": true, "schema": {"type": "string"},
                }));
                changed += 1;
            }
        }
        changed
    })
}

/// Drops the headers that OpenAPI ignores as parameters.
pub(super) fn no_reserved_headers(document: &mut Value) -> usize {
    each_list(document, |_, _, list| {
        let before = list.len();
        list.retain(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            parameter["in"] != "header" || !RESERVED_HEADERS.contains(&&*name.to_ascii_lowercase())
        });
        before - list.len()
    })
}

/// Turns an object in a query into one parameter for each of its properties, which is how the
/// styles `form` and `deepObject` write it.
pub(super) fn objects_as_parameters(document: &mut Value) -> usize {
    each_list(document, |source, _, list| {
        let mut changed = 0;
        *list = std::mem::take(list)
            .into_iter()
            .flat_map(|parameter| match members_of(source, &parameter) {
                Some(members) => {
                    changed += 1;
                    members
                }
                None => vec![parameter],
            })
            .collect();
        changed
    })
}

/// The parameters for the properties of an object; `None` if a property is not a plain value.
fn members_of(source: &Value, parameter: &Value) -> Option<Vec<Value>> {
    let style = parameter["style"].as_str().unwrap_or("form");
    let is_deep = style == "deepObject";
    let is_form = style == "form" && parameter["explode"] != false;
    if parameter["in"] != "query" || !(is_deep || is_form) {
        return None;
    }
    let name = parameter["name"].as_str()?;
    let (schema, _) = resolve(source, parameter.get("schema")?, "")?;
    let properties = schema["properties"]
        .as_object()
        .filter(|it| !it.is_empty())?;
    let required = schema["required"].as_array();
    let members = properties.iter().map(|(property, schema)| {
        let (resolved, _) = resolve(source, schema, "")?;
        is_plain(resolved).then_some(())?;
        let is_required = required.is_some_and(|it| it.iter().any(|own| own == property));
        let description = resolved
            .get("description")
            .or_else(|| parameter.get("description"));
        Some(json!({
            "name": if is_deep { format!("{name}[{property}]") } else { property.clone() },
            "in": "query",
            "required": is_required && parameter["required"] == true,
            "description": description.cloned().unwrap_or_else(|| "".into()),
            "schema": schema,
        }))
    });
    members.collect()
}

fn is_plain(schema: &Value) -> bool {
    matches!(
        schema["type"].as_str(),
        Some("string" | "integer" | "number" | "boolean")
    )
}

/// Lets callers write the text of parameters that progenitor would serialize otherwise: lists in one
/// value, values with a media type, and objects or alternatives in a path or header.
pub(super) fn parameters_as_text(document: &mut Value) -> usize {
    each_list(document, |source, _, list| {
        list.iter_mut()
            .map(|parameter| usize::from(as_text(source, parameter)))
            .sum()
    })
}

fn as_text(source: &Value, parameter: &mut Value) -> bool {
    let is_query = parameter["in"] == "query";
    let schema = match parameter.get("schema") {
        Some(schema) => match resolve(source, schema, "") {
            Some((schema, _)) => schema.clone(),
            // The lint reports the reference.
            None => return false,
        },
        None => Value::Null,
    };
    let text = json!({ "type": "string" });
    let style = parameter["style"].as_str();
    let has_other_style =
        style.is_some_and(|style| style != if is_query { "form" } else { "simple" });
    let branches = ["anyOf", "oneOf"]
        .iter()
        .find_map(|key| schema[*key].as_array());
    let kind = schema["type"].as_str().unwrap_or_default();
    // The lint or the generator reports a reference, and a value that is not a parameter.
    let replacement = if parameter.get("$ref").is_some() || !parameter.is_object() {
        return false;
    } else if !schema.is_object() {
        text
    } else if kind == "array" || schema.get("items").is_some() {
        let items = resolve(source, &schema["items"], "").map(|(items, _)| items);
        let is_nested =
            items.is_some_and(|items| items["type"] == "array" || items["type"] == "object");
        if is_query && !has_other_style && parameter["explode"] != false && !is_nested {
            return make_plain(parameter);
        }
        text
    } else if let Some(branches) = branches {
        let mut branches = branches
            .iter()
            .filter_map(|branch| resolve(source, branch, ""));
        let list = branches.find(|(branch, _)| branch["type"] == "array");
        list.filter(|_| is_query && parameter["explode"] != false)
            .map_or(text, |(list, _)| list.clone())
    } else if kind == "object" || schema.get("properties").is_some() {
        // An object in a query that is not serialized as text stays for the lint.
        if is_query && !has_other_style {
            return make_plain(parameter);
        }
        text
    } else if kind.is_empty() && schema.get("allOf").is_none() {
        match schema.get("enum") {
            Some(values) => json!({ "type": "string", "enum": values }),
            None => text,
        }
    } else {
        return make_plain(parameter);
    };
    if let Some(members) = parameter.as_object_mut() {
        for key in ["content", "style", "explode"] {
            members.shift_remove(key);
        }
    }
    parameter["schema"] = replacement;
    make_plain(parameter);
    true
}

/// Removes what progenitor would take for an optional value: a parameter cannot be null.
fn make_plain(parameter: &mut Value) -> bool {
    let schema = parameter.get_mut("schema").and_then(Value::as_object_mut);
    schema.is_some_and(|schema| schema.shift_remove("nullable").is_some())
}

/// Changes the parameters of every operation. `change` gets the original document, the path and the
/// list, and returns how many parameters it changed. Returns their number.
fn each_list(
    document: &mut Value,
    mut change: impl FnMut(&Value, &str, &mut Vec<Value>) -> usize,
) -> usize {
    let source = document.clone();
    let mut changed = 0;
    for entry in operations(&source) {
        let pointer = entry.pointer();
        let mut list = match document.pointer_mut(&child(&pointer, "parameters")) {
            Some(Value::Array(list)) => std::mem::take(list),
            _ => Vec::new(),
        };
        changed += change(&source, entry.path, &mut list);
        if let Some(Value::Object(operation)) = document.pointer_mut(&pointer) {
            if list.is_empty() {
                operation.shift_remove("parameters");
            } else {
                operation.insert("parameters".to_owned(), Value::Array(list));
            }
        }
    }
    changed
}

/// Calls `rename` for the members of every parameter whose setter has a taken name, with all that are
/// taken.
pub(super) fn each_ambiguous(
    document: &mut Value,
    setter: impl Fn(&str) -> String,
    mut rename: impl FnMut(&mut Map<String, Value>, &mut HashSet<String>),
) -> usize {
    let source = document.clone();
    let mut changed = 0;
    for entry in operations(&source) {
        let mut taken: HashSet<String> = SETTERS.map(str::to_owned).into();
        if entry.value.get("requestBody").is_some() {
            taken.extend(["body", "body_map"].map(str::to_owned));
        }
        // Path parameters keep their names, which are those in the path.
        let mut listed: Vec<_> = parameters(&source, &entry);
        listed.sort_by_key(|parameter| parameter.location != "path");
        for parameter in listed {
            let is_free = taken.insert(setter(parameter.name));
            if is_free || parameter.location == "path" {
                continue;
            }
            let members = document.pointer_mut(&parameter.pointer);
            if let Some(members) = members.and_then(Value::as_object_mut) {
                rename(members, &mut taken);
                changed += 1;
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_parameters(parameters: &Value) -> Value {
        json!({
            "paths": {"/a/{id}": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "get": {"parameters": parameters},
            }},
            "components": {"parameters": {"schema": {"name": "x", "in": "query", "schema": {"type": "string"}}}},
        })
    }

    fn list(document: &Value) -> &Value {
        &document["paths"]["/a/{id}"]["get"]["parameters"]
    }

    #[test]
    fn parameters_of_paths_and_components_are_listed_in_the_operation() {
        let mut document = with_parameters(&json!([
            {"$ref": "#/components/parameters/schema"},
            {"$ref": "#/components/parameters/missing"},
        ]));
        assert_eq!(parameters_in_operations(&mut document), 1);
        let names: Vec<_> = list(&document)
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str())
            .collect();
        assert_eq!(names, [Some("x"), None, Some("limit")]);
        assert!(document["paths"]["/a/{id}"].get("parameters").is_none());
        assert_eq!(parameters_in_operations(&mut document), 1);
    }

    #[test]
    fn path_parameters_are_those_of_the_path() {
        let mut document = with_parameters(&json!([
            {"name": "other", "in": "path", "required": true, "schema": {"type": "string"}},
        ]));
        assert_eq!(path_parameters_of_the_path(&mut document), 2);
        assert_eq!(
            list(&document),
            &json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}])
        );
        assert_eq!(path_parameters_of_the_path(&mut document), 0);
    }

    #[test]
    fn objects_in_a_query_become_parameters() {
        let object = json!({"type": "object", "required": ["a"], "properties": {
            "a": {"type": "string"}, "b": {"type": "integer"},
        }});
        for (style, names) in [("deepObject", ["f[a]", "f[b]"]), ("form", ["a", "b"])] {
            let mut document = with_parameters(&json!([
                {"name": "f", "in": "query", "style": style, "required": true, "schema": object},
            ]));
            assert_eq!(objects_as_parameters(&mut document), 1);
            let found = list(&document);
            for (index, name) in names.into_iter().enumerate() {
                assert_eq!(found[index]["name"], name);
                assert_eq!(found[index]["required"], index == 0);
            }
        }
        let nested = json!({"type": "object", "properties": {"a": {"type": "object"}}});
        let mut document =
            with_parameters(&json!([{"name": "f", "in": "query", "schema": nested}]));
        assert_eq!(objects_as_parameters(&mut document), 0);
    }

    #[test]
    fn values_with_another_serialization_become_text() {
        let list_of_text = json!({"type": "array", "items": {"type": "string"}});
        for (parameter, expected) in [
            (
                json!({"in": "query", "explode": false, "schema": list_of_text}),
                "string",
            ),
            (
                json!({"in": "query", "style": "pipeDelimited", "schema": list_of_text}),
                "string",
            ),
            (json!({"in": "header", "schema": list_of_text}), "string"),
            (
                json!({"in": "query", "content": {"application/json": {}}}),
                "string",
            ),
            (
                json!({"in": "path", "schema": {"oneOf": [{"type": "integer"}]}}),
                "string",
            ),
            (
                json!({"in": "query", "schema": {"anyOf": [{"type": "string"}, list_of_text]}}),
                "array",
            ),
            (json!({"in": "query", "schema": list_of_text}), "array"),
            (
                json!({"in": "query", "schema": {"type": "integer", "nullable": true}}),
                "integer",
            ),
        ] {
            let mut document = with_parameters(&json!([parameter]));
            parameters_as_text(&mut document);
            let found = &list(&document)[0];
            assert_eq!(found["schema"]["type"], expected, "{parameter}");
            assert!(found.get("content").is_none() && found["schema"].get("nullable").is_none());
            assert_eq!(parameters_as_text(&mut document), 0, "{parameter}");
        }
    }

    #[test]
    fn values_that_are_not_parameters_are_kept() {
        let own = json!(["text", null, {"name": "a", "in": "query", "schema": 1}]);
        let mut document = with_parameters(&own);
        document["paths"]["/a/{id}"]["put"] = json!("no operation");
        for step in [
            parameters_in_operations,
            path_parameters_of_the_path,
            no_reserved_headers,
            objects_as_parameters,
            parameters_as_text,
        ] {
            step(&mut document);
        }
        assert_eq!(list(&document)[0], "text");
        assert_eq!(document["paths"]["/a/{id}"]["put"], "no operation");
    }

    #[test]
    fn reserved_headers_are_dropped() {
        let mut document = with_parameters(&json!([
            {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
            {"name": "Authorization", "in": "query", "schema": {"type": "string"}},
        ]));
        assert_eq!(no_reserved_headers(&mut document), 1);
        assert_eq!(list(&document).as_array().unwrap().len(), 1);
    }
}
