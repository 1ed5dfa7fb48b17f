//! Responses: which can be decoded, and which schemas are too strict.

use std::collections::BTreeSet;

use authress_users_openapi::{OperationEntry, child, is_json, reachable_schemas};
use serde_json::Value;

use crate::lint::elements::{Response, bodies, responses};
use crate::lint::findings::Findings;
use crate::lint::rules::{self, Rule};

/// Keywords with which the generator makes types that reject values while decoding, and the types
/// to which each applies.
static STRICT: [(&str, &[&str], &Rule); 11] = [
    ("minLength", STRING, &rules::STRICT_RESPONSE_STRING),
    ("maxLength", STRING, &rules::STRICT_RESPONSE_STRING),
    ("pattern", STRING, &rules::STRICT_RESPONSE_STRING),
    ("enum", STRING, &rules::STRICT_RESPONSE_STRING),
    ("enum", &["boolean"], &rules::STRICT_RESPONSE_VALUE),
    ("enum", NUMBER, &rules::STRICT_RESPONSE_NUMBER),
    ("minimum", NUMBER, &rules::STRICT_RESPONSE_NUMBER),
    ("maximum", NUMBER, &rules::STRICT_RESPONSE_NUMBER),
    ("minItems", ARRAY, &rules::STRICT_RESPONSE_LIST),
    ("maxItems", ARRAY, &rules::STRICT_RESPONSE_LIST),
    ("uniqueItems", ARRAY, &rules::STRICT_RESPONSE_LIST),
];
const STRING: &[&str] = &["string"];
const NUMBER: &[&str] = &["integer", "number"];
const ARRAY: &[&str] = &["array"];
/// Formats that become types which reject other texts.
const STRICT_FORMATS: [&str; 7] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6", "byte"];

/// An unexpected member or value must not fail a whole response.
pub(in crate::lint) fn check_leniency(findings: &mut Findings<'_>) {
    let document = findings.document;
    // A schema that several operations share is reported for the first.
    let mut seen = BTreeSet::new();
    for entry in document.operations() {
        for response in responses(document, &entry) {
            for body in bodies(response.value, &response.pointer) {
                let Some(schema) = body.schema else { continue };
                let place = child(&body.pointer, "schema");
                for (schema, pointer) in
                    reachable_schemas(&document.value, schema, &place, &mut seen)
                {
                    check_schema(findings, &entry, schema, &pointer);
                }
            }
        }
    }
}

pub(in crate::lint) fn check_media_types(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for response in responses(document, &entry) {
            if !response.status.starts_with('2') {
                continue;
            }
            for body in bodies(response.value, &response.pointer) {
                if !is_json(body.media_type) {
                    findings.add_to(
                        &entry,
                        &rules::RESPONSE_NOT_JSON,
                        &body.pointer,
                        format!(
                            "response {} is `{}`, and the client decodes only JSON",
                            response.status, body.media_type
                        ),
                        "use `application/json` or the suffix `+json`, or remove `content`",
                    );
                }
            }
        }
    }
}

/// An operation must be able to succeed, and bodies occur only where HTTP allows them.
pub(in crate::lint) fn check_success(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let responses = responses(document, &entry);
        let is_error = |response: &Response<'_>| response.status.starts_with(['4', '5']);
        if !responses.is_empty() && responses.iter().all(is_error) {
            findings.add_to(
                &entry,
                &rules::MISSING_SUCCESS,
                &child(&entry.pointer(), "responses"),
                "all listed responses are errors",
                "add the successful response",
            );
        }
        for response in responses {
            let forbids_body = entry.method == "head"
                || response.status.starts_with('1')
                || matches!(response.status, "204" | "205" | "304");
            if forbids_body && !bodies(response.value, &response.pointer).is_empty() {
                findings.add_to(
                    &entry,
                    &rules::DISALLOWED_BODY,
                    &child(&response.pointer, "content"),
                    format!(
                        "response {} to {} has a body, which HTTP forbids",
                        response.status,
                        entry.method.to_uppercase()
                    ),
                    "remove `content`, or correct the status",
                );
            }
        }
    }
}

fn check_schema(
    findings: &mut Findings<'_>,
    operation: &OperationEntry<'_>,
    schema: &Value,
    pointer: &str,
) {
    if schema["additionalProperties"] == false {
        findings.add_to(
            operation,
            &rules::CLOSED_RESPONSE_OBJECT,
            &child(pointer, "additionalProperties"),
            "a response object is closed, so a new member from the server fails the response",
            "remove `additionalProperties: false`",
        );
    }
    let kind = schema["type"].as_str();
    // A schema without a type allows any.
    let applies = |types: &[&str]| kind.is_none_or(|kind| types.contains(&kind));
    let mut reported = Vec::new();
    for (key, types, rule) in STRICT {
        let is_set = schema.get(key).is_some_and(|value| *value != false);
        if is_set && applies(types) && !reported.contains(&key) {
            reported.push(key);
            findings.add_to(
                operation,
                rule,
                &child(pointer, key),
                format!(
                    "`{key}` on a response {} fails the response for any other value",
                    kind.unwrap_or("value")
                ),
                format!("remove `{key}` and state it in the description"),
            );
        }
    }
    let format = schema["format"].as_str().unwrap_or_default();
    if applies(STRING) && STRICT_FORMATS.contains(&format) {
        findings.add_to(
            operation,
            &rules::STRICT_RESPONSE_STRING,
            &child(pointer, "format"),
            format!(
                "`format: {format}` on a response string fails the response for any other text"
            ),
            "remove `format` and state it in the description",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid, only_problem};

    const REL: &str = "        rel:\n          type: string\n";

    #[test]
    fn closed_response_objects_are_reported_at_any_depth() {
        let from = "      additionalProperties: true\n";
        let to = "      additionalProperties: false\n";
        assert_problem(from, to, "closed-response-object", "getUsers");
        for schema in ["PaginationNext", "Link"] {
            let from = format!("    {schema}:\n      type: object\n");
            let to = format!("{from}      additionalProperties: false\n");
            assert_problem(&from, &to, "closed-response-object", "getUsers");
        }
        let from = "    ErrorBody:\n      type: object\n";
        let to = format!("{from}      additionalProperties: false\n");
        assert_eq!(only_problem(from, &to).code, "closed-response-object");
    }

    #[test]
    fn strict_response_strings_are_reported() {
        let from = "        name:\n          type: string\n";
        for strict in [
            "minLength: 0",
            "maxLength: 500",
            "pattern: '^.*$'",
            "enum: [a, null, Ada Lovelace, Grace Hopper, Alan Turing]",
            "format: uuid",
        ] {
            let problem = only_problem(from, &format!("{from}          {strict}\n"));
            assert_eq!(problem.code, "strict-response-string", "{strict}");
            let key = strict.split(':').next().unwrap();
            assert!(problem.message.contains(key), "{problem}");
        }
    }

    #[test]
    fn strict_response_numbers_arrays_and_booleans_are_reported() {
        for (kind, strict, code) in [
            ("integer", "enum: [1, 2]", "strict-response-number"),
            ("integer", "minimum: 1", "strict-response-number"),
            ("integer", "maximum: 255", "strict-response-number"),
            ("number", "enum: [1.5]", "strict-response-number"),
            ("number", "minimum: 0", "strict-response-number"),
            ("boolean", "enum: [true]", "strict-response-value"),
            ("array", "minItems: 1", "strict-response-list"),
            ("array", "maxItems: 5", "strict-response-list"),
            ("array", "uniqueItems: true", "strict-response-list"),
        ] {
            let items = if kind == "array" {
                "          items: {type: string}\n"
            } else {
                ""
            };
            let to =
                format!("        size:\n          type: {kind}\n{items}          {strict}\n{REL}");
            let problem = assert_problem(REL, &to, code, "getUsers");
            let key = strict.split(':').next().unwrap();
            let expected = format!("`{key}` on a response {kind} ");
            assert!(problem.message.starts_with(&expected), "{problem}");
        }
    }

    #[test]
    fn requests_may_be_strict() {
        assert_valid("minimum: 1\n", "minimum: 2\n");
        let from = "    TenantUser:\n      type: object\n";
        assert_valid(from, &format!("{from}      additionalProperties: false\n"));
    }

    #[test]
    fn a_success_that_is_not_json_is_reported() {
        let from = "            application/links+json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n";
        for media_type in ["text/plain", "application/octet-stream", "application/xml"] {
            let to = from.replace("application/links+json", media_type);
            let problem = assert_problem(from, &to, "response-not-json", "getUser");
            assert!(problem.message.contains(media_type), "{problem}");
        }
    }
}
