//! The operations of the document, the methods of the raw crate and those of the face are the
//! same set.

use std::collections::BTreeSet;

use authress_users_client::operations::OPERATIONS;
use heck::ToSnakeCase as _;
use serde_json::{Value, json};

use crate::document::{document, operations};
use crate::source::{methods, parsed};

const RAW_CLIENT: &str = "authress-users-client/src/generated/client.rs";
const FACE: &str = "authress-users-ext/src/users/mod.rs";

fn names_in(document: &Value) -> BTreeSet<String> {
    let operations = operations(document);
    operations
        .iter()
        .map(|operation| operation.id.to_snake_case())
        .collect()
}

/// Whoever lacks an operation of the document, or has one that it does not name.
fn differences(document: &Value) -> Vec<String> {
    let expected = names_in(document);
    let table = OPERATIONS
        .iter()
        .map(|operation| operation.rust_name.to_owned());
    let mut told = Vec::new();
    for (who, have) in [
        ("the raw crate's table of operations", table.collect()),
        (
            "the raw crate's Client",
            methods(&parsed(RAW_CLIENT), "Client"),
        ),
        ("the face's Users", methods(&parsed(FACE), "Users")),
    ] {
        let missing = expected.difference(&have);
        told.extend(missing.map(|name| format!("{who} has no {name}, and the document has it")));
        let extra = have.difference(&expected);
        told.extend(extra.map(|name| format!("{who} has {name}, and the document has it not")));
    }
    told
}

#[test]
fn the_document_the_raw_crate_and_the_face_have_the_same_operations() {
    assert_eq!(names_in(&document()).len(), 4);
    assert_eq!(differences(&document()), [""; 0]);
}

#[test]
fn the_table_of_operations_says_what_the_document_says() {
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
            .answers
            .iter()
            .map(|answer| {
                let media_types = answer.bodies.iter().map(|(media_type, _)| *media_type);
                (answer.status, media_types.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(of_table, of_document, "{id}");
    }
}

#[test]
fn an_operation_that_only_the_document_has_is_told_for_each_crate() {
    let mut document = document();
    document["paths"]["/v1/groups"] = json!({ "get": { "operationId": "getGroups" } });
    assert_eq!(
        differences(&document),
        [
            "the raw crate's table of operations has no get_groups, and the document has it",
            "the raw crate's Client has no get_groups, and the document has it",
            "the face's Users has no get_groups, and the document has it",
        ]
    );
}

#[test]
fn an_operation_that_the_document_has_no_more_is_told_for_each_crate() {
    let mut document = document();
    document["paths"]["/v1/users/{userId}"]
        .as_object_mut()
        .unwrap()
        .remove("delete");
    assert_eq!(
        differences(&document),
        [
            "the raw crate's table of operations has delete_user, and the document has it not",
            "the raw crate's Client has delete_user, and the document has it not",
            "the face's Users has delete_user, and the document has it not",
        ]
    );
}
