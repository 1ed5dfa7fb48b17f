use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Findings;
use crate::document::{Document, child, walk};

/// Schemas that a value has to fit all at once, by the places where they stand.
type Together = BTreeSet<String>;

/// The generator puts the parts of an `allOf` together, and the members that several parts have as
/// well. Where that leads back to the same parts it goes on until the stack overflows.
pub(super) fn have_an_end(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut places = Vec::new();
    walk(&document.value, "", &mut |value, pointer| {
        if value.get("allOf").is_some_and(serde_json::Value::is_array) {
            places.push(pointer.to_owned());
        }
    });
    let mut fine = HashSet::new();
    for place in places {
        let start = Together::from([place.clone()]);
        if let Some(member) = endless(document, &start, &mut Vec::new(), &mut fine) {
            let subject = findings.subject(&place);
            findings.add(
                "endless-merge",
                &place,
                subject,
                format!(
                    "parts of its `allOf` describe `{member}` in different ways, and to put these \
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
fn shared_members(document: &Document, schemas: &Together) -> BTreeMap<String, Together> {
    let mut members: BTreeMap<String, Together> = BTreeMap::new();
    for place in with_their_parts(document, schemas) {
        let Some(schema) = document.value.pointer(&place) else {
            continue;
        };
        let properties = child(&place, "properties");
        let mut held: Vec<(String, String)> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| (name.clone(), child(&properties, name)))
            .collect();
        for key in ["items", "additionalProperties"] {
            if schema[key].is_object() {
                // A property may have that name, too, but none with a space at its end.
                held.push((format!("{key} "), child(&place, key)));
            }
        }
        for (name, place) in held {
            if let Some(place) = home(document, &place) {
                members.entry(name).or_default().insert(place);
            }
        }
    }
    members
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| (name.trim_end().to_owned(), places))
        .collect()
}

/// The schemas with what they consist of.
fn with_their_parts(document: &Document, schemas: &Together) -> Together {
    let mut all = Together::new();
    let mut open: Vec<String> = schemas.iter().cloned().collect();
    while let Some(place) = open.pop() {
        let Some(place) = home(document, &place) else {
            continue;
        };
        let parts = document
            .value
            .pointer(&place)
            .and_then(|schema| schema["allOf"].as_array())
            .map_or(0, Vec::len);
        let list = child(&place, "allOf");
        if all.insert(place) {
            open.extend((0..parts).map(|index| child(&list, &index.to_string())));
        }
    }
    all
}

/// Where a schema stands once its references are followed.
fn home(document: &Document, place: &str) -> Option<String> {
    let value = document.value.pointer(place)?;
    document.resolve(value, place).map(|(_, home)| home)
}

#[cfg(test)]
mod tests {
    use super::super::{problems, tests::only_problem};
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
        ] {
            let problem = only_problem(LINK, &format!("{BASE}    {schemas}\n{LINK}"));
            assert_eq!(
                (problem.code, &*problem.subject),
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
            "A: {allOf: [{properties: {up: {type: string}}}, \
             {properties: {up: {type: string, maxLength: 5}}}]}",
        ] {
            let document = edited(LINK, &format!("{BASE}    {schemas}\n{LINK}"));
            assert!(problems(&document).is_empty(), "{schemas}");
            assert!(crate::generate::problems(&document).is_empty(), "{schemas}");
        }
    }
}
