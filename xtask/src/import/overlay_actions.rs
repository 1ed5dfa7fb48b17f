//! What each action of the project's overlay does to the stand-in for the provider's document.

use serde_json::Value;

use super::quirks::{self, QUIRKS};
use super::tests::{overlay, provider};
use super::{OVERLAY, selection};
use crate::testing::fixture_document;

/// An action, and one place that it changes.
struct Correction {
    name: &'static str,
    place: &'static str,
    /// What stands there before and after it, as JSON.
    before: &'static str,
    after: &'static str,
    /// Without this there is nothing left to correct.
    gone: &'static str,
}

static CORRECTIONS: [Correction; 20] = [
    Correction {
        name: "idempotent-methods",
        place: "/paths/~1v1~1users/get/x-idempotent",
        before: "null",
        after: "true",
        gone: "/paths",
    },
    Correction {
        name: "other-methods-are-not-idempotent",
        place: "/paths/~1v1~1tenants~1{tenantId}~1users/patch/x-idempotent",
        before: "null",
        after: "false",
        gone: "/paths/~1v1~1tenants~1{tenantId}~1users/patch",
    },
    Correction {
        name: "link-is-idempotent",
        place: "/paths/~1v1~1tenants~1{tenantId}~1users/patch/x-idempotent",
        before: "false",
        after: "true",
        gone: "/paths/~1v1~1tenants~1{tenantId}~1users/patch",
    },
    Correction {
        name: "error-schema",
        place: "/components/schemas/ResponseError/properties/errorId/nullable",
        before: "null",
        after: "true",
        gone: "/components/schemas",
    },
    Correction {
        name: "error-bodies",
        place: "/paths/~1v1~1users/get/responses/401/content/application~1json/schema/$ref",
        before: "null",
        after: r##""#/components/schemas/ResponseError""##,
        gone: "/paths",
    },
    Correction {
        name: "safe-path-parameters",
        place: "/paths/~1v1~1users~1{userId}/get/parameters/0/schema/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: r#""^(?!\\.{1,2}$)[^\\\\\\x00-\\x1F\\x7F-\\x9F]+$""#,
        gone: "/paths",
    },
    Correction {
        name: "safe-user-id-in-link-body",
        place: "/components/schemas/TenantUser/properties/userId/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: r#""^(?!\\.{1,2}$)[^\\\\\\x00-\\x1F\\x7F-\\x9F]+$""#,
        gone: "/components/schemas/TenantUser/properties/userId",
    },
    Correction {
        name: "safe-tenant-ids",
        place: "/paths/~1v1~1users/get/parameters/3/schema/pattern",
        before: r#""^[a-zA-Z0-9-_.:]+$""#,
        after: r#""^(?!\\.{1,2}$)[a-zA-Z0-9_.:-]+$""#,
        gone: "/paths",
    },
    Correction {
        name: "link-requires-user-id",
        place: "/components/schemas/TenantUser/required",
        before: "null",
        after: r#"["userId"]"#,
        gone: "/components/schemas/TenantUser",
    },
    Correction {
        name: "no-default-limit",
        place: "/paths/~1v1~1users/get/parameters/0/schema/default",
        before: "20",
        after: "null",
        gone: "/paths/~1v1~1users/get/parameters/0",
    },
    Correction {
        name: "no-empty-cursor",
        place: "/paths/~1v1~1users/get/parameters/1/schema/minLength",
        before: "null",
        after: "1",
        gone: "/paths/~1v1~1users/get/parameters/1",
    },
    Correction {
        name: "lenient-strings",
        place: "/components/schemas/UserIdentity/properties/userId/pattern",
        before: r#""^[a-zA-Z0-9+._|\\/~:@\\s-]+$""#,
        after: "null",
        gone: "/components/schemas",
    },
    Correction {
        name: "lenient-arrays",
        place: "/components/schemas/UserIdentityCollection/properties/users/maxItems",
        before: "100",
        after: "null",
        gone: "/components/schemas",
    },
    Correction {
        name: "nullable-user-members",
        place: "/components/schemas/UserIdentity/properties/email/nullable",
        before: "null",
        after: "true",
        gone: "/components/schemas/UserIdentity/properties",
    },
    Correction {
        name: "nullable-page-members",
        place: "/components/schemas/UserIdentityCollection/properties/links/nullable",
        before: "null",
        after: "true",
        gone: "/components/schemas/UserIdentityCollection/properties",
    },
    Correction {
        name: "optional-links",
        place: "/components/schemas/UserIdentityCollection/required",
        before: r#"["users", "links"]"#,
        after: r#"["users"]"#,
        gone: "/components/schemas/UserIdentityCollection/required/1",
    },
    Correction {
        name: "optional-self-link",
        place: "/components/schemas/CollectionLinks/required",
        before: r#"["self"]"#,
        after: "null",
        gone: "/components/schemas/CollectionLinks/required",
    },
    Correction {
        name: "nullable-self-link",
        place: "/components/schemas/CollectionLinks/properties/self/nullable",
        before: "null",
        after: "true",
        gone: "/components/schemas/CollectionLinks/properties/self",
    },
    Correction {
        name: "optional-next-cursor",
        place: "/components/schemas/PaginationNext/required",
        before: r#"["cursor"]"#,
        after: "null",
        gone: "/components/schemas/PaginationNext/required",
    },
    Correction {
        name: "nullable-next-cursor",
        place: "/components/schemas/PaginationNext/properties/cursor/nullable",
        before: "null",
        after: "true",
        gone: "/components/schemas/PaginationNext/properties/cursor",
    },
];

/// What the overlay is applied to.
fn reduced() -> Value {
    let own = fixture_document();
    let mut value = selection::select(&own, &provider(), &[], &[])
        .unwrap()
        .value;
    for quirk in &QUIRKS {
        (quirk.apply)(&mut value);
    }
    quirks::mark_answers(&mut value);
    value
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn without(mut value: Value, place: &str) -> Value {
    let (parent, key) = place.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.shift_remove(&key.replace("~1", "/")).unwrap()),
        Value::Array(items) => drop(items.remove(key.parse().unwrap())),
        other => panic!("{place}: {other}"),
    }
    value
}

#[test]
fn each_action_changes_what_it_is_there_for() {
    for correction in &CORRECTIONS {
        let Correction {
            name,
            place,
            before,
            after,
            ..
        } = correction;
        let mut value = reduced();
        let mut earlier = overlay();
        let names: Vec<_> = earlier.names().map(str::to_owned).collect();
        let own = names.iter().position(|other| other == *name).unwrap();
        earlier.keep(|other| names[..own].iter().any(|earlier| earlier == other));
        earlier.apply(&mut value, "provider.yaml").unwrap();
        let at = |value: &Value| value.pointer(place).cloned().unwrap_or_default();
        assert_eq!(at(&value), json(before), "{name}");
        let mut alone = overlay();
        alone.keep(|other| other == *name);
        let applied = alone.apply(&mut value, "provider.yaml").unwrap();
        assert_eq!(at(&value), json(after), "{name}");
        assert!(applied[0].places > 0, "{name}");
    }
}

#[test]
fn each_action_fails_by_its_name_when_there_is_nothing_left_to_correct() {
    for Correction { name, gone, .. } in &CORRECTIONS {
        let mut alone = overlay();
        alone.keep(|other| other == *name);
        let mut value = without(reduced(), gone);
        let before = value.clone();
        let failure = alone
            .apply(&mut value, "provider.yaml")
            .unwrap_err()
            .to_string();
        assert!(failure.starts_with(OVERLAY), "{failure}");
        assert!(
            failure.contains(&format!("[overlay] {name}: ")),
            "{failure}"
        );
        assert!(
            failure.contains("matches nothing in provider.yaml any more"),
            "{failure}"
        );
        assert_eq!(value, before);
    }
}

#[test]
fn each_action_has_a_test() {
    let tested: Vec<_> = CORRECTIONS
        .iter()
        .map(|correction| correction.name)
        .collect();
    let overlay = overlay();
    assert_eq!(overlay.names().collect::<Vec<_>>(), tested);
}
