//! operationIds, from which the client's methods get their names.

use std::collections::HashSet;

use heck::ToLowerCamelCase as _;
use serde_json::Value;

use crate::generate::names;
use authress_users_openapi::METHODS;

/// Names an operation after its method and path if its operationId is missing, unusable in Rust or
/// already taken.
pub(super) fn names_after_method_and_path(document: &mut Value) -> usize {
    let mut changed = 0;
    let mut taken = HashSet::new();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, path_item) in paths.into_iter().flatten() {
        for (method, operation) in path_item.as_object_mut().into_iter().flatten() {
            if !METHODS.contains(&&**method) || !operation.is_object() {
                continue;
            }
            let id = operation["operationId"].as_str().unwrap_or_default();
            let is_usable = !id.trim().is_empty() && names::unusable(id).is_none();
            if is_usable && taken.insert(names::type_name(id)) {
                continue;
            }
            let words = format!("{method} {path}");
            let name = words
                .replace(|letter: char| !letter.is_ascii_alphanumeric(), " ")
                .to_lower_camel_case();
            let free = (1..usize::MAX)
                .map(|number| match number {
                    1 => name.clone(),
                    number => format!("{name}Nr{number}"),
                })
                .find(|name| {
                    names::unusable(name).is_none() && taken.insert(names::type_name(name))
                });
            operation["operationId"] = free.into();
            changed += 1;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_unusable_or_taken_name_is_derived_from_method_and_path() {
        let mut document = json!({"paths": {
            "/v1/users/{userId}": {
                "get": {"operationId": "getUser"},
                "put": {},
                "delete": {"operationId": "type"},
                "patch": {"operationId": "get_user"},
                "parameters": [],
            },
        }});
        assert_eq!(names_after_method_and_path(&mut document), 3);
        let path = &document["paths"]["/v1/users/{userId}"];
        assert_eq!(path["get"]["operationId"], "getUser");
        for method in ["put", "delete", "patch"] {
            assert_eq!(
                path[method]["operationId"],
                format!("{method}V1UsersUserId")
            );
        }
        assert_eq!(names_after_method_and_path(&mut document), 0);
    }
}
