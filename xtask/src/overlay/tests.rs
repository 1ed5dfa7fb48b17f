use serde_json::{Value, json};

use super::*;

fn overlay(actions: &str) -> Overlay {
    Overlay::parse("a.overlay.yaml", &text(actions)).unwrap()
}

fn text(actions: &str) -> String {
    format!("overlay: 1.0.0\ninfo:\n  title: A\n  version: 1.0.0\nactions:\n{actions}")
}

fn action(name: &str, target: &str, change: &str) -> String {
    format!("  - x-name: {name}\n    description: Because.\n    target: {target}\n    {change}\n")
}

fn applied(document: Value, target: &str, change: &str) -> Value {
    let mut document = document;
    overlay(&action("a", target, change))
        .apply(&mut document, "b.yaml")
        .unwrap();
    document
}

#[test]
fn update_merges_objects_concatenates_arrays_and_replaces_scalars() {
    let document = json!({"a": {"b": {"c": 1, "d": [1]}, "e": true}});
    let updated = applied(document, "$.a", "update: {b: {c: 2, d: [2], f: 3}, e: no}");
    assert_eq!(
        updated,
        json!({"a": {"b": {"c": 2, "d": [1, 2], "f": 3}, "e": "no"}})
    );
}

#[test]
fn update_of_an_array_appends_an_item() {
    assert_eq!(
        applied(json!({"a": [1]}), "$.a", "update: {b: 2}"),
        json!({"a": [1, {"b": 2}]})
    );
}

#[test]
fn remove_keeps_the_order_of_the_rest() {
    let many: Vec<_> = (0..12).collect();
    let removed = applied(
        json!({"a": many, "b": 0, "c": 1, "d/e": 2}),
        "$.a[?@ != 5]",
        "remove: true",
    );
    assert_eq!(removed, json!({"a": [5], "b": 0, "c": 1, "d/e": 2}));
    let removed = applied(removed, "$['d/e', 'b']", "remove: true");
    let keys: Vec<_> = removed.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["a", "c"]);
    // Nested targets are removed with the outer one.
    let nested = json!({"a": {"x": {"x": 1}}, "b": {"x": 2}});
    assert_eq!(
        applied(nested, "$..x", "remove: true"),
        json!({"a": {}, "b": {}})
    );
}

#[test]
fn actions_apply_in_order() {
    let two = action("a", "$.a", "update: {b: 1}") + &action("b", "$.a.b", "remove: true");
    let mut document = json!({"a": {}});
    let done = overlay(&two).apply(&mut document, "b.yaml").unwrap();
    assert_eq!(document, json!({"a": {}}));
    assert!(
        done.iter()
            .all(|applied| applied.changed && applied.places == 1)
    );
}

#[test]
fn reports_actions_without_effect() {
    let mut document = json!({"a": {"b": 1}});
    let done = overlay(&action("a", "$.a", "update: {b: 1}"))
        .apply(&mut document, "b.yaml")
        .unwrap();
    assert!(!done[0].changed);
}

#[test]
fn reports_every_action_that_cannot_be_applied() {
    let actions = action("one", "$.z", "remove: true")
        + &action("two", "$.a", "update: {}")
        + &action("three", "$.a[?@.b]", "update: {}")
        + &action("four", "$.a.c", "update: {}");
    let mut document = json!({"a": {"c": 1}});
    let failure = overlay(&actions)
        .apply(&mut document, "b.yaml")
        .unwrap_err();
    insta::assert_snapshot!(failure);
}

#[test]
fn reports_invalid_overlays_with_their_lines() {
    let broken = "  - description: Because.\n    target: $\n    remove: true\n".to_owned()
        + "  - x-name: bare\n    target: $\n    remove: true\n"
        + "  - x-name: aimless\n    description: Because.\n    remove: true\n"
        + &action("lost", "users[", "remove: true")
        + &action("idle", "$", "x: 1")
        + &action("both", "$", "remove: true\n    update: {}")
        + &action("twin", "$.a", "remove: true")
        + &action("twin", "$.b", "remove: true");
    insta::assert_snapshot!(Overlay::parse("a.overlay.yaml", &text(&broken)).unwrap_err());
    insta::assert_snapshot!(
        Overlay::parse("a.overlay.yaml", "overlay: 2.0.0\ninfo: {title: A}\n").unwrap_err()
    );
}
