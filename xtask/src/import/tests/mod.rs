//! Tests of imports of the provider fixture.

mod fixtures;
mod mutations;
mod only_ours;
mod overlay_actions;
mod variants;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::testing::{fixture_document, repository};

const PROVIDER: &str = include_str!("../../../fixtures/provider.yaml");

/// What the fixture contains and our spec does not.
const NEWS: [(&str, &str); 3] = [
    (
        "          headers:\n            X-Request-Id:\n              description: The id of the request.\n              style: simple\n              explode: false\n              schema:\n                type: string\n",
        "",
    ),
    (
        "        createdTime:\n          type: string\n          format: date-time\n          readOnly: true\n          example: 2024-01-01T00:00:00Z\n        lastLoginTime:\n          type: string\n          format: date-time\n          nullable: true\n          readOnly: true\n          default: 2024-01-01T00:00:00Z\n",
        "",
    ),
    (
        "        tenant:\n          nullable: true\n          $ref: '#/components/schemas/Tenant'\n",
        "",
    ),
];

fn provider() -> &'static Document {
    static DOCUMENT: LazyLock<Document> =
        LazyLock::new(|| Document::parse("provider.yaml", PROVIDER).unwrap());
    &DOCUMENT
}

fn overlay() -> Overlay {
    static PARSED: LazyLock<Overlay> = LazyLock::new(|| {
        let text = std::fs::read_to_string(repository().join(OVERLAY)).unwrap();
        Overlay::parse(OVERLAY, &text).unwrap()
    });
    PARSED.clone()
}

/// The fixture with parts of its text replaced.
fn edited(edits: &[(&str, &str)]) -> Document {
    let mut text = PROVIDER.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "the document has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    Document::parse("provider.yaml", &text).unwrap()
}

fn imported(provider: &Document) -> Import {
    import(fixture_document(), provider, &overlay(), &[]).unwrap()
}

fn rejected(provider: &Document) -> String {
    import(fixture_document(), provider, &overlay(), &[])
        .unwrap_err()
        .to_string()
}

fn at<'a>(import: &'a Import, pointer: &str) -> &'a Value {
    let value = &import.candidate.value;
    value
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer}"))
}

#[test]
fn keeps_the_text_if_nothing_is_new() {
    let import = imported(&edited(&NEWS));
    assert_eq!(import.candidate.text, fixture_document().text);
}

#[test]
fn adds_what_is_new_and_keeps_the_rest() {
    let import = imported(provider());
    let own = fixture_document();
    for line in own.text.lines() {
        assert!(import.candidate.text.contains(line), "{line}");
    }
    let members = "/components/schemas/UserIdentity/properties";
    // Constraints on responses are removed, and dates are quoted strings.
    assert_eq!(
        *at(&import, &format!("{members}/createdTime")),
        json!({"type": "string", "readOnly": true, "example": "2024-01-01T00:00:00Z"})
    );
    assert!(
        import
            .candidate
            .text
            .contains("example: \"2024-01-01T00:00:00Z\"")
    );
    assert_eq!(
        *at(&import, &format!("{members}/tenant")),
        json!({
            "type": "object", "nullable": true, "allOf": [{"$ref": "#/components/schemas/Tenant"}],
        })
    );
    assert_eq!(
        import.new_schemas,
        ["Tenant", "TenantConnection", "TenantData"]
    );
    assert!(crate::lint::check::problems(&import.candidate).is_empty());
}

#[test]
fn a_second_import_changes_nothing() {
    let first = imported(provider()).candidate;
    let second = import(&first, provider(), &overlay(), &[]).unwrap();
    assert_eq!(second.candidate.text, first.text);
}

#[test]
fn imports_json_like_yaml() {
    let text = serde_json::to_string(&provider().value).unwrap();
    let json = Document::parse("provider.json", &text).unwrap();
    assert_eq!(
        imported(&json).candidate.text,
        imported(provider()).candidate.text
    );
}

#[test]
fn matches_operations_by_method_and_path_template() {
    let text = PROVIDER
        .replace("  /v1/users/{userId}:\n", "  /v1/users/{user_id}:\n")
        .replacen("operationId: getUser\n", "operationId: Users.read\n", 1);
    let (start, rest) = text.split_at(text.find("{user_id}").unwrap());
    let text = start.to_owned() + &rest.replacen("- name: userId\n", "- name: user_id\n", 2);
    let provider = Document::parse("provider.yaml", &text).unwrap();
    assert_eq!(
        imported(&provider).candidate.text,
        imported(self::provider()).candidate.text
    );
}

#[test]
fn takes_facts_from_the_provider_and_keeps_our_texts() {
    let limit = "            maximum: 100\n            default: 20\n";
    let import = imported(&edited(&[
        (limit, "            maximum: 50\n            default: 20\n"),
        (
            "          description: How many entries a page may hold.\n",
            "          description: Many.\n",
        ),
        (
            "        202:\n          description: Done.\n",
            "        204:\n          description: <b>Done</b>.\n",
        ),
        (
            "        - name: cursor\n          in: query\n          description: Where the page starts.\n",
            "        - name: order\n          in: query\n          description: <p>First <b>or</b> last.</p>\n          schema:\n            type: string\n        - name: cursor\n          in: query\n          description: Where the page starts.\n",
        ),
    ]));
    let list = "/paths/~1v1~1users/get/parameters";
    assert_eq!(at(&import, &format!("{list}/0/schema/maximum")), 50);
    let own = fixture_document();
    let description = own.value.pointer(&format!("{list}/0/description")).unwrap();
    assert_eq!(at(&import, &format!("{list}/0/description")), description);
    assert_eq!(at(&import, &format!("{list}/4/name")), "order");
    assert_eq!(
        at(&import, &format!("{list}/4/description")),
        "First or last."
    );
    let delete = "/paths/~1v1~1users~1{userId}/delete/responses";
    assert_eq!(at(&import, &format!("{delete}/204/description")), "Done.");
    let responses = at(&import, delete).as_object().unwrap();
    assert!(!responses.contains_key("202"));
}

#[test]
fn keeps_a_component_that_matches_at_any_place() {
    // Without the action, the ids in path and body differ.
    let mut overlay = overlay();
    overlay.keep(|name| name != "safe-path-parameters");
    let own = fixture_document();
    let import = import(own, provider(), &overlay, &[]).unwrap();
    let user_id = "/components/schemas/UserId";
    assert_eq!(Some(at(&import, user_id)), own.value.pointer(user_id));
    assert_eq!(
        at(
            &import,
            "/components/schemas/TenantUser/properties/userId/$ref"
        ),
        "#/components/schemas/UserId"
    );
    let in_path = "/components/parameters/UserIdInPath";
    let pattern = at(&import, &format!("{in_path}/schema/pattern"));
    assert!(
        pattern.as_str().unwrap().starts_with("^[a-zA-Z0-9+"),
        "{pattern}"
    );
    let description = format!("{in_path}/description");
    assert_eq!(
        Some(at(&import, &description)),
        own.value.pointer(&description)
    );
}

#[test]
fn imports_a_recursive_schema() {
    let import = imported(&edited(&[(
        "        name:\n          type: string\n        picture:",
        "        manager:\n          $ref: '#/components/schemas/UserIdentity'\n        name:\n          type: string\n        picture:",
    )]));
    assert_eq!(
        at(
            &import,
            "/components/schemas/UserIdentity/properties/manager/$ref"
        ),
        "#/components/schemas/UserIdentity"
    );
    assert!(crate::lint::check::problems(&import.candidate).is_empty());
}

#[test]
fn ignores_five_megabytes_of_other_schemas() {
    let schemas = PROVIDER.split_once("  schemas:\n").unwrap().1;
    let mut text = PROVIDER.trim_end().to_owned() + "\n";
    let mut copy = 0;
    while text.len() < 5_000_000 {
        copy += 1;
        for line in schemas.lines() {
            match line.strip_prefix("    ") {
                Some(name) if !name.starts_with(' ') => {
                    let _ = writeln!(text, "    Copy{copy}{name}");
                }
                _ => text = text + line + "\n",
            }
        }
    }
    let big = Document::parse("provider.yaml", &text).unwrap();
    assert_eq!(
        imported(&big).candidate.text,
        imported(provider()).candidate.text
    );
}

#[test]
fn reports_cyclic_and_broken_references() {
    let user_id = "$ref: '#/components/schemas/UserIdentity/properties/userId'";
    let cycle = "    Loop:\n      properties:\n        a:\n          $ref: '#/components/schemas/Loop/properties/a'\n    UserIdentity:\n      type: object\n";
    let inside = edited(&[
        (user_id, "$ref: '#/components/schemas/Loop/properties/a'"),
        ("    UserIdentity:\n      type: object\n", cycle),
    ]);
    let itself = edited(&[(
        "    CollectionLinks:\n      type: object\n",
        "    CollectionLinks:\n      $ref: '#/components/schemas/CollectionLinks'\n      type: object\n",
    )]);
    let nothing = edited(&[(user_id, "$ref: '#/components/schemas/Nobody'")]);
    let elsewhere = edited(&[(user_id, "$ref: 'other.yaml#/a'")]);
    for (document, reason) in [
        (inside, "is part of a cycle"),
        (itself, "is part of a cycle"),
        (nothing, "points to nothing"),
        (elsewhere, "does not point into this document"),
    ] {
        let shown = rejected(&document);
        assert!(shown.starts_with("provider.yaml:"), "{shown}");
        assert!(
            shown.contains(reason) && shown.contains("$ref: "),
            "{shown}"
        );
    }
}

#[test]
fn limits_the_number_of_inlined_references() {
    let mut schemas = String::new();
    for level in 1..30 {
        let below = format!("'#/components/schemas/L{}/properties'", level - 1);
        let _ = write!(
            schemas,
            "    L{level}:\n      properties:\n        a: {{properties: {{$ref: {below}}}}}\n        \
             b: {{x: {{$ref: {below}}}, y: {{$ref: {below}}}}}\n"
        );
    }
    let schemas = "    L0:\n      properties: {a: {type: string}}\n".to_owned() + &schemas;
    let document = edited(&[
        (
            "$ref: '#/components/schemas/UserIdentity/properties/userId'",
            "$ref: '#/components/schemas/L29/properties'",
        ),
        ("    UserIdentity:\n", &(schemas + "    UserIdentity:\n")),
    ]);
    assert!(rejected(&document).contains("expands to too many values"));
}

#[test]
fn every_proposal_can_be_taken() {
    let own = fixture_document();
    let proposals = imported(provider()).selection.proposed;
    assert!(proposals.len() > 3);
    for summary in proposals {
        let take = [summary.request.clone()];
        let import = import(own, provider(), &overlay(), &take).unwrap();
        let value = &import.candidate.value;
        let (method, path) = summary.request.split_once(' ').unwrap();
        let operation = &value["paths"][path][method.to_lowercase()];
        assert!(operation["x-idempotent"].is_boolean(), "{operation}");
        let problems = crate::lint::check::problems(&import.candidate);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        // Unsupported features are reported, not dropped.
        let expected: &[&str] = if summary.name == "Users.getActivity" {
            &["unsupported-format", "response-not-json"]
        } else {
            &[]
        };
        assert_eq!(codes, expected, "{}: {problems:#?}", summary.name);
    }
}

#[test]
fn any_removal_or_change_keeps_the_other_text() {
    let own = fixture_document();
    let own_lines: HashSet<_> = own.text.lines().collect();
    let mut places = Vec::new();
    authress_users_openapi::visit(&own.value, "", &mut |_, pointer| {
        places.push(pointer.to_owned());
    });
    for place in places.iter().skip(1).step_by(5) {
        let (parent, key) = place.rsplit_once('/').unwrap();
        if parent.is_empty() {
            continue;
        }
        let mut without = own.value.clone();
        match without.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                members.shift_remove(&authress_users_openapi::unescape(key));
            }
            Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
            _ => unreachable!("{place}"),
        }
        let mut changed = own.value.clone();
        *changed.pointer_mut(place).unwrap() =
            json!({"a b": ["- x", "y: z\nnew", null, 1.5, {"2024-01-01": "no"}]});
        for value in [without, changed] {
            // `write::document` checks that the text has this value.
            let text = write::document(own, &value).unwrap().text;
            let kept = text.lines().filter(|line| own_lines.contains(line)).count();
            assert!(text.starts_with("# The source of truth"), "{place}");
            assert!(kept > 20, "{place}: {text}");
        }
    }
}
