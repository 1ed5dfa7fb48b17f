//! Tests the effect of each action of the overlay on the provider fixture.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::super::normalize::STEPS;
use super::super::{marks, roles, select};
use super::{OVERLAY, overlay, provider};
use crate::overlay::Outcome;
use crate::testing::fixture_document;
use authress_users_openapi::OperationEntry;

/// An action and a value that it changes.
struct Case {
    name: &'static str,
    pointer: &'static str,
    /// The value before and after, as JSON, or the place of the same value in our spec.
    before: &'static str,
    after: &'static str,
    /// Without these values the document lacks the place.
    without: &'static str,
}

static CASES: [Case; 22] = [
    Case {
        name: "idempotent-methods",
        pointer: "/paths/~1v1~1users/get/x-idempotent",
        before: "null",
        after: "true",
        without: "/paths",
    },
    Case {
        name: "other-methods-are-not-idempotent",
        pointer: "/paths/~1v1~1tenants~1{tenantId}~1users/patch/x-idempotent",
        before: "null",
        after: "false",
        without: "/paths/~1v1~1tenants~1{tenantId}~1users/patch",
    },
    Case {
        name: "link-is-idempotent",
        pointer: "/paths/~1v1~1tenants~1{tenantId}~1users/patch/x-idempotent",
        before: "false",
        after: "true",
        without: "/paths/~1v1~1tenants~1{tenantId}~1users/patch",
    },
    Case {
        name: "error-schema",
        pointer: "/components/schemas/ErrorBody/properties/errorId/nullable",
        before: "null",
        after: "true",
        without: "/components/schemas",
    },
    Case {
        name: "error-bodies",
        pointer: "/paths/~1v1~1users/get/responses/401/content/application~1json/schema/$ref",
        before: "null",
        after: r##""#/components/schemas/ErrorBody""##,
        without: "/paths",
    },
    Case {
        name: "safe-path-parameters",
        pointer: "/paths/~1v1~1users~1{userId}/get/parameters/0/schema/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: "/components/schemas/UserId/pattern",
        without: "/paths",
    },
    Case {
        name: "user-id-length",
        pointer: "/paths/~1v1~1users~1{userId}/get/parameters/0/schema/maxLength",
        before: "null",
        after: "/components/schemas/UserId/maxLength",
        without: "/paths",
    },
    Case {
        name: "safe-user-id-in-link-body",
        pointer: "/components/schemas/TenantUser/properties/userId/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: "/components/schemas/UserId/pattern",
        without: "/components/schemas/TenantUser/properties/userId",
    },
    Case {
        name: "safe-tenant-ids",
        pointer: "/paths/~1v1~1users/get/parameters/3/schema/pattern",
        before: r#""^[a-zA-Z0-9-_.:]+$""#,
        after: "/components/schemas/TenantId/pattern",
        without: "/paths",
    },
    Case {
        name: "link-requires-user-id",
        pointer: "/components/schemas/TenantUser/required",
        before: "null",
        after: r#"["userId"]"#,
        without: "/components/schemas/TenantUser",
    },
    Case {
        name: "no-default-limit",
        pointer: "/paths/~1v1~1users/get/parameters/0/schema/default",
        before: "20",
        after: "null",
        without: "/paths/~1v1~1users/get/parameters/0",
    },
    Case {
        name: "no-empty-cursor",
        pointer: "/paths/~1v1~1users/get/parameters/1/schema/minLength",
        before: "null",
        after: "1",
        without: "/paths/~1v1~1users/get/parameters/1",
    },
    Case {
        name: "lenient-strings",
        pointer: "/components/schemas/UserIdentity/properties/userId/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: "null",
        without: "/components/schemas /paths",
    },
    Case {
        name: "lenient-numbers",
        pointer: "/components/schemas/UserIdentity/properties/logins",
        before: r#"{"type": "integer", "minimum": 0, "format": "int64", "x-in-responses": true}"#,
        after: r#"{"type": "integer", "format": "int64", "x-in-responses": true}"#,
        without: "/components/schemas /paths",
    },
    Case {
        name: "lenient-arrays",
        pointer: "/components/schemas/UserIdentityCollection/properties/users/maxItems",
        before: "100",
        after: "null",
        without: "/components/schemas",
    },
    Case {
        name: "nullable-user-members",
        pointer: "/components/schemas/UserIdentity/properties/email/nullable",
        before: "null",
        after: "true",
        without: "/components/schemas/UserIdentity/properties",
    },
    Case {
        name: "nullable-page-members",
        pointer: "/components/schemas/UserIdentityCollection/properties/links/nullable",
        before: "null",
        after: "true",
        without: "/components/schemas/UserIdentityCollection/properties",
    },
    Case {
        name: "optional-links",
        pointer: "/components/schemas/UserIdentityCollection/required",
        before: r#"["users", "links"]"#,
        after: r#"["users"]"#,
        without: "/components/schemas/UserIdentityCollection",
    },
    Case {
        name: "optional-self-link",
        pointer: "/components/schemas/CollectionLinks/required",
        before: r#"["self"]"#,
        after: "null",
        without: "/components/schemas/CollectionLinks",
    },
    Case {
        name: "nullable-self-link",
        pointer: "/components/schemas/CollectionLinks/properties/self/nullable",
        before: "null",
        after: "true",
        without: "/components/schemas/CollectionLinks/properties/self",
    },
    Case {
        name: "optional-next-cursor",
        pointer: "/components/schemas/PaginationNext/required",
        before: r#"["cursor"]"#,
        after: "null",
        without: "/components/schemas/PaginationNext",
    },
    Case {
        name: "nullable-next-cursor",
        pointer: "/components/schemas/PaginationNext/properties/cursor/nullable",
        before: "null",
        after: "true",
        without: "/components/schemas/PaginationNext/properties/cursor",
    },
];

/// The value that the overlay is applied to.
static REDUCED: LazyLock<Value> = LazyLock::new(|| {
    let own = fixture_document();
    let mut value = select::select(own, provider(), &[], &[]).unwrap().value;
    for (_, apply) in STEPS {
        apply(&mut value);
    }
    roles::name_schemas(&own.value, &mut value);
    let members = &mut value["components"]["schemas"]["UserIdentity"]["properties"];
    members["logins"] = json!({"type": "integer", "minimum": 0, "format": "int64"});
    marks::mark_responses(&mut value);
    // The published spec states no length.
    let schema = "/paths/~1v1~1users~1{userId}/get/parameters/0/schema";
    let schema = value.pointer_mut(schema).unwrap().as_object_mut().unwrap();
    schema.shift_remove("maxLength");
    value
});

fn value_of(text: &str) -> Value {
    if text.starts_with('/') {
        return fixture_document().value.pointer(text).unwrap().clone();
    }
    serde_json::from_str(text).unwrap()
}

fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(
            members
                .shift_remove(&authress_users_openapi::unescape(key))
                .unwrap(),
        ),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        other => panic!("{pointer}: {other}"),
    }
    value
}

#[test]
fn each_action_changes_its_target() {
    for case in &CASES {
        let Case {
            name,
            pointer,
            before,
            after,
            ..
        } = case;
        let mut value = REDUCED.clone();
        let mut earlier = overlay();
        let names: Vec<_> = earlier.names().map(str::to_owned).collect();
        let own = names.iter().position(|other| other == *name).unwrap();
        earlier.keep(|other| names[..own].iter().any(|earlier| earlier == other));
        earlier.apply(&mut value, "provider.yaml", &[]).unwrap();
        let at = |value: &Value| value.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at(&value), value_of(before), "{name}");
        let mut alone = overlay();
        alone.keep(|other| other == *name);
        let applied = alone.apply(&mut value, "provider.yaml", &[]).unwrap();
        assert_eq!(at(&value), value_of(after), "{name}");
        assert!(matches!(applied[0].outcome, Outcome::Changed(_)), "{name}");
        let again = alone.apply(&mut value, "provider.yaml", &[]).unwrap();
        assert_eq!(again[0].outcome, Outcome::AlreadySo, "{name}");
    }
}

#[test]
fn each_action_fails_if_its_operations_lack_the_place() {
    let own = fixture_document();
    let operations: Vec<_> = own.operations().iter().map(OperationEntry::name).collect();
    let mut for_any_operation = Vec::new();
    for Case {
        name,
        without: removed,
        ..
    } in &CASES
    {
        let mut alone = overlay();
        alone.keep(|other| other == *name);
        let mut value = removed.split(' ').fold(REDUCED.clone(), without);
        let before = value.clone();
        let done = alone.apply(&mut value, "provider.yaml", &[]).unwrap();
        assert_eq!(done[0].outcome, Outcome::PlaceNotFound, "{name}");
        match alone.apply(&mut value, "provider.yaml", &operations) {
            Ok(_) => for_any_operation.push(*name),
            Err(failure) => {
                let failure = failure.to_string();
                assert!(failure.starts_with(OVERLAY), "{failure}");
                assert!(
                    failure.contains("[overlay] ") && failure.contains(&format!(": {name}: ")),
                    "{failure}"
                );
                assert!(
                    failure.contains("matches nothing in provider.yaml"),
                    "{failure}"
                );
            }
        }
        assert_eq!(value, before);
    }
    assert_eq!(
        for_any_operation,
        [
            "idempotent-methods",
            "other-methods-are-not-idempotent",
            "error-schema",
            "error-bodies",
        ]
    );
}

#[test]
fn each_action_has_a_case() {
    let tested: Vec<_> = CASES.iter().map(|case| case.name).collect();
    let overlay = overlay();
    assert_eq!(overlay.names().collect::<Vec<_>>(), tested);
}
