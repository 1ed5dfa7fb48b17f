//! Generates values that a schema allows: edge cases and random values.

use std::collections::HashMap;
use std::rc::Rc;

use fastrand::Rng;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::json_schema::json_schema;
use crate::spec::{declared_members, parts};

/// Deeper optional values are omitted, so that recursive schemas end.
const DEPTH: usize = 6;
/// Unusual strings.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "Ada Lovelace",
    "null",
    "true",
    "0",
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "a/b?c=d&e#f",
    "..",
    "%2F%00",
    "\"quoted\" and \\escaped\\ \\u0041",
    "line\r\nbreak\ttab",
    "\0\u{1}\u{1f}\u{7f}\u{85}",
    "ümläut é vs e\u{301}",
    "\u{202e}right to left\u{202c}",
    "\u{200b}\u{feff}\u{2028}\u{2029}",
    "\u{fffd}\u{ffff}\u{10ffff}",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "愛麗絲",
    "आदा",
    "<script>alert(1)</script>",
    "'; DROP TABLE users; --",
    "{\"userId\":\"nested\"}",
    "https://example.com/ada.png?size=1&v=%20",
];
/// Names of undeclared members.
const UNKNOWN_NAMES: [&str; 12] = [
    "userid",
    "user_id",
    "UserId",
    "userId ",
    "next_cursor",
    "self_",
    "",
    "$ref",
    "__proto__",
    "é\u{301}👻",
    "a/b~c",
    "lastLogin",
];

#[derive(Clone, Copy, PartialEq)]
enum Plan {
    Minimal,
    Maximal,
    /// Maximal, without the optional member with this number.
    Without(usize),
    /// Maximal, with null in the nullable place with this number.
    Null(usize),
    Random,
}

/// A value and its description.
pub(crate) struct Body {
    pub(crate) what: String,
    pub(crate) value: Value,
}

struct Maker<'a> {
    document: &'a Value,
    plan: Plan,
    random: Rng,
    /// The number of places so far to which the plan could apply.
    places: usize,
    /// The place to which it applied.
    special: String,
    /// The validators of schemas with a pattern, by their text.
    patterns: HashMap<String, Rc<Validator>>,
}

/// Returns the minimal and the maximal value, and the maximal value without each optional member and
/// with each null.
pub(crate) fn edges(document: &Value, schema: &Value) -> Vec<Body> {
    let mut bodies = vec![
        one(document, schema, Plan::Minimal).0,
        one(document, schema, Plan::Maximal).0,
    ];
    for plan in [Plan::Without as fn(usize) -> Plan, Plan::Null] {
        let places = one(document, schema, plan(usize::MAX)).1;
        bodies.extend((0..places).map(|place| one(document, schema, plan(place)).0));
    }
    let validator = validator(document, schema);
    for Body { what, value } in &bodies {
        assert!(validator.is_valid(value), "{what} is not documented");
    }
    bodies
}

/// Returns the value with the required members only.
pub(crate) fn minimal(document: &Value, schema: &Value) -> Value {
    one(document, schema, Plan::Minimal).0.value
}

fn one(document: &Value, schema: &Value, plan: Plan) -> (Body, usize) {
    let mut maker = Maker::new(document, plan, Rng::with_seed(0));
    let value = maker.value(schema, "");
    let what = match plan {
        Plan::Minimal => "the minimal value".to_owned(),
        Plan::Maximal => "the maximal value".to_owned(),
        Plan::Without(_) => format!("a value without {}", maker.special),
        Plan::Null(_) => format!("a value with null at {}", maker.special),
        Plan::Random => "a random value".to_owned(),
    };
    (Body { what, value }, maker.places)
}

/// Returns random values that the schema allows.
pub(crate) fn random<'a>(
    document: &'a Value,
    schema: &'a Value,
    random: &mut Rng,
) -> impl Iterator<Item = Value> + 'a {
    let validator = validator(document, schema);
    let mut maker = Maker::new(document, Plan::Random, random.fork());
    std::iter::repeat_with(move || maker.value(schema, ""))
        .inspect(move |value| assert!(validator.is_valid(value), "a value is not documented"))
}

pub(crate) fn validator(document: &Value, schema: &Value) -> Validator {
    jsonschema::validator_for(&json_schema(document, schema)).unwrap()
}

impl<'a> Maker<'a> {
    fn new(document: &'a Value, plan: Plan, random: Rng) -> Self {
        Self {
            document,
            plan,
            random,
            places: 0,
            special: String::new(),
            patterns: HashMap::new(),
        }
    }

    fn value(&mut self, schema: &'a Value, place: &str) -> Value {
        let parts = parts(self.document, schema, &mut |all| {
            std::slice::from_ref(&all[self.random.usize(..all.len())])
        });
        let keyword = |name: &str| parts.iter().find_map(|part| part.get(name));
        // Only the schema itself counts, not its parts.
        let is_nullable = parts.first().is_some_and(|own| {
            own.get("nullable") == Some(&Value::Bool(true)) && !own.contains_key("enum")
        });
        if is_nullable && self.is_null(place) {
            return Value::Null;
        }
        if let Some(values) = keyword("enum").and_then(Value::as_array) {
            return values[self.random.usize(..values.len())].clone();
        }
        let declared = declared_members(&parts);
        let kind = keyword("type").and_then(Value::as_str);
        match kind.unwrap_or(if declared.is_empty() { "" } else { "object" }) {
            "object" => {
                let required: Vec<_> = parts
                    .iter()
                    .filter_map(|part| part.get("required")?.as_array())
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let is_closed = keyword("additionalProperties") == Some(&Value::Bool(false));
                self.object(&declared, &required, is_closed, place)
            }
            "array" => self.array(keyword("items").unwrap(), place),
            "string" if keyword("pattern").is_some() => self.patterned(schema),
            "string" => {
                let length = |name| keyword(name).and_then(Value::as_u64);
                self.text(length("minLength"), length("maxLength"))
            }
            "integer" => {
                let bound = |name| keyword(name).and_then(Value::as_i64);
                let (least, most) = match keyword("format").and_then(Value::as_str) {
                    Some("int32") => (i32::MIN.into(), i32::MAX.into()),
                    _ => (i64::MIN, i64::MAX),
                };
                let least = bound("minimum").unwrap_or(least);
                let most = bound("maximum").unwrap_or(most);
                match self.random.u8(..4) {
                    0 => json!(least),
                    1 => json!(most),
                    _ => json!(self.random.i64(least..=most)),
                }
            }
            // A fraction without rounding errors in JSON.
            "number" => json!(f64::from(self.random.i32(..)) / 4.0),
            "boolean" => json!(self.random.bool()),
            "" => self.anything(),
            other => panic!("unsupported type: {other}"),
        }
    }

    fn object(
        &mut self,
        declared: &[(&'a str, &'a Value)],
        required: &[&str],
        is_closed: bool,
        place: &str,
    ) -> Value {
        let mut object = Map::new();
        for (name, schema) in declared {
            let place = format!("{place}/{name}");
            if required.contains(name) || !self.is_absent(&place) {
                object.insert((*name).to_owned(), self.value(schema, &place));
            }
        }
        let may_have_more = self.plan == Plan::Random && !is_closed;
        if may_have_more && self.random.u8(..3) == 0 {
            for _ in 0..self.random.usize(1..4) {
                let name = self.random.choice(UNKNOWN_NAMES).unwrap();
                let value = self.anything();
                // The spec may declare this name later.
                if declared.iter().all(|(known, _)| *known != name) {
                    object.entry(name).or_insert(value);
                }
            }
            // Undeclared members may be at any position.
            let mut members: Vec<_> = object.into_iter().collect();
            self.random.shuffle(&mut members);
            return members.into_iter().collect();
        }
        Value::Object(object)
    }

    fn array(&mut self, items: &'a Value, place: &str) -> Value {
        let count = match self.plan {
            Plan::Minimal => 0,
            _ if is_deep(place) => 0,
            Plan::Random => match self.random.u8(..64) {
                0..16 => 0,
                63 => self.random.usize(..300),
                _ => self.random.usize(1..5),
            },
            _ => 2,
        };
        (0..count)
            .map(|index| self.value(items, &format!("{place}/{index}")))
            .collect()
    }

    fn text(&mut self, least: Option<u64>, most: Option<u64>) -> Value {
        let least = usize::try_from(least.unwrap_or(0)).unwrap();
        let most = most.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
        if self.plan == Plan::Minimal {
            return json!("a".repeat(least));
        }
        let mut text = self.random.choice(TEXTS).unwrap().to_owned();
        match self.random.u8(..32) {
            // Longer than typical buffers.
            0 => text = text.repeat(400),
            1..12 => text.extend((0..self.random.usize(..12)).map(|_| self.random.char(..))),
            _ => {}
        }
        text.extend(std::iter::repeat_n('a', least));
        Value::String(text.chars().take(most).collect())
    }

    /// Tries random strings until one matches the pattern.
    fn patterned(&mut self, schema: &Value) -> Value {
        const TRIES: usize = 10_000;
        const ORDINARY: &str = "abcXYZ019_-.:|@ /%+&=?#";
        let document = self.document;
        let compiled = self.patterns.entry(schema.to_string());
        let compiled = compiled.or_insert_with(|| Rc::new(validator(document, schema)));
        let validator = compiled.clone();
        let ordinary: Vec<_> = ORDINARY.chars().collect();
        for _ in 0..TRIES {
            let length = self.random.usize(1..8);
            let text: Value = match self.random.u8(..4) {
                0 => self.text(Some(1), None),
                1 => Value::String((0..length).map(|_| self.random.char(..)).collect()),
                _ => {
                    let letters = (0..length).map(|_| self.random.choice(&ordinary).unwrap());
                    Value::String(letters.collect())
                }
            };
            if validator.is_valid(&text) {
                return text;
            }
        }
        panic!("no string found for the pattern of {schema}");
    }

    fn anything(&mut self) -> Value {
        match self.random.u8(..7) {
            0 => Value::Null,
            1 => json!(self.random.bool()),
            2 => json!(self.random.i64(..)),
            3 => json!(self.random.f64() * 1e300),
            4 => json!([[], [[null]], {}]),
            5 => json!({ "userId": 7, "users": null, "": { "title": [] } }),
            _ => self.text(None, None),
        }
    }

    fn is_absent(&mut self, place: &str) -> bool {
        match self.plan {
            _ if is_deep(place) => true,
            Plan::Minimal => true,
            Plan::Random => self.random.u8(..3) == 0,
            Plan::Without(number) => self.is_reached(number, place),
            Plan::Maximal | Plan::Null(_) => false,
        }
    }

    fn is_null(&mut self, place: &str) -> bool {
        match self.plan {
            Plan::Random => self.random.u8(..5) == 0,
            Plan::Null(number) => self.is_reached(number, place),
            Plan::Minimal | Plan::Maximal | Plan::Without(_) => false,
        }
    }

    fn is_reached(&mut self, number: usize, place: &str) -> bool {
        let is_reached = self.places == number;
        self.places += 1;
        if is_reached {
            place.clone_into(&mut self.special);
        }
        is_reached
    }
}

fn is_deep(place: &str) -> bool {
    place.matches('/').count() > DEPTH
}
