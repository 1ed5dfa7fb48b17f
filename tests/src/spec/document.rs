#[cfg(feature = "mock")]
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use authress_users_client::DOCUMENT;
use authress_users_openapi::{move_nullable_to_references, operations};
use serde_json::Value;

use super::error::SpecError;
use super::operation::SpecOperation;

/// An OpenAPI 3.0 spec with compiled schemas.
///
/// ```
/// use authress_users_contract::Spec;
///
/// assert_eq!(Spec::bundled().operation_ids().count(), 4);
/// ```
#[derive(Debug)]
pub struct Spec {
    pub(crate) operations: Vec<SpecOperation>,
}

impl Spec {
    /// Returns the spec of the Authress Users API, which is part of this crate.
    ///
    /// # Panics
    /// Never, as long as the document passes `cargo xtask lint`, which a test checks.
    #[must_use]
    pub fn bundled() -> &'static Self {
        static SPEC: LazyLock<Spec> = LazyLock::new(|| {
            let document = serde_json::from_str(DOCUMENT).expect("the document is JSON");
            Spec::parse(&document).expect("the document passed the lint")
        });
        &SPEC
    }

    /// Parses an OpenAPI 3.0 document. Extensions and unknown members are ignored.
    ///
    /// # Errors
    /// If a reference points to nothing or a schema does not compile; the error has the pointer.
    pub fn parse(document: &Value) -> Result<Self, SpecError> {
        let mut document = document.clone();
        // One violation of a nullable reference is then one finding.
        move_nullable_to_references(&mut document);
        let document = Arc::new(document);
        let operations = operations(&document)
            .iter()
            .map(|operation| SpecOperation::parse(&document, operation))
            .collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }

    /// Returns the ids of the operations, in the order of the document.
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .map(|operation| operation.id.as_str())
    }

    #[cfg(any(feature = "live", feature = "mock", test))]
    pub(crate) fn operation(&self, id: &str) -> Option<&SpecOperation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Returns the operation of a request, and the values in its path, still encoded.
    pub(crate) fn find<'a>(
        &self,
        method: &str,
        path: &'a str,
    ) -> Option<(&SpecOperation, Vec<(&str, &'a str)>)> {
        self.operations
            .iter()
            .filter(|operation| operation.method.eq_ignore_ascii_case(method))
            .find_map(|operation| Some((operation, operation.template.values(path)?)))
    }

    /// Returns whether the document has an operation for an encoded path, whatever the method.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        !self.methods(path).is_empty()
    }

    /// Returns the path templates, each once.
    #[cfg(feature = "mock")]
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let paths = self.operations.iter().map(|own| own.template.as_str());
        paths.collect::<BTreeSet<_>>().into_iter()
    }

    /// Returns the pointer of an encoded path; `/paths` if the document does not have it.
    #[cfg(feature = "live")]
    pub(crate) fn path_pointer(&self, path: &str) -> &str {
        let mut operations = self.operations.iter();
        let found = operations.find(|operation| operation.template.values(path).is_some());
        let pointer = found.and_then(|operation| operation.pointer.rsplit_once('/'));
        pointer.map_or("/paths", |(path, _)| path)
    }

    /// Returns the methods that the document has for an encoded path.
    pub(crate) fn methods(&self, path: &str) -> Vec<&str> {
        let matches = |operation: &&SpecOperation| operation.template.values(path).is_some();
        self.operations
            .iter()
            .filter(matches)
            .map(|operation| operation.method.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bundled_spec_is_compiled() {
        let spec = Spec::bundled();
        let ids: Vec<_> = spec.operation_ids().collect();
        assert_eq!(ids, ["getUsers", "getUser", "deleteUser", "linkTenantUser"]);
        let (operation, values) = spec.find("get", "/v1/users/a%2Fb").unwrap();
        assert_eq!(
            (operation.id.as_str(), values),
            ("getUser", vec![("userId", "a%2Fb")])
        );
        assert_eq!(operation.success_types(), ["application/links+json"]);
        assert!(operation.is_secured && operation.is_idempotent);
        assert_eq!(spec.methods("/v1/users/1"), ["GET", "DELETE"]);
        let list = spec.operation("getUsers").unwrap();
        let names: Vec<_> = list
            .parameters_in("query")
            .map(|parameter| &*parameter.name)
            .collect();
        assert!(names.starts_with(&["limit", "cursor"]), "{names:?}");
    }

    #[test]
    fn operation_parameters_replace_path_parameters() {
        let spec = Spec::parse(&json!({ "paths": { "/a": {
            "parameters": [
                { "name": "x", "in": "query", "schema": { "type": "string" } },
                { "name": "y", "in": "query", "schema": { "type": "string" } },
            ],
            "get": {
                "operationId": "a",
                "parameters": [
                    { "name": "x", "in": "query", "required": true, "schema": { "type": "integer" } },
                ],
                "responses": { "2XX": { "description": "" }, "default": { "description": "" } },
            },
        } } }))
        .unwrap();
        let operation = spec.operation("a").unwrap();
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .map(|own| (&*own.name, own.is_required))
            .collect();
        assert_eq!(parameters, [("x", true), ("y", false)]);
        assert_eq!(operation.response(204).unwrap().0, "2XX");
        assert_eq!(operation.response(500).unwrap().0, "default");
    }

    #[test]
    fn broken_references_are_reported_with_their_pointer() {
        let error = Spec::parse(&json!({ "paths": { "/a/{b}": { "get": {
            "parameters": [{ "$ref": "#/components/parameters/None" }],
        } } } }))
        .unwrap_err();
        assert_eq!(error.pointer(), "/paths/~1a~1{b}/get/parameters/0");
        assert!(
            error
                .to_string()
                .contains("`#/components/parameters/None` points to nothing")
        );
    }
}
