use openapiv3::{
    Components, Example, Header, Info, MediaType, OpenAPI, Operation, Parameter, PathItem,
    RequestBody, Response, Schema, SecurityScheme, Server, Tag,
};
use serde_json::{Value, from_value};

use crate::lint::{Findings, rules};
use authress_users_openapi::child;

/// The sorts of objects that OpenAPI has, as far as they hold others.
#[derive(Clone, Copy)]
pub(in crate::lint) enum Kind {
    Document,
    Info,
    Server,
    Tag,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Schema,
    Example,
    SecurityScheme,
}

/// How an object holds others under one of its members.
#[derive(Clone, Copy)]
enum Held {
    Itself,
    InList,
    InMap,
}

/// A place that is not what OpenAPI has there.
struct Fault {
    pointer: String,
    reason: String,
}

/// What is no object where OpenAPI has one is passed over by every other rule.
pub(in crate::lint) fn is_that_of_openapi(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut faults = Vec::new();
    find(Kind::Document, &document.value, "", &mut faults);
    for Fault { pointer, reason } in faults {
        // Another rule has a better explanation.
        if findings.seen.iter().any(|(_, told)| *told == pointer) {
            continue;
        }
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let message = if pointer.is_empty() {
            format!("does not follow OpenAPI 3.0: {reason}")
        } else {
            format!("`{name}` does not follow OpenAPI 3.0: {reason}")
        };
        findings.add(
            &rules::NOT_OPENAPI,
            &pointer,
            message,
            advice(name, &reason),
        );
    }
}

fn advice(name: &str, reason: &str) -> String {
    if name == "type" && reason.contains("sequence") {
        "name one type, and add `nullable: true` if it may be null".to_owned()
    } else if reason.contains("expected a boolean") {
        "write `true` or `false`, without quotes".to_owned()
    } else if let Some(field) = reason.strip_prefix("missing field ") {
        format!(
            "add the member {}",
            field.split_whitespace().next().unwrap_or(field)
        )
    } else {
        "compare it with the OpenAPI 3.0 specification".to_owned()
    }
}

/// Calls `visit` for every object of a kind in `value`, with the pointer of each.
pub(in crate::lint) fn visit<'a>(
    kind: Kind,
    value: &'a Value,
    pointer: &str,
    act: &mut impl FnMut(Kind, &'a Value, &str),
) {
    if !value.is_object() || value.get("$ref").is_some_and(Value::is_string) {
        return;
    }
    act(kind, value, pointer);
    for (key, held, kind) in members(kind) {
        let place = child(pointer, key);
        match (held, &value[key]) {
            (Held::Itself, member) => visit(*kind, member, &place, act),
            (Held::InList, member) => {
                for (index, item) in member.as_array().into_iter().flatten().enumerate() {
                    visit(*kind, item, &child(&place, &index.to_string()), act);
                }
            }
            (Held::InMap, member) => {
                for (name, entry) in member.as_object().into_iter().flatten() {
                    visit(*kind, entry, &child(&place, name), act);
                }
            }
        }
    }
}

/// Follows what can't be read down to the innermost object, and there to the member.
fn find(kind: Kind, value: &Value, pointer: &str, faults: &mut Vec<Fault>) {
    // References are read wherever they may stand, and followed by a rule of their own.
    if value.get("$ref").is_some_and(Value::is_string) {
        return;
    }
    let Some(reason) = refusal(kind, value) else {
        return;
    };
    let before = faults.len();
    for (key, held, kind) in members(kind) {
        let place = child(pointer, key);
        match (held, &value[key]) {
            (Held::Itself, Value::Object(_)) => find(*kind, &value[key], &place, faults),
            (Held::InList, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    find(*kind, item, &child(&place, &index.to_string()), faults);
                }
            }
            (Held::InMap, Value::Object(entries)) => {
                for (name, entry) in entries {
                    if !name.starts_with("x-") {
                        find(*kind, entry, &child(&place, name), faults);
                    }
                }
            }
            _ => {}
        }
    }
    if faults.len() == before {
        let pointer = guilty_member(kind, value, &reason)
            .map_or_else(|| pointer.to_owned(), |key| child(pointer, key));
        faults.push(Fault { pointer, reason });
    }
}

/// The member without which an object can be read, or at least is refused for another reason.
fn guilty_member<'a>(kind: Kind, value: &'a Value, reason: &str) -> Option<&'a str> {
    // What is missing is no member; and so is said of a schema that is.
    if reason.starts_with("missing field") || reason.starts_with("no variant of enum") {
        return None;
    }
    let mut suspects = Vec::new();
    for key in value.as_object()?.keys() {
        let mut without = value.clone();
        without.as_object_mut()?.shift_remove(key);
        match refusal(kind, &without) {
            None => return Some(key),
            Some(other) if other == reason => {}
            // A member that has to be there is the last to be suspected.
            Some(other) if other.starts_with("missing field") => suspects.push(&**key),
            Some(_) => suspects.insert(0, key),
        }
    }
    suspects.first().copied()
}

/// Why an object can't be read as what it should be.
fn refusal(kind: Kind, value: &Value) -> Option<String> {
    fn told<T>(read: serde_json::Result<T>) -> Option<String> {
        read.err().map(|reason| reason.to_string())
    }
    let value = value.clone();
    match kind {
        Kind::Document => told(from_value::<OpenAPI>(value)),
        Kind::Info => told(from_value::<Info>(value)),
        Kind::Server => told(from_value::<Server>(value)),
        Kind::Tag => told(from_value::<Tag>(value)),
        Kind::Components => told(from_value::<Components>(value)),
        Kind::PathItem => told(from_value::<PathItem>(value)),
        Kind::Operation => told(from_value::<Operation>(value)),
        Kind::Parameter => told(from_value::<Parameter>(value)),
        Kind::RequestBody => told(from_value::<RequestBody>(value)),
        Kind::Response => told(from_value::<Response>(value)),
        Kind::Header => told(from_value::<Header>(value)),
        Kind::MediaType => told(from_value::<MediaType>(value)),
        Kind::Schema => told(from_value::<Schema>(value)),
        Kind::Example => told(from_value::<Example>(value)),
        Kind::SecurityScheme => told(from_value::<SecurityScheme>(value)),
    }
}

/// Where an object of a kind holds others.
fn members(kind: Kind) -> &'static [(&'static str, Held, Kind)] {
    use Held::{InList, InMap, Itself};
    match kind {
        Kind::Document => &[
            ("info", Itself, Kind::Info),
            ("servers", InList, Kind::Server),
            ("tags", InList, Kind::Tag),
            ("paths", InMap, Kind::PathItem),
            ("components", Itself, Kind::Components),
        ],
        Kind::Components => &[
            ("schemas", InMap, Kind::Schema),
            ("responses", InMap, Kind::Response),
            ("parameters", InMap, Kind::Parameter),
            ("requestBodies", InMap, Kind::RequestBody),
            ("headers", InMap, Kind::Header),
            ("examples", InMap, Kind::Example),
            ("securitySchemes", InMap, Kind::SecurityScheme),
        ],
        Kind::PathItem => &[
            ("get", Itself, Kind::Operation),
            ("put", Itself, Kind::Operation),
            ("post", Itself, Kind::Operation),
            ("delete", Itself, Kind::Operation),
            ("options", Itself, Kind::Operation),
            ("head", Itself, Kind::Operation),
            ("patch", Itself, Kind::Operation),
            ("trace", Itself, Kind::Operation),
            ("parameters", InList, Kind::Parameter),
            ("servers", InList, Kind::Server),
        ],
        Kind::Operation => &[
            ("parameters", InList, Kind::Parameter),
            ("requestBody", Itself, Kind::RequestBody),
            ("responses", InMap, Kind::Response),
            ("servers", InList, Kind::Server),
        ],
        Kind::RequestBody => &[("content", InMap, Kind::MediaType)],
        Kind::Response => &[
            ("headers", InMap, Kind::Header),
            ("content", InMap, Kind::MediaType),
        ],
        Kind::Parameter | Kind::Header => &[
            ("schema", Itself, Kind::Schema),
            ("content", InMap, Kind::MediaType),
            ("examples", InMap, Kind::Example),
        ],
        Kind::MediaType => &[
            ("schema", Itself, Kind::Schema),
            ("examples", InMap, Kind::Example),
        ],
        Kind::Schema => &[
            ("properties", InMap, Kind::Schema),
            ("items", Itself, Kind::Schema),
            ("additionalProperties", Itself, Kind::Schema),
            ("not", Itself, Kind::Schema),
            ("allOf", InList, Kind::Schema),
            ("oneOf", InList, Kind::Schema),
            ("anyOf", InList, Kind::Schema),
        ],
        Kind::Info | Kind::Server | Kind::Tag | Kind::Example | Kind::SecurityScheme => &[],
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::only_problem;
    use crate::testing::edited;

    #[test]
    fn what_openapi_does_not_have_is_named() {
        let problem = only_problem("title: Authress Users API", "x-name: Authress Users API");
        assert_eq!(
            (problem.code.as_str(), &*problem.subject(), problem.line),
            ("not-openapi", "#/info", 6)
        );
        assert!(problem.message.contains("title"), "{problem}");
        assert!(problem.advice.contains("`title`"), "{problem}");
    }

    #[test]
    fn what_openapi_refuses_is_named_with_its_line_and_its_operation() {
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
                "          nullable: true\n          description: The name to show",
                "          nullable: maybe\n          description: The name to show",
                "/components/schemas/UserIdentity/properties/name/nullable",
                "#/components/schemas/UserIdentity/properties/name/nullable",
            ),
            (
                "          description: The user.\n",
                "",
                "/paths/~1v1~1users~1{userId}/get/responses/200",
                "getUser",
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
                "      in: path\n      required: true\n      description: The id of the user.\n",
                "      in: pat\n      required: true\n      description: The id of the user.\n",
                "/components/parameters/UserIdInPath/in",
                "#/components/parameters/UserIdInPath/in",
            ),
        ] {
            let document = edited(from, to);
            let problems = crate::lint::problems(&document);
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
    fn the_way_out_is_told_where_it_is_known() {
        let problem = only_problem(
            "            type: integer\n",
            "            type: [integer]\n",
        );
        assert!(problem.advice.contains("nullable"), "{problem}");
    }

    #[test]
    fn of_two_faults_in_one_object_one_is_named_at_a_time() {
        let problem = only_problem(
            "          in: query\n          required: false\n",
            "          in: query\n          required: no\n          deprecated: maybe\n",
        );
        assert_eq!(problem.subject(), "getUsers");
        assert!(problem.message.contains('`'), "{problem}");
        assert!(!problem.message.starts_with("`0`"), "{problem}");
    }
}
