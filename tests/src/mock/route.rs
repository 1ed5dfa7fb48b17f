//! Maps requests to operations of the spec.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::operation::Operation;
use crate::spec::{Spec, SpecOperation};

/// The operation of a request, with the decoded parameters of its path.
pub(crate) struct Route {
    pub(crate) spec: &'static SpecOperation,
    /// None if the fake does not implement the operation of the spec.
    pub(crate) operation: Option<Operation>,
    pub(crate) path_parameters: BTreeMap<String, String>,
}

/// Finds the operation of an encoded path. An encoded slash is part of its segment; an empty
/// segment matches no parameter.
pub(crate) fn find(method: &str, path: &str) -> Option<Route> {
    let (spec, values) = Spec::bundled().find(method, path)?;
    let decode = |(name, value): (&str, &str)| {
        let value = percent_decode_str(value).decode_utf8().ok()?;
        Some((name.to_owned(), value.into_owned()))
    };
    Some(Route {
        spec,
        operation: spec.id.parse().ok(),
        path_parameters: values.into_iter().map(decode).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<(Option<Operation>, Vec<String>)> {
        let route = find(method, path)?;
        Some((
            route.operation,
            route.path_parameters.into_values().collect(),
        ))
    }

    #[test]
    fn method_and_encoded_path_select_the_operation() {
        let one = |operation, parameter: &str| Some((Some(operation), vec![parameter.to_owned()]));
        assert_eq!(
            found("GET", "/v1/users"),
            Some((Some(Operation::GetUsers), vec![]))
        );
        assert_eq!(
            found("GET", "/v1/users/a%2Fb"),
            one(Operation::GetUser, "a/b")
        );
        assert_eq!(
            found("DELETE", "/v1/users/a%252e"),
            one(Operation::DeleteUser, "a%2e")
        );
        assert_eq!(
            found("PATCH", "/v1/tenants/a:b/users"),
            one(Operation::LinkTenantUser, "a:b")
        );
        for path in [
            "/",
            "/v1",
            "/v1/users/",
            "/v1/users/a/b",
            "//v1/users",
            "/v1/users/%ff",
        ] {
            assert_eq!(found("GET", path), None, "{path}");
        }
        assert_eq!(found("PUT", "/v1/users/a"), None);
    }
}
