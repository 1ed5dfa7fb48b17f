//! What edits of the spec mean for the public API.

use authress_users_openapi::Document;

use super::support::{Generated, base, both_ways, compare, lines};
use crate::diff::rust::public_api::model::ChangeKind;
use crate::generate::{Spec, files};
use crate::testing::{fixture, fixture_document};

#[test]
fn edits_of_the_spec_change_the_public_api() {
    let email = "        email:\n          type: string\n          nullable: true\n          description: The e-mail address of the user.\n";
    assert!(fixture().contains(email));
    let cases: [(&str, String, &[&str], &[&str]); 9] = [
        // An optional parameter.
        (
            "        - name: filter\n",
            "        - name: sortBy\n          in: query\n          schema:\n            type: string\n            \
             enum: [name, email]\n        - name: filter\n"
                .to_owned(),
            &[
                "Minor Added builder::GetUsers::sort_by",
                "Minor Added types::GetUsersSortBy",
            ],
            &[
                "Breaking Removed builder::GetUsers::sort_by",
                "Breaking Removed types::GetUsersSortBy",
            ],
        ),
        // A member of a response.
        (
            email,
            format!("{email}        phone:\n          type: string\n"),
            &[
                "Minor Added types::UserIdentity.phone, ext",
                "Minor Added types::builder::UserIdentity::phone, ext",
            ],
            &[
                "Breaking Removed types::UserIdentity.phone, ext",
                "Breaking Removed types::builder::UserIdentity::phone, ext",
            ],
        ),
        // A member becomes required.
        (
            "      required: [href]",
            "      required: [href, rel]".to_owned(),
            &[
                "Breaking Signature types::Link.rel",
                "Breaking Signature types::builder::Link::rel",
            ],
            &[
                "Breaking Signature types::Link.rel",
                "Breaking Signature types::builder::Link::rel",
            ],
        ),
        // A type without required members has a default.
        (
            "      required: [href]\n",
            String::new(),
            &[
                "Minor Added impl Default for types::Link",
                "Breaking Signature types::Link.href",
                "Breaking Signature types::builder::Link::href",
            ],
            &[
                "Breaking Removed impl Default for types::Link",
                "Breaking Signature types::Link.href",
                "Breaking Signature types::builder::Link::href",
            ],
        ),
        // An optional member is an Option, null or not.
        (email, email.replace("          nullable: true\n", ""), &[], &[]),
        // Limits, which a signature does not show.
        (
            "maximum: 100",
            "maximum: 50".to_owned(),
            &["Compatible Value builder::GetUsers::limit"],
            &["Compatible Value builder::GetUsers::limit"],
        ),
        (
            "maxLength: 64",
            "maxLength: 63".to_owned(),
            &["Compatible Value impl FromStr for types::GetUsersFilter"],
            &["Compatible Value impl FromStr for types::GetUsersFilter"],
        ),
        // A string without limits is a `String`.
        (
            "          schema:\n            type: string\n            maxLength: 64\n",
            "          schema:\n            type: string\n".to_owned(),
            &[
                "Breaking Signature builder::GetUsers::filter",
                "Breaking Removed types::GetUsersFilter",
            ],
            &[
                "Breaking Signature builder::GetUsers::filter",
                "Minor Added types::GetUsersFilter",
            ],
        ),
        // Text for readers.
        (
            "summary: Read a user",
            "summary: Read one user".to_owned(),
            &[],
            &[],
        ),
    ];
    for (from, to, expected, expected_back) in cases {
        let (there, back) = both_ways(from, &to);
        assert_eq!(lines(&there), expected, "{to}");
        assert_eq!(lines(&back), expected_back, "back from {to}");
    }
}

#[test]
fn an_operation_has_a_method_a_builder_and_a_table_row() {
    let from = "    delete:\n      operationId: deleteUser\n";
    let (there, back) = both_ways(
        from,
        &format!(
            "    head:\n      operationId: probeUser\n      x-idempotent: true\n      summary: Probe\n      \
             responses:\n        \"204\":\n          description: It is there.\n{from}"
        ),
    );
    let expected = [
        "Client::probe_user",
        "builder::ProbeUser",
        "operations::PROBE_USER",
    ];
    let of = |verdict: &str| expected.map(|path| format!("{verdict} {path}"));
    assert_eq!(lines(&there), of("Minor Added"));
    assert_eq!(lines(&back), of("Breaking Removed"));
    for change in there.iter().chain(&back) {
        assert_eq!(change.origin.operation.as_deref(), Some("probeUser"));
    }
}

#[test]
fn the_order_of_media_types_does_not_matter() {
    let mut document = fixture_document().value.clone();
    let responses = document.pointer_mut("/components/responses").unwrap();
    for response in responses.as_object_mut().unwrap().values_mut() {
        let content = response["content"].as_object_mut().unwrap();
        let first = content.keys().next().unwrap().clone();
        let media_type = content.shift_remove(&first).unwrap();
        content.insert(first, media_type);
    }
    let turned = Document::parse("users.json", &document.to_string()).unwrap();
    let turned = Generated::new(turned);
    let table = |of: &Generated| {
        let mut files = files(&of.document, Spec::Variant).unwrap();
        files.remove("operations.rs").unwrap()
    };
    assert_ne!(table(&turned), table(base()));
    assert_eq!(compare(base(), &turned), Vec::new());
}

#[test]
fn a_new_response_is_a_value_of_the_table() {
    let (there, _) = both_ways("\"202\":", "\"204\":");
    assert_eq!(
        lines(&there),
        [
            "Compatible Value operations::DELETE_USER.responses[202]",
            "Compatible Value operations::DELETE_USER.responses[204]",
        ]
    );
    assert_eq!(
        there[1].origin.new.as_deref(),
        Some("/paths/~1v1~1users~1{userId}/delete/responses/204")
    );
}

#[test]
fn a_renamed_component_is_recognized() {
    let renamed = fixture()
        .replace("schemas/PaginationNext", "schemas/NextPage")
        .replace("    PaginationNext:\n", "    NextPage:\n");
    let new = Generated::parse(&renamed);
    let found = compare(base(), &new);
    let removed = found
        .iter()
        .find(|change| change.path == "types::PaginationNext")
        .unwrap();
    assert_eq!(removed.kind, ChangeKind::Removed);
    assert!(
        removed.advice.contains("types::NextPage"),
        "{}",
        removed.advice
    );
    assert!(lines(&found).contains(&"Breaking Signature types::Pagination.next".to_owned()));
}

#[test]
fn the_place_of_a_member_is_in_both_specs() {
    let (there, _) = both_ways("      required: [href]", "      required: [href, rel]");
    for change in &there {
        let rel = Some("/components/schemas/Link/properties/rel");
        assert_eq!(change.origin.old.as_deref(), rel);
        assert_eq!(change.origin.new.as_deref(), rel);
        assert_eq!(change.origin.component.as_deref(), Some("Link"));
    }
}

#[test]
fn a_type_does_not_belong_to_a_component_with_a_similar_name() {
    let renamed = fixture()
        .replace("schemas/UserIdentity\"", "schemas/Person\"")
        .replace("    UserIdentity:\n", "    Person:\n");
    let found = compare(&Generated::parse(&renamed), base());
    // Both specs have UserId and other names with the same start.
    let added = found
        .iter()
        .find(|change| change.path == "types::UserIdentity")
        .unwrap();
    assert_eq!(added.origin.component.as_deref(), Some("UserIdentity"));
    assert_eq!(added.origin.old, None);
    assert_eq!(
        added.origin.new.as_deref(),
        Some("/components/schemas/UserIdentity")
    );

    let (_, back) = both_ways("operationId: getUsers", "operationId: listUsers");
    let added = back
        .iter()
        .find(|change| change.path == "types::GetUsersCursor")
        .unwrap();
    assert_eq!(added.origin.operation.as_deref(), Some("getUsers"));
    assert_eq!(added.origin.old, None);
}
