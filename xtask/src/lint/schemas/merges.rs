use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::lint::{Findings, rules};
use authress_users_openapi::{Document, child, visit};

/// Schemas that a value has to fit all at once, by the places where they stand.
type Together = BTreeSet<String>;

/// How many choices among the parts of schemas are looked at; real documents have a few.
const CHOICES: usize = 256;

/// The generator puts the parts of a schema together, and the members that several parts have as
/// well. Where that leads back to the same parts it goes on until the stack overflows.
pub(in crate::lint) fn have_an_end(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut places = Vec::new();
    visit(&document.value, "", &mut |value, pointer| {
        let has_parts = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|key| value[*key].is_array());
        if has_parts {
            places.push(pointer.to_owned());
        }
    });
    let mut fine = HashSet::new();
    for place in places {
        let start = Together::from([place.clone()]);
        if let Some(member) = endless(document, &start, &mut Vec::new(), &mut fine) {
            findings.add(
                &rules::ENDLESS_MERGE,
                &place,
                format!(
                    "its parts describe `{member}` in different ways, and to put these \
                     together the generator would have to do the same again, without end"
                ),
                format!("describe `{member}` in one part alone, or refer to one schema in all"),
            );
        }
    }
}

/// The member over which putting schemas together has no end, if there is one.
fn endless(
    document: &Document,
    schemas: &Together,
    before: &mut Vec<Together>,
    fine: &mut HashSet<Together>,
) -> Option<String> {
    if fine.contains(schemas) {
        return None;
    }
    before.push(schemas.clone());
    for (member, schemas) in shared_members(document, schemas) {
        let is_endless =
            before.contains(&schemas) || endless(document, &schemas, before, fine).is_some();
        if is_endless {
            return Some(member);
        }
    }
    before.pop();
    fine.insert(schemas.clone());
    None
}

/// The members that several of the schemas describe, and do so in several ways.
fn shared_members(document: &Document, schemas: &Together) -> Vec<(String, Together)> {
    let mut shared = Vec::new();
    for schemas in with_their_parts(document, schemas) {
        let mut members: BTreeMap<String, Together> = BTreeMap::new();
        for (name, place) in schemas.iter().flat_map(|place| held(document, place)) {
            if let Some(place) = home(document, &place) {
                members.entry(name).or_default().insert(place);
            }
        }
        for (name, places) in members {
            if places.len() > 1 {
                shared.push((name.trim_end().to_owned(), places));
            }
        }
    }
    shared
}

/// The members of the schema at a place, by name, and where each stands.
fn held(document: &Document, place: &str) -> Vec<(String, String)> {
    let Some(schema) = document.value.pointer(place) else {
        return Vec::new();
    };
    let properties = child(place, "properties");
    let mut held: Vec<(String, String)> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| (name.clone(), child(&properties, name)))
        .collect();
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            // A property may have that name, too, but hardly with a space at its end.
            held.push((format!("{key} "), child(place, key)));
        }
    }
    held
}

/// The schemas with what they consist of: all of some parts, and one of others.
fn with_their_parts(document: &Document, schemas: &Together) -> Vec<Together> {
    let mut whole = Vec::new();
    let mut open = vec![(Together::new(), schemas.iter().cloned().collect::<Vec<_>>())];
    while let Some((mut parts, mut left)) = open.pop() {
        let Some(place) = left.pop() else {
            whole.push(parts);
            continue;
        };
        let new = home(document, &place).filter(|place| parts.insert(place.clone()));
        let mut choices = vec![(parts, left)];
        if let Some(place) = new {
            for (_, left) in &mut choices {
                left.extend(listed(document, &place, "allOf"));
            }
            for key in ["oneOf", "anyOf"] {
                let branches = listed(document, &place, key);
                if !branches.is_empty() {
                    choices = choices
                        .iter()
                        .flat_map(|choice| branches.iter().map(move |branch| (choice, branch)))
                        .map(|((parts, left), branch)| {
                            let left = left.iter().chain([branch]).cloned().collect();
                            (parts.clone(), left)
                        })
                        .collect();
                }
            }
        }
        if whole.len() + open.len() < CHOICES {
            open.extend(choices);
        }
    }
    whole
}

/// The places in a list of a schema.
fn listed(document: &Document, place: &str, key: &str) -> Vec<String> {
    let list = child(place, key);
    let length = document
        .value
        .pointer(&list)
        .and_then(serde_json::Value::as_array)
        .map_or(0, Vec::len);
    (0..length)
        .map(|index| child(&list, &index.to_string()))
        .collect()
}

/// Where a schema stands once its references are followed.
fn home(document: &Document, place: &str) -> Option<String> {
    let value = document.value.pointer(place)?;
    document.resolve(value, place).map(|(_, home)| home)
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    const LINK: &str = "    Link:\n      type: object\n";
    const BASE: &str =
        "    Base: {type: object, properties: {up: {$ref: '#/components/schemas/Base'}}}\n";

    #[test]
    fn parts_that_lead_back_to_themselves_are_named_before_the_generator_follows_them() {
        for schemas in [
            "A: {allOf: [{$ref: '#/components/schemas/Base'}], \
             properties: {up: {$ref: '#/components/schemas/A'}}}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {up: {$ref: '#/components/schemas/A'}}}]}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/Other'}]}\n    \
             Other: {type: object, properties: {up: {$ref: '#/components/schemas/Other'}}}",
            "A: {type: object, properties: {up: {$ref: '#/components/schemas/A'}}, \
             oneOf: [{properties: {up: {$ref: '#/components/schemas/Base'}}}, {properties: {}}]}",
        ] {
            let problem = only_problem(LINK, &format!("{BASE}    {schemas}\n{LINK}"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("endless-merge", "#/components/schemas/A")
            );
            assert!(problem.message.contains("`up`"), "{problem}");
        }
        let list = "properties: {up: {type: array, items: {$ref: '#/components/schemas/";
        let problem = only_problem(
            LINK,
            &format!(
                "    A: {{allOf: [{{$ref: '#/components/schemas/B'}}, {{$ref: '#/components/schemas/C'}}]}}\n    \
                 B: {{type: object, {list}B'}}}}}}}}\n    C: {{type: object, {list}C'}}}}}}}}\n{LINK}"
            ),
        );
        assert_eq!(problem.code, "endless-merge");
    }

    #[test]
    fn parts_that_agree_or_have_nothing_in_common_are_fine() {
        for schemas in [
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {up: {$ref: '#/components/schemas/Base'}}}]}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {down: {$ref: '#/components/schemas/A'}}}]}",
            "A: {oneOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/C'}]}\n    \
             C: {type: object, properties: {up: {$ref: '#/components/schemas/A'}}}",
            "A: {allOf: [{properties: {up: {type: string}}}, \
             {properties: {up: {type: string, maxLength: 5}}}]}",
        ] {
            let document = edited(LINK, &format!("{BASE}    {schemas}\n{LINK}"));
            assert!(problems(&document).is_empty(), "{schemas}");
            assert!(
                crate::generate::problems(&document, crate::generate::Spec::Variant).is_empty(),
                "{schemas}"
            );
        }
    }
}
