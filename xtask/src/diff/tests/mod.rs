//! The verdicts of single edits, and the reports.

mod edits;
mod messages;
mod unusual;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use authress_users_openapi::Document;
use serde_json::json;

use super::bump::Versions;
use super::change::{Aspect, Verdict};
use super::compare::{compare, compare_code};
use super::report::model::Report;
use super::rust::callers::Code;
use super::rust::public_api::tests::support::own_dependents;
use crate::testing::{edited, fixture, fixture_document, repository};
use edits::{EDITS, Edit, Worst};

fn worst(report: &Report) -> [Worst; 3] {
    [Aspect::Wire, Aspect::Rust, Aspect::Behavior].map(|aspect| match report.verdict(aspect) {
        None => Worst::Nothing,
        Some(Verdict::Compatible) => Worst::Compatible,
        Some(Verdict::NeedsReview) => Worst::Review,
        Some(Verdict::Breaking) => Worst::Breaking,
    })
}

/// An edit with both specs, and the report of each direction.
struct Case {
    edit: &'static Edit,
    there: Report,
    back: Report,
}

/// Returns the reports of all edits, computed once.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let fixture = fixture_document();
        let code = Code::of(fixture);
        let versions = Versions::read(&repository(), None).unwrap();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut cases = Vec::new();
            while let Some(edit) = EDITS.get(next.fetch_add(1, Ordering::Relaxed)) {
                let other = edited(edit.from, edit.to);
                let other_code = Code::of(&other);
                let report = |old, new, code| {
                    let mut report = compare(old, new, false);
                    compare_code(&mut report, code, own_dependents(), &versions);
                    report
                };
                cases.push(Case {
                    edit,
                    there: report(fixture, &other, (&code, &other_code)),
                    back: report(&other, fixture, (&other_code, &code)),
                });
            }
            cases
        };
        thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(work));
            let cases = threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap());
            cases.collect()
        })
    })
}

#[test]
fn every_edit_has_its_verdicts_in_both_directions() {
    let mut wrong = Vec::new();
    for Case { edit, there, back } in cases() {
        for (direction, report, expected) in
            [("there", there, edit.there), ("back", back, edit.back)]
        {
            if worst(report) != expected {
                wrong.push(format!(
                    "== {} ({direction}): expected {expected:?}, got {:?}\n{}\n",
                    edit.what,
                    worst(report),
                    report.to_text()
                ));
            }
        }
    }
    assert!(EDITS.len() >= 60);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn text_shows_the_change_its_places_an_example_and_help() {
    let old = Document::parse("main:openapi/users.yaml", fixture()).unwrap();
    let text = [
        ("            maximum: 100\n", "            maximum: 50\n"),
        ("        - name: filter\n", "        - name: search\n"),
        ("      x-idempotent: true\n", "      x-idempotent: false\n"),
        ("        picture:\n", "        nickname:\n"),
        ("      required: [users]\n", ""),
    ]
    .iter()
    .fold(fixture().to_owned(), |text, (from, to)| {
        text.replacen(from, to, 1)
    });
    let new = Document::parse("openapi/users.yaml", &text).unwrap();
    insta::assert_snapshot!(compare(&old, &new, false).to_text());
}

#[test]
fn text_shortens_long_examples_and_json_does_not() {
    let (old, new) = (
        fixture_document(),
        edited("      maxLength: 128\n", "      maxLength: 127\n"),
    );
    let report = compare(old, &new, false);
    insta::assert_snapshot!(report.to_text());
    let json = report.to_json();
    let witness = json["changes"][0]["witness"].as_str().unwrap();
    assert_eq!(witness.chars().count(), 128);
}

#[test]
fn json_has_verdicts_places_and_an_example() {
    let (old, new) = (
        fixture_document(),
        edited(
            "        href:\n          type: string\n",
            "        href:\n          type: string\n          nullable: true\n",
        ),
    );
    insta::assert_snapshot!(format!("{:#}", compare(old, &new, false).to_json()));
}

#[test]
fn documentation_is_compared_on_request() {
    let old = fixture_document();
    let text = fixture()
        .replacen("summary: List users", "summary: All users", 1)
        .replacen("          example: 20\n", "", 1)
        .replacen(
            "      description: A URL and its relation to the resource.\n",
            "      description: A URL.\n",
            1,
        )
        .replacen("  version: \"1.0.0\"\n", "  version: \"1.1.0\"\n", 1);
    let new = Document::parse("users.yaml", &text).unwrap();
    assert!(compare(old, &new, false).changes.is_empty());
    insta::assert_snapshot!(compare(old, &new, true).to_text());
}

#[test]
fn data_and_names_are_not_documentation() {
    let documentation = |text: &str| {
        let spec = |text: &str| {
            let data = json!({"description": text});
            let name = json!({"description": {"type": "string", "description": text}});
            let spec = json!({
                "openapi": "3.0.3",
                "info": {"title": "A", "version": "1"},
                "paths": {"x-a": data},
                "components": {
                    "schemas": {"A": {
                        "default": data, "enum": [data], "x-a": [data], "properties": name,
                        "discriminator": {"propertyName": "a", "mapping": data},
                    }},
                    "securitySchemes": {"a": {"type": "oauth2", "flows": {"implicit": {"scopes": data}}}},
                    "callbacks": {"title": {"{$url}": {"description": text}}},
                },
            });
            Document::parse("a.json", &spec.to_string()).unwrap()
        };
        let changes = compare(&spec("old"), &spec(text), true).changes.into_iter();
        let changes = changes.filter(|change| change.aspect == Aspect::Documentation);
        changes.map(|change| change.what).collect::<Vec<_>>()
    };
    assert_eq!(documentation("old"), [""; 0]);
    assert_eq!(
        documentation("new"),
        [
            "`description` of #/components/schemas/A/properties/description changed",
            "`description` of #/components/callbacks/title/{$url} changed",
        ]
    );
}

#[test]
fn a_change_of_a_shared_component_lists_every_operation() {
    let report = compare(
        fixture_document(),
        &edited(
            "        errorCode:\n          type: string\n",
            "        errorCode:\n          type: integer\n",
        ),
        false,
    );
    let [change] = report.changes.as_slice() else {
        panic!("{}", report.to_text())
    };
    assert_eq!(
        change.operations,
        ["getUsers", "getUser", "deleteUser", "linkTenantUser"]
    );
}

#[test]
fn names_that_are_not_sent_do_not_matter() {
    let old = fixture_document();
    for (from, to) in [
        ("UserIdentity\"", "User\""),
        ("PaginationNext", "NextPage"),
        ("UserNotFound", "NoUser"),
        ("UserIdInPath", "ThisUser"),
        ("oauth2", "token"),
    ] {
        let mut text = fixture().replace(from, to);
        if to == "User\"" {
            text = text.replace("    UserIdentity:\n", "    User:\n");
        }
        assert_ne!(text, fixture());
        let new = Document::parse("users.yaml", &text).unwrap();
        let report = compare(old, &new, false);
        assert!(report.changes.is_empty(), "{to}: {}", report.to_text());
    }
}

#[test]
fn yaml_and_json_are_the_same_spec() {
    let yaml = fixture_document();
    let json = Document::parse("users.json", &format!("{:#}", yaml.value)).unwrap();
    for (old, new) in [(yaml, &json), (&json, yaml)] {
        assert!(compare(old, new, true).changes.is_empty());
    }
}

#[test]
fn exactly_the_breaking_changes_of_schemas_have_examples() {
    let mut shown = 0;
    for Case { edit, there, back } in cases() {
        for change in there.changes.iter().chain(&back.changes) {
            let mut pointers = [&change.old.pointer, &change.new.pointer].into_iter();
            let is_schema = pointers.any(|pointer| pointer.contains("/schema"));
            let is_breaking = change.aspect == Aspect::Wire && change.verdict == Verdict::Breaking;
            let is_shown = change.witness.is_some();
            assert_eq!(
                is_shown,
                is_breaking && is_schema,
                "{}: {change:#?}",
                edit.what
            );
            shown += usize::from(is_shown);
        }
    }
    assert!(shown >= 20, "{shown}");
}
