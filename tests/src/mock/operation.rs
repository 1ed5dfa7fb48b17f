//! Which operation of the API's document a request belongs to.

use std::collections::BTreeMap;

use authress_users_client::operations::{OPERATIONS, Operation};
use http::Method;
use percent_encoding::percent_decode_str;

/// A request's operation and the parameters in its path, decoded.
pub(crate) struct Matched {
    pub(crate) operation: &'static Operation,
    pub(crate) path_parameters: BTreeMap<&'static str, String>,
}

/// Finds the operation for an encoded path: an encoded slash belongs to its segment, and an
/// empty segment belongs to nothing.
pub(crate) fn find(method: &Method, path: &str) -> Option<Matched> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.method == *method)
        .find_map(|operation| {
            Some(Matched {
                operation,
                path_parameters: parameters(operation.path, path)?,
            })
        })
}

fn parameters(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut parameters = BTreeMap::new();
    let (mut expected, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(expected), Some(given)) => {
                let name = expected
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'));
                match name {
                    Some(_) if given.is_empty() => return None,
                    Some(name) => {
                        let value = percent_decode_str(given).decode_utf8().ok()?;
                        parameters.insert(name, value.into_owned());
                    }
                    None if expected == given => {}
                    None => return None,
                }
            }
            _ => return None,
        }
    }
}

/// The operation with this id.
///
/// # Panics
/// If there is none: a test that names it is wrong.
pub(crate) fn named(id: &str) -> &'static Operation {
    let named = OPERATIONS.iter().find(|operation| operation.id == id);
    named.unwrap_or_else(|| {
        let ids: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
        panic!("the API has no operation {id}; it has {}", ids.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let matched = find(method, path)?;
        Some((
            matched.operation.id,
            matched.path_parameters.into_values().collect(),
        ))
    }

    #[test]
    fn an_operation_is_found_by_method_and_encoded_path() {
        let one = |id: &str, parameter: &str| Some((named(id).id, vec![parameter.to_owned()]));
        assert_eq!(found(&Method::GET, "/v1/users"), Some(("getUsers", vec![])));
        assert_eq!(
            found(&Method::GET, "/v1/users/a%2Fb"),
            one("getUser", "a/b")
        );
        assert_eq!(
            found(&Method::DELETE, "/v1/users/a%252e"),
            one("deleteUser", "a%2e")
        );
        assert_eq!(
            found(&Method::PATCH, "/v1/tenants/a:b/users"),
            one("linkTenantUser", "a:b")
        );
        for path in [
            "/",
            "/v1",
            "/v1/users/",
            "/v1/users/a/b",
            "//v1/users",
            "/v1/users/%ff",
        ] {
            assert_eq!(found(&Method::GET, path), None, "{path}");
        }
        assert_eq!(found(&Method::PUT, "/v1/users/a"), None);
    }
}
