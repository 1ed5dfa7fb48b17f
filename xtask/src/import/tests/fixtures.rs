//! Tests that all provider fixtures lead to a candidate without noise.

use super::*;
use crate::generate::Spec;
use crate::lint::check::all_problems;
use crate::lint::rules::Scope;

pub(super) const PUBLISHED: &str = include_str!("../../../fixtures/provider_published.yaml");
pub(super) const NESTED: &str = include_str!("../../../fixtures/provider_nested.yaml");

fn parsed(text: &str) -> Document {
    Document::parse("provider.yaml", text).unwrap()
}

/// The lines that the candidate has and our spec lacks, and the number of lines that it lacks.
fn changed_lines(import: &Import) -> (String, usize) {
    let own = &fixture_document().text;
    let diff = similar::TextDiff::from_lines(own, &import.candidate.text);
    let mut added = String::new();
    let mut removed = 0;
    for change in diff.iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Insert => added += change.value(),
            similar::ChangeTag::Delete => removed += 1,
            similar::ChangeTag::Equal => {}
        }
    }
    (added, removed)
}

#[test]
fn an_older_edition_changes_nothing() {
    for part in [
        "Pagination_next:\n      type: object\n      nullable: true\n",
        "            maxLength: 64\n            nullable: true\n",
        "            minLength: 0\n",
        "    Pagination:\n      type: object\n      readOnly: true\n",
    ] {
        assert!(PUBLISHED.contains(part), "{part}");
    }
    for absent in ["linkTenantUser:", "maxItems:", "security:\n  - oauth2"] {
        assert!(!PUBLISHED.contains(absent), "{absent}");
    }
    let import = imported(&parsed(PUBLISHED));
    assert_eq!(changed_lines(&import), (String::new(), 0));
}

#[test]
fn other_names_and_nesting_add_only_the_new_members() {
    let import = imported(&parsed(NESTED));
    let (added, removed) = changed_lines(&import);
    insta::assert_snapshot!(added);
    assert_eq!(removed, 0);
    assert_eq!(import.new_schemas, ["PostalAddress"]);
}

#[test]
fn each_candidate_lints_generates_and_is_stable() {
    for text in [PROVIDER, PUBLISHED, NESTED] {
        let provider = parsed(text);
        let candidate = imported(&provider).candidate;
        assert_eq!(all_problems(&candidate, Scope::Own), []);
        assert!(crate::generate::files(&candidate, Spec::Own).is_ok());
        let again = import(&candidate, &provider, &overlay(), &[]).unwrap();
        assert_eq!(again.candidate.text, candidate.text);
    }
}
