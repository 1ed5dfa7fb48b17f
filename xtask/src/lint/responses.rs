use serde_json::Value;

use super::Findings;
use super::bodies::responses;
use crate::document::child;
use crate::schema::reachable;

/// Members with which the generator makes a type that refuses strings while it reads them.
const STRICT: [&str; 4] = ["minLength", "maxLength", "pattern", "enum"];
/// Formats that become types which refuse what is written in another way.
const STRICT_FORMATS: [&str; 7] = ["uuid", "date", "date-time", "ip", "ipv4", "ipv6", "byte"];

/// One odd member must never cost a whole answer.
pub(super) fn take_what_comes(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for response in responses(document, &entry) {
            let content = child(&response.pointer, "content");
            for (media_type, body) in response.value["content"].as_object().into_iter().flatten() {
                let Some(schema) = body.get("schema") else {
                    continue;
                };
                let place = child(&child(&content, media_type), "schema");
                for (schema, pointer) in reachable(document, schema, &place, true) {
                    check(findings, &entry.name(), schema, &pointer);
                }
            }
        }
    }
}

fn check(findings: &mut Findings<'_>, operation: &str, schema: &Value, pointer: &str) {
    if schema["additionalProperties"] == Value::Bool(false) {
        findings.add(
            "closed-response-object",
            &child(pointer, "additionalProperties"),
            operation,
            "a response object is closed: a member that the server adds would break the client",
            "take `additionalProperties: false` away",
        );
    }
    let is_text = schema["type"] == "string" || schema.get("type").is_none();
    for key in STRICT
        .iter()
        .filter(|key| is_text && schema.get(**key).is_some())
    {
        findings.add(
            "strict-response-string",
            &child(pointer, key),
            operation,
            format!("`{key}` on a string of a response: another value would cost the whole answer"),
            format!("take `{key}` away and say it in the description"),
        );
    }
    let format = schema["format"]
        .as_str()
        .filter(|format| STRICT_FORMATS.contains(format));
    if let Some(format) = format.filter(|_| is_text) {
        findings.add(
            "strict-response-string",
            &child(pointer, "format"),
            operation,
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
    use super::super::tests::only_problem;

    #[test]
    fn a_closed_response_object_is_named_wherever_it_is_reached() {
        for schema in ["UserIdentity", "PaginationNext", "Link"] {
            let from = format!("    {schema}:\n      type: object\n");
            let problem =
                only_problem(&from, &format!("{from}      additionalProperties: false\n"));
            assert_eq!(
                (problem.code, &*problem.subject),
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
    fn requests_may_be_as_strict_as_they_like() {
        let document = crate::testing::edited(
            "    TenantUser:\n      type: object\n",
            "    TenantUser:\n      type: object\n      additionalProperties: false\n",
        );
        assert!(super::super::problems(&document).is_empty());
    }
}
