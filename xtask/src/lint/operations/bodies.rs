use serde_json::Value;

use crate::generate::lower::is_json;
use crate::lint::rules::Rule;
use crate::lint::{Findings, rules};
use authress_users_openapi::{Document, OperationEntry, child};

/// A body of a response or a request: one media type with its schema.
struct Body<'a> {
    media_type: &'a str,
    pointer: String,
    schema: Option<&'a Value>,
}

/// An answer of an operation, with its reference followed.
pub(in crate::lint) struct Response<'a> {
    pub(in crate::lint) status: &'a str,
    pub(in crate::lint) value: &'a Value,
    pub(in crate::lint) pointer: String,
}

/// The answers of an operation, but for those that can't be resolved, and for extensions.
pub(in crate::lint) fn responses<'a>(
    document: &'a Document,
    entry: &OperationEntry<'a>,
) -> Vec<Response<'a>> {
    let all = child(&entry.pointer(), "responses");
    let mut responses = Vec::new();
    for (status, response) in entry.value["responses"].as_object().into_iter().flatten() {
        if !status.starts_with("x-")
            && let Some((value, pointer)) = document.resolve(response, &child(&all, status))
        {
            responses.push(Response {
                status,
                value,
                pointer,
            });
        }
    }
    responses
}

fn bodies<'a>(holder: &'a Value, pointer: &str) -> Vec<Body<'a>> {
    let content = child(pointer, "content");
    holder["content"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(media_type, body)| Body {
            media_type,
            pointer: child(&content, media_type),
            schema: body.get("schema"),
        })
        .collect()
}

fn request<'a>(document: &'a Document, entry: &OperationEntry<'a>) -> Option<(&'a Value, String)> {
    document.resolve(
        entry.value.get("requestBody")?,
        &child(&entry.pointer(), "requestBody"),
    )
}

/// The generator panics over a body without a schema.
pub(in crate::lint) fn have_schemas(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let mut holders: Vec<_> = responses(document, &entry)
            .into_iter()
            .map(|response| {
                (
                    format!("the response {}", response.status),
                    response.value,
                    response.pointer,
                )
            })
            .collect();
        if let Some((value, pointer)) = request(document, &entry) {
            holders.push(("the request".to_owned(), value, pointer));
        }
        for (name, value, pointer) in holders {
            for body in bodies(value, &pointer)
                .iter()
                .filter(|body| body.schema.is_none())
            {
                findings.add_to(
                    Some(&entry),
                    &rules::MISSING_SCHEMA,
                    &body.pointer,
                    format!("{name} has no schema for `{}`", body.media_type),
                    "add a schema, or leave `content` out when there is no body",
                );
            }
        }
    }
}

/// The generator knows one type of body for all successes of an operation, and one for all
/// errors; having none is a type too.
pub(in crate::lint) fn are_of_one_kind(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let responses = responses(document, &entry);
        for response in &responses {
            let bodies = bodies(response.value, &response.pointer);
            if let [first, rest @ ..] = bodies.as_slice() {
                for other in rest.iter().filter(|other| other.schema != first.schema) {
                    findings.add_to(
                        Some(&entry),
                        &rules::DIFFERING_MEDIA_TYPES,
                        &other.pointer,
                        format!(
                            "the response {} has one schema as `{}` and another as `{}`",
                            response.status, first.media_type, other.media_type
                        ),
                        "give all media types of a response the same schema",
                    );
                }
            }
        }
        one_kind(
            findings,
            &entry,
            &responses,
            &rules::MIXED_SUCCESS_BODIES,
            &["2"],
        );
        one_kind(
            findings,
            &entry,
            &responses,
            &rules::MIXED_ERROR_BODIES,
            &["4", "5"],
        );
    }
}

fn one_kind(
    findings: &mut Findings<'_>,
    entry: &OperationEntry<'_>,
    responses: &[Response<'_>],
    rule: &'static Rule,
    classes: &[&str],
) {
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for response in responses {
        if classes
            .iter()
            .any(|class| response.status.starts_with(class))
        {
            let kind = kind(response);
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, statuses)) => statuses.push(response.status),
                None => kinds.push((kind, vec![response.status])),
            }
        }
    }
    // The rarest is the likeliest mistake, and of two of these the later one.
    let odd = kinds
        .iter()
        .rev()
        .min_by_key(|(_, statuses)| statuses.len());
    let (Some((_, odd)), true) = (odd, kinds.len() > 1) else {
        return;
    };
    let listed: Vec<_> = kinds
        .iter()
        .map(|(kind, statuses)| format!("{} with {kind}", statuses.join(", ")))
        .collect();
    findings.add_to(
        Some(&entry),
        rule,
        &child(&child(&entry.pointer(), "responses"), odd[0]),
        format!(
            "answers {}, and the generator knows one kind for all",
            listed.join(", and ")
        ),
        "give all of them the same schema, or none a body",
    );
}

/// What the generator makes of the body of a response, in words.
fn kind(response: &Response<'_>) -> String {
    let bodies = bodies(response.value, &response.pointer);
    let json = bodies.iter().find(|body| is_json(body.media_type));
    match (json.and_then(|body| body.schema), bodies.is_empty()) {
        (Some(schema), _) => match schema["$ref"].as_str() {
            Some(reference) => format!("`{}`", reference.rsplit('/').next().unwrap_or(reference)),
            None => format!("the schema {schema}"),
        },
        (None, true) => "no body".to_owned(),
        (None, false) => "a body that is not JSON".to_owned(),
    }
}

/// The API speaks JSON, and the generator takes one type of request body.
pub(in crate::lint) fn are_json_in_requests(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let Some((value, pointer)) = request(document, &entry) else {
            continue;
        };
        let bodies = bodies(value, &pointer);
        for body in bodies.iter().filter(|body| !is_json(body.media_type)) {
            findings.add_to(
                Some(&entry),
                &rules::REQUEST_NOT_JSON,
                &body.pointer,
                format!(
                    "its request body is `{}`, and the client sends JSON alone",
                    body.media_type
                ),
                "describe the request as `application/json`",
            );
        }
        if bodies.len() > 1 {
            findings.add_to(
                Some(&entry),
                &rules::SEVERAL_REQUEST_MEDIA_TYPES,
                &child(&pointer, "content"),
                format!(
                    "its request body has {} media types, and the client sends one",
                    bodies.len()
                ),
                "keep the one that the server reads best",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    const ACCEPTED: &str =
        "          description: The deletion was accepted and is carried out asynchronously.\n";

    #[test]
    fn a_response_without_schema_is_named_with_its_line() {
        let problem = only_problem(
            ACCEPTED,
            &format!("{ACCEPTED}          content:\n            application/json: {{}}\n"),
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("missing-schema", "deleteUser")
        );
        let document = edited(
            ACCEPTED,
            &format!("{ACCEPTED}          content:\n            application/json: {{}}\n"),
        );
        let pointer = "/paths/~1v1~1users~1{userId}/delete/responses/202/content/application~1json";
        assert_eq!(problem.line, document.line(pointer));
    }

    #[test]
    fn successes_with_and_without_a_body_do_not_go_together() {
        let problem = only_problem(
            "        \"202\":\n",
            "        \"200\":\n          description: Gone.\n          content:\n            \
             application/json:\n              schema:\n                \
             $ref: \"#/components/schemas/UserIdentity\"\n        \"202\":\n",
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("mixed-success-bodies", "deleteUser")
        );
        assert!(
            problem
                .message
                .contains("answers 200 with `UserIdentity`, and 202 with no body"),
            "{problem}"
        );
    }

    #[test]
    fn errors_of_two_kinds_do_not_go_together() {
        let problem = only_problem(
            "        \"202\":\n",
            "        \"500\":\n          description: Broken.\n        \"202\":\n",
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("mixed-error-bodies", "deleteUser")
        );
        assert!(
            problem
                .message
                .contains("401, 403, 404 with `ResponseError`"),
            "{problem}"
        );
    }

    #[test]
    fn media_types_of_one_response_have_one_schema() {
        let problem = only_problem(
            "        application/json:\n          schema:\n            $ref: \"#/components/schemas/ResponseError\"\n          examples:\n            TokenExpired:\n",
            "        application/json:\n          schema:\n            type: object\n          examples:\n            TokenExpired:\n",
        );
        assert_eq!(problem.code, "differing-media-types");
    }

    #[test]
    fn a_request_is_json_and_one_thing() {
        let from = "        content:\n          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n";
        let problem = only_problem(from, &from.replace("application/json", "text/plain"));
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("request-not-json", "linkTenantUser")
        );
        let second = "          application/links+json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n";
        let both = edited(
            from,
            &from.replace(
                "          application/json:",
                &format!("{second}          application/json:"),
            ),
        );
        let codes: Vec<_> = problems(&both).iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["several-request-media-types"]);
    }
}
