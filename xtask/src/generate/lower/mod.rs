//! What the document is turned into, in memory, for a generator that understands less than
//! OpenAPI. The document itself keeps the truth, and so do the table of operations and the JSON
//! that are made from it.

mod bodies;
mod formats;
mod leniency;
mod media_types;
mod nullability;
mod operation_ids;
mod path_parameters;
mod references;
mod schemas;
mod statuses;

use serde_json::Value;

/// One step, which says in how many places it changed something.
pub(crate) struct Lowering {
    pub(crate) name: &'static str,
    apply: fn(&mut Value) -> usize,
}

/// What the project's own document needs, in its order.
pub(crate) const LOWERINGS: [Lowering; 2] = [ONE_MEDIA_TYPE, PLAIN_JSON];

const ONE_MEDIA_TYPE: Lowering = Lowering {
    name: "one_media_type_per_body",
    apply: media_types::one_media_type_per_body,
};
const PLAIN_JSON: Lowering = Lowering {
    name: "json_suffixes_to_plain_json",
    apply: media_types::json_suffixes_to_plain_json,
};

/// What another document needs before anything looks at it, the lint and the table of operations
/// included, in its order: what can't be done is then judged by what is left.
pub(crate) const PREPARATIONS: [Lowering; 8] = [
    Lowering {
        name: "names_after_method_and_path",
        apply: operation_ids::names_after_method_and_path,
    },
    Lowering {
        name: "nullable_beside_references",
        apply: nullability::nullable_beside_references,
    },
    Lowering {
        name: "inner_references_in_place",
        apply: references::inner_references_in_place,
    },
    Lowering {
        name: "nullable_components_where_they_are_used",
        apply: nullability::nullable_components_where_they_are_used,
    },
    Lowering {
        name: "schemas_for_bodies_without",
        apply: bodies::schemas_for_bodies_without,
    },
    Lowering {
        name: "formats_as_plain_text",
        apply: formats::formats_as_plain_text,
    },
    Lowering {
        name: "lenient_responses",
        apply: leniency::lenient_responses,
    },
    Lowering {
        name: "safe_path_parameters",
        apply: path_parameters::safe_path_parameters,
    },
];

/// What is done to another document for the generator alone, in its order.
pub(crate) const LOWERINGS_OF_OTHERS: [Lowering; 5] = [
    Lowering {
        name: "default_as_ranges",
        apply: statuses::default_as_ranges,
    },
    // Before what makes one sort of JSON of all.
    Lowering {
        name: "differing_media_types_as_bytes",
        apply: bodies::differing_media_types_as_bytes,
    },
    ONE_MEDIA_TYPE,
    PLAIN_JSON,
    Lowering {
        name: "differing_bodies_as_bytes",
        apply: bodies::differing_bodies_as_bytes,
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
