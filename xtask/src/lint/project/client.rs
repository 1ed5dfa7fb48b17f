//! What the client depends on in the project's document. The fake and the contract tests depend
//! on the same.

use std::sync::LazyLock;

use authress_users_openapi::{
    Document, OperationEntry, ParameterEntry, child, reference_target, schema_name,
};
use serde_json::Value;

use crate::lint::elements::{Response, bodies, members, request, responses};
use crate::lint::findings::Findings;
use crate::lint::rules::{self, EXAMPLE, EXAMPLE_FILE};

const ADVICE: &str = "change the client and the fake together with the document";

/// Members that the client reads or writes: schema, name, type or component, and whether it is
/// always present.
const MEMBERS: [(&str, &str, &str, bool); 6] = [
    ("UserIdentityCollection", "users", "array", true),
    ("UserIdentityCollection", "pagination", "Pagination", false),
    ("Pagination", "next", "PaginationNext", false),
    ("PaginationNext", "cursor", "string", false),
    ("UserIdentity", "userId", "string", true),
    ("TenantUser", "userId", "UserId", true),
];

/// The example document, which hand-written code was written for. A test parses it.
static EXPECTED: LazyLock<Option<Document>> =
    LazyLock::new(|| Document::parse(EXAMPLE_FILE, EXAMPLE).ok());

/// Compares each operation with the example document.
pub(in crate::lint) fn check_operations(findings: &mut Findings<'_>) {
    let Some(expected) = &*EXPECTED else { return };
    for used in expected.operations() {
        let id = used.name();
        let request = format!("{} {}", used.method.to_uppercase(), used.path);
        let operations = findings.document.operations();
        let Some(entry) = operations.iter().find(|entry| entry.name() == id) else {
            let path = child("/paths", used.path);
            let has_path = findings.document.value.pointer(&path).is_some();
            findings.add(
                &rules::OWN_OPERATION,
                if has_path { &path } else { "/paths" },
                format!("the operation `{id}` of the client is missing"),
                format!("describe it as {request}, or remove it from the client and the fake"),
            );
            continue;
        };
        if (entry.method, entry.path) != (used.method, used.path) {
            findings.add(
                &rules::OWN_OPERATION,
                &entry.pointer(),
                format!("the fake and the checks of live servers expect {request}"),
                ADVICE,
            );
        }
        check_parameters(findings, expected, &used, entry);
        check_request(findings, expected, &used, entry);
        check_responses(findings, expected, &used, entry);
        check_security(findings, entry);
    }
}

fn check_parameters(
    findings: &mut Findings<'_>,
    expected: &Document,
    used: &OperationEntry<'_>,
    entry: &OperationEntry<'_>,
) {
    let sent = expected.parameters(used);
    let parameters = findings.document.parameters(entry);
    let is_same = |one: &ParameterEntry<'_>, other: &ParameterEntry<'_>| {
        (one.name, one.location) == (other.name, other.location)
    };
    for parameter in &sent {
        let name = parameter.name;
        let found = parameters.iter().find(|found| is_same(found, parameter));
        let schema = &parameter.value["schema"];
        let reason = match found {
            None => format!(
                "the {} parameter `{name}`, which the client sends, is missing",
                parameter.location
            ),
            Some(found) if kind(&found.value["schema"]) != kind(schema) => format!(
                "the client sends `{name}` as {}, and its schema is another one",
                kind(schema).as_deref().unwrap_or("a value")
            ),
            Some(found)
                if found.value["required"] == true && parameter.value["required"] != true =>
            {
                format!("`{name}` is required, and the client sends it only on request")
            }
            Some(found) => match bound(schema) {
                Some(bound) if self::bound(&found.value["schema"]).is_none() => {
                    format!("`{name}` has no bound such as `{bound}`, which the client enforces")
                }
                _ => continue,
            },
        };
        let pointer = found.map_or_else(|| entry.pointer(), |found| found.pointer.clone());
        findings.add_to(entry, &rules::OWN_PARAMETER, &pointer, reason, ADVICE);
    }
    for found in &parameters {
        if found.value["required"] == true && !sent.iter().any(|sent| is_same(sent, found)) {
            findings.add_to(
                entry,
                &rules::OWN_REQUIRED_PARAMETER,
                &found.pointer,
                format!(
                    "`{}` is required, and the client does not send it",
                    found.name
                ),
                "make it optional, or add it to the client and to xtask/fixtures/users.yaml",
            );
        }
    }
}

fn check_request(
    findings: &mut Findings<'_>,
    expected: &Document,
    used: &OperationEntry<'_>,
    entry: &OperationEntry<'_>,
) {
    let json = |body: &Value| body["content"]["application/json"]["schema"].clone();
    let reason = match (request(expected, used), request(findings.document, entry)) {
        (None, Some(_)) => "the client sends no request body",
        (Some(_), None) => "the client sends a request body",
        (Some((sent, _)), Some((found, _))) if kind(&json(sent)) != kind(&json(found)) => {
            "the client sends another schema as `application/json`"
        }
        (Some(_), Some((found, _))) if found["required"] != true => {
            "the request body is optional, and the client always sends it"
        }
        _ => return,
    };
    let pointer = child(&entry.pointer(), "requestBody");
    findings.add_to(entry, &rules::OWN_REQUEST_BODY, &pointer, reason, ADVICE);
}

fn check_responses(
    findings: &mut Findings<'_>,
    expected: &Document,
    used: &OperationEntry<'_>,
    entry: &OperationEntry<'_>,
) {
    let documented = responses(findings.document, entry);
    for response in responses(expected, used) {
        let status = response.status;
        let found = documented.iter().find(|found| found.status == status);
        let (pointer, reason) = match found {
            None => (
                child(&entry.pointer(), "responses"),
                format!("the response {status}, which the fake sends, is not listed"),
            ),
            Some(found) if decoded(found) != decoded(&response) => (
                found.pointer.clone(),
                format!(
                    "the client and the fake expect response {status} with {}",
                    decoded(&response)
                        .first()
                        .map_or("no body", |kind| kind.as_deref().unwrap_or("a body"))
                ),
            ),
            Some(_) => continue,
        };
        findings.add_to(entry, &rules::OWN_RESPONSE, &pointer, reason, ADVICE);
    }
}

/// The different kinds of bodies of a response.
fn decoded(response: &Response<'_>) -> Vec<Option<String>> {
    let mut kinds: Vec<_> = bodies(response.value, &response.pointer)
        .iter()
        .map(|body| body.schema.and_then(kind))
        .collect();
    kinds.dedup();
    kinds
}

/// The client sends a bearer token with every request, and the fake requires it.
fn check_security(findings: &mut Findings<'_>, entry: &OperationEntry<'_>) {
    let document = findings.document;
    let own = entry.value.get("security");
    let security = own.unwrap_or(&document.value["security"]);
    let schemes = &document.value["components"]["securitySchemes"];
    let is_bearer = |name: &String| {
        let scheme = schemes[name]["scheme"].as_str().unwrap_or_default();
        schemes[name]["type"] == "http" && scheme.eq_ignore_ascii_case("bearer")
    };
    let requires_bearer = security.as_array().is_some_and(|alternatives| {
        let mut alternatives = alternatives.iter().peekable();
        alternatives.peek().is_some()
            && alternatives.all(|alternative| {
                let mut names = members(alternative).map(|(name, _)| name);
                names.next().is_some_and(is_bearer) && names.next().is_none()
            })
    });
    if !requires_bearer {
        let pointer = match own {
            Some(_) => child(&entry.pointer(), "security"),
            None => "/security".to_owned(),
        };
        findings.add_to(
            entry,
            &rules::OWN_SECURITY,
            &pointer,
            "the operation does not require exactly a bearer token, which the client sends",
            "name only a scheme of type `http` and scheme `bearer` in `security`",
        );
    }
}

/// The types that the client reads must have the members that it uses.
pub(in crate::lint) fn check_members(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (name, member, expected, is_always_present) in MEMBERS {
        let place = child("/components/schemas", name);
        let schema = &document.value["components"]["schemas"][name];
        let property = &schema["properties"][member];
        let required = schema["required"].as_array();
        let is_required = required.is_some_and(|list| list.iter().any(|item| item == member));
        let is_nullable = property["nullable"] == true;
        // A component may be nullable if the client reads it as an option everywhere.
        let is_option = MEMBERS
            .iter()
            .any(|(_, _, kind, is_always_present)| *kind == name && !is_always_present);
        let may_be_null = schema["nullable"] == true && !is_option;
        let is_of_users = kind(&property["items"]).as_deref() == Some("UserIdentity");
        let reason = if schema.is_null() {
            format!("the schema `{name}` is missing")
        } else if may_be_null || schema["type"] != "object" {
            format!("`{name}` is not a plain object")
        } else if property.is_null() {
            format!("`{name}` has no member `{member}`")
        } else if kind(property).as_deref() != Some(expected) || expected == "array" && !is_of_users
        {
            format!("`{member}` of `{name}` has another schema")
        } else if is_always_present && (!is_required || is_nullable) {
            format!("`{member}` of `{name}` may be absent or null")
        } else if !is_always_present && is_required && !is_nullable {
            format!("`{member}` of `{name}` is always present, and the client expects an option")
        } else {
            continue;
        };
        let pointer = if property.is_null() {
            place
        } else {
            child(&child(&place, "properties"), member)
        };
        let message = format!("{reason}; the client depends on `{name}.{member}`");
        findings.add(&rules::OWN_MEMBER, &pointer, message, ADVICE);
    }
}

/// The component that a schema refers to, also as its only `allOf` part, or its type.
fn kind(schema: &Value) -> Option<String> {
    let part = match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([only]) => only,
        _ => schema,
    };
    match reference_target(part) {
        Some(pointer) => schema_name(&pointer),
        None => schema["type"].as_str().map(str::to_owned),
    }
}

/// The first keyword of a schema that bounds its values.
fn bound(schema: &Value) -> Option<&'static str> {
    ["minLength", "maxLength", "pattern", "maximum"]
        .into_iter()
        .find(|key| schema.get(*key).is_some())
}

#[cfg(test)]
mod tests {
    use crate::lint::check::all_problems;
    use crate::lint::rules::Scope;
    use crate::testing::edited;

    #[test]
    fn changes_that_break_hand_written_code_are_reported_by_own_rules_only() {
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
                "        required: true\n        content:\n",
                "        content:\n",
                "own-request-body",
            ),
            (
                "      summary: Delete a user\n",
                "      summary: Delete a user\n      requestBody: {content: {application/json: \
                 {schema: {type: string}}}}\n",
                "own-request-body",
            ),
            ("        \"202\":\n", "        \"204\":\n", "own-response"),
            (
                "        \"202\":\n",
                "        \"202\":\n          content: {application/json: {schema: \
                 {$ref: '#/components/schemas/UserIdentity'}}}\n",
                "own-response",
            ),
            ("      required: [users]\n", "", "own-member"),
            (
                "      required: [users]\n",
                "      required: [users]\n      nullable: true\n",
                "own-member",
            ),
            (
                "        users:\n          type: array\n",
                "        users:\n          type: array\n          nullable: true\n",
                "own-member",
            ),
            (
                "        pagination:\n          type",
                "        paging:\n          type",
                "own-member",
            ),
            (
                "    CollectionLinks:\n      type: object\n",
                "    CollectionLinks:\n      type: object\n      required: [last]\n",
                "own-fake-response",
            ),
            (
                "        errorId:\n          type",
                "        error:\n          type",
                "own-fake-response",
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
                "      scheme: bearer\n      bearerFormat: JWT\n",
                "      scheme: basic\n",
                "own-security",
            ),
        ] {
            let text = edited(from, to).value;
            // Invalid examples would be reported instead.
            let mut document = edited(from, to);
            document.value = without_examples(text);
            let codes: Vec<_> = all_problems(&document, Scope::Own)
                .iter()
                .map(|problem| problem.code)
                .collect();
            assert!(
                codes.iter().any(|found| *found == code)
                    && codes.iter().all(|code| code.as_str().starts_with("own-")),
                "{from} -> {to}: {codes:?}"
            );
            let others = all_problems(&document, Scope::Any);
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
    fn additions_to_the_api_are_valid() {
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
                "        \"409\": {$ref: '#/components/responses/Forbidden'}\n        \"202\":\n",
            ),
        ] {
            let problems = all_problems(&edited(from, to), Scope::Own);
            assert!(problems.is_empty(), "{problems:#?}");
        }
    }
}
