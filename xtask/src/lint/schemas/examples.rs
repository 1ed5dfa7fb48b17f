use serde_json::Value;

use crate::lint::{Findings, rules};
use crate::schema::{misfits, reachable, validators};
use authress_users_openapi::{Document, child};

/// An example or a default, and the schema that it has to fit.
struct Example<'a> {
    sort: &'static str,
    value: &'a Value,
    pointer: String,
    schema: &'a Value,
}

/// Examples are what people copy, and what the fake and the documentation show; defaults are what
/// the client sends, or takes an answer to say.
pub(in crate::lint) fn fit_their_schemas(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut examples = Vec::new();
    collect(document, &document.value, "", &mut examples);
    let schemas = &document.value["components"]["schemas"];
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        collect_in_schema(
            document,
            schema,
            &child("/components/schemas", name),
            &mut examples,
        );
    }
    judge(findings, &examples);
}

/// Makes one validator for all, since it is the making that takes time. Where a schema can't be used,
/// the halves are looked at, down to the one example that has it.
fn judge(findings: &mut Findings<'_>, examples: &[Example<'_>]) {
    let schemas = examples.iter().map(|example| example.schema);
    match (validators(findings.document, schemas), examples) {
        (_, []) => {}
        (Ok(validators), _) => {
            let values = examples.iter().map(|example| example.value);
            for (example, reason) in examples.iter().zip(misfits(&validators, values)) {
                let Some(reason) = reason else { continue };
                let sort = example.sort;
                findings.add(
                    if sort == "default" {
                        &rules::DEFAULT_MISFIT
                    } else {
                        &rules::EXAMPLE_MISFIT
                    },
                    &example.pointer,
                    format!("the {sort} does not fit its schema: {reason}"),
                    format!("correct the {sort}, or the schema"),
                );
            }
        }
        (Err(reason), [example]) => findings.add(
            &rules::UNUSABLE_SCHEMA,
            &example.pointer,
            format!(
                "the schema of this {} can't be used: {reason}",
                example.sort
            ),
            "correct the schema",
        ),
        (Err(_), _) => {
            let (first, second) = examples.split_at(examples.len() / 2);
            judge(findings, first);
            judge(findings, second);
        }
    }
}

/// Finds what has a schema and examples beside it: media types, parameters, headers.
fn collect<'a>(
    document: &'a Document,
    value: &'a Value,
    pointer: &str,
    examples: &mut Vec<Example<'a>>,
) {
    if let Some(schema) = value.get("schema") {
        if let Some(example) = value.get("example") {
            examples.push(Example {
                sort: "example",
                value: example,
                pointer: child(pointer, "example"),
                schema,
            });
        }
        let named = child(pointer, "examples");
        for (name, example) in value["examples"].as_object().into_iter().flatten() {
            let Some((example, place)) = document.resolve(example, &child(&named, name)) else {
                continue;
            };
            if let Some(example) = example.get("value") {
                examples.push(Example {
                    sort: "example",
                    value: example,
                    pointer: child(&place, "value"),
                    schema,
                });
            }
        }
        collect_in_schema(document, schema, &child(pointer, "schema"), examples);
    }
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.clone(), member))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        _ => return,
    };
    for (key, member) in members {
        // What stands in these is data, or comes with the schemas.
        if !matches!(&*key, "schema" | "schemas" | "example" | "examples") {
            collect(document, member, &child(pointer, &key), examples);
        }
    }
}

fn collect_in_schema<'a>(
    document: &'a Document,
    schema: &'a Value,
    pointer: &str,
    examples: &mut Vec<Example<'a>>,
) {
    for (schema, pointer) in reachable(document, schema, pointer, false) {
        for sort in ["example", "default"] {
            if let Some(value) = schema.get(sort) {
                examples.push(Example {
                    sort,
                    value,
                    pointer: child(&pointer, sort),
                    schema,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::only_problem;

    #[test]
    fn an_example_that_does_not_fit_is_named_wherever_it_stands() {
        for (from, to, subject, reason) in [
            (
                "          example: 20\n",
                "          example: 101\n",
                "getUsers",
                "100",
            ),
            (
                "                users:\n                  - userId:",
                "                users:\n                  - id:",
                "getUsers",
                "`/users/0`",
            ),
            (
                "                email: ada@example.com\n                picture",
                "                email: 5\n                picture",
                "getUser",
                "`/email`",
            ),
            (
                "        title: There is no such user.\n",
                "        title: [There is no such user.]\n",
                "#/components/examples/UserNotFound/value",
                "`/title`",
            ),
            (
                "      example: acme\n\n  # The media",
                "      example: a/b\n\n  # The media",
                "#/components/parameters/TenantIdInPath/example",
                "a/b",
            ),
            (
                "      pattern: '^(?!\\.{1,2}$)[a-zA-Z0-9_.:-]+$'\n      example: acme\n",
                "      pattern: '^(?!\\.{1,2}$)[a-zA-Z0-9_.:-]+$'\n      example: ..\n",
                "#/components/schemas/TenantId/example",
                "..",
            ),
        ] {
            let problem = only_problem(from, to);
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("example-misfit", subject),
                "{problem}"
            );
            assert!(problem.message.contains(reason), "{problem}");
        }
    }

    #[test]
    fn a_default_outside_the_bounds_of_its_schema_is_named() {
        for (default, fits) in [("100", true), ("101", false), ("0", false), ("all", false)] {
            let from = "            maximum: 100\n";
            let to = format!("{from}            default: {default}\n");
            if fits {
                assert!(crate::lint::problems(&crate::testing::edited(from, &to)).is_empty());
                continue;
            }
            let problem = only_problem(from, &to);
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("default-misfit", "getUsers")
            );
            assert!(problem.message.contains(default), "{problem}");
        }
    }

    #[test]
    fn a_schema_that_cannot_be_used_hides_no_example_of_another() {
        let document = crate::testing::edited(
            "          example: 20\n",
            "          example: 101\n        - name: color\n          in: query\n          schema: {type: string, \
             pattern: '['}\n          example: red\n",
        );
        let problems = crate::lint::problems(&document);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            ["example-misfit", "unusable-schema"],
            "{problems:#?}"
        );
        assert!(
            problems[1]
                .message
                .starts_with("the schema of this example")
        );
    }

    #[test]
    fn null_fits_where_the_document_allows_it() {
        let document = crate::testing::edited(
            "                    cursor: eyJvZmZzZXQiOjJ9\n",
            "                    cursor: null\n",
        );
        assert!(crate::lint::problems(&document).is_empty());
    }
}
