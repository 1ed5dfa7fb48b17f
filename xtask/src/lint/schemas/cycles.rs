//! Schemas that consist of themselves.

use std::collections::{BTreeSet, HashMap};

use authress_users_openapi::{
    COMPOSITION_KEYWORDS, Document, Role, child, reference_target, references, schema_name, target,
};

use crate::lint::findings::Findings;
use crate::lint::rules;

/// The pointer of the schemas that references can lead to.
const SCHEMAS: &str = "/components/schemas/";

/// The generator and the validator would follow a cycle until the stack overflows. A cycle through
/// properties or items is allowed: values can end it.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut reported: BTreeSet<String> = BTreeSet::new();
    // Every cycle has a reference, so it contains the target of one.
    for start in targets(document) {
        if reported.contains(&start) {
            continue;
        }
        let Some(cycle) = cycle(document, &start) else {
            continue;
        };
        let mut names: Vec<String> = cycle
            .iter()
            .filter_map(|pointer| schema_name(pointer))
            .collect();
        names.push(schema_name(&start).unwrap_or_else(|| start.replacen(SCHEMAS, "", 1)));
        findings.add(
            &rules::CIRCULAR_SCHEMA,
            &start,
            format!("the schema consists of itself: {}", names.join(" -> ")),
            "remove one step of the cycle, or put a property between two of them",
        );
        reported.extend(cycle);
    }
}

/// The schemas that references lead to, in the order of the document.
fn targets(document: &Document) -> Vec<String> {
    let mut targets = Vec::new();
    for reference in references(&document.value, Role::Object) {
        if let Some(target) = target(reference)
            && target.starts_with(SCHEMAS)
            && document.value.pointer(&target).is_some()
            && !targets.contains(&target)
        {
            targets.push(target);
        }
    }
    targets.sort_by_key(|target| document.line(target));
    targets
}

/// The path from a schema back to itself, if there is one; it starts with the schema.
fn cycle(document: &Document, start: &str) -> Option<Vec<String>> {
    let mut previous: HashMap<String, String> = HashMap::new();
    let mut open = vec![start.to_owned()];
    while let Some(place) = open.pop() {
        for next in parts(document, &place) {
            if next == start {
                return Some(path(&previous, place));
            }
            if !previous.contains_key(&next) {
                previous.insert(next.clone(), place.clone());
                open.push(next);
            }
        }
    }
    None
}

fn path(previous: &HashMap<String, String>, end: String) -> Vec<String> {
    let mut path = vec![end];
    while let Some(place) = path.last().and_then(|place| previous.get(place)) {
        path.push(place.clone());
    }
    path.reverse();
    path
}

/// The pointers of the schemas that apply to the same value as the schema at `pointer`.
fn parts(document: &Document, pointer: &str) -> Vec<String> {
    let Some(schema) = document.value.pointer(pointer) else {
        return Vec::new();
    };
    // Members beside a reference have no effect.
    if let Some(target) = reference_target(schema) {
        return vec![target];
    }
    let mut places = Vec::new();
    for key in COMPOSITION_KEYWORDS {
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

#[cfg(test)]
mod tests {
    use crate::generate::{self, Spec};
    use crate::lint::testing::{assert_problem, assert_valid, only_problem};
    use crate::testing::edited;

    const LINK: &str = "    Link:\n      type: object\n";

    #[test]
    fn a_schema_that_consists_of_itself_is_reported() {
        for schema in [
            "$ref: '#/components/schemas/Link'",
            "allOf:\n        - $ref: '#/components/schemas/Link'",
            "oneOf:\n        - type: string\n        - $ref: '#/components/schemas/Link'",
            "anyOf:\n        - allOf:\n            - $ref: '#/components/schemas/Link'",
            "not:\n        $ref: '#/components/schemas/Link'",
        ] {
            let to = format!("    Link:\n      {schema}\n");
            let subject = "#/components/schemas/Link";
            let problem = assert_problem(LINK, &to, "circular-schema", subject);
            assert!(problem.message.contains("Link -> Link"), "{problem}");
        }
    }

    #[test]
    fn names_are_shown_without_escapes() {
        let to = format!("    A/b:\n      $ref: '#/components/schemas/A~1b'\n{LINK}");
        let problem = only_problem(LINK, &to);
        assert!(problem.message.contains("A/b -> A/b"), "{problem}");
    }

    #[test]
    fn a_cycle_of_several_schemas_is_reported_once_with_all_of_them() {
        let problem = only_problem(
            LINK,
            "    Link:\n      allOf:\n        - $ref: '#/components/schemas/Url'\n    \
             Url:\n      oneOf:\n        - type: string\n        \
             - $ref: '#/components/schemas/Link'\n    Other:\n      type: object\n",
        );
        assert!(problem.message.contains("Link -> Url -> Link"), "{problem}");
    }

    #[test]
    fn a_schema_may_refer_to_itself_in_a_property_or_items() {
        let from = "        rel:\n          type: string\n";
        let to = format!(
            "        up:\n          allOf:\n            - $ref: '#/components/schemas/Link'\n        \
             down:\n          type: array\n          items:\n            \
             $ref: '#/components/schemas/Link'\n{from}"
        );
        assert_valid(from, &to);
        assert!(generate::problems(&edited(from, &to), Spec::Variant).is_empty());
    }
}
