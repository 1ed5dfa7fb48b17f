//! What the document is turned into, in memory, for a generator that understands less than
//! OpenAPI. The document itself keeps the truth, and so do the table of operations and the JSON
//! that are made from it.

use serde_json::{Map, Value};

/// One step, which says in how many places it changed something.
pub(crate) struct Lowering {
    pub(crate) name: &'static str,
    apply: fn(&mut Value) -> usize,
}

/// All steps, in their order.
pub(crate) const LOWERINGS: [Lowering; 2] = [
    Lowering {
        name: "one_media_type_per_body",
        apply: one_media_type_per_body,
    },
    Lowering {
        name: "json_suffixes_to_plain_json",
        apply: json_suffixes_to_plain_json,
    },
];

impl Lowering {
    /// Applies the step. One that has nothing left to do is an error: it would rot unnoticed.
    pub(crate) fn apply(&self, document: &mut Value) -> Result<usize, String> {
        match (self.apply)(document) {
            0 => Err(format!(
                "the lowering step {} no longer finds anything to do: mend or delete it",
                self.name
            )),
            places => Ok(places),
        }
    }
}

/// Whether a body of this type is JSON: `application/json`, or with a suffix as in
/// `application/links+json`.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Of several JSON types of one body with the same schema, keeps the first: the generator would
/// take the second for another body.
fn one_media_type_per_body(document: &mut Value) -> usize {
    each_content(document, &mut |content| {
        let mut json = content.iter().filter(|(media_type, _)| is_json(media_type));
        let Some((kept, schema)) = json
            .next()
            .map(|(kept, body)| (kept.clone(), body["schema"].clone()))
        else {
            return 0;
        };
        let before = content.len();
        content.retain(|media_type, body| {
            *media_type == kept || !is_json(media_type) || body["schema"] != schema
        });
        before - content.len()
    })
}

/// The generator types no body but that of `application/json`.
fn json_suffixes_to_plain_json(document: &mut Value) -> usize {
    each_content(document, &mut |content| {
        let mut changed = 0;
        *content = std::mem::take(content)
            .into_iter()
            .map(|(media_type, body)| {
                if is_json(&media_type) && media_type != "application/json" {
                    changed += 1;
                    ("application/json".to_owned(), body)
                } else {
                    (media_type, body)
                }
            })
            .collect();
        changed
    })
}

/// Changes the content of every response and request body.
fn each_content(
    value: &mut Value,
    change: &mut impl FnMut(&mut Map<String, Value>) -> usize,
) -> usize {
    let mut changed = 0;
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if key == "content" {
                    if let Value::Object(content) = member {
                        changed += change(content);
                    }
                } else if !matches!(&**key, "example" | "examples" | "schemas") {
                    changed += each_content(member, change);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                changed += each_content(item, change);
            }
        }
        _ => {}
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::users_document;

    #[test]
    fn every_step_finds_something_to_do_in_the_document_and_nothing_the_second_time() {
        let mut value = users_document().value;
        for step in &LOWERINGS {
            assert!(
                step.apply(&mut value).is_ok_and(|places| places > 0),
                "{}",
                step.name
            );
            let again = step.apply(&mut value).unwrap_err();
            assert!(
                again.contains(step.name) && again.contains("mend or delete"),
                "{again}"
            );
        }
        let text = value["paths"].to_string() + &value["components"]["responses"].to_string();
        assert!(text.contains("application/json") && !text.contains("links+json"));
    }

    #[test]
    fn bodies_of_different_schemas_are_left_for_the_lint() {
        let mut value = serde_json::json!({"content": {
            "application/json": {"schema": {"type": "string"}},
            "application/links+json": {"schema": {"type": "object"}},
        }});
        assert_eq!(one_media_type_per_body(&mut value), 0);
    }

    #[test]
    fn json_is_told_by_type_and_suffix() {
        for (media_type, expected) in [
            ("application/json", true),
            ("application/links+json", true),
            ("application/json; charset=utf-8", true),
            ("application/jsonp", false),
            ("text/json", false),
            ("application/xml", false),
        ] {
            assert_eq!(is_json(media_type), expected, "{media_type}");
        }
    }
}
