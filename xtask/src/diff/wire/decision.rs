//! What it means that two schemas accept different values.

use authress_users_openapi::json_schema;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::containment::{JsonSchema, covers, refutation};
use super::differences::Difference;
use super::pair::Pair;
use crate::diff::change::{Place, Verdict};
use crate::diff::comparison::{Comparison, behavior, wire};
use crate::diff::direction::{Direction, Encoding, Order as _};
use crate::diff::outcome::{Containment, Outcome};
use crate::diff::part::Part;
use crate::diff::shape::Shape;

/// Reports the difference between two schemas, unless they accept the same values. With `own`, only
/// these keywords of the schemas are compared.
pub(super) fn decide<'a>(
    comparison: &mut Comparison<'a>,
    pair: &Pair<'a>,
    (old, new): (&Shape<'a>, &Shape<'a>),
    differences: &[Difference<'a>],
    own: Option<&(JsonSchema, JsonSchema)>,
) {
    let key = (
        pair.old.pointer.clone(),
        pair.new.pointer.clone(),
        pair.direction,
        pair.encoding,
    );
    let outcome = comparison.outcomes.entry(key);
    let outcome = outcome.or_insert_with(|| outcome_of(pair, own)).clone();
    let Outcome::Different(containment) = outcome else {
        return;
    };
    let is_request = pair.direction == Direction::Request;
    let (verdict, advice) = match (&containment, pair.direction) {
        (Containment::Covers, Direction::Request) => {
            (Verdict::Compatible, "offer the new values in ext")
        }
        (Containment::Covers, Direction::Response) => (
            Verdict::Compatible,
            "none needed; existing clients understand all values",
        ),
        (Containment::Refuted(_), Direction::Request) => (
            Verdict::Breaking,
            "keep accepting the old range; existing clients still send it",
        ),
        (Containment::Refuted(_), Direction::Response) => (
            Verdict::Breaking,
            "keep the old range; add a member or an operation for new values",
        ),
        (Containment::Unknown(_), _) => (
            Verdict::NeedsReview,
            "compare manually which values both accept",
        ),
    };
    let texts = |limits_only: bool| {
        let mut shown = String::new();
        for difference in differences {
            if limits_only && !difference.is_limit() {
                continue;
            }
            if !shown.is_empty() {
                shown += if difference.key.is_empty() {
                    "; "
                } else {
                    ", "
                };
            }
            shown += &difference.text;
        }
        shown
    };
    let first = differences.first();
    let key = first.map_or("", |difference| difference.key);
    let place = |shape: &Shape<'a>, schema: &Part<'a>| -> Place {
        match shape.facets.get(key) {
            Some(part) => part.here(),
            None => schema.place(matches!(key, "" | "nullable")),
        }
    };
    let (old_place, new_place) = match first.and_then(|difference| difference.inside.as_ref()) {
        Some((old, new)) => (old.here(), new.here()),
        None => (place(old, &pair.old), place(new, &pair.new)),
    };
    let limits = texts(true);
    if is_request && !limits.is_empty() {
        let (verdict, advice) = if verdict == Verdict::Compatible {
            let advice = "check whether ext still enforces the old limit; ext may keep or drop it";
            (Verdict::Compatible, advice)
        } else {
            let advice = "find callers that exceed the new limit; their code compiles but their requests are rejected";
            (Verdict::NeedsReview, advice)
        };
        let finding = behavior(verdict, format!("{}: {limits}", pair.subject), advice);
        comparison.report(old_place.clone(), new_place.clone(), finding);
    }
    let mut what = format!("{}: {}", pair.subject, texts(false));
    let witness = match containment {
        Containment::Refuted(witness) => witness,
        Containment::Unknown(reason) => {
            what = format!("{what} ({reason})");
            None
        }
        Containment::Covers => None,
    };
    let finding = wire(verdict, what, advice).with_witness(witness, pair.direction);
    comparison.report(old_place, new_place, finding);
}

fn outcome_of(pair: &Pair<'_>, own: Option<&(JsonSchema, JsonSchema)>) -> Outcome {
    let whole = pair.json_schemas();
    let (old, new) = own.unwrap_or(&whole);
    let (writer, reader) = pair.direction.writer_and_reader(old, new);
    let is_text = pair.encoding == Encoding::Text;
    let counts = |value: &Value, reader: &Validator| !is_text || is_rejected_as_text(value, reader);
    match covers(reader, writer, counts) {
        Containment::Covers if covers(writer, reader, counts) == Containment::Covers => {
            Outcome::Same
        }
        // Values that differ in JSON can be the same text.
        Containment::Refuted(None) | Containment::Unknown(_)
            if is_text && accepts_every_text(pair, reader) =>
        {
            Outcome::Different(Containment::Covers)
        }
        Containment::Refuted(None) if is_text => Outcome::Different(Containment::Unknown(
            "different values may be the same text".to_owned(),
        )),
        // The example must be valid in every other way too.
        Containment::Refuted(Some(_)) if own.is_some() => {
            let (writer, whole) = pair.direction.writer_and_reader(&whole.0, &whole.1);
            Outcome::Different(Containment::Refuted(refutation(
                reader, whole, writer, counts,
            )))
        }
        containment => Outcome::Different(containment),
    }
}

/// Returns whether the writer sends a single value and the reader accepts every text.
fn accepts_every_text(pair: &Pair<'_>, reader: &JsonSchema) -> bool {
    let (writer, _) = pair.direction.writer_and_reader(&pair.old, &pair.new);
    let texts = json_schema(&writer.document.value, &json!({ "type": "string" }), None);
    Shape::of(writer).is_scalar() && covers(reader, &texts, |_, _| true) == Containment::Covers
}

/// Returns whether a reader rejects a value as text, where `5`, `"5"` and `[5]` are the same and an
/// empty list is nothing.
fn is_rejected_as_text(value: &Value, reader: &Validator) -> bool {
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
        .all(|item| !reader.is_valid(&item) && !reader.is_valid(&json!([item])))
}
