//! Tests of documents with one changed value.

use super::fixtures::NESTED;
use super::*;

/// How many places are skipped; a prime, so that all kinds of places are visited.
const STEP: usize = 41;

/// Replaces a value of a document in several ways.
fn replacements() -> [Value; 7] {
    [
        Value::Null,
        json!([]),
        json!({}),
        json!("a"),
        json!(1),
        json!({"$ref": "#/components/schemas/person_record"}),
        json!({"$ref": "#/nothing"}),
    ]
}

#[test]
fn a_changed_value_never_panics_and_a_second_import_is_stable() {
    let own = fixture_document();
    let overlay = overlay();
    let nested = Document::parse("provider.yaml", NESTED).unwrap();
    let mut places = Vec::new();
    authress_users_openapi::visit(&nested.value, "", &mut |_, pointer| {
        places.push(pointer.to_owned());
    });
    let (mut imported, mut rejected) = (0, 0);
    let changes = places
        .iter()
        .skip(1)
        .flat_map(|place| replacements().map(|it| (place, it)));
    for (place, replacement) in changes.step_by(STEP) {
        let mut value = nested.value.clone();
        *value.pointer_mut(place).unwrap() = replacement.clone();
        let text = value.to_string();
        let Ok(provider) = Document::parse("provider.json", &text) else {
            continue;
        };
        let Ok(first) = import(own, &provider, &overlay, &[]) else {
            rejected += 1;
            continue;
        };
        imported += 1;
        let second = import(&first.candidate, &provider, &overlay, &[])
            .unwrap_or_else(|failure| panic!("{place}: {replacement}: {failure}"));
        let changes = similar::TextDiff::from_lines(&first.candidate.text, &second.candidate.text);
        let changes = changes.unified_diff().to_string();
        if !changes.is_empty() {
            println!("{place}: {replacement}:\n{changes}");
        }
    }
    assert!(imported > 20 && rejected > 5, "{imported} {rejected}");
}
