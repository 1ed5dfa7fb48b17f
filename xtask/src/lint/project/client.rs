//! What the face relies on in the project's own document, and the fake and the contract with it.
//! They have to change together with these tables.

use serde_json::Value;

use crate::lint::operations::bodies::{Response, responses};
use crate::lint::{Findings, rules};
use authress_users_openapi::{OperationEntry, child};

/// An operation as the face sends it and the fake answers it.
struct Used {
    id: &'static str,
    method: &'static str,
    path: &'static str,
    parameters: &'static [Sent],
    body: Option<&'static str>,
    success: (&'static str, Option<&'static str>),
    errors: &'static [&'static str],
}

/// A parameter that the face sends: its name, where, and its schema, a component or a type.
type Sent = (&'static str, &'static str, &'static str);

const USED: [Used; 4] = [
    Used {
        id: "getUsers",
        method: "get",
        path: "/v1/users",
        parameters: &[
            ("limit", "query", "integer"),
            ("cursor", "query", "string"),
            ("filter", "query", "string"),
            ("tenantId", "query", "TenantId"),
        ],
        body: None,
        success: ("200", Some("UserIdentityCollection")),
        errors: &["401", "403"],
    },
    Used {
        id: "getUser",
        method: "get",
        path: "/v1/users/{userId}",
        parameters: &[("userId", "path", "UserId")],
        body: None,
        success: ("200", Some("UserIdentity")),
        errors: &["401", "403", "404"],
    },
    Used {
        id: "deleteUser",
        method: "delete",
        path: "/v1/users/{userId}",
        parameters: &[("userId", "path", "UserId")],
        body: None,
        success: ("202", None),
        errors: &["401", "403", "404"],
    },
    Used {
        id: "linkTenantUser",
        method: "patch",
        path: "/v1/tenants/{tenantId}/users",
        parameters: &[("tenantId", "path", "TenantId")],
        body: Some("TenantUser"),
        success: ("204", None),
        errors: &["401", "403", "404"],
    },
];

/// The schema of every error.
pub(in crate::lint) const ERROR: &str = "ResponseError";

/// Members that the face reads or writes: of which schema, the name, the type or the component,
/// and whether it is always there.
const MEMBERS: [(&str, &str, &str, bool); 6] = [
    ("UserIdentityCollection", "users", "array", true),
    ("UserIdentityCollection", "pagination", "Pagination", false),
    ("Pagination", "next", "PaginationNext", false),
    ("PaginationNext", "cursor", "string", false),
    ("UserIdentity", "userId", "string", true),
    ("TenantUser", "userId", "UserId", true),
];

/// The operations, with what goes into them and comes out of them.
pub(in crate::lint) fn has_what_is_used(findings: &mut Findings<'_>) {
    let document = findings.document;
    for used in &USED {
        let operations = document.operations();
        let entry = operations
            .iter()
            .find(|entry| entry.value["operationId"] == used.id);
        let Some(entry) = entry else {
            findings.add(
                &rules::OWN_OPERATION,
                "/paths",
                format!(
                    "there is no operation `{}`, and the face offers it",
                    used.id
                ),
                format!(
                    "describe it as {} {}, or take it out of the face and the fake",
                    used.method.to_uppercase(),
                    used.path
                ),
            );
            continue;
        };
        if (entry.method, entry.path) != (used.method, used.path) {
            findings.add(
                &rules::OWN_OPERATION,
                &entry.pointer(),
                format!(
                    "is {} {}, and the fake and the checks of running servers know it as {} {}",
                    entry.method.to_uppercase(),
                    entry.path,
                    used.method.to_uppercase(),
                    used.path
                ),
                "change them together with the document",
            );
        }
        takes_what_is_sent(findings, used, entry);
        takes_the_body(findings, used, entry);
        answers(findings, used, entry);
        asks_for_a_token(findings, entry);
    }
}

fn takes_what_is_sent(findings: &mut Findings<'_>, used: &Used, entry: &OperationEntry<'_>) {
    let parameters = findings.document.parameters(entry);
    for (name, place, schema) in used.parameters {
        let found = parameters
            .iter()
            .find(|found| (found.name, found.location) == (*name, *place));
        let reason = match found {
            None => format!("has no parameter `{name}` in the {place}, and the face sends one"),
            Some(found) if !is_of(&found.value["schema"], schema) => {
                format!("the face sends `{name}` as `{schema}`, which is not its schema any more")
            }
            Some(found) if *place == "query" && found.value["required"] == true => {
                format!("`{name}` is required, and the face sends it only when it is asked to")
            }
            Some(found) if *name == "limit" && found.value["schema"]["maximum"].is_null() => {
                "`limit` has no maximum, and the raw crate is to keep one".to_owned()
            }
            Some(found) if *schema == "string" && !has_a_type(&found.value["schema"]) => {
                format!("`{name}` has no length, so the type that the face makes is missing")
            }
            Some(_) => continue,
        };
        let pointer = found.map_or_else(|| entry.pointer(), |found| found.pointer.clone());
        let advice = "change the face, and the fake, together with the document";
        findings.add_to(Some(entry), &rules::OWN_PARAMETER, &pointer, reason, advice);
    }
    for found in &parameters {
        let is_sent = used
            .parameters
            .iter()
            .any(|(name, place, _)| (found.name, found.location) == (*name, *place));
        if found.value["required"] == true && !is_sent {
            findings.add_to(
                Some(entry),
                &rules::OWN_REQUIRED_PARAMETER,
                &found.pointer,
                format!(
                    "`{}` is required, and the face does not send it",
                    found.name
                ),
                "make it optional, or let the face send it and name it in the table of this rule",
            );
        }
    }
}

fn takes_the_body(findings: &mut Findings<'_>, used: &Used, entry: &OperationEntry<'_>) {
    let document = findings.document;
    let place = child(&entry.pointer(), "requestBody");
    let body = entry
        .value
        .get("requestBody")
        .and_then(|body| document.resolve(body, &place));
    let reason = match (used.body, body) {
        (None, None) => return,
        (None, Some(_)) => "has a request body, and the face sends none".to_owned(),
        (Some(_), None) => "has no request body, and the face sends one".to_owned(),
        (Some(name), Some((body, _))) => {
            let media = &body["content"]["application/json"];
            if !is_of(&media["schema"], name) {
                format!("the face sends `{name}` as `application/json`, which is not its body")
            } else if body["required"] != true {
                "its request body may be left out, and the face always sends it".to_owned()
            } else {
                return;
            }
        }
    };
    let advice = "change the face, and the fake, together with the document";
    findings.add_to(
        Some(entry),
        &rules::OWN_REQUEST_BODY,
        &place,
        reason,
        advice,
    );
}

fn answers(findings: &mut Findings<'_>, used: &Used, entry: &OperationEntry<'_>) {
    let document = findings.document;
    let documented = responses(document, entry);
    let expected = [used.success]
        .into_iter()
        .chain(used.errors.iter().map(|status| (*status, Some(ERROR))));
    for (status, schema) in expected {
        let found = documented.iter().find(|found| found.status == status);
        let reason = match found {
            None => format!("does not list the status {status}, which the fake answers"),
            Some(found) if !has_body(found, schema) => format!(
                "the face and the fake know the answer {status} with {}",
                schema.map_or("no body".to_owned(), |name| format!("`{name}`"))
            ),
            Some(_) => continue,
        };
        let pointer = found.map_or_else(
            || child(&entry.pointer(), "responses"),
            |found| found.pointer.clone(),
        );
        let advice = "change the face and the fake together with the document";
        findings.add_to(Some(entry), &rules::OWN_ANSWER, &pointer, reason, advice);
    }
}

/// Whether a response has a body of this schema in every media type, or none.
fn has_body(response: &Response<'_>, schema: Option<&str>) -> bool {
    let content = response.value["content"].as_object();
    match (schema, content) {
        (None, content) => content.is_none_or(serde_json::Map::is_empty),
        (Some(_), None) => false,
        (Some(name), Some(content)) => {
            !content.is_empty() && content.values().all(|media| is_of(&media["schema"], name))
        }
    }
}

/// The face sends a bearer token with every request, and the fake refuses those without.
fn asks_for_a_token(findings: &mut Findings<'_>, entry: &OperationEntry<'_>) {
    let document = findings.document;
    let own = entry.value.get("security");
    let security = own.unwrap_or(&document.value["security"]);
    let schemes = &document.value["components"]["securitySchemes"];
    let is_bearer = |name: &String| {
        schemes[name]["type"] == "http"
            && schemes[name]["scheme"]
                .as_str()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    };
    let is_fine = security.as_array().is_some_and(|ways| {
        !ways.is_empty()
            && ways.iter().all(|way| {
                way.as_object()
                    .is_some_and(|way| way.len() == 1 && way.keys().all(is_bearer))
            })
    });
    if !is_fine {
        let pointer = match own {
            Some(_) => child(&entry.pointer(), "security"),
            None => "/security".to_owned(),
        };
        findings.add_to(
            Some(entry),
            &rules::OWN_SECURITY,
            &pointer,
            "does not ask for a bearer token alone, and the face sends one and nothing else",
            "let `security` name a scheme of type `http` and scheme `bearer`",
        );
    }
}

/// The types that the face takes apart have the members that it looks for.
pub(in crate::lint) fn has_members(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (name, member, expected, is_always_there) in MEMBERS {
        let place = child("/components/schemas", name);
        let schema = &document.value["components"]["schemas"][name];
        let property = &schema["properties"][member];
        let is_required = list_has(&schema["required"], member);
        let is_nullable = property["nullable"] == true;
        let reason = if schema.is_null() {
            format!("the schema `{name}` is missing")
        } else if schema["nullable"] == true || schema["type"] != "object" {
            format!("`{name}` is no plain object any more")
        } else if property.is_null() {
            format!("`{name}` has no member `{member}`")
        } else if !is_of(property, expected)
            || expected == "array" && !is_of(&property["items"], "UserIdentity")
        {
            format!("`{member}` of `{name}` is not what it was")
        } else if is_always_there && (!is_required || is_nullable) {
            format!("`{member}` of `{name}` may be absent or null")
        } else if !is_always_there && is_required && !is_nullable {
            format!("`{member}` of `{name}` is always there, and the face takes it for optional")
        } else {
            continue;
        };
        let pointer = if property.is_null() {
            place
        } else {
            child(&child(&place, "properties"), member)
        };
        findings.add(
            &rules::OWN_MEMBER,
            &pointer,
            format!("{reason}; the face is written for it"),
            "change the face, and the fake, together with the document",
        );
    }
}

/// Whether a schema is a component of this name, or of this type where the name is one.
fn is_of(schema: &Value, expected: &str) -> bool {
    if matches!(expected, "array" | "integer" | "string") {
        return schema["type"] == expected;
    }
    let reference = format!("#/components/schemas/{expected}");
    let whole = schema["allOf"].as_array().map(Vec::as_slice);
    let target = match whole {
        Some([only]) => only,
        _ => schema,
    };
    target["$ref"] == *reference
}

/// Whether the generator makes a type of its own of a string.
fn has_a_type(schema: &Value) -> bool {
    ["minLength", "maxLength", "pattern"]
        .iter()
        .any(|key| schema.get(*key).is_some())
}

fn list_has(list: &Value, name: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|item| item == name))
}

#[cfg(test)]
mod tests {
    use crate::lint::checked;
    use crate::lint::rules::Scope;
    use crate::testing::{edited, users_document};

    #[test]
    fn the_projects_document_has_what_is_relied_on() {
        let problems = checked(&users_document(), Scope::Own);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn each_thing_that_hand_written_code_relies_on_is_named_and_is_nobody_elses_problem() {
        for (from, to, code) in [
            (
                "operationId: getUser\n",
                "operationId: readUser\n",
                "own-operation",
            ),
            ("  /v1/users:\n", "  /v2/users:\n", "own-operation"),
            (
                "        - name: filter\n",
                "        - name: search\n",
                "own-parameter",
            ),
            (
                "        - name: limit\n          in: query\n          required: false\n",
                "        - name: limit\n          in: query\n          required: true\n",
                "own-parameter",
            ),
            ("            maxLength: 64\n", "", "own-parameter"),
            (
                "      summary: Read a user\n",
                "      summary: Read a user\n      parameters:\n        - {name: X-Trace, in: query, \
                 required: true, schema: {type: string}}\n",
                "own-required-parameter",
            ),
            (
                "        description: The user to link.\n        required: true\n",
                "        description: The user to link.\n",
                "own-request-body",
            ),
            (
                "      summary: Delete a user\n",
                "      summary: Delete a user\n      requestBody: {content: {application/json: \
                 {schema: {type: string}}}}\n",
                "own-request-body",
            ),
            ("        \"202\":\n", "        \"204\":\n", "own-answer"),
            (
                "          description: The deletion was accepted and is carried out asynchronously.\n",
                "          description: Accepted.\n          content: {application/json: {schema: \
                 {$ref: '#/components/schemas/UserIdentity'}}}\n",
                "own-answer",
            ),
            ("      required: [users]\n", "", "own-member"),
            (
                "      required: [users]\n",
                "      required: [users]\n      nullable: true\n",
                "own-member",
            ),
            (
                "          type: array\n          description: The users",
                "          type: array\n          nullable: true\n          description: The users",
                "own-member",
            ),
            (
                "        pagination:\n          nullable",
                "        paging:\n          nullable",
                "own-member",
            ),
            (
                "    CollectionLinks:\n      type: object\n",
                "    CollectionLinks:\n      type: object\n      required: [last]\n",
                "own-fake-answer",
            ),
            (
                "        errorId:\n          type",
                "        error:\n          type",
                "own-fake-answer",
            ),
            ("security:\n  - oauth2: []\n", "", "own-security"),
            (
                "  - oauth2: []\n",
                "  - oauth2: []\n  - {}\n",
                "own-security",
            ),
            (
                "      summary: Read a user\n",
                "      summary: Read a user\n      security: []\n",
                "own-security",
            ),
            (
                "      scheme: bearer\n",
                "      scheme: basic\n",
                "own-security",
            ),
        ] {
            let text = edited(from, to).value;
            // Examples would be told instead.
            let mut document = edited(from, to);
            document.value = without_examples(text);
            let codes: Vec<_> = checked(&document, Scope::Own)
                .iter()
                .map(|problem| problem.code)
                .collect();
            assert!(
                codes.iter().any(|found| *found == code)
                    && codes.iter().all(|code| code.as_str().starts_with("own-")),
                "{from} -> {to}: {codes:?}"
            );
            let others = checked(&document, Scope::Any);
            assert!(others.is_empty(), "{from} -> {to}: {others:?}");
        }
    }

    fn without_examples(value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::Object(members) => members
                .into_iter()
                .filter(|(key, _)| !matches!(&**key, "example" | "examples"))
                .map(|(key, member)| (key, without_examples(member)))
                .collect(),
            Value::Array(items) => items.into_iter().map(without_examples).collect(),
            other => other,
        }
    }

    #[test]
    fn what_the_api_adds_is_no_problem() {
        for (from, to) in [
            (
                "        - name: cursor\n",
                "        - {name: sort, in: query, schema: {type: string}}\n        - name: cursor\n",
            ),
            (
                "        picture:\n",
                "        phone: {type: string}\n        picture:\n",
            ),
            (
                "        \"202\":\n",
                "        \"429\": {$ref: '#/components/responses/Forbidden'}\n        \"202\":\n",
            ),
        ] {
            let problems = checked(&edited(from, to), Scope::Own);
            assert!(problems.is_empty(), "{problems:#?}");
        }
    }
}
