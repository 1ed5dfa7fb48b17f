//! Changes a document, in memory, into one that progenitor supports. The table of operations and
//! the JSON in the crate are made from the original.

mod additional_members;
mod bodies;
mod formats;
mod leniency;
mod media_types;
mod member_names;
mod nulls;
mod operation_ids;
mod parameters;
mod path_parameters;
mod references;
mod requests;
mod responses;
mod schemas;
mod statuses;
mod structure;
mod type_names;

use authress_users_openapi::{Inliner, Role};
use serde_json::Value;

use super::steps::{Changes, Spec, Step, apply};
use crate::nullability;

pub(super) use member_names::original_names;
pub(super) use requests::is_multipart;
pub(crate) use statuses::stands_for_many;
pub(super) use type_names::type_name;

type Change = fn(&mut Value) -> usize;

/// The steps before the lint, so that it validates their result.
const PREPARATIONS: [Step<Change>; 19] = [
    Step::third_party(
        "nullable_beside_references",
        nullability::nullable_beside_references,
    ),
    // Before operations get names, since path items can be references.
    Step::third_party(
        "inner_references_in_place",
        references::inner_references_in_place,
    ),
    Step::third_party(
        "names_after_method_and_path",
        operation_ids::names_after_method_and_path,
    ),
    Step::third_party("null_as_nullable", nulls::null_as_nullable),
    Step::third_party(
        "nullable_components_where_they_are_used",
        nullability::nullable_components_where_they_are_used,
    ),
    Step::third_party(
        "schemas_for_bodies_without_one",
        bodies::schemas_for_bodies_without_one,
    ),
    Step::third_party("formats_as_plain_text", formats::formats_as_plain_text),
    Step::third_party("lenient_responses", leniency::lenient_responses),
    Step::third_party("only_what_types_express", schemas::only_what_types_express),
    Step::third_party(
        "responses_as_http_allows",
        structure::responses_as_http_allows,
    ),
    Step::third_party(
        "one_media_type_per_request",
        requests::one_media_type_per_request,
    ),
    Step::third_party(
        "parameters_in_operations",
        parameters::parameters_in_operations,
    ),
    Step::third_party(
        "path_parameters_of_the_path",
        parameters::path_parameters_of_the_path,
    ),
    Step::third_party("no_reserved_headers", parameters::no_reserved_headers),
    Step::third_party("objects_as_parameters", parameters::objects_as_parameters),
    Step::third_party("parameters_as_text", parameters::parameters_as_text),
    Step::third_party(
        "safe_path_parameters",
        path_parameters::safe_path_parameters,
    ),
    Step::third_party("distinct_member_names", member_names::distinct_member_names),
    Step::third_party("unique_type_names", type_names::unique_type_names),
];

/// The steps for progenitor alone.
const FOR_GENERATOR: [Step<Change>; 10] = [
    Step::third_party("only_what_becomes_code", structure::only_what_becomes_code),
    Step::third_party("titles_of_nullable_types", nulls::titles_of_nullable_types),
    // The lint of the project's spec comes before it; other steps for third-party documents after it.
    Step::own(
        "nullable_components_where_they_are_used",
        nullability::nullable_components_where_they_are_used,
    ),
    Step::new(
        "additional_members_as_map",
        additional_members::additional_members_as_map,
    ),
    Step::third_party("other_requests_as_bytes", requests::other_requests_as_bytes),
    Step::third_party("default_as_ranges", statuses::default_as_ranges),
    // Before all JSON media types become the same.
    Step::third_party(
        "differing_media_types_as_bytes",
        bodies::differing_media_types_as_bytes,
    ),
    Step::new(
        "one_media_type_per_body",
        media_types::one_media_type_per_body,
    ),
    Step::new(
        "json_suffixes_to_plain_json",
        media_types::json_suffixes_to_plain_json,
    ),
    Step::third_party(
        "differing_bodies_as_bytes",
        bodies::differing_bodies_as_bytes,
    ),
];

pub(super) fn prepare(document: &mut Value, spec: Spec) -> Result<Changes, String> {
    // Decodes references, which progenitor compares as text.
    let decoded = Inliner::new(document, |_| true).inline(document, Role::Object, "");
    *document = decoded;
    apply(&PREPARATIONS, spec, |change| change(document))
}

pub(super) fn for_generator(document: &mut Value, spec: Spec) -> Result<Changes, String> {
    apply(&FOR_GENERATOR, spec, |change| change(document))
}

#[cfg(test)]
mod tests {
    use authress_users_openapi::Document;

    use super::*;
    use crate::testing::users_document;

    const THIRD_PARTY: &str = include_str!("../../../fixtures/third_party.yaml");

    #[test]
    fn every_step_changes_the_third_party_fixture() {
        let document = Document::parse("third_party.yaml", THIRD_PARTY).unwrap();
        let mut value = document.value;
        let mut changes = prepare(&mut value, Spec::ThirdParty).unwrap();
        changes.extend(for_generator(&mut value, Spec::ThirdParty).unwrap());
        let effective: Vec<_> = changes.into_iter().map(|(name, _)| name).collect();
        let steps = PREPARATIONS.iter().chain(&FOR_GENERATOR);
        let steps = steps.filter(|step| step.applies_to(Spec::ThirdParty));
        let all: Vec<_> = steps.map(|step| step.name).collect();
        assert_eq!(effective, all);
    }

    #[test]
    fn every_step_changes_the_project_spec_once() {
        let mut value = users_document().value.clone();
        let names: Vec<_> = for_generator(&mut value, Spec::Own)
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            [
                "nullable_components_where_they_are_used",
                "additional_members_as_map",
                "one_media_type_per_body",
                "json_suffixes_to_plain_json"
            ]
        );
        let again = for_generator(&mut value, Spec::Own).unwrap_err();
        assert!(again.contains(names[0]), "{again}");
        assert!(for_generator(&mut value, Spec::Variant).unwrap().is_empty());
        let text = value["paths"].to_string() + &value["components"]["responses"].to_string();
        assert!(text.contains("application/json") && !text.contains("links+json"));
    }
}
