//! Changes the code that progenitor generates.

mod additional;
mod classes;
mod descriptions;
mod names;
mod objects;
mod patterns;
mod requests;
mod statuses;
mod syntax;
mod transport;
mod types;
mod values;

use authress_users_openapi::Document;
use syn::File;

use super::steps::{Spec, Step, apply};

type Change = fn(&mut File, &Document) -> usize;

const STEPS: [Step<Change>; 21] = [
    Step::new("use_own_client", |file, _| transport::use_own_client(file)),
    Step::new("drop_prelude", |file, _| types::drop_prelude(file)),
    Step::new("parse_base_url_once", |file, _| {
        requests::parse_base_url_once(file)
    }),
    Step::new("drop_api_version_header", |file, _| {
        requests::drop_api_version_header(file)
    }),
    // Before `dispatch` replaces the hooks, which name the operation.
    Step::new("true_media_types", requests::true_media_types),
    Step::new("dispatch", |file, _| transport::dispatch(file)),
    Step::new("use_own_decoders", |file, _| {
        transport::use_own_decoders(file)
    }),
    Step::new("accept_other_successes", |file, _| {
        statuses::accept_other_successes(file)
    }),
    Step::new("add_transport_parameter", |file, _| {
        transport::add_transport_parameter(file)
    }),
    // Before `explain_invalid_values`, since a bound is the better explanation.
    Step::new("keep_bounds", values::keep_bounds),
    Step::new("explain_invalid_values", |file, _| {
        values::explain_invalid_values(file)
    }),
    Step::new("check_characters", |file, _| {
        patterns::check_characters(file)
    }),
    Step::new("count_characters", |file, _| {
        patterns::count_characters(file)
    }),
    // Before members get descriptions and types their attributes.
    Step::new("keep_additional_members", |file, _| {
        additional::keep_additional_members(file)
    }),
    Step::new("accept_objects_only", |file, _| {
        objects::accept_objects_only(file)
    }),
    Step::new("redact_debug", |file, _| types::redact_debug(file)),
    Step::new("mark_non_exhaustive", |file, _| {
        types::mark_non_exhaustive(file)
    }),
    Step::new("derive_equality", |file, _| types::derive_equality(file)),
    Step::new("derive_json_schema", |file, _| {
        types::derive_json_schema(file)
    }),
    Step::new("describe", descriptions::describe),
    // Last, since the other steps find members and parameters by the names in the document.
    Step::third_party("restore_names", names::restore_names),
];

pub(super) use names::duplicate_types;

/// Changes the generated code of `document`.
pub(super) fn rewrite(file: &mut File, document: &Document, spec: Spec) -> Result<(), String> {
    apply(&STEPS, spec, |change| change(file, document))?;
    if spec == Spec::Own && patterns::needs_regex(file) {
        return Err(
            "a pattern needs a regex engine, which the raw crate does not depend on; write it as \
             one character class (`^[…]+$`) and the lookaheads of ids, or extend xtask/src/generate/rewrite/patterns.rs"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::generate::tests::{client, uncorrected, users_client};
    use crate::testing::{edited, users_document};

    /// Steps that change what they wrote before, or that the project's spec does without.
    const REPEATABLE: [&str; 4] = [
        "true_media_types",
        "add_transport_parameter",
        "derive_json_schema",
        "restore_names",
    ];

    #[test]
    fn every_step_changes_the_project_client_once() {
        let document = users_document();
        let mut file = uncorrected(document);
        for step in &STEPS {
            let mut change = || {
                let step = std::slice::from_ref(step);
                apply(step, Spec::Own, |change| change(&mut file, document))
            };
            assert!(change().is_ok(), "{}", step.name);
            if !REPEATABLE.contains(&step.name) {
                let again = change().unwrap_err();
                assert!(again.contains(step.name), "{again}");
            }
        }
    }

    #[test]
    fn every_step_fails_if_it_finds_nothing_to_change() {
        let mut file: File = parse_quote!(
            pub mod types {
                pub struct Nothing;
            }
        );
        let document = users_document();
        for step in &STEPS {
            assert_eq!((step.change)(&mut file, document), 0, "{}", step.name);
        }
    }

    #[test]
    fn the_client_has_no_traces_of_what_is_replaced() {
        let code = users_client();
        for fault in [
            "client.build().unwrap()",
            "api-version",
            "header_map",
            " failed\".to_string()",
            "pub mod prelude",
            "baseurl",
            "OperationInfo",
            "ResponseValue::from_response",
            "::regress::",
        ] {
            assert!(!code.contains(fault), "{fault}");
        }
        for derive in code
            .lines()
            .filter(|line| line.trim_start().starts_with("#[derive("))
        {
            assert!(!derive.contains("Debug"), "{derive}");
        }
        // linkTenantUser sends plain JSON. The accepted media types come from the table.
        let plain = code.matches("from_static(\"application/json\")").count();
        assert_eq!(plain, 1);
        assert_eq!(
            code.matches("_USER.accept").count() + code.matches("_USERS.accept").count(),
            4
        );
    }

    #[test]
    fn setters_check_the_bounds_of_the_document() {
        let code = users_client();
        assert!(code.contains("(1i64..=100i64).contains(&i64::from(value.get()))"));
        assert!(code.contains("\"limit: must be between 1 and 100\""));
        let code = client(&edited("maximum: 100", "maximum: 20"));
        assert!(code.contains("\"limit: must be between 1 and 20\""));
        let exclusive =
            "exclusiveMinimum: true\n            exclusiveMaximum: true\n            maximum: 100";
        let code = client(&edited("maximum: 100", exclusive));
        assert!(code.contains("\"limit: must be between 2 and 99\""));
    }

    #[test]
    fn a_bound_of_an_operation_replaces_that_of_its_path() {
        let from = "  /v1/users:\n";
        let document = edited(
            from,
            &format!(
                "{from}    parameters:\n      - name: limit\n        in: query\n        schema:\n          \
                 type: integer\n          format: int32\n          minimum: 1\n          maximum: 7\n"
            ),
        );
        let code = client(&document);
        assert!(code.contains("\"limit: must be between 1 and 100\""));
    }
}
