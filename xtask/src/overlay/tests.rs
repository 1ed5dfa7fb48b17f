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
        .apply(&mut document, "b.yaml", &[])
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
        "x-place: $\n    remove: true",
    );
    assert_eq!(removed, json!({"a": [5], "b": 0, "c": 1, "d/e": 2}));
    let removed = applied(removed, "$['d/e', 'b']", "x-place: $\n    remove: true");
    let keys: Vec<_> = removed.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["a", "c"]);
    // Nested targets are removed with the outer one.
    let nested = json!({"a": {"x": {"x": 1}}, "b": {"x": 2}});
    assert_eq!(
        applied(nested, "$..x", "x-place: $\n    remove: true"),
        json!({"a": {}, "b": {}})
    );
}

#[test]
fn actions_apply_in_order() {
    let two = action("a", "$.a", "update: {b: 1}")
        + &action("b", "$.a.b", "x-place: $.a\n    remove: true");
    let mut document = json!({"a": {}});
    let done = overlay(&two).apply(&mut document, "b.yaml", &[]).unwrap();
    assert_eq!(document, json!({"a": {}}));
    assert!(done.iter().all(|it| it.outcome == Outcome::Changed(1)));
}

#[test]
fn the_outcome_is_changed_already_so_or_place_not_found() {
    let document = || json!({"a": {"b": 1, "list": ["x"]}});
    let cases = [
        ("$.a", "update: {b: 2}", Outcome::Changed(1)),
        ("$['a', 'z']", "update: {b: 2}", Outcome::Changed(1)),
        ("$.a", "update: {b: 1, list: [x]}", Outcome::AlreadySo),
        ("$.a.list", "update: x", Outcome::AlreadySo),
        ("$.a.list", "update: [x, y]", Outcome::Changed(1)),
        (
            "$.a.b",
            "x-place: $.a\n    remove: true",
            Outcome::Changed(1),
        ),
        (
            "$.a.c",
            "x-place: $.a\n    remove: true",
            Outcome::AlreadySo,
        ),
        ("$.z", "update: {b: 1}", Outcome::PlaceNotFound),
        (
            "$.z.c",
            "x-place: $.z\n    remove: true",
            Outcome::PlaceNotFound,
        ),
    ];
    for (target, change, outcome) in cases {
        let overlay = overlay(&action("a", target, change));
        let mut changed = document();
        let done = overlay.apply(&mut changed, "b.yaml", &[]).unwrap();
        assert_eq!(done[0].outcome, outcome, "{target} {change}");
        let is_changed = matches!(outcome, Outcome::Changed(_));
        assert_eq!(changed != document(), is_changed, "{target} {change}");
        let again = overlay.apply(&mut changed, "b.yaml", &[]).unwrap();
        assert!(
            !matches!(again[0].outcome, Outcome::Changed(_)),
            "{target} {change}"
        );
    }
}

#[test]
fn a_place_that_is_not_found_fails_only_in_operations_of_the_document() {
    let overlay = overlay(&action(
        "a",
        "$.z",
        "x-operations: [one, two]\n    update: {b: 1}",
    ));
    let apply = |operations: &[&str]| {
        let operations: Vec<_> = operations.iter().map(|&name| name.to_owned()).collect();
        overlay.apply(&mut json!({"a": 1}), "b.yaml", &operations)
    };
    for operations in [&[][..], &["other"]] {
        let done = apply(operations).unwrap();
        assert_eq!(done[0].outcome, Outcome::PlaceNotFound);
    }
    for operations in [&["one"][..], &["other", "two"]] {
        let failure = apply(operations).unwrap_err().to_string();
        assert!(
            failure.contains("`$.z` matches nothing in b.yaml"),
            "{failure}"
        );
    }
}

#[test]
fn expected_operations_must_be_ours() {
    let overlay = overlay(&action(
        "a",
        "$.a",
        "x-operations: [one, two]\n    update: {}",
    ));
    let known = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    overlay.check_operations(&known(&["two", "one"])).unwrap();
    let failure = overlay
        .check_operations(&known(&["one"]))
        .unwrap_err()
        .to_string();
    assert!(
        failure.contains("our spec has no operation `two`"),
        "{failure}"
    );
}

#[test]
fn reports_every_action_that_cannot_be_applied() {
    let expected = "x-operations: [getUsers]\n    ";
    let actions = action(
        "one",
        "$.z.y",
        &format!("{expected}x-place: $.z\n    remove: true"),
    ) + &action("two", "$.a", "update: {}")
        + &action("three", "$.a[?@.b]", &format!("{expected}update: {{}}"))
        + &action("four", "$.a.c", "update: {}");
    let mut document = json!({"a": {"c": 1}});
    let failure = overlay(&actions)
        .apply(&mut document, "b.yaml", &["getUsers".to_owned()])
        .unwrap_err();
    insta::assert_snapshot!(failure);
}

#[test]
fn reports_invalid_overlays_with_their_lines() {
    let broken = "  - description: Because.\n    target: $\n    update: {}\n".to_owned()
        + "  - x-name: bare\n    target: $\n    update: {}\n"
        + "  - x-name: aimless\n    description: Because.\n    update: {}\n"
        + &action("lost", "users[", "update: {}")
        + &action("idle", "$", "x: 1")
        + &action("both", "$", "remove: true\n    update: {}")
        + &action("placeless", "$", "remove: true")
        + &action("misplaced", "$", "update: {}\n    x-place: users[")
        + &action("nameless", "$", "update: {}\n    x-operations: getUsers")
        + &action("twin", "$.a", "update: {}")
        + &action("twin", "$.b", "update: {}");
    insta::assert_snapshot!(Overlay::parse("a.overlay.yaml", &text(&broken)).unwrap_err());
    insta::assert_snapshot!(
        Overlay::parse("a.overlay.yaml", "overlay: 2.0.0\ninfo: {title: A}\n").unwrap_err()
    );
}
