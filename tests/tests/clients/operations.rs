//! Spec, raw client and ext have the same operations.

use std::collections::BTreeSet;

use authress_users_client::operations::OPERATIONS;
use heck::ToSnakeCase as _;
use serde_json::{Value, json};

use crate::source::{methods, parsed};
use crate::spec::{document, operations};

const RAW_CLIENT: &str = "authress-users-client/src/generated/client.rs";
const EXT: &str = "authress-users-ext/src/users/users.rs";

fn names_in(document: &Value) -> BTreeSet<String> {
    let operations = operations(document);
    operations
        .iter()
        .map(|operation| operation.id.to_snake_case())
        .collect()
}

/// Returns the operations that a crate lacks, and those that the spec does not have.
fn differences(document: &Value) -> Vec<String> {
    let expected = names_in(document);
    let table = OPERATIONS
        .iter()
        .map(|operation| operation.rust_name.to_owned());
    let mut differences = Vec::new();
    for (name, actual) in [
        ("the operation table of the raw client", table.collect()),
        ("the raw client", methods(&parsed(RAW_CLIENT), "Client")),
        ("ext", methods(&parsed(EXT), "Users")),
    ] {
        let missing = expected.difference(&actual);
        differences.extend(missing.map(|operation| format!("{name} lacks {operation}")));
        let extra = actual.difference(&expected);
        differences
            .extend(extra.map(|operation| format!("{name} has {operation}, the spec does not")));
    }
    differences
}

#[test]
fn spec_raw_client_and_ext_have_the_same_operations() {
    assert_eq!(names_in(&document()).len(), 4);
    assert_eq!(differences(&document()), [""; 0]);
}

#[test]
fn the_operation_table_matches_the_spec() {
    let document = document();
    for documented in operations(&document) {
        let id = documented.id;
        let own = OPERATIONS
            .iter()
            .find(|operation| operation.id == id)
            .unwrap();
        assert_eq!(
            (own.method.as_str(), own.path),
            (&*documented.method, documented.path),
            "{id}"
        );
        let of_table: Vec<_> = own
            .responses
            .iter()
            .map(|response| (response.status, response.media_types.to_vec()))
            .collect();
        let of_document: Vec<_> = documented
            .responses
            .iter()
            .map(|response| {
                let media_types = response.bodies.iter().map(|(media_type, _)| *media_type);
                (response.status, media_types.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(of_table, of_document, "{id}");
    }
}

#[test]
fn missing_operations_are_reported_for_each_crate() {
    let mut document = document();
    document["paths"]["/v1/groups"] = json!({ "get": { "operationId": "getGroups" } });
    assert_eq!(
        differences(&document),
        [
            "the operation table of the raw client lacks get_groups",
            "the raw client lacks get_groups",
            "ext lacks get_groups",
        ]
    );
}

#[test]
fn removed_operations_are_reported_for_each_crate() {
    let mut document = document();
    document["paths"]["/v1/users/{userId}"]
        .as_object_mut()
        .unwrap()
        .remove("delete");
    assert_eq!(
        differences(&document),
        [
            "the operation table of the raw client has delete_user, the spec does not",
            "the raw client has delete_user, the spec does not",
            "ext has delete_user, the spec does not",
        ]
    );
}
