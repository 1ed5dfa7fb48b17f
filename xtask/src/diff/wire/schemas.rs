//! What values look like: member by member, and as a whole where they have none.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::containment::{Answer, covers, refutation};
use super::direction::Direction;
use super::json_schema::{JsonSchema, json_schema};
use crate::diff::behaviour;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::part::Part;
use crate::diff::shape::{Shape, equal, same};

/// How a value gets from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wire {
    Json,
    /// As text in an address or a header, where 5 and "5" look the same.
    Text,
}

/// Two schemas for the same thing.
#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) old: Part<'a>,
    pub(super) new: Part<'a>,
    pub(super) direction: Direction,
    pub(super) wire: Wire,
    /// What messages call it.
    pub(super) subject: String,
}

/// What an object or a list says of itself, apart from what it holds.
const OUTSIDE: [&str; 7] = [
    "type",
    "format",
    "minProperties",
    "maxProperties",
    "minItems",
    "maxItems",
    "uniqueItems",
];
/// What makes a schema more than the sum of its members.
const COMPOSED: [&str; 7] = [
    "enum",
    "not",
    "anyOf",
    "oneOf",
    "allOf",
    "$ref",
    "discriminator",
];

impl<'a> Comparison<'a> {
    /// Compares two schemas and everything that they hold.
    pub(super) fn schemas(&mut self, pair: Pair<'a>) {
        let mut open = vec![pair];
        while let Some(mut pair) = open.pop() {
            let key = (
                pair.old.pointer.clone(),
                pair.new.pointer.clone(),
                pair.direction,
            );
            if !self.seen.insert(key) {
                continue;
            }
            pair.subject = named(&pair.old)
                .or_else(|| named(&pair.new))
                .unwrap_or(pair.subject);
            self.schema(&pair, &mut open);
        }
    }

    fn schema(&mut self, pair: &Pair<'a>, open: &mut Vec<Pair<'a>>) {
        behaviour::schema_annotations(self, pair.direction, &pair.old, &pair.new, &pair.subject);
        let (old, new) = (Shape::of(&pair.old), Shape::of(&pair.new));
        let both = |is: fn(&Shape<'_>) -> bool| is(&old) && is(&new);
        if both(is_object) {
            self.members(pair, &old, &new, open);
            self.others(pair, &old, &new, open);
            self.outside(pair, &old, &new);
        } else if both(is_list) {
            if let (Some(old_items), Some(new_items)) =
                (old.facets.get("items"), new.facets.get("items"))
            {
                open.push(inside(pair, old_items, new_items, "[]"));
                self.outside(pair, &old, &new);
            } else {
                self.whole(pair, &old, &new);
            }
        } else {
            self.whole(pair, &old, &new);
        }
    }

    fn members(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let names: BTreeSet<&str> = old
            .members
            .keys()
            .chain(new.members.keys())
            .copied()
            .collect();
        for name in names {
            let subject = format!("{}.{name}", pair.subject);
            match (old.members.get(name), new.members.get(name)) {
                (Some(old_member), Some(new_member)) => {
                    let mut inner = inside(pair, old_member, new_member, "");
                    inner.subject.clone_from(&subject);
                    open.push(inner);
                }
                (None, Some(added)) => self.added(pair, old, new, name, added, open),
                (Some(gone), None) => self.gone(pair, old, new, name, gone, open),
                (None, None) => {}
            }
        }
        let listed: BTreeSet<&str> = old.required.iter().chain(&new.required).copied().collect();
        for name in listed {
            self.required(pair, old, new, name);
        }
    }

    fn added(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        name: &str,
        added: &Part<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let what = format!("{} is new", member_name(pair, name, [Some(added), None]));
        let is_required = requires(new, name, pair.direction);
        let meaning = match (pair.direction, rest(old)) {
            // The lack of it is told as well, with the value that lacks it.
            (Direction::Request, _) if is_required => return,
            (Direction::Request, Rest::Anything | Rest::Nothing) => Meaning::wire(
                Verdict::Compatible,
                what,
                "offer it in the face; clients made before it leave it out",
            ),
            (Direction::Response, Rest::Anything) => Meaning::wire(
                Verdict::Compatible,
                what,
                "offer it in the face; clients made before it ignore it",
            ),
            (Direction::Response, Rest::Nothing) => Meaning::wire(
                Verdict::Breaking,
                format!("{what}, and was ruled out before"),
                "clients refuse answers with it; open the object first, and add members later",
            )
            .with_witness(Self::witness(pair, |value| value.get(name).is_some())),
            (_, Rest::Schema(rest)) => {
                open.push(Pair {
                    subject: format!("{}.{name}", pair.subject),
                    ..inside(pair, &rest, added, "")
                });
                return;
            }
        };
        self.tell(
            Side::NotIn(&pair.old.nearest("properties")),
            Side::There(added),
            meaning,
        );
    }

    fn gone(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        name: &str,
        gone: &Part<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let what = format!("{} is gone", member_name(pair, name, [Some(gone), None]));
        let was_required = requires(old, name, pair.direction);
        let holder = pair.new.nearest("properties");
        let sides = (Side::There(gone), Side::NotIn(&holder));
        let meaning = match (pair.direction, rest(new)) {
            (_, Rest::Schema(rest)) => {
                open.push(Pair {
                    subject: format!("{}.{name}", pair.subject),
                    ..inside(pair, gone, &rest, "")
                });
                return;
            }
            (Direction::Request, Rest::Nothing) => Meaning::wire(
                Verdict::Breaking,
                format!("{what}, and ruled out now"),
                "go on to take it; clients go on to send it",
            )
            .with_witness(Self::witness(pair, |value| value.get(name).is_some())),
            (Direction::Request, Rest::Anything) => Meaning::wire(
                Verdict::NeedsReview,
                what.clone(),
                "see what the server does with it: clients go on to send it",
            ),
            (Direction::Response, rest) => {
                self.tell(
                    sides.0,
                    sides.1,
                    Meaning::behaviour(
                        Verdict::NeedsReview,
                        what.clone(),
                        "look for code that reads it: from now on it finds nothing",
                    ),
                );
                match rest {
                    // The lack of it is told as well, with the value that lacks it.
                    _ if was_required => return,
                    Rest::Nothing => Meaning::wire(
                        Verdict::Compatible,
                        what,
                        "nothing: clients know that it may be absent",
                    ),
                    _ => Meaning::wire(
                        Verdict::NeedsReview,
                        what,
                        "make sure that nothing else comes under its name; clients know that it may be absent",
                    ),
                }
            }
        };
        self.tell(sides.0, sides.1, meaning);
    }

    fn required(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>, name: &str) {
        let was = requires(old, name, pair.direction);
        let is = requires(new, name, pair.direction);
        if was == is {
            return;
        }
        let members = [old.members.get(name), new.members.get(name)];
        let subject = member_name(pair, name, members);
        let (is_known, was_known) = (
            new.members.contains_key(name),
            old.members.contains_key(name),
        );
        let what = match (was_known, is_known) {
            (false, true) if is => format!("{subject} is new and required"),
            (true, false) if was => format!("{subject} was required and is gone"),
            _ if is => format!("{subject} was optional and is required"),
            _ => format!("{subject} was required and is optional"),
        };
        let meaning = match (pair.direction, is) {
            (Direction::Request, true) => Meaning::wire(
                Verdict::Breaking,
                what,
                "leave it optional; clients that don't send it are refused",
            ),
            (Direction::Request, false) => {
                Meaning::wire(Verdict::Compatible, what, "let the face leave it out")
            }
            (Direction::Response, true) => Meaning::wire(
                Verdict::Compatible,
                what,
                "nothing; the raw crate gives it without an Option from now on",
            ),
            (Direction::Response, false) => Meaning::wire(
                Verdict::Breaking,
                what,
                "go on to send it always; clients can't read an answer without it",
            ),
        };
        // Requests that still have what was required, and is gone, are told above.
        if pair.direction == Direction::Request && !is && !is_known {
            return;
        }
        let witness = match meaning.verdict {
            Verdict::Breaking => Self::witness(pair, |value| value.get(name).is_none()),
            _ => None,
        };
        let place =
            |schema: &Part<'a>, shape: &Shape<'a>, holds: bool| match shape.members.get(name) {
                Some(member) if holds => member.clone(),
                _ if holds => schema.nearest("required"),
                _ => schema.nearest("properties"),
            };
        let old_place = place(&pair.old, old, was_known || was);
        let new_place = place(&pair.new, new, is_known || is);
        let side = |is_there: bool, place| {
            if is_there {
                Side::There(place)
            } else {
                Side::NotIn(place)
            }
        };
        self.tell(
            side(was_known || was, &old_place),
            side(is_known || is, &new_place),
            meaning.with_witness(witness),
        );
    }

    /// What holds for members that have no name.
    fn others(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let key = "additionalProperties";
        let (old_rest, new_rest) = (rest(old), rest(new));
        let (writer, reader) = pair
            .direction
            .writer_and_reader(old_rest.clone(), new_rest.clone());
        let meaning = match (&writer, &reader) {
            (Rest::Schema(_), Rest::Schema(_)) => {
                if let (Rest::Schema(old), Rest::Schema(new)) = (&old_rest, &new_rest) {
                    open.push(inside(pair, old, new, ".*"));
                }
                return;
            }
            (Rest::Anything, Rest::Anything) | (Rest::Nothing, Rest::Nothing) => return,
            (Rest::Nothing, _) | (_, Rest::Anything) => Meaning::wire(
                Verdict::Compatible,
                format!("{}: {}", pair.subject, in_words(&old_rest, &new_rest)),
                "nothing: what was understood still is",
            ),
            (_, Rest::Nothing | Rest::Schema(_)) => {
                // A client that nobody told to sends no members without a name.
                let (verdict, advice) = match (pair.direction, &writer) {
                    (Direction::Request, Rest::Anything) => (
                        Verdict::NeedsReview,
                        "see whether any client sends members that the document does not name",
                    ),
                    (Direction::Request, _) => (
                        Verdict::Breaking,
                        "go on to take further members; clients send them",
                    ),
                    (Direction::Response, _) => (
                        Verdict::Breaking,
                        "keep the object closed; clients refuse members that it did not have",
                    ),
                };
                let witness = Self::witness(pair, |_| true);
                Meaning::wire(
                    verdict,
                    format!("{}: {}", pair.subject, in_words(&old_rest, &new_rest)),
                    advice,
                )
                .with_witness(witness.filter(|_| verdict == Verdict::Breaking))
            }
        };
        self.tell(
            Side::There(&pair.old.nearest(key)),
            Side::There(&pair.new.nearest(key)),
            meaning,
        );
    }

    /// Whatever an object or a list says of itself.
    fn outside(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        let schema = |shape: &Shape<'a>| {
            let mut schema: Map<String, Value> = OUTSIDE
                .iter()
                .filter_map(|key| Some(((*key).to_owned(), shape.facet(key)?.clone())))
                .collect();
            if shape.takes_null && schema.contains_key("type") {
                schema.insert("nullable".to_owned(), Value::Bool(true));
            }
            Value::Object(schema)
        };
        let (old_schema, new_schema) = (schema(old), schema(new));
        if !equal(&old_schema, &new_schema) {
            let schemas = (
                json_schema(self.old, &old_schema),
                json_schema(self.new, &new_schema),
            );
            self.decide(pair, old, new, schemas);
        }
    }

    /// Schemas without members, and those that are more than their members.
    fn whole(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>) {
        if !same(&pair.old, &pair.new) {
            let schemas = (JsonSchema::of(&pair.old), JsonSchema::of(&pair.new));
            self.decide(pair, old, new, schemas);
        }
    }

    fn decide(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        (old_schema, new_schema): (JsonSchema, JsonSchema),
    ) {
        let key = (
            pair.old.pointer.clone(),
            pair.new.pointer.clone(),
            pair.direction,
            pair.wire,
        );
        let outcome = self
            .outcomes
            .entry(key)
            .or_insert_with(|| outcome(pair, &old_schema, &new_schema));
        let Outcome::Other(answer) = outcome.clone() else {
            return;
        };
        let differences = differences(old, new);
        let shown: Vec<&str> = differences
            .iter()
            .map(|(_, shown)| shown.as_str())
            .collect();
        let what = format!("{}: {}", pair.subject, shown.join(", "));
        let (verdict, advice, witness) = match (answer, pair.direction) {
            (Answer::Covers, Direction::Request) => (
                Verdict::Compatible,
                "let the face offer what is possible now",
                None,
            ),
            (Answer::Covers, Direction::Response) => (
                Verdict::Compatible,
                "nothing: clients understand all of it",
                None,
            ),
            (Answer::Refuted(witness), Direction::Request) => (
                Verdict::Breaking,
                "go on to take what was taken; clients go on to send it",
                witness,
            ),
            (Answer::Refuted(witness), Direction::Response) => (
                Verdict::Breaking,
                "send nothing that clients did not know; add a member or an operation for it",
                witness,
            ),
            (Answer::Undecided(_), _) => (
                Verdict::NeedsReview,
                "compare by hand; it could be neither proven nor refuted",
                None,
            ),
        };
        let first = differences.first().map_or("", |(key, _)| key);
        let old_place = old.facets.get(first).unwrap_or(&pair.old);
        let new_place = new.facets.get(first).unwrap_or(&pair.new);
        let side = |shape: &Shape<'a>| {
            shape.facets.contains_key(first) || matches!(first, "" | "nullable")
        };
        let sides = (
            if side(old) {
                Side::There(old_place)
            } else {
                Side::NotIn(old_place)
            },
            if side(new) {
                Side::There(new_place)
            } else {
                Side::NotIn(new_place)
            },
        );
        let limits: Vec<&str> = differences
            .iter()
            .filter(|(key, _)| LIMITS.contains(&&**key))
            .map(|(_, shown)| shown.as_str())
            .collect();
        if pair.direction == Direction::Request && !limits.is_empty() {
            let (verdict, advice) = if verdict == Verdict::Compatible {
                (
                    Verdict::Compatible,
                    "see whether the face holds callers to the old limit; it need not",
                )
            } else {
                (
                    Verdict::NeedsReview,
                    "look for callers beyond the new limit: they compile, and are refused",
                )
            };
            let what = format!("{}: {}", pair.subject, limits.join(", "));
            self.tell(sides.0, sides.1, Meaning::behaviour(verdict, what, advice));
        }
        self.tell(
            sides.0,
            sides.1,
            Meaning::wire(verdict, what, advice).with_witness(witness),
        );
    }

    /// A value that was fine, no longer is, and is one that `counts`.
    fn witness(pair: &Pair<'a>, counts: impl Fn(&Value) -> bool) -> Option<Value> {
        let schemas = (JsonSchema::of(&pair.old), JsonSchema::of(&pair.new));
        let (writer, reader) = pair.direction.writer_and_reader(&schemas.0, &schemas.1);
        refutation(reader, writer, |value, _| counts(value))
    }
}

/// What came out of asking for containment.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// Both allow the same values.
    Same,
    /// What the reader makes of what the writer may write.
    Other(Answer),
}

/// Keywords that callers know as limits.
const LIMITS: [&str; 10] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

fn outcome(pair: &Pair<'_>, old: &JsonSchema, new: &JsonSchema) -> Outcome {
    let (writer, reader) = pair.direction.writer_and_reader(old, new);
    let counts = |value: &Value, reads: &Validator| match pair.wire {
        Wire::Json => true,
        Wire::Text => is_refused_as_text(value, reads),
    };
    match covers(reader, writer, counts) {
        Answer::Covers if covers(writer, reader, counts) == Answer::Covers => Outcome::Same,
        // Values can differ as JSON and look the same as text.
        Answer::Refuted(None) | Answer::Undecided(_) if pair.wire == Wire::Text => {
            Outcome::Other(as_text(pair, reader))
        }
        answer => Outcome::Other(answer),
    }
}

/// Whatever has one value fits where every text does.
fn as_text(pair: &Pair<'_>, reader: &JsonSchema) -> Answer {
    let (writer, _) = pair.direction.writer_and_reader(&pair.old, &pair.new);
    let is_plain = matches!(
        Shape::of(writer).facet("type").and_then(Value::as_str),
        Some("string" | "integer" | "number" | "boolean")
    );
    let texts = json_schema(writer.document, &json!({ "type": "string" }));
    if is_plain && covers(reader, &texts, |_, _| true) == Answer::Covers {
        Answer::Covers
    } else {
        Answer::Undecided("as text, values may look the same".to_owned())
    }
}

/// Whether a reader refuses a value as it looks in text, where 5, "5" and a list of 5 alone are
/// the same, and an empty list is nothing at all.
fn is_refused_as_text(value: &Value, reads: &Validator) -> bool {
    let item = match value {
        Value::Array(items) => match items.as_slice() {
            [] => return false,
            [item] => item,
            _ => return true,
        },
        value => value,
    };
    let other = match item {
        Value::String(text) => serde_json::from_str::<Value>(text).ok(),
        Value::Number(_) | Value::Bool(_) => Some(json!(item.to_string())),
        _ => None,
    };
    [Some(item.clone()), other]
        .into_iter()
        .flatten()
        .all(|item| !reads.is_valid(&item) && !reads.is_valid(&json!([item])))
}

/// What an object allows under names that it does not have.
#[derive(Debug, Clone)]
enum Rest<'a> {
    Anything,
    Nothing,
    Schema(Part<'a>),
}

fn rest<'a>(shape: &Shape<'a>) -> Rest<'a> {
    match shape.facets.get("additionalProperties") {
        None => Rest::Anything,
        Some(part) if *part.value == Value::Bool(false) => Rest::Nothing,
        Some(part) => Rest::Schema(part.clone()),
    }
}

fn in_words(old: &Rest<'_>, new: &Rest<'_>) -> String {
    let words = |rest: &Rest<'_>| match rest {
        Rest::Anything => "open",
        Rest::Nothing => "closed",
        Rest::Schema(_) => "open to members of one kind",
    };
    format!("further members: {} -> {}", words(old), words(new))
}

/// Whether a member has to be there, in what goes this way.
fn requires(shape: &Shape<'_>, name: &str, direction: Direction) -> bool {
    let is_excluded = shape
        .members
        .get(name)
        .is_some_and(|member| member.flag(direction.excluded()));
    shape.required.contains(name) && !is_excluded
}

fn is_object(shape: &Shape<'_>) -> bool {
    let is_of_type = match shape.facet("type") {
        Some(kind) => kind == "object",
        None => !shape.members.is_empty(),
    };
    is_of_type && !COMPOSED.iter().any(|key| shape.facets.contains_key(key))
}

fn is_list(shape: &Shape<'_>) -> bool {
    shape.facet("type").is_some_and(|kind| kind == "array")
        && shape.facets.contains_key("items")
        && !COMPOSED.iter().any(|key| shape.facets.contains_key(key))
}

/// What messages call a schema of a component, however one gets there: `User.addresses[].street`.
fn named(schema: &Part<'_>) -> Option<String> {
    let place = schema.pointer.strip_prefix("/components/schemas/")?;
    let mut segments = place.split('/');
    let mut name = segments.next()?.to_owned();
    while let Some(segment) = segments.next() {
        match segment {
            "properties" => {
                name.push('.');
                name += &segments.next()?.replace("~1", "/").replace("~0", "~");
            }
            "items" => name += "[]",
            "additionalProperties" => name += ".*",
            "allOf" | "anyOf" | "oneOf" => _ = segments.next()?,
            _ => return None,
        }
    }
    Some(name)
}

/// What messages call a member, which may have come from a component.
fn member_name(pair: &Pair<'_>, name: &str, members: [Option<&Part<'_>>; 2]) -> String {
    let known = members.into_iter().flatten().find_map(|member| {
        // A member that is a component is called by what holds it.
        named(member).filter(|named| named.ends_with(&format!(".{name}")))
    });
    known.unwrap_or_else(|| format!("{}.{name}", pair.subject))
}

/// Schemas inside of others.
fn inside<'a>(pair: &Pair<'a>, old: &Part<'a>, new: &Part<'a>, suffix: &str) -> Pair<'a> {
    Pair {
        old: old.clone(),
        new: new.clone(),
        direction: pair.direction,
        wire: pair.wire,
        subject: format!("{}{suffix}", pair.subject),
    }
}

/// The keywords that differ, each with what it was and is.
fn differences(old: &Shape<'_>, new: &Shape<'_>) -> Vec<(String, String)> {
    let keys: BTreeSet<&str> = old
        .facets
        .keys()
        .chain(new.facets.keys())
        .copied()
        .collect();
    let mut found = Vec::new();
    let old_type = old.facet("type");
    if old.takes_null != new.takes_null {
        let words = if new.takes_null {
            "may be null"
        } else {
            "may no longer be null"
        };
        found.push(("nullable".to_owned(), words.to_owned()));
    }
    for key in keys {
        let is_annotation = behaviour::ANNOTATIONS.contains(&key) || key.starts_with("x-");
        let (was, is) = (old.facet(key), new.facet(key));
        let is_same = match (was, is) {
            (Some(was), Some(is)) => equal(was, is),
            _ => false,
        };
        if !is_annotation && !is_same {
            found.push((key.to_owned(), difference(key, was, is)));
        }
    }
    if found.is_empty() {
        // Inside of what it is composed of.
        let kind = old_type.and_then(Value::as_str).unwrap_or("schema");
        found.push((String::new(), format!("the {kind} is described otherwise")));
    }
    found
}

fn difference(key: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    if key == "enum" {
        let list = |value: Option<&Value>| -> Vec<String> {
            let values = value.and_then(Value::as_array).into_iter().flatten();
            values.map(Value::to_string).collect()
        };
        let (was, is) = (list(was), list(is));
        let more: Vec<_> = is
            .iter()
            .filter(|value| !was.contains(value))
            .cloned()
            .collect();
        let less: Vec<_> = was
            .iter()
            .filter(|value| !is.contains(value))
            .cloned()
            .collect();
        return match (was.is_empty(), is.is_empty()) {
            (true, _) => format!("only {} from now on", is.join(", ")),
            (_, true) => format!("no longer only {}", was.join(", ")),
            _ => {
                let more = (!more.is_empty()).then(|| format!("{} more", more.join(", ")));
                let less = (!less.is_empty()).then(|| format!("{} less", less.join(", ")));
                let parts: Vec<_> = more.into_iter().chain(less).collect();
                format!("enum: {}", parts.join(", "))
            }
        };
    }
    let shown = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    match (was.and_then(shown), is.and_then(shown)) {
        (Some(was), Some(is)) => format!("{key} {was} -> {is}"),
        (None, Some(is)) if was.is_none() => format!("{key} {is} is new"),
        (Some(was), None) if is.is_none() => format!("{key} {was} is gone"),
        _ if was.is_none() => format!("{key} is new"),
        _ if is.is_none() => format!("{key} is gone"),
        _ => format!("{key} says something else"),
    }
}
