//! Request and response bodies.

use authress_users_openapi::{OperationEntry, child, is_json, reference_target, schema_name};

use crate::lint::elements::{Response, bodies, request, responses};
use crate::lint::findings::Findings;
use crate::lint::rules::{self, Rule};

pub(in crate::lint) fn check_schemas(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let responses = responses(document, &entry).into_iter().map(|response| {
            let name = format!("response {}", response.status);
            (name, response.value, response.pointer)
        });
        let request = request(document, &entry)
            .map(|(value, pointer)| ("request".to_owned(), value, pointer));
        for (name, value, pointer) in responses.chain(request) {
            let bodies = bodies(value, &pointer);
            for body in bodies.iter().filter(|body| body.schema.is_none()) {
                findings.add_to(
                    &entry,
                    &rules::MISSING_BODY_SCHEMA,
                    &body.pointer,
                    format!("the {name} has no schema for `{}`", body.media_type),
                    "add a schema, or remove `content` if there is no body",
                );
            }
        }
    }
}

/// The generator supports one type for all successes of an operation and one for all errors.
pub(in crate::lint) fn check_kinds(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let responses = responses(document, &entry);
        for response in &responses {
            let bodies = bodies(response.value, &response.pointer);
            if let [first, rest @ ..] = bodies.as_slice() {
                for other in rest.iter().filter(|other| other.schema != first.schema) {
                    findings.add_to(
                        &entry,
                        &rules::DIFFERING_MEDIA_TYPES,
                        &other.pointer,
                        format!(
                            "response {} has different schemas for `{}` and `{}`",
                            response.status, first.media_type, other.media_type
                        ),
                        "use the same schema for all media types of a response",
                    );
                }
            }
        }
        let (success, error) = (&rules::MIXED_SUCCESS_BODIES, &rules::MIXED_ERROR_BODIES);
        check_kind(findings, &entry, &responses, success, &["2"]);
        check_kind(findings, &entry, &responses, error, &["4", "5"]);
    }
}

fn check_kind(
    findings: &mut Findings<'_>,
    entry: &OperationEntry<'_>,
    responses: &[Response<'_>],
    rule: &'static Rule,
    classes: &[&str],
) {
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for response in responses {
        let is_of_class = |class: &&str| response.status.starts_with(class);
        if classes.iter().any(is_of_class) {
            let kind = kind(response);
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, statuses)) => statuses.push(response.status),
                None => kinds.push((kind, vec![response.status])),
            }
        }
    }
    // The rarest kind is most likely the mistake; of equally rare kinds, the later one.
    let rarest = kinds
        .iter()
        .rev()
        .min_by_key(|(_, statuses)| statuses.len());
    let (Some((_, rarest)), true) = (rarest, kinds.len() > 1) else {
        return;
    };
    let listed: Vec<_> = kinds
        .iter()
        .map(|(kind, statuses)| format!("{} with {kind}", statuses.join(", ")))
        .collect();
    findings.add_to(
        entry,
        rule,
        &child(&child(&entry.pointer(), "responses"), rarest[0]),
        format!(
            "the responses have different bodies: {}",
            listed.join(", and ")
        ),
        "use the same schema for all of them, or no body at all",
    );
}

/// What the generator decodes from a response, in words.
fn kind(response: &Response<'_>) -> String {
    let bodies = bodies(response.value, &response.pointer);
    let json = bodies.iter().find(|body| is_json(body.media_type));
    match (json.and_then(|body| body.schema), bodies.is_empty()) {
        (Some(schema), _) => {
            let name = reference_target(schema).and_then(|pointer| schema_name(&pointer));
            name.map_or_else(
                || format!("the schema {schema}"),
                |name| format!("`{name}`"),
            )
        }
        (None, true) => "no body".to_owned(),
        (None, false) => "a body that is not JSON".to_owned(),
    }
}

pub(in crate::lint) fn check_requests(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let Some((value, pointer)) = request(document, &entry) else {
            continue;
        };
        let bodies = bodies(value, &pointer);
        for body in bodies.iter().filter(|body| !is_json(body.media_type)) {
            findings.add_to(
                &entry,
                &rules::REQUEST_NOT_JSON,
                &body.pointer,
                format!(
                    "the request body is `{}`, and the client sends only JSON",
                    body.media_type
                ),
                "describe the request as `application/json`",
            );
        }
        if bodies.len() > 1 {
            findings.add_to(
                &entry,
                &rules::SEVERAL_REQUEST_MEDIA_TYPES,
                &child(&pointer, "content"),
                format!(
                    "the request body has {} media types, and the client sends one",
                    bodies.len()
                ),
                "keep one media type",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, found, only_problem};
    use crate::testing::edited;

    const ACCEPTED: &str = "        \"202\":\n";

    #[test]
    fn a_response_without_schema_is_reported_with_its_line() {
        let to = format!("{ACCEPTED}          content:\n            application/json: {{}}\n");
        let problem = assert_problem(ACCEPTED, &to, "missing-body-schema", "deleteUser");
        let pointer = "/paths/~1v1~1users~1{userId}/delete/responses/202/content/application~1json";
        assert_eq!(problem.line, edited(ACCEPTED, &to).line(pointer));
    }

    #[test]
    fn successes_with_and_without_a_body_are_reported() {
        let problem = assert_problem(
            ACCEPTED,
            "        \"200\":\n          description: Gone.\n          content:\n            \
             application/json:\n              schema:\n                \
             $ref: \"#/components/schemas/UserIdentity\"\n        \"202\":\n",
            "mixed-success-bodies",
            "deleteUser",
        );
        let expected = "200 with `UserIdentity`, and 202 with no body";
        assert!(problem.message.contains(expected), "{problem}");
    }

    #[test]
    fn errors_of_two_kinds_are_reported() {
        let problem = assert_problem(
            ACCEPTED,
            "        \"409\":\n          description: Conflict.\n        \"202\":\n",
            "mixed-error-bodies",
            "deleteUser",
        );
        let expected = "400, 401, 403, 404, 429, 500, 502, 503, 504 with `ErrorBody`";
        assert!(problem.message.contains(expected), "{problem}");
    }

    #[test]
    fn media_types_of_a_response_must_share_a_schema() {
        let from = "        application/json:\n          schema:\n            $ref: \"#/components/schemas/ErrorBody\"\n";
        let to = "        application/json:\n          schema:\n            type: object\n";
        assert_eq!(only_problem(from, to).code, "differing-media-types");
    }

    #[test]
    fn a_request_has_one_media_type_and_is_json() {
        let from = "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"\n";
        let to = from.replace("application/json", "text/plain");
        assert_problem(from, &to, "request-not-json", "linkTenantUser");
        let second = from.replace("application/json", "application/links+json");
        let found = found(from, &format!("{second}{from}"));
        let code = "several-request-media-types";
        assert_eq!(found, [(code, "linkTenantUser".to_owned())]);
    }
}
