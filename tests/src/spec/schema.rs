//! Validates values against schemas of the spec.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::error::SpecError;
use super::reference::{child, resolve};

/// Members of a schema that are schemas.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
/// Members of a schema that are lists of schemas.
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// The maximum depth of values for recursive schemas.
const DEPTH: usize = 64;

/// The direction of a value. Requests have no read-only members, responses no write-only ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

impl Direction {
    /// Returns the keyword that forbids a member in this direction.
    fn forbidding(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) pointer: String,
    /// The named schemas, for references.
    document: Value,
    root: Value,
    direction: Direction,
    validator: Validator,
}

/// A violation of a schema.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) kind: ViolationKind,
    /// The place in the value, without names of undeclared members.
    pub(crate) place: String,
    /// The requirement of the schema, without parts of the value.
    pub(crate) expected: String,
    pub(crate) actual: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViolationKind {
    Invalid,
    Format,
    UnknownMember,
    ForbiddenMember,
}

impl Schema {
    pub(crate) fn compile(
        document: &Value,
        schema: &Value,
        pointer: String,
        direction: Direction,
    ) -> Result<Self, SpecError> {
        // Without a schema, any value is valid.
        let schema = if schema.is_null() {
            json!({})
        } else {
            schema.clone()
        };
        let components: Map<String, Value> = document["components"]["schemas"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), translate(schema, direction)))
            .collect();
        let whole = json!({
            "allOf": [translate(&schema, direction)],
            "components": { "schemas": components },
        });
        // OpenAPI 3.0 is based on draft 4: exclusive bounds are booleans, and keywords beside `$ref`
        // are ignored.
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&whole)
            .map_err(|reason| SpecError {
                pointer: pointer.clone(),
                reason: reason.to_string(),
            })?;
        let document = json!({ "components": { "schemas": document["components"]["schemas"] } });
        Ok(Self {
            pointer,
            document,
            root: schema,
            direction,
            validator,
        })
    }

    /// Returns all violations of a value and its members.
    pub(crate) fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut violations: Vec<_> = self
            .validator
            .iter_errors(value)
            .map(|error| Violation {
                kind: match error.kind() {
                    ValidationErrorKind::Format { .. } => ViolationKind::Format,
                    _ => ViolationKind::Invalid,
                },
                place: shown_place(error.instance_path().as_str()),
                expected: expectation(error.kind()),
                actual: shape(error.instance()),
            })
            .collect();
        self.visit(value, &self.root, "", 0, &mut violations);
        violations
    }

    /// Converts a parameter or header to a value of the type of this schema.
    pub(crate) fn value_of(&self, text: &str) -> Value {
        match self.resolved(&self.root)["type"].as_str() {
            Some("integer") => text
                .parse::<i64>()
                .map_or_else(|_| text.into(), Value::from),
            Some("number") => text
                .parse::<f64>()
                .map_or_else(|_| text.into(), Value::from),
            Some("boolean") => text
                .parse::<bool>()
                .map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        }
    }

    /// Returns the value of a keyword, such as `default` or `maximum`.
    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        self.resolved(&self.root).get(name)
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        // Compilation rejected unresolved references.
        resolve(&self.document, schema, String::new()).map_or(&Value::Null, |(found, _)| found)
    }

    /// Finds members that the schema does not declare, or forbids in this direction.
    fn visit(
        &self,
        value: &Value,
        schema: &Value,
        place: &str,
        depth: usize,
        violations: &mut Vec<Violation>,
    ) {
        if depth > DEPTH {
            return;
        }
        match value {
            Value::Object(members) => {
                let mut known = Members::default();
                self.members(schema, depth, &mut known);
                for (name, member) in members {
                    match known
                        .properties
                        .iter()
                        .rev()
                        .find(|(known, _)| *known == name)
                    {
                        Some((_, schema)) => {
                            let place = child(place, name);
                            if self.resolved(schema)[self.direction.forbidding()] == true {
                                violations.push(Violation {
                                    kind: ViolationKind::ForbiddenMember,
                                    place: place.clone(),
                                    expected: format!("no {} member", self.direction.forbidding()),
                                    actual: "a forbidden member".to_owned(),
                                });
                            }
                            self.visit(member, schema, &place, depth + 1, violations);
                        }
                        // An object without declared members may have any.
                        None if known.properties.is_empty() || known.is_open => {}
                        None => violations.push(Violation {
                            kind: ViolationKind::UnknownMember,
                            place: if place.is_empty() {
                                "/".to_owned()
                            } else {
                                place.to_owned()
                            },
                            expected: "only declared members".to_owned(),
                            actual: "an undeclared member".to_owned(),
                        }),
                    }
                }
            }
            Value::Array(items) => {
                let schema = &self.resolved(schema)["items"];
                for item in items {
                    self.visit(item, schema, &child(place, "*"), depth + 1, violations);
                }
            }
            _ => {}
        }
    }

    fn members<'a>(&'a self, schema: &'a Value, depth: usize, known: &mut Members<'a>) {
        if depth > DEPTH {
            return;
        }
        let schema = self.resolved(schema);
        let properties = schema["properties"].as_object().into_iter().flatten();
        known
            .properties
            .extend(properties.map(|(name, schema)| (name.as_str(), schema)));
        known.is_open |= schema
            .get("additionalProperties")
            .is_some_and(|open| *open != Value::Bool(false));
        for key in LIST {
            for part in schema[key].as_array().into_iter().flatten() {
                self.members(part, depth + 1, known);
            }
        }
    }
}

#[derive(Default)]
struct Members<'a> {
    properties: Vec<(&'a str, &'a Value)>,
    is_open: bool,
}

/// Translates an OpenAPI 3.0 schema to JSON Schema: `nullable`, and members that are required in only
/// one direction.
fn translate(schema: &Value, direction: Direction) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    let mut translated = Map::new();
    for (key, member) in members {
        let member = match &**key {
            "nullable" | "readOnly" | "writeOnly" | "example" | "default" => continue,
            "required" => required(member, &schema["properties"], direction),
            "properties" => member
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, part)| (name.clone(), translate(part, direction)))
                .collect(),
            key if ONE.contains(&key) => translate(member, direction),
            key if LIST.contains(&key) => member
                .as_array()
                .into_iter()
                .flatten()
                .map(|part| translate(part, direction))
                .collect(),
            _ => member.clone(),
        };
        translated.insert(key.clone(), member);
    }
    if translated
        .get("required")
        .is_some_and(|required| *required == json!([]))
    {
        translated.remove("required");
    }
    if members.get("nullable") != Some(&Value::Bool(true)) {
        return Value::Object(translated);
    }
    let is_plain = !["enum", "$ref"]
        .iter()
        .chain(&LIST)
        .any(|key| members.contains_key(*key));
    match translated.get("type").cloned().filter(|_| is_plain) {
        // A list of types gives shorter messages than `anyOf`.
        Some(kind) => {
            translated.insert("type".to_owned(), json!([kind, "null"]));
            Value::Object(translated)
        }
        None => json!({ "anyOf": [{ "type": "null" }, translated] }),
    }
}

fn required(required: &Value, properties: &Value, direction: Direction) -> Value {
    let is_allowed = |name: &&Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        property.is_none_or(|property| property[direction.forbidding()] != true)
    };
    required
        .as_array()
        .into_iter()
        .flatten()
        .filter(is_allowed)
        .cloned()
        .collect()
}

/// Returns a place with `*` for every index, so that equal violations of items are equal.
fn shown_place(pointer: &str) -> String {
    if pointer.is_empty() {
        return "/".to_owned();
    }
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = pointer
        .split('/')
        .map(|part| if is_index(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Describes the requirement of a schema, without the value.
fn expectation(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Required { property } => format!("the member {property}"),
        ValidationErrorKind::Type { kind } => match kind {
            TypeKind::Single(kind) => format!("the type {kind}"),
            TypeKind::Multiple(kinds) => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
                format!("the type {}", kinds.join(" or "))
            }
        },
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Pattern { pattern } => format!("a string that matches {pattern}"),
        ValidationErrorKind::Format { format } => format!("a string with the format {format}"),
        ValidationErrorKind::Enum { options } => format!("one of {options}"),
        ValidationErrorKind::AnyOf { .. } => "one of several alternatives".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => "exactly one alternative".to_owned(),
        ValidationErrorKind::AdditionalProperties { .. } => "no undeclared members".to_owned(),
        ValidationErrorKind::MaxItems { limit } => format!("at most {limit} items"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} items"),
        other => format!("a value valid for `{}`", other.keyword()),
    }
}

/// Describes the shape of a value, without its content.
pub(crate) fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        // A number may be an id.
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => format!("a string of {} characters", text.chars().count()),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::Object(members) => format!("an object with {} members", members.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({ "components": { "schemas": {
            "Node": {
                "type": "object",
                "required": ["id", "made"],
                "properties": {
                    "id": { "type": "string", "nullable": true },
                    "made": { "type": "string", "readOnly": true, "format": "date-time" },
                    "secret": { "type": "string", "writeOnly": true },
                    "next": { "$ref": "#/components/schemas/Node" },
                    "any": { "type": "object" },
                    "maybe": { "allOf": [{ "$ref": "#/components/schemas/Node" }], "nullable": true },
                },
            },
        } } })
    }

    fn kinds(direction: Direction, value: &Value) -> Vec<(ViolationKind, String)> {
        let document = document();
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        let schema = Schema::compile(&document, &schema, String::new(), direction).unwrap();
        schema
            .violations(value)
            .into_iter()
            .map(|violation| (violation.kind, violation.place))
            .collect()
    }

    #[test]
    fn valid_values_have_no_violations() {
        let made = "2026-01-01T00:00:00Z";
        let whole = json!({ "id": null, "made": made, "next": { "id": "a", "made": made },
            "any": { "x": 1 }, "maybe": null });
        assert_eq!(kinds(Direction::Response, &whole), []);
        assert_eq!(
            kinds(Direction::Request, &json!({ "id": "a", "secret": "s" })),
            []
        );
    }

    #[test]
    fn violations_have_a_kind_and_a_place() {
        let made = "2026-01-01T00:00:00Z";
        for (direction, value, kind, place) in [
            (
                Direction::Response,
                json!({ "id": "a" }),
                ViolationKind::Invalid,
                "/",
            ),
            (
                Direction::Response,
                json!({ "id": 1, "made": made }),
                ViolationKind::Invalid,
                "/id",
            ),
            (
                Direction::Response,
                json!({ "id": "a", "made": "x" }),
                ViolationKind::Format,
                "/made",
            ),
            (
                Direction::Response,
                json!({ "id": "a", "made": made, "secret": "s" }),
                ViolationKind::ForbiddenMember,
                "/secret",
            ),
            (
                Direction::Request,
                json!({ "id": "a", "made": made }),
                ViolationKind::ForbiddenMember,
                "/made",
            ),
            (
                Direction::Request,
                json!({ "id": "a", "next": { "id": "b", "sekrit": 1 } }),
                ViolationKind::UnknownMember,
                "/next",
            ),
        ] {
            assert_eq!(
                kinds(direction, &value),
                [(kind, place.to_owned())],
                "{value}"
            );
        }
    }

    #[test]
    fn parameters_are_converted_to_the_type_of_the_schema() {
        let of = |kind: &str| {
            Schema::compile(
                &json!({}),
                &json!({ "type": kind }),
                String::new(),
                Direction::Request,
            )
            .unwrap()
        };
        assert_eq!(of("integer").value_of("7"), 7);
        assert_eq!(of("integer").value_of("seven"), "seven");
        assert_eq!(of("boolean").value_of("true"), true);
        assert_eq!(of("string").value_of("7"), "7");
        assert_eq!(of("number").value_of("1.5"), 1.5);
    }
}
