use crate::lint::structure::shape::{Kind, visit};
use crate::lint::{Findings, rules};
use authress_users_openapi::{METHODS, child};

/// What a path item has beside its operations.
const OTHERS: [&str; 4] = ["summary", "description", "servers", "parameters"];

/// What OpenAPI does not know is passed over, and an operation might be among it.
pub(in crate::lint) fn are_known(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (path, path_item) in document.value["paths"].as_object().into_iter().flatten() {
        let pointer = child("/paths", path);
        if path.starts_with("x-") {
            continue;
        }
        for (key, _) in path_item.as_object().into_iter().flatten() {
            let is_known =
                METHODS.contains(&&**key) || OTHERS.contains(&&**key) || key.starts_with("x-");
            if is_known {
                continue;
            }
            let method = key.trim().to_lowercase();
            let (message, advice) = if METHODS.contains(&&*method) {
                (
                    format!("`{key}` is no method, so the operation would not be there"),
                    format!("write `{method}`"),
                )
            } else if key == "$ref" {
                (
                    "the path refers to another one, which the generator can't follow".to_owned(),
                    "describe its operations here".to_owned(),
                )
            } else {
                (
                    format!("`{key}` is no member that a path has"),
                    "take it away, or let its name start with `x-`".to_owned(),
                )
            };
            findings.add(
                &rules::UNKNOWN_MEMBER,
                &child(&pointer, key),
                message,
                advice,
            );
        }
    }
}

/// A misspelt member is passed over as well: what it was to say would not hold.
pub(in crate::lint) fn have_meaning(findings: &mut Findings<'_>) {
    let document = findings.document;
    visit(
        Kind::Document,
        &document.value,
        "",
        &mut |kind, value, pointer| {
            for (key, _) in value.as_object().into_iter().flatten() {
                if key.starts_with("x-")
                    || known(kind).is_none_or(|known| known.split(' ').any(|known| known == key))
                {
                    continue;
                }
                let place = child(pointer, key);
                findings.add(
                    &rules::UNKNOWN_MEMBER,
                    &place,
                    format!("`{key}` means nothing to OpenAPI 3.0 here, and would be passed over"),
                    "correct its name, take it away, or let its name start with `x-`",
                );
            }
        },
    );
}

/// The members that OpenAPI 3.0.3 gives to an object, with spaces between them; those of a
/// path are told elsewhere.
fn known(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::PathItem => return None,
        Kind::Document => "openapi info servers paths components security tags externalDocs",
        Kind::Info => "title description termsOfService contact license version",
        Kind::Server => "url description variables",
        Kind::Tag => "name description externalDocs",
        Kind::Components => {
            "schemas responses parameters examples requestBodies headers \
             securitySchemes links callbacks"
        }
        Kind::Operation => {
            "tags summary description externalDocs operationId parameters \
             requestBody responses callbacks deprecated security servers"
        }
        Kind::Parameter => {
            "name in description required deprecated allowEmptyValue style \
             explode allowReserved schema example examples content"
        }
        Kind::Header => {
            "description required deprecated allowEmptyValue style explode \
             allowReserved schema example examples content"
        }
        Kind::RequestBody => "description content required",
        Kind::Response => "description headers content links",
        Kind::MediaType => "schema example examples encoding",
        Kind::Schema => {
            "title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum \
             maxLength minLength pattern maxItems minItems uniqueItems \
             maxProperties minProperties required enum type allOf oneOf anyOf not \
             items properties additionalProperties description format default \
             nullable discriminator readOnly writeOnly xml externalDocs example \
             deprecated"
        }
        Kind::Example => "summary description value externalValue",
        Kind::SecurityScheme => {
            "type description name in scheme bearerFormat flows openIdConnectUrl"
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    #[test]
    fn a_method_in_upper_case_is_named() {
        for method in ["DELETE", "Delete"] {
            let problem = only_problem("    delete:\n", &format!("    {method}:\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("unknown-member", &*format!("{method} /v1/users/{{userId}}"))
            );
            assert!(problem.advice.contains("`delete`"), "{problem}");
            let pointer = format!("/paths/~1v1~1users~1{{userId}}/{method}");
            let document = edited("    delete:\n", &format!("    {method}:\n"));
            assert_eq!(problem.line, document.line(&pointer));
        }
    }

    #[test]
    fn a_member_that_no_path_has_is_named_but_an_extension_is_not() {
        let from = "    get:\n      operationId: getUser\n";
        for member in [
            "query: {}",
            "fetch: {}",
            "tags: [Users]",
            "$ref: '#/paths/~1v1~1users'",
        ] {
            let document = edited(from, &format!("    {member}\n{from}"));
            assert!(
                problems(&document)
                    .iter()
                    .any(|problem| problem.code == "unknown-member"),
                "{member}"
            );
        }
        for member in ["x-owner: us", "summary: One user", "description: One user"] {
            let document = edited(from, &format!("    {member}\n{from}"));
            assert!(problems(&document).is_empty(), "{member}");
        }
    }

    #[test]
    fn a_misspelt_member_is_named_wherever_it_stands() {
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
                "          type: string\n          nullable: true\n          description: The name",
                "          type: string\n          const: Ada\n          nullable: true\n          description: The name",
                "#/components/schemas/UserIdentity/properties/name/const",
            ),
            (
                "tags:\n  - name: Users\n",
                "tags:\n  - name: Users\n    title: Users\n",
                "#/tags/0/title",
            ),
        ] {
            let problem = only_problem(from, to);
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("unknown-member", subject)
            );
        }
    }
}
