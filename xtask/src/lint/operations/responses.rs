use std::collections::HashSet;

use serde_json::Value;

use crate::generate::lower::is_json;
use crate::lint::operations::bodies::{Response, responses};
use crate::lint::rules::Rule;
use crate::lint::{Findings, rules};
use crate::schema::newly_reachable;
use authress_users_openapi::{OperationEntry, child};

/// Members with which the generator makes a type that refuses values while it reads them, and
/// the types to which each applies.
static STRICT: [(&str, &[&str], &Rule); 11] = [
    ("minLength", TEXT, &rules::STRICT_RESPONSE_STRING),
    ("maxLength", TEXT, &rules::STRICT_RESPONSE_STRING),
    ("pattern", TEXT, &rules::STRICT_RESPONSE_STRING),
    ("enum", TEXT, &rules::STRICT_RESPONSE_STRING),
    ("enum", &["boolean"], &rules::STRICT_RESPONSE_VALUE),
    ("enum", NUMBERS, &rules::STRICT_RESPONSE_NUMBER),
    ("minimum", NUMBERS, &rules::STRICT_RESPONSE_NUMBER),
    ("maximum", NUMBERS, &rules::STRICT_RESPONSE_NUMBER),
    ("minItems", LISTS, &rules::STRICT_RESPONSE_LIST),
    ("maxItems", LISTS, &rules::STRICT_RESPONSE_LIST),
    ("uniqueItems", LISTS, &rules::STRICT_RESPONSE_LIST),
];
const TEXT: &[&str] = &["string"];
const NUMBERS: &[&str] = &["integer", "number"];
const LISTS: &[&str] = &["array"];
/// Formats that become types which refuse what is written in another way.
const STRICT_FORMATS: [&str; 7] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6", "byte"];

/// One odd member must never cost a whole answer.
pub(in crate::lint) fn take_what_comes(findings: &mut Findings<'_>) {
    let document = findings.document;
    // What several operations reach is told of the first.
    let mut seen = HashSet::new();
    for entry in document.operations() {
        for response in responses(document, &entry) {
            let content = child(&response.pointer, "content");
            for (media_type, body) in response.value["content"].as_object().into_iter().flatten() {
                let Some(schema) = body.get("schema") else {
                    continue;
                };
                let place = child(&child(&content, media_type), "schema");
                for (schema, pointer) in newly_reachable(document, schema, &place, &mut seen) {
                    check(findings, &entry, schema, &pointer);
                }
            }
        }
    }
}

/// The client reads JSON; any other body is handed over unread, or makes the generator stumble.
pub(in crate::lint) fn are_json_where_they_succeed(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for response in responses(document, &entry) {
            let content = child(&response.pointer, "content");
            let bodies = response.value["content"].as_object().into_iter().flatten();
            for (media_type, _) in bodies.filter(|(media_type, _)| !is_json(media_type)) {
                if response.status.starts_with('2') {
                    findings.add_to(
                        Some(&entry),
                        &rules::RESPONSE_NOT_JSON,
                        &child(&content, media_type),
                        format!(
                            "the response {} is `{media_type}`, and the client reads JSON alone",
                            response.status
                        ),
                        "describe it as `application/json` or with the suffix `+json`, or leave \
                         `content` out",
                    );
                }
            }
        }
    }
}

/// An operation can succeed, and no answer has a body where HTTP has none.
pub(in crate::lint) fn can_be_had(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let responses = responses(document, &entry);
        let is_error = |response: &Response<'_>| response.status.starts_with(['4', '5']);
        if !responses.is_empty() && responses.iter().all(is_error) {
            findings.add_to(
                Some(&entry),
                &rules::MISSING_SUCCESS,
                &child(&entry.pointer(), "responses"),
                "lists errors alone, so every success would be an error to the client",
                "add the answer of a request that succeeds",
            );
        }
        for response in responses {
            let is_bodiless = entry.method == "head"
                || response.status.starts_with('1')
                || matches!(response.status, "204" | "205" | "304");
            let has_content = response.value["content"]
                .as_object()
                .is_some_and(|content| !content.is_empty());
            if is_bodiless && has_content {
                findings.add_to(
                    Some(&entry),
                    &rules::IMPOSSIBLE_BODY,
                    &child(&response.pointer, "content"),
                    format!(
                        "the response {} to {} has a body, and HTTP allows none",
                        response.status,
                        entry.method.to_uppercase()
                    ),
                    "take `content` away, or correct the status",
                );
            }
        }
    }
}

fn check(
    findings: &mut Findings<'_>,
    operation: &OperationEntry<'_>,
    schema: &Value,
    pointer: &str,
) {
    if schema["additionalProperties"] == Value::Bool(false) {
        findings.add_to(
            Some(operation),
            &rules::CLOSED_RESPONSE_OBJECT,
            &child(pointer, "additionalProperties"),
            "a response object is closed: a member that the server adds would break the client",
            "take `additionalProperties: false` away",
        );
    }
    // What names no type may be of any.
    let is_one_of = |types: &[&str]| {
        schema["type"]
            .as_str()
            .is_none_or(|own| types.contains(&own))
    };
    let mut told = Vec::new();
    for (key, types, rule) in STRICT {
        let is_strict = schema
            .get(key)
            .is_some_and(|value| *value != Value::Bool(false));
        if is_strict && is_one_of(types) && !told.contains(&key) {
            told.push(key);
            let what = match schema["type"].as_str() {
                Some(kind @ ("integer" | "array")) => format!("an {kind}"),
                kind => format!("a {}", kind.unwrap_or("value")),
            };
            findings.add_to(
                Some(operation),
                rule,
                &child(pointer, key),
                format!(
                    "`{key}` on {what} of a response: another value would cost the whole answer"
                ),
                format!("take `{key}` away and say it in the description"),
            );
        }
    }
    let format = schema["format"]
        .as_str()
        .filter(|format| STRICT_FORMATS.contains(format));
    if let Some(format) = format.filter(|_| is_one_of(TEXT)) {
        findings.add_to(
            Some(operation),
            &rules::STRICT_RESPONSE_STRING,
            &child(pointer, "format"),
            format!(
                "the format `{format}` on a string of a response: what is written in another way \
                 would cost the whole answer"
            ),
            "take `format` away and say it in the description",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::only_problem;

    #[test]
    fn a_closed_response_object_is_named_wherever_it_is_reached() {
        for schema in ["UserIdentity", "PaginationNext", "Link"] {
            let from = format!("    {schema}:\n      type: object\n");
            let problem =
                only_problem(&from, &format!("{from}      additionalProperties: false\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("closed-response-object", "getUsers")
            );
        }
        let from = "    ResponseError:\n      type: object\n";
        let problem = only_problem(from, &format!("{from}      additionalProperties: false\n"));
        assert_eq!(problem.code, "closed-response-object");
    }

    #[test]
    fn a_strict_string_in_a_response_is_named() {
        let from = "          description: The name to show for the user.\n";
        for strict in [
            "minLength: 0",
            "maxLength: 500",
            "pattern: '^.*$'",
            "enum: [a, null, Ada Lovelace]",
            "format: uuid",
        ] {
            let problem = only_problem(from, &format!("{from}          {strict}\n"));
            assert_eq!(problem.code, "strict-response-string", "{strict}");
            assert!(
                problem.message.contains(strict.split(':').next().unwrap()),
                "{problem}"
            );
        }
    }

    #[test]
    fn a_strict_number_list_or_truth_in_a_response_is_named() {
        let from = "        rel:\n          type: string\n";
        for (kind, strict) in [
            ("integer", "enum: [1, 2]"),
            ("integer", "minimum: 1"),
            ("integer", "maximum: 255"),
            ("number", "enum: [1.5]"),
            ("number", "minimum: 0"),
            ("boolean", "enum: [true]"),
            ("array", "minItems: 1"),
            ("array", "maxItems: 5"),
            ("array", "uniqueItems: true"),
        ] {
            let items = if kind == "array" {
                "          items: {type: string}\n"
            } else {
                ""
            };
            let problem = only_problem(
                from,
                &format!(
                    "        size:\n          type: {kind}\n{items}          {strict}\n{from}"
                ),
            );
            assert!(
                problem.code.as_str().starts_with("strict-response-"),
                "{problem}"
            );
            assert_eq!(problem.subject(), "getUsers", "{problem}");
            let key = strict.split(':').next().unwrap();
            assert!(
                problem.message.starts_with(&format!("`{key}` on a"))
                    && problem.message.contains(&format!("{kind} of")),
                "{problem}"
            );
        }
    }

    #[test]
    fn numbers_of_requests_may_have_bounds() {
        let document = crate::testing::edited("minimum: 1\n", "minimum: 2\n");
        assert!(crate::lint::problems(&document).is_empty());
    }

    #[test]
    fn a_success_that_is_not_json_is_named() {
        let from = "            application/links+json:\n              schema:\n                $ref: \"#/components/schemas/UserIdentity\"\n";
        for media_type in ["text/plain", "application/octet-stream", "application/xml"] {
            let problem = only_problem(from, &from.replace("application/links+json", media_type));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("response-not-json", "getUser")
            );
            assert!(problem.message.contains(media_type), "{problem}");
        }
    }

    #[test]
    fn requests_may_be_as_strict_as_they_like() {
        let document = crate::testing::edited(
            "    TenantUser:\n      type: object\n",
            "    TenantUser:\n      type: object\n      additionalProperties: false\n",
        );
        assert!(crate::lint::problems(&document).is_empty());
    }
}
