use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::lint::{Findings, rules};
use authress_users_openapi::{Document, child, visit};

/// Where the schemas that can be referred to stand.
const SCHEMAS: &str = "/components/schemas/";

/// A schema that is made of itself has no end: the generator and the validator would follow it
/// until the stack overflows. Through properties and items there is an end, an absent one.
pub(in crate::lint) fn have_an_end(findings: &mut Findings<'_>) {
    let document = findings.document;
    // A circle closes with a reference, so one of its schemas is the target of one.
    let mut told: BTreeSet<String> = BTreeSet::new();
    for target in targets(document) {
        if told.contains(&target) {
            continue;
        }
        let Some(circle) = circle(document, &target) else {
            continue;
        };
        let mut names: Vec<&str> = circle
            .iter()
            .filter(|pointer| is_named(pointer))
            .map(|pointer| name(pointer))
            .collect();
        names.push(name(&target));
        findings.add(
            &rules::CIRCULAR_SCHEMA,
            &target,
            format!("the schema is made of itself: {}", names.join(" -> ")),
            "take one step of the circle away, or put a property between two of them",
        );
        told.extend(circle);
    }
}

/// The schemas that references lead to, in the order of the document.
fn targets(document: &Document) -> Vec<String> {
    let mut targets = Vec::new();
    visit(&document.value, "", &mut |value, _| {
        if let Some(target) = reference(value)
            && target.starts_with(SCHEMAS)
            && document.value.pointer(target).is_some()
            && !targets.iter().any(|known| known == target)
        {
            targets.push(target.to_owned());
        }
    });
    targets.sort_by_key(|target| document.line(target));
    targets
}

/// The way from a schema back to itself, if there is one; it starts with the schema.
fn circle(document: &Document, start: &str) -> Option<Vec<String>> {
    let mut before: HashMap<String, String> = HashMap::new();
    let mut open = vec![start.to_owned()];
    while let Some(place) = open.pop() {
        for next in made_of(document, &place) {
            if next == start {
                return Some(way(&before, place));
            }
            if !before.contains_key(&next) {
                before.insert(next.clone(), place.clone());
                open.push(next);
            }
        }
    }
    None
}

fn way(before: &HashMap<String, String>, end: String) -> Vec<String> {
    let mut way = vec![end];
    while let Some(place) = way.last().and_then(|place| before.get(place)) {
        way.push(place.clone());
    }
    way.reverse();
    way
}

/// The places that a value has to fit, too, before it fits the schema at `pointer`.
fn made_of(document: &Document, pointer: &str) -> Vec<String> {
    let Some(schema) = document.value.pointer(pointer) else {
        return Vec::new();
    };
    // Nothing counts beside a reference.
    if let Some(target) = reference(schema) {
        return vec![target.to_owned()];
    }
    let mut places = Vec::new();
    for key in ["allOf", "oneOf", "anyOf"] {
        let list = child(pointer, key);
        for index in 0..schema[key].as_array().map_or(0, Vec::len) {
            places.push(child(&list, &index.to_string()));
        }
    }
    if schema.get("not").is_some() {
        places.push(child(pointer, "not"));
    }
    places
}

fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix('#')
}

fn is_named(pointer: &str) -> bool {
    pointer
        .strip_prefix(SCHEMAS)
        .is_some_and(|name| !name.contains('/'))
}

fn name(pointer: &str) -> &str {
    pointer.strip_prefix(SCHEMAS).unwrap_or(pointer)
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    const LINK: &str = "    Link:\n      type: object\n";

    #[test]
    fn a_schema_that_is_made_of_itself_is_named_before_anything_follows_it() {
        for made in [
            "$ref: '#/components/schemas/Link'",
            "allOf:\n        - $ref: '#/components/schemas/Link'",
            "oneOf:\n        - type: string\n        - $ref: '#/components/schemas/Link'",
            "anyOf:\n        - allOf:\n            - $ref: '#/components/schemas/Link'",
            "not:\n        $ref: '#/components/schemas/Link'",
        ] {
            let problem = only_problem(LINK, &format!("    Link:\n      {made}\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("circular-schema", "#/components/schemas/Link")
            );
            assert!(problem.message.contains("Link -> Link"), "{problem}");
        }
    }

    #[test]
    fn a_circle_of_several_schemas_is_told_once_with_all_of_them() {
        let problem = only_problem(
            LINK,
            "    Link:\n      allOf:\n        - $ref: '#/components/schemas/Url'\n    \
             Url:\n      oneOf:\n        - type: string\n        \
             - $ref: '#/components/schemas/Link'\n    Other:\n      type: object\n",
        );
        assert!(problem.message.contains("Link -> Url -> Link"), "{problem}");
    }

    #[test]
    fn a_schema_that_holds_itself_in_a_property_or_an_item_is_fine() {
        let document = edited(
            "        rel:\n          type: string\n",
            "        up:\n          allOf:\n            - $ref: '#/components/schemas/Link'\n        \
             down:\n          type: array\n          items:\n            \
             $ref: '#/components/schemas/Link'\n        rel:\n          type: string\n",
        );
        assert!(problems(&document).is_empty());
        assert!(crate::generate::problems(&document, crate::generate::Spec::Variant).is_empty());
    }
}
