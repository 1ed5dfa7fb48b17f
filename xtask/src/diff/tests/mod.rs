//! What single edits mean, and what people read about them.

mod edits;
mod odd;

use edits::{EDITS, Means};

use super::*;
use crate::testing::{edited, fixture, repository};

fn fixture_document() -> Document {
    Document::parse("users.yaml", fixture()).unwrap()
}

fn means(report: &Report) -> [Means; 3] {
    [Aspect::Wire, Aspect::Rust, Aspect::Behaviour].map(|aspect| match report.verdict(aspect) {
        None => Means::Nothing,
        Some(Verdict::Compatible) => Means::Compatible,
        Some(Verdict::NeedsReview) => Means::Review,
        Some(Verdict::Breaking) => Means::Breaking,
    })
}

#[test]
fn every_single_edit_means_what_the_table_says_in_both_directions() {
    let fixture = fixture_document();
    let code = Code::of(&fixture);
    let dependents = dependents(&repository());
    let versions = Versions::read(&repository(), None).unwrap();
    let mut wrong = Vec::new();
    for edit in EDITS {
        let other = edited(edit.from, edit.to);
        let other_code = Code::of(&other);
        for (direction, old, new, code, expected) in [
            ("there", &fixture, &other, (&code, &other_code), edit.there),
            ("back", &other, &fixture, (&other_code, &code), edit.back),
        ] {
            let mut report = compare(old, new, false);
            compare_code(&mut report, code, &dependents, &versions);
            if means(&report) != expected {
                wrong.push(format!(
                    "== {} ({direction}): expected {expected:?}, got {:?}\n{}\n",
                    edit.what,
                    means(&report),
                    report.to_text()
                ));
            }
        }
    }
    assert!(EDITS.len() >= 60);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_person_sees_what_changed_where_with_a_value_and_what_to_do() {
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
fn a_long_witness_is_cut_short_for_people_and_whole_for_programs() {
    let (old, new) = (
        fixture_document(),
        edited("      maxLength: 128\n", "      maxLength: 127\n"),
    );
    let report = compare(&old, &new, false);
    insta::assert_snapshot!(report.to_text());
    let json = report.to_json();
    let witness = json["changes"][0]["witness"].as_str().unwrap();
    assert_eq!(witness.chars().count(), 128);
}

#[test]
fn a_program_reads_verdicts_places_and_a_witness() {
    let (old, new) = (
        fixture_document(),
        edited(
            "        href:\n          type: string\n",
            "        href:\n          type: string\n          nullable: true\n",
        ),
    );
    insta::assert_snapshot!(format!("{:#}", compare(&old, &new, false).to_json()));
}

#[test]
fn what_people_alone_read_is_told_when_it_is_asked_for() {
    let old = fixture_document();
    let text = fixture()
        .replacen("summary: List users", "summary: All users", 1)
        .replacen("          example: 20\n", "", 1)
        .replacen(
            "      description: A URL and what it leads to.\n",
            "      description: A URL.\n",
            1,
        )
        .replacen("  version: \"1.0.0\"\n", "  version: \"1.1.0\"\n", 1);
    let new = Document::parse("users.yaml", &text).unwrap();
    assert!(compare(&old, &new, false).changes.is_empty());
    insta::assert_snapshot!(compare(&old, &new, true).to_text());
}

#[test]
fn a_change_of_a_shared_component_is_said_once_with_every_operation() {
    let report = compare(
        &fixture_document(),
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
fn names_that_nobody_sees_on_the_wire_have_no_meaning_there() {
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
        let report = compare(&old, &new, false);
        assert!(report.changes.is_empty(), "{to}: {}", report.to_text());
    }
}

#[test]
fn yaml_and_json_are_one_document() {
    let yaml = fixture_document();
    let json = Document::parse("users.json", &format!("{:#}", yaml.value)).unwrap();
    for (old, new) in [(&yaml, &json), (&json, &yaml)] {
        assert!(compare(old, new, true).changes.is_empty());
    }
}

#[test]
fn whatever_breaks_in_a_schema_is_shown_by_a_value_and_nothing_else_is() {
    let fixture = fixture_document();
    let mut shown = 0;
    for edit in EDITS {
        let other = edited(edit.from, edit.to);
        for (old, new) in [(&fixture, &other), (&other, &fixture)] {
            for change in compare(old, new, false).changes {
                let is_schema = [&change.old.pointer, &change.new.pointer]
                    .iter()
                    .any(|pointer| pointer.contains("/schema"));
                let is_broken =
                    change.aspect == Aspect::Wire && change.verdict == Verdict::Breaking;
                let is_shown = change.witness.is_some();
                assert_eq!(
                    is_shown,
                    is_broken && is_schema,
                    "{}: {change:#?}",
                    edit.what
                );
                shown += usize::from(is_shown);
            }
        }
    }
    assert!(shown >= 20, "{shown}");
}
