//! A schema of the document: which values fit it, and which members it knows.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::{SpecError, child, resolve};

/// Members of a schema that are schemas.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
/// Members of a schema that are lists of schemas.
const LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// A schema that holds itself is followed no deeper into a value than this.
const DEPTH: usize = 64;

/// Which way a value travels: what is read-only has no place in a request, what is write-only
/// none in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

impl Direction {
    /// The keyword that forbids a member on this way.
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
    /// The schema with everything that it reaches, to look members up in.
    document: Value,
    root: Value,
    direction: Direction,
    validator: Validator,
}

/// One way in which a value does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    pub(crate) kind: MisfitKind,
    /// Where in the value, without the names of members that nobody declared.
    pub(crate) place: String,
    /// The rule of the schema, in words that quote nothing of the value.
    pub(crate) expected: String,
    pub(crate) got: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MisfitKind {
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
        // A place without a schema allows anything.
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
        // Draft 4 is what OpenAPI 3.0 grew from: exclusive bounds are booleans, and nothing counts
        // beside a `$ref`.
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

    /// Every way in which a value does not fit, its members included.
    pub(crate) fn misfits(&self, value: &Value) -> Vec<Misfit> {
        let mut misfits: Vec<_> = self
            .validator
            .iter_errors(value)
            .map(|error| Misfit {
                kind: match error.kind() {
                    ValidationErrorKind::Format { .. } => MisfitKind::Format,
                    _ => MisfitKind::Invalid,
                },
                place: shown_place(error.instance_path().as_str()),
                expected: expectation(error.kind()),
                got: shape(error.instance()),
            })
            .collect();
        self.walk(value, &self.root, "", 0, &mut misfits);
        misfits
    }

    /// A value of this schema for a text of a path, a query or a header.
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

    /// A keyword of the schema itself, such as `default` or `maximum`.
    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        self.resolved(&self.root).get(name)
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        // What leads nowhere was refused by the compiler.
        resolve(&self.document, schema, String::new()).map_or(&Value::Null, |(found, _)| found)
    }

    /// Looks for members that the schema does not know, or forbids on this way.
    fn walk(
        &self,
        value: &Value,
        schema: &Value,
        place: &str,
        depth: usize,
        misfits: &mut Vec<Misfit>,
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
                                misfits.push(Misfit {
                                    kind: MisfitKind::ForbiddenMember,
                                    place: place.clone(),
                                    expected: format!("no {} member", self.direction.forbidding()),
                                    got: "one".to_owned(),
                                });
                            }
                            self.walk(member, schema, &place, depth + 1, misfits);
                        }
                        // An object that says nothing of its members is meant for anything.
                        None if known.properties.is_empty() || known.is_open => {}
                        None => misfits.push(Misfit {
                            kind: MisfitKind::UnknownMember,
                            place: if place.is_empty() {
                                "/".to_owned()
                            } else {
                                place.to_owned()
                            },
                            expected: "the members that the document names".to_owned(),
                            got: "another one".to_owned(),
                        }),
                    }
                }
            }
            Value::Array(items) => {
                let schema = &self.resolved(schema)["items"];
                for item in items {
                    self.walk(item, schema, &child(place, "*"), depth + 1, misfits);
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

/// JSON Schema in place of what OpenAPI 3.0 says in its own way: `nullable`, and members that are
/// required on one way alone.
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
        // A union of types keeps short what is said of a value that does not fit.
        Some(kind) => {
            translated.insert("type".to_owned(), json!([kind, "null"]));
            Value::Object(translated)
        }
        None => json!({ "anyOf": [{ "type": "null" }, translated] }),
    }
}

fn required(required: &Value, properties: &Value, direction: Direction) -> Value {
    let travels = |name: &&Value| {
        let property = name.as_str().and_then(|name| properties.get(name));
        property.is_none_or(|property| property[direction.forbidding()] != true)
    };
    required
        .as_array()
        .into_iter()
        .flatten()
        .filter(travels)
        .cloned()
        .collect()
}

/// The place with `*` for every index, so that a fault of a hundred items reads as one.
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

/// The rule of the schema, without the value that broke it.
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
        ValidationErrorKind::Pattern { pattern } => format!("a text that fits {pattern}"),
        ValidationErrorKind::Format { format } => format!("a text of the format {format}"),
        ValidationErrorKind::Enum { options } => format!("one of {options}"),
        ValidationErrorKind::AnyOf { .. } => "one of several alternatives".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => "exactly one alternative".to_owned(),
        ValidationErrorKind::AdditionalProperties { .. } => "no further members".to_owned(),
        ValidationErrorKind::MaxItems { limit } => format!("at most {limit} items"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} items"),
        other => format!("what `{}` asks for", other.keyword()),
    }
}

/// What a value is, without saying what it says.
pub(crate) fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        // It can be an id as well as a text can.
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
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

    fn kinds(direction: Direction, value: &Value) -> Vec<(MisfitKind, String)> {
        let document = document();
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        let schema = Schema::compile(&document, &schema, String::new(), direction).unwrap();
        schema
            .misfits(value)
            .into_iter()
            .map(|misfit| (misfit.kind, misfit.place))
            .collect()
    }

    #[test]
    fn what_fits_has_no_misfit_on_its_way() {
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
    fn every_misfit_is_told_with_its_place_and_without_its_value() {
        let made = "2026-01-01T00:00:00Z";
        for (direction, value, kind, place) in [
            (
                Direction::Response,
                json!({ "id": "a" }),
                MisfitKind::Invalid,
                "/",
            ),
            (
                Direction::Response,
                json!({ "id": 1, "made": made }),
                MisfitKind::Invalid,
                "/id",
            ),
            (
                Direction::Response,
                json!({ "id": "a", "made": "x" }),
                MisfitKind::Format,
                "/made",
            ),
            (
                Direction::Response,
                json!({ "id": "a", "made": made, "secret": "s" }),
                MisfitKind::ForbiddenMember,
                "/secret",
            ),
            (
                Direction::Request,
                json!({ "id": "a", "made": made }),
                MisfitKind::ForbiddenMember,
                "/made",
            ),
            (
                Direction::Request,
                json!({ "id": "a", "next": { "id": "b", "sekrit": 1 } }),
                MisfitKind::UnknownMember,
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
    fn texts_become_values_of_the_schemas_type() {
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
