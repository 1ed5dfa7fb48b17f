//! Validates a document against the JSON Schema of OpenAPI 3.0.

use std::sync::LazyLock;

use authress_users_openapi::{METHODS, child, unescape};
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

/// The schema that the OpenAPI Initiative publishes.
const SCHEMA: &str = include_str!("../../../schemas/openapi-3.0.json");

/// `None` only if the vendored schema does not compile, which a test rules out.
static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(SCHEMA).ok()?;
    // Formats are left to the reader: URLs may have placeholders.
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(false)
        .build(&schema)
        .ok()
});

/// Runs after the other checks and skips what they report with better advice.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let Some(validator) = &*VALIDATOR else { return };
    for error in validator.iter_errors(&document.value) {
        report(findings, &error);
    }
}

fn report(findings: &mut Findings<'_>, error: &ValidationError<'_>) {
    let pointer = error.instance_path().to_string();
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let (message, advice) = match error.kind() {
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            report_alternatives(findings, &pointer, error.instance(), context);
            return;
        }
        Kind::AdditionalProperties { unexpected } => {
            for key in unexpected {
                report_unknown(findings, &pointer, key);
            }
            return;
        }
        Kind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            (
                format!("the member `{property}` is missing"),
                format!("add `{property}`"),
            )
        }
        Kind::Enum { .. } | Kind::Type { .. } if name == "type" && error.instance().is_array() => (
            "`type` must be a single type in OpenAPI 3.0".to_owned(),
            "name one type, and add `nullable: true` if the value may be null".to_owned(),
        ),
        Kind::Enum { options } => (
            format!("`{name}` must be one of {}", listed(options)),
            "correct the value".to_owned(),
        ),
        Kind::Type { .. } if is_boolean_expected(error) => (
            format!("`{name}` must be a boolean"),
            "write `true` or `false`, without quotes".to_owned(),
        ),
        Kind::Not { .. } => (
            format!("`{name}` has members that exclude each other"),
            "keep one of `example` and `examples`, and one of `schema` and `content`".to_owned(),
        ),
        _ => (
            format!("`{name}` is not valid in OpenAPI 3.0: {}", reason(error)),
            "compare it with the OpenAPI 3.0 specification".to_owned(),
        ),
    };
    // The error of a list or of alternatives may be about a part that another rule reports.
    if !findings.has_any_within(&pointer) {
        findings.add(&rules::NOT_OPENAPI, &pointer, message, advice);
    }
}

/// The message of an error, without the value if that is long.
fn reason(error: &ValidationError<'_>) -> String {
    const MAX_LENGTH: usize = 160;
    let reason = error.to_string();
    if reason.len() > MAX_LENGTH {
        error.masked().to_string()
    } else {
        reason
    }
}

/// Reports the errors of the alternative that the author most likely meant.
fn report_alternatives(
    findings: &mut Findings<'_>,
    pointer: &str,
    instance: &Value,
    context: &[Vec<ValidationError<'static>>],
) {
    let mut alternatives: Vec<&Vec<_>> = context
        .iter()
        .filter(|errors| instance.get("$ref").is_some() || !errors.iter().any(is_missing_reference))
        .collect();
    // An object is meant as one, not as the boolean that some members may be as well.
    if instance.is_object() && alternatives.len() > 1 {
        alternatives.retain(|errors| !errors.iter().any(is_boolean_expected));
    }
    let lacks_schema = |errors: &&Vec<ValidationError<'_>>| errors.iter().any(is_missing_schema);
    if !alternatives.is_empty() && alternatives.iter().all(lacks_schema) {
        report_missing_schema(findings, pointer, instance);
        return;
    }
    // The value of a member such as `in` or `type` selects the alternative. If it selects none,
    // the options of all alternatives are listed.
    let selector = alternatives.first().and_then(|errors| {
        let paths = errors
            .iter()
            .filter(|error| matches!(error.kind(), Kind::Enum { .. }))
            .map(|error| error.instance_path().to_string());
        paths.into_iter().find(|path| {
            alternatives.len() > 1
                && alternatives
                    .iter()
                    .all(|errors| errors.iter().any(|error| is_enum_at(error, path)))
        })
    });
    if let Some(path) = selector {
        let options: Vec<String> = alternatives
            .iter()
            .flat_map(|errors| errors.iter())
            .filter(|error| is_enum_at(error, &path))
            .filter_map(|error| match error.kind() {
                Kind::Enum { options } => Some(listed(options)),
                _ => None,
            })
            .collect();
        let name = path.rsplit('/').next().unwrap_or_default();
        let message = format!("`{name}` must be one of {}", options.join(", "));
        if !findings.has_any_within(&path) {
            findings.add(&rules::NOT_OPENAPI, &path, message, "correct the value");
        }
        return;
    }
    let selected = alternatives.iter().min_by_key(|errors| {
        let is_other = errors
            .iter()
            .any(|error| matches!(error.kind(), Kind::Enum { .. }));
        (is_other, errors.len())
    });
    match selected {
        Some(errors) => errors.iter().for_each(|error| report(findings, error)),
        None if findings.has_any_within(pointer) => {}
        None => findings.add(
            &rules::NOT_OPENAPI,
            pointer,
            "the value is neither a valid object nor a reference",
            "compare it with the OpenAPI 3.0 specification",
        ),
    }
}

fn report_missing_schema(findings: &mut Findings<'_>, pointer: &str, holder: &Value) {
    // A header's name is its key.
    let (kind, name) = match holder["name"].as_str() {
        Some(name) => ("parameter", name.to_owned()),
        None => (
            "header",
            unescape(pointer.rsplit('/').next().unwrap_or_default()),
        ),
    };
    findings.add(
        &rules::MISSING_SCHEMA,
        pointer,
        format!("the {kind} `{name}` has no schema"),
        "add a schema, such as `schema: {type: string}`",
    );
}

fn report_unknown(findings: &mut Findings<'_>, pointer: &str, key: &str) {
    let place = child(pointer, key);
    if findings.has_any(&place) {
        return;
    }
    if pointer == "/paths" {
        findings.add(
            &rules::PATH_WITHOUT_SLASH,
            &place,
            format!("the path `{key}` does not start with a slash, so tools ignore it"),
            format!("write `/{key}`"),
        );
        return;
    }
    let method = key.trim().to_lowercase();
    let is_path_item = pointer.starts_with("/paths/") && pointer.matches('/').count() == 2;
    let (message, advice) = if is_path_item && METHODS.contains(&&*method) {
        (
            format!("`{key}` is not a method, so tools ignore the operation"),
            format!("write `{method}`"),
        )
    } else {
        (
            format!("`{key}` is not a member of OpenAPI 3.0 here, so tools ignore it"),
            "correct or remove it, or start its name with `x-`".to_owned(),
        )
    };
    findings.add(&rules::UNKNOWN_MEMBER, &place, message, advice);
}

fn is_missing_reference(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Kind::Required { property } if property == "$ref")
}

fn is_missing_schema(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Kind::Required { property } if property == "schema" || property == "content")
}

fn is_boolean_expected(error: &ValidationError<'_>) -> bool {
    use jsonschema::JsonType;
    use jsonschema::error::TypeKind;
    matches!(
        error.kind(),
        Kind::Type {
            kind: TypeKind::Single(JsonType::Boolean)
        }
    )
}

fn is_enum_at(error: &ValidationError<'_>, path: &str) -> bool {
    matches!(error.kind(), Kind::Enum { .. }) && error.instance_path().to_string() == path
}

fn listed(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten();
    let options: Vec<_> = options
        .map(|option| match option {
            Value::String(text) => format!("`{text}`"),
            other => format!("`{other}`"),
        })
        .collect();
    options.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::check::problems;
    use crate::lint::testing::{assert_problem, assert_valid, found, only_problem};
    use crate::testing::edited;

    #[test]
    fn the_vendored_schema_compiles() {
        assert!(VALIDATOR.is_some());
    }

    #[test]
    fn a_missing_member_is_reported() {
        let problem = assert_problem(
            "title: Authress Users API",
            "x-name: Authress Users API",
            "not-openapi",
            "#/info",
        );
        assert_eq!(problem.line, 6);
        assert!(problem.message.contains("`title`"), "{problem}");
        assert!(problem.advice.contains("`title`"), "{problem}");
    }

    #[test]
    fn invalid_values_are_reported_with_line_and_operation() {
        for (from, to, pointer, subject) in [
            (
                "        - name: limit\n          in: query\n          required: false\n",
                "        - name: limit\n          in: query\n          required: no\n",
                "/paths/~1v1~1users/get/parameters/0/required",
                "getUsers",
            ),
            (
                "            type: integer\n",
                "            type: [integer, 'null']\n",
                "/paths/~1v1~1users/get/parameters/0/schema/type",
                "getUsers",
            ),
            (
                "      required: [href]\n",
                "      required: href\n",
                "/components/schemas/Link/required",
                "#/components/schemas/Link/required",
            ),
            (
                "        name:\n          type: string\n          nullable: true\n",
                "        name:\n          type: string\n          nullable: maybe\n",
                "/components/schemas/UserIdentity/properties/name/nullable",
                "#/components/schemas/UserIdentity/properties/name/nullable",
            ),
            (
                "        \"202\":\n          description:",
                "        \"202\":\n          x-description:",
                "/paths/~1v1~1users~1{userId}/delete/responses/202",
                "deleteUser",
            ),
            (
                "      tags: [Users]\n      summary: Read a user\n",
                "      tags: Users\n      summary: Read a user\n",
                "/paths/~1v1~1users~1{userId}/get/tags",
                "getUser",
            ),
            (
                "      type: http\n",
                "      type: magic\n",
                "/components/securitySchemes/oauth2/type",
                "#/components/securitySchemes/oauth2/type",
            ),
            (
                "      in: path\n      required: true\n",
                "      in: pat\n      required: true\n",
                "/components/parameters/UserIdInPath/in",
                "#/components/parameters/UserIdInPath/in",
            ),
        ] {
            let document = edited(from, to);
            let problems = problems(&document);
            let found: Vec<_> = problems
                .iter()
                .filter(|problem| problem.code == "not-openapi")
                .map(|problem| (problem.line, problem.subject()))
                .collect();
            assert_eq!(
                found,
                [(document.line(pointer), subject.to_owned())],
                "{problems:#?}"
            );
        }
    }

    #[test]
    fn the_message_lists_what_is_allowed() {
        let problem = only_problem("      type: http\n", "      type: magic\n");
        for kind in ["`apiKey`", "`http`", "`oauth2`", "`openIdConnect`"] {
            assert!(problem.message.contains(kind), "{problem}");
        }
    }

    #[test]
    fn a_list_of_types_is_reported_with_the_openapi_3_0_form() {
        let problem = only_problem(
            "            type: integer\n",
            "            type: [integer]\n",
        );
        assert!(problem.advice.contains("nullable"), "{problem}");
    }

    #[test]
    fn a_long_value_is_not_repeated_in_the_message() {
        let from = "  title: Authress Users API\n";
        let to = format!("  title: [{}]\n", "long, ".repeat(100));
        let problem = assert_problem(from, &to, "not-openapi", "#/info/title");
        assert!(problem.message.len() < 200, "{problem}");
    }

    #[test]
    fn every_error_of_an_object_is_reported() {
        let problems = found(
            "          in: query\n          required: false\n",
            "          in: query\n          required: no\n          deprecated: maybe\n",
        );
        let problem = ("not-openapi", "getUsers".to_owned());
        assert_eq!(problems, [problem.clone(), problem]);
    }

    #[test]
    fn a_method_in_upper_case_is_reported() {
        for method in ["DELETE", "Delete"] {
            let subject = format!("#/paths/~1v1~1users~1{{userId}}/{method}");
            let to = format!("    {method}:\n");
            let problem = assert_problem("    delete:\n", &to, "unknown-member", &subject);
            assert!(problem.advice.contains("`delete`"), "{problem}");
            assert_eq!(
                problem.line,
                edited("    delete:\n", &to).line(&problem.pointer)
            );
        }
    }

    #[test]
    fn path_items_have_only_defined_members_and_extensions() {
        let from = "    get:\n      operationId: getUser\n";
        for (member, code) in [
            ("query: {}", "unknown-member"),
            ("fetch: {}", "unknown-member"),
            ("tags: [Users]", "unknown-member"),
            ("$ref: '#/paths/~1v1~1users'", "inner-reference"),
        ] {
            let problems = problems(&edited(from, &format!("    {member}\n{from}")));
            assert!(
                problems.iter().any(|problem| problem.code == code),
                "{member}"
            );
        }
        for member in ["x-owner: us", "summary: One user", "description: One user"] {
            assert_valid(from, &format!("    {member}\n{from}"));
        }
    }

    #[test]
    fn misspelled_members_are_reported_in_every_object() {
        for (from, to, subject) in [
            (
                "      summary: Read a user\n",
                "      summary: Read a user\n      paramters: []\n",
                "getUser",
            ),
            (
                "          required: false\n",
                "          required: false\n          requred: true\n",
                "getUsers",
            ),
            (
                "        name:\n          type: string\n",
                "        name:\n          type: string\n          const: Ada\n",
                "#/components/schemas/UserIdentity/properties/name/const",
            ),
            (
                "tags:\n  - name: Users\n",
                "tags:\n  - name: Users\n    title: Users\n",
                "#/tags/0/title",
            ),
        ] {
            assert_problem(from, to, "unknown-member", subject);
        }
    }

    #[test]
    fn a_parameter_without_schema_is_reported_with_its_line() {
        let problem = assert_problem(
            "          schema:\n            type: string\n            maxLength: 64\n",
            "",
            "missing-schema",
            "getUsers",
        );
        assert_eq!(
            problem.line,
            edited("openapi", "openapi").line("/paths/~1v1~1users/get/parameters/2")
        );
        assert!(problem.message.contains("`filter`"), "{problem}");
        assert_problem(
            "      schema:\n        $ref: \"#/components/schemas/UserId\"\n",
            "",
            "missing-schema",
            "#/components/parameters/UserIdInPath",
        );
    }

    #[test]
    fn a_header_without_schema_is_reported_in_responses_and_components() {
        let header = "headers:\n            Retry-After:\n              description: When.\n";
        let from = "        \"202\":\n";
        let to = format!("{from}          {header}");
        let problem = assert_problem(from, &to, "missing-schema", "deleteUser");
        assert!(
            problem.message.contains("header `Retry-After`"),
            "{problem}"
        );
        assert_problem(
            "  headers:\n    RetryAfter:\n",
            "  headers:\n    Other:\n      description: Other.\n    RetryAfter:\n",
            "missing-schema",
            "#/components/headers/Other",
        );
    }

    #[test]
    fn a_path_without_slash_is_reported_with_its_line() {
        let problem = only_problem("  /v1/users:\n", "  v1/users:\n");
        assert_eq!(
            (problem.code.as_str(), &*problem.pointer, problem.line),
            ("path-without-slash", "/paths/v1~1users", 36)
        );
        assert!(problem.advice.contains("`/v1/users`"), "{problem}");
    }
}
