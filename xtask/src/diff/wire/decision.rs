//! Whether one of two schemas takes what the other allows, and what that means.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::containment::{Answer, covers, refutation};
use super::differences::differences;
use super::json_schema::{JsonSchema, json_schema};
use super::schemas::{Pair, Wire};
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::shape::Shape;

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

impl<'a> Comparison<'a> {
    pub(super) fn decide(
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
        let what = match &answer {
            Answer::Undecided(reason) => {
                format!("{}: {} ({reason})", pair.subject, shown.join(", "))
            }
            _ => format!("{}: {}", pair.subject, shown.join(", ")),
        };
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
                "compare by hand what both allow",
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
            self.tell(sides.0, sides.1, Meaning::behavior(verdict, what, advice));
        }
        self.tell(
            sides.0,
            sides.1,
            Meaning::wire(verdict, what, advice).with_witness(witness, pair.direction),
        );
    }

    /// A value that is written, not read, and one that `counts`.
    pub(super) fn witness(pair: &Pair<'a>, counts: impl Fn(&Value) -> bool) -> Option<Value> {
        let schemas = (JsonSchema::of(&pair.old), JsonSchema::of(&pair.new));
        let (writer, reader) = pair.direction.writer_and_reader(&schemas.0, &schemas.1);
        refutation(reader, writer, |value, _| counts(value))
    }
}

fn outcome(pair: &Pair<'_>, old: &JsonSchema, new: &JsonSchema) -> Outcome {
    let (writer, reader) = pair.direction.writer_and_reader(old, new);
    let counts = |value: &Value, reads: &Validator| match pair.wire {
        Wire::Json => true,
        Wire::Text => is_refused_as_text(value, reads),
    };
    match covers(reader, writer, counts) {
        Answer::Covers if covers(writer, reader, counts) == Answer::Covers => Outcome::Same,
        // Values can differ as JSON and look the same as text.
        Answer::Refuted(None) | Answer::Undecided(_)
            if pair.wire == Wire::Text && takes_all_as_text(pair, reader) =>
        {
            Outcome::Other(Answer::Covers)
        }
        Answer::Refuted(None) if pair.wire == Wire::Text => Outcome::Other(Answer::Undecided(
            "as text, values may look the same".to_owned(),
        )),
        answer => Outcome::Other(answer),
    }
}

/// Whether one value is written, and every text is read.
fn takes_all_as_text(pair: &Pair<'_>, reader: &JsonSchema) -> bool {
    let (writer, _) = pair.direction.writer_and_reader(&pair.old, &pair.new);
    let is_plain = matches!(
        Shape::of(writer).facet("type").and_then(Value::as_str),
        Some("string" | "integer" | "number" | "boolean")
    );
    let texts = json_schema(writer.document, &json!({ "type": "string" }));
    is_plain && covers(reader, &texts, |_, _| true) == Answer::Covers
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
