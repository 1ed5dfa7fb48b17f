//! Schemas whose parts the generator cannot merge.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use authress_users_openapi::{COMPOSITION_KEYWORDS, Document, child};

use crate::lint::elements::members;
use crate::lint::findings::Findings;
use crate::lint::rules;

/// The pointers of schemas that apply to the same value.
type Merged = BTreeSet<String>;

/// How a schema describes a part of a value: by the name of a property or by a keyword.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Property(String),
    Keyword(&'static str),
}

impl Member {
    fn name(&self) -> &str {
        match self {
            Self::Property(name) => name,
            Self::Keyword(keyword) => keyword,
        }
    }
}

const ADDITIONAL: Member = Member::Keyword("additionalProperties");

/// The maximum number of combinations of alternatives per schema; real documents have a few.
const MAX_COMBINATIONS: usize = 256;

/// The generator merges the parts of a schema, and then the properties that several parts have.
/// Where that leads back to the same parts, it recurses until the stack overflows.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut finite = HashSet::new();
    for (schema, place) in findings.schemas().iter() {
        let has_parts = COMPOSITION_KEYWORDS
            .iter()
            .any(|key| schema[*key].is_array());
        if !has_parts {
            continue;
        }
        let start = Merged::from([place.clone()]);
        if let Some(member) = infinite(document, &start, &mut Vec::new(), &mut finite) {
            let member = member.name();
            findings.add(
                &rules::RECURSIVE_MERGE,
                place,
                format!(
                    "the parts describe `{member}` differently, and merging the descriptions \
                     never ends"
                ),
                format!("describe `{member}` in one part, or use the same reference in all"),
            );
        }
    }
}

/// The property whose merge never ends, if there is one.
fn infinite(
    document: &Document,
    merged: &Merged,
    ancestors: &mut Vec<Merged>,
    finite: &mut HashSet<Merged>,
) -> Option<Member> {
    if finite.contains(merged) {
        return None;
    }
    ancestors.push(merged.clone());
    for (member, merged) in shared_members(document, merged) {
        if ancestors.contains(&merged) || infinite(document, &merged, ancestors, finite).is_some() {
            return Some(member);
        }
    }
    ancestors.pop();
    finite.insert(merged.clone());
    None
}

/// The members that several of the schemas describe, in different ways.
fn shared_members(document: &Document, merged: &Merged) -> Vec<(Member, Merged)> {
    let mut shared = Vec::new();
    for combination in combinations(document, merged) {
        let parts = combination.iter().map(|place| held(document, place));
        let parts: Vec<BTreeMap<Member, String>> = parts.collect();
        let members: BTreeSet<&Member> = parts.iter().flat_map(BTreeMap::keys).collect();
        for member in members {
            let described = parts.iter().filter_map(|part| match member {
                // The additional properties of a part are the properties that it does not name.
                Member::Property(_) => part.get(member).or_else(|| part.get(&ADDITIONAL)),
                Member::Keyword(_) => part.get(member),
            });
            let places: Merged = described.cloned().collect();
            if places.len() > 1 {
                shared.push((member.clone(), places));
            }
        }
    }
    shared
}

/// The properties, items and additional properties of the schema at `place`, with the pointers of
/// their schemas.
fn held(document: &Document, place: &str) -> BTreeMap<Member, String> {
    let Some(schema) = document.value.pointer(place) else {
        return BTreeMap::new();
    };
    let properties = child(place, "properties");
    let properties = members(&schema["properties"])
        .map(|(name, _)| (Member::Property(name.clone()), child(&properties, name)));
    let keywords = [Member::Keyword("items"), ADDITIONAL];
    let keywords = keywords.into_iter().filter_map(|keyword| {
        let name = keyword.name();
        let place = schema[name].is_object().then(|| child(place, name))?;
        Some((keyword, place))
    });
    properties
        .chain(keywords)
        .filter_map(|(member, place)| Some((member, resolved(document, &place)?)))
        .collect()
}

/// The schemas with their parts: all of `allOf`, and each choice of `oneOf` and `anyOf`.
fn combinations(document: &Document, merged: &Merged) -> Vec<Merged> {
    let mut complete = Vec::new();
    let mut open = vec![(Merged::new(), merged.iter().cloned().collect::<Vec<_>>())];
    while let Some((mut parts, mut rest)) = open.pop() {
        let Some(place) = rest.pop() else {
            complete.push(parts);
            continue;
        };
        let new = resolved(document, &place).filter(|place| parts.insert(place.clone()));
        let mut choices = vec![(parts, rest)];
        if let Some(place) = new {
            for (_, rest) in &mut choices {
                rest.extend(listed(document, &place, "allOf"));
            }
            for key in ["oneOf", "anyOf"] {
                let branches = listed(document, &place, key);
                if !branches.is_empty() {
                    choices = choices
                        .iter()
                        .flat_map(|choice| branches.iter().map(move |branch| (choice, branch)))
                        .map(|((parts, rest), branch)| {
                            let rest = rest.iter().chain([branch]).cloned().collect();
                            (parts.clone(), rest)
                        })
                        .collect();
                }
            }
        }
        if complete.len() + open.len() < MAX_COMBINATIONS {
            open.extend(choices);
        }
    }
    complete
}

/// The pointers of the items in a list of the schema at `place`.
fn listed(document: &Document, place: &str, key: &str) -> Vec<String> {
    let list = child(place, key);
    let items = document.value.pointer(&list);
    let length = items
        .and_then(serde_json::Value::as_array)
        .map_or(0, Vec::len);
    (0..length)
        .map(|index| child(&list, &index.to_string()))
        .collect()
}

/// The pointer of a schema after following its references.
fn resolved(document: &Document, place: &str) -> Option<String> {
    let value = document.value.pointer(place)?;
    document.resolve(value, place).map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use crate::generate::{self, Spec};
    use crate::lint::testing::{assert_problem, assert_valid, found, only_problem};
    use crate::testing::edited;

    const LINK: &str = "    Link:\n      type: object\n";
    const BASE: &str =
        "    Base: {type: object, properties: {up: {$ref: '#/components/schemas/Base'}}}\n";

    #[test]
    fn parts_that_lead_back_to_themselves_are_reported() {
        for schemas in [
            "A: {allOf: [{$ref: '#/components/schemas/Base'}], \
             properties: {up: {$ref: '#/components/schemas/A'}}}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {up: {$ref: '#/components/schemas/A'}}}]}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/Other'}]}\n    \
             Other: {type: object, properties: {up: {$ref: '#/components/schemas/Other'}}}",
            "A: {type: object, properties: {up: {$ref: '#/components/schemas/A'}}, \
             oneOf: [{properties: {up: {$ref: '#/components/schemas/Base'}}}, {properties: {}}]}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {additionalProperties: {$ref: '#/components/schemas/A'}}]}",
        ] {
            let to = format!("{BASE}    {schemas}\n{LINK}");
            let subject = "#/components/schemas/A";
            let problem = assert_problem(LINK, &to, "recursive-merge", subject);
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
        assert_eq!(problem.code, "recursive-merge");
    }

    #[test]
    fn properties_are_not_confused_with_items() {
        for name in ["items", "items "] {
            let to = format!(
                "    A: {{allOf: [{{properties: {{'{name}': {{type: string}}}}}}, \
                 {{items: {{$ref: '#/components/schemas/A'}}}}]}}\n{LINK}"
            );
            let found = found(LINK, &to);
            assert!(
                !found.iter().any(|(code, _)| *code == "recursive-merge"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn parts_that_agree_or_share_nothing_are_valid() {
        for schemas in [
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {up: {$ref: '#/components/schemas/Base'}}}]}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {properties: {down: {$ref: '#/components/schemas/A'}}}]}",
            "A: {oneOf: [{$ref: '#/components/schemas/Base'}, {$ref: '#/components/schemas/C'}]}\n    \
             C: {type: object, properties: {up: {$ref: '#/components/schemas/A'}}}",
            "A: {allOf: [{properties: {up: {type: string}}}, \
             {properties: {up: {type: string, maxLength: 5}}}]}",
            "A: {type: object, properties: {up: {type: string}}, \
             additionalProperties: {$ref: '#/components/schemas/A'}}",
            "A: {allOf: [{$ref: '#/components/schemas/Base'}, \
             {additionalProperties: {$ref: '#/components/schemas/Base'}}]}",
        ] {
            let to = format!("{BASE}    {schemas}\n{LINK}");
            assert_valid(LINK, &to);
            let problems = generate::problems(&edited(LINK, &to), Spec::Variant);
            assert!(problems.is_empty(), "{schemas}");
        }
    }
}
