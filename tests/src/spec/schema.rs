use std::sync::Arc;

use authress_users_openapi::{COMPOSITION_KEYWORDS, Direction, child, json_schema, resolve};
use jsonschema::Draft;
use serde_json::{Value, json};

use super::error::SpecError;
use super::violation::Violation;

/// The depth in a value to which members are looked up. Schemas can be recursive.
const MAX_DEPTH: usize = 64;

/// A compiled schema, for values sent in one direction.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) pointer: String,
    document: Arc<Value>,
    value: Value,
    direction: Direction,
    validator: jsonschema::Validator,
}

impl Schema {
    pub(super) fn compile(
        document: &Arc<Value>,
        schema: &Value,
        pointer: String,
        direction: Direction,
    ) -> Result<Self, SpecError> {
        // A missing schema allows every value.
        let value = if schema.is_null() {
            json!({})
        } else {
            schema.clone()
        };
        let translated = json_schema(document, &value, Some(direction))
            .map_err(|reason| SpecError::new(&pointer, &reason))?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&translated)
            .map_err(|reason| SpecError::new(&pointer, &reason))?;
        Ok(Self {
            pointer,
            document: Arc::clone(document),
            value,
            direction,
            validator,
        })
    }

    /// Returns every violation of the schema by a value and its members.
    pub(crate) fn violations(&self, value: &Value) -> Vec<Violation> {
        let errors = self.validator.iter_errors(value);
        let mut violations: Vec<_> = errors.flat_map(|error| Violation::all(&error)).collect();
        self.check_members(value, &self.value, "", 0, &mut violations);
        violations
    }

    /// Parses the text of a path segment, a query parameter or a header by the type of the schema.
    /// Text of another type stays a string.
    pub(crate) fn parse_text(&self, text: &str) -> Value {
        let parsed = match self.resolved(&self.value)["type"].as_str() {
            Some("integer") => text.parse::<i64>().ok().map(Value::from),
            Some("number") => text.parse::<f64>().ok().map(Value::from),
            Some("boolean") => text.parse::<bool>().ok().map(Value::from),
            _ => None,
        };
        parsed.unwrap_or_else(|| text.into())
    }

    /// Returns a keyword of the schema itself, such as `default` or `maximum`.
    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        self.resolved(&self.value).get(name)
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        // The translation rejects broken references.
        resolve(&self.document, schema, "").map_or(&Value::Null, |(found, _)| found)
    }

    /// Looks for members that the schema does not have or excludes from the direction.
    fn check_members(
        &self,
        value: &Value,
        schema: &Value,
        location: &str,
        depth: usize,
        violations: &mut Vec<Violation>,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Object(members) => {
                let mut known = Members::default();
                self.collect_members(schema, depth, &mut known);
                for (name, member) in members {
                    let mut declared = known.properties.iter().rev();
                    let Some((_, schema)) = declared.find(|(known, _)| known == name) else {
                        // An object without properties allows every member.
                        if !known.properties.is_empty() && !known.is_open {
                            violations.push(Violation::unknown_member(location, name));
                        }
                        continue;
                    };
                    let location = child(location, name);
                    let keyword = self.direction.excluding_keyword();
                    if self.resolved(schema)[keyword] == true {
                        violations.push(Violation::excluded_member(&location, keyword));
                    }
                    self.check_members(member, schema, &location, depth + 1, violations);
                }
            }
            Value::Array(items) => {
                let schema = &self.resolved(schema)["items"];
                for item in items {
                    let location = child(location, "*");
                    self.check_members(item, schema, &location, depth + 1, violations);
                }
            }
            _ => {}
        }
    }

    fn collect_members<'a>(&'a self, schema: &'a Value, depth: usize, known: &mut Members<'a>) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.resolved(schema);
        let properties = schema["properties"].as_object().into_iter().flatten();
        known
            .properties
            .extend(properties.map(|(name, schema)| (name.as_str(), schema)));
        // `true` and `{}` allow members, but declare none.
        known.is_open |= schema["additionalProperties"]
            .as_object()
            .is_some_and(|members| !members.is_empty());
        for key in COMPOSITION_KEYWORDS {
            for part in schema[key].as_array().into_iter().flatten() {
                self.collect_members(part, depth + 1, known);
            }
        }
    }
}

/// The members that a schema has, its composition included.
#[derive(Default)]
struct Members<'a> {
    properties: Vec<(&'a str, &'a Value)>,
    is_open: bool,
}

#[cfg(test)]
mod tests {
    use super::super::violation::ViolationKind;
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
        let schema =
            Schema::compile(&Arc::new(document), &schema, String::new(), direction).unwrap();
        schema
            .violations(value)
            .into_iter()
            .map(|violation| (violation.kind, violation.location))
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
    fn violations_have_a_location_and_hide_the_value() {
        let made = "2026-01-01T00:00:00Z";
        for (direction, value, kind, location) in [
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
                ViolationKind::ExcludedMember,
                "/secret",
            ),
            (
                Direction::Request,
                json!({ "id": "a", "made": made }),
                ViolationKind::ExcludedMember,
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
                [(kind, location.to_owned())],
                "{value}"
            );
        }
    }

    #[test]
    fn text_is_parsed_by_the_type_of_the_schema() {
        let of = |kind: &str| {
            Schema::compile(
                &Arc::new(json!({})),
                &json!({ "type": kind }),
                String::new(),
                Direction::Request,
            )
            .unwrap()
        };
        assert_eq!(of("integer").parse_text("7"), 7);
        assert_eq!(of("integer").parse_text("seven"), "seven");
        assert_eq!(of("boolean").parse_text("true"), true);
        assert_eq!(of("string").parse_text("7"), "7");
        assert_eq!(of("number").parse_text("1.5"), 1.5);
    }
}
