//! What is changed in the code that the generator writes, so that the client does right.

mod descriptions;
mod patterns;
mod requests;
mod syntax;
mod transport;
mod types;
mod values;

use syn::File;

use authress_users_openapi::Document;

pub(super) use patterns::needs_regex;

/// One change, which says in how many places it changed something.
pub(crate) struct Correction {
    pub(crate) name: &'static str,
    apply: fn(&mut File, &Document) -> usize,
}

/// All changes, in their order.
pub(crate) const CORRECTIONS: [Correction; 17] = [
    Correction {
        name: "use_own_client",
        apply: |file, _| transport::use_own_client(file),
    },
    Correction {
        name: "drop_prelude",
        apply: |file, _| types::drop_prelude(file),
    },
    Correction {
        name: "parse_base_url_once",
        apply: |file, _| requests::parse_base_url_once(file),
    },
    Correction {
        name: "drop_api_version_header",
        apply: |file, _| requests::drop_api_version_header(file),
    },
    // These two find the operation by the hooks, which `dispatch` replaces.
    Correction {
        name: "true_accept",
        apply: |file, _| requests::true_accept(file),
    },
    Correction {
        name: "true_content_type",
        apply: requests::true_content_type,
    },
    Correction {
        name: "dispatch",
        apply: |file, _| transport::dispatch(file),
    },
    Correction {
        name: "use_own_decoders",
        apply: |file, _| transport::use_own_decoders(file),
    },
    Correction {
        name: "add_transport_parameter",
        apply: |file, _| transport::add_transport_parameter(file),
    },
    // Before `explain_refused_values`: a bound is the better explanation.
    Correction {
        name: "keep_bounds",
        apply: values::keep_bounds,
    },
    Correction {
        name: "explain_refused_values",
        apply: |file, _| values::explain_refused_values(file),
    },
    Correction {
        name: "check_characters",
        apply: |file, _| patterns::check_characters(file),
    },
    Correction {
        name: "redact_debug",
        apply: |file, _| types::redact_debug(file),
    },
    Correction {
        name: "leave_room",
        apply: |file, _| types::leave_room(file),
    },
    Correction {
        name: "derive_equality",
        apply: |file, _| types::derive_equality(file),
    },
    Correction {
        name: "derive_json_schema",
        apply: |file, _| types::derive_json_schema(file),
    },
    Correction {
        name: "describe",
        apply: |file, _| descriptions::describe(file),
    },
];

impl Correction {
    /// Applies the change. One that has nothing left to do is an error: the generator may now
    /// write in another way what the change was there to mend.
    pub(crate) fn apply(&self, file: &mut File, document: &Document) -> Result<usize, String> {
        match (self.apply)(file, document) {
            0 => Err(format!(
                "the correction {} no longer finds anything to do: mend or delete it",
                self.name
            )),
            places => Ok(places),
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::generate::tests::{client, uncorrected, users_client};
    use crate::testing::{edited, users_document};

    #[test]
    fn every_correction_finds_something_to_do_and_nothing_the_second_time() {
        let document = users_document();
        let mut file = uncorrected(&document);
        for correction in &CORRECTIONS {
            assert!(
                correction
                    .apply(&mut file, &document)
                    .is_ok_and(|places| places > 0),
                "{}",
                correction.name
            );
            // These make what they look for.
            if matches!(
                correction.name,
                "true_accept"
                    | "true_content_type"
                    | "add_transport_parameter"
                    | "derive_json_schema"
            ) {
                continue;
            }
            let again = correction.apply(&mut file, &document).unwrap_err();
            assert!(
                again.contains(correction.name) && again.contains("mend or delete"),
                "{again}"
            );
        }
    }

    #[test]
    fn a_file_without_anything_to_correct_fails_every_correction() {
        let mut file: File = parse_quote!(
            pub mod types {
                pub struct Nothing;
            }
        );
        let document = users_document();
        for correction in &CORRECTIONS {
            assert!(
                correction.apply(&mut file, &document).is_err(),
                "{}",
                correction.name
            );
        }
    }

    #[test]
    fn the_corrected_client_has_none_of_the_faults() {
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
        // What linkTenantUser sends is plain JSON; what is accepted stands in the table.
        let plain = code.matches("from_static(\"application/json\")").count();
        assert_eq!(plain, 1);
        assert_eq!(
            code.matches("_USER.accept").count() + code.matches("_USERS.accept").count(),
            4
        );
    }

    #[test]
    fn a_bound_of_the_document_is_a_bound_of_the_setter() {
        let code = users_client();
        assert!(code.contains("(1i64..=100i64).contains(&i64::from(value.get()))"));
        assert!(code.contains("\"limit is refused: it must be 1 to 100\""));
        let code = client(&edited("maximum: 100", "maximum: 20"));
        assert!(code.contains("\"limit is refused: it must be 1 to 20\""));
    }

    #[test]
    fn a_bound_of_the_operation_comes_in_the_place_of_that_of_its_path() {
        let from = "  /v1/users:\n";
        let document = edited(
            from,
            &format!(
                "{from}    parameters:\n      - name: limit\n        in: query\n        schema:\n          \
                 type: integer\n          format: int32\n          minimum: 1\n          maximum: 7\n"
            ),
        );
        assert!(crate::lint::check::problems(&document).is_empty());
        let code = client(&document);
        assert!(code.contains("\"limit is refused: it must be 1 to 100\""));
    }
}
