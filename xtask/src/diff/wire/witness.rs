//! Searches for a simple value that a writer may send and a reader rejects.

use authress_users_openapi::{COMPOSITION_KEYWORDS, reference_target};
use serde_json::{Map, Value, json};

use crate::validate::compile_with_uuid as compile;

/// The depth of generated values.
const DEPTH: usize = 5;
/// The number of values generated for a schema.
const VALUES: usize = 400;
/// The length of the longest generated text or list.
const LENGTH: u64 = 20_000;

/// Texts of many kinds, separated by `|`.
const TEXTS: &str = "|a|A|0|-1|1.5|-|.|_| |/|a b|é|\n|true|null|2026-01-31|2026-01-31T12:00:00Z|\
                     5f7c8ec7-c33c-4c00-8bba-fe8200000000|ada@example.com|https://example.com/a|\
                     example.com|127.0.0.1";

/// Finds a value for which `is_witness` holds, generated from schemas and then simplified.
pub(super) fn find(schemas: &[Value], is_witness: &impl Fn(&Value) -> bool) -> Option<Value> {
    let candidates = schemas
        .iter()
        .flat_map(|schema| edges(schema, schema, DEPTH));
    let found = candidates
        .filter(|value| is_witness(value))
        .min_by_key(|value| value.to_string().len())?;
    Some(simplified(found, is_witness))
}

/// Generates values around every limit of a schema, valid or not.
fn edges(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let mut values = Vec::new();
    if depth == 0 {
        return values;
    }
    if let Some(target) = reference_target(schema) {
        return match root.pointer(&target) {
            Some(found) => edges(found, root, depth - 1),
            None => values,
        };
    }
    values.extend(
        ["example", "default", "const"]
            .iter()
            .filter_map(|key| schema.get(*key).cloned()),
    );
    values.extend(schema["enum"].as_array().into_iter().flatten().cloned());
    for key in COMPOSITION_KEYWORDS {
        for part in schema[key].as_array().into_iter().flatten() {
            values.extend(edges(part, root, depth));
        }
    }
    if let Some(part) = schema.get("not") {
        values.extend(edges(part, root, depth));
    }
    let is_composed = COMPOSITION_KEYWORDS
        .iter()
        .chain(&["enum", "const"])
        .any(|key| schema.get(*key).is_some());
    for kind in kinds(schema, is_composed) {
        match kind {
            "null" => values.push(Value::Null),
            "boolean" => values.extend([json!(true), json!(false)]),
            "integer" | "number" => values.extend(numbers(schema)),
            "string" => values.extend(texts(schema)),
            "array" => values.extend(lists(schema, root, depth)),
            _ => values.extend(objects(schema, root, depth)),
        }
    }
    values.truncate(VALUES);
    values
}

/// Returns the types that a schema names; all types if it names none.
fn kinds(schema: &Value, is_composed: bool) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("properties").is_some() || schema.get("required").is_some() => {
            vec!["object"]
        }
        _ if is_composed => Vec::new(),
        _ => vec!["null", "boolean", "integer", "string", "array", "object"],
    }
}

fn numbers(schema: &Value) -> Vec<Value> {
    let mut values: Vec<Value> = [0_i64, 1, -1, 2, 1 << 31, -(1 << 31) - 1, 1 << 53]
        .iter()
        .map(|number| json!(number))
        .collect();
    values.extend([json!(0.5), json!(1e300)]);
    for key in ["minimum", "maximum", "multipleOf"] {
        match schema.get(key) {
            Some(bound) if bound.is_i64() || bound.is_u64() => {
                let bound = bound.as_i64().unwrap_or(i64::MAX);
                values.extend([-1, 0, 1].map(|step| json!(bound.saturating_add(step))));
            }
            Some(Value::Number(bound)) => {
                let bound = bound.as_f64().unwrap_or_default();
                values.extend([-0.5, 0.0, 0.5].map(|step| json!(bound + step)));
            }
            _ => {}
        }
    }
    values
}

/// Returns the lengths just outside and inside two limits.
fn counts(schema: &Value, least: &str, most: &str) -> Vec<usize> {
    let bounds = [least, most].into_iter();
    let bounds = bounds.filter_map(|key| schema.get(key)?.as_u64());
    let around = bounds.flat_map(|bound| [bound.saturating_sub(1), bound, bound.saturating_add(1)]);
    let mut counts: Vec<usize> = around
        .filter(|count| *count <= LENGTH)
        .filter_map(|count| usize::try_from(count).ok())
        .collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

fn texts(schema: &Value) -> Vec<Value> {
    let mut values: Vec<Value> = TEXTS.split('|').map(|text| json!(text)).collect();
    values.push(json!("auth0|5f7c8ec7"));
    for count in counts(schema, "minLength", "maxLength") {
        values.extend(["a", "A", "0", "a1-"].map(|text| {
            let long = text.repeat(count);
            json!(long.chars().take(count).collect::<String>())
        }));
    }
    values
}

fn lists(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let items = schema
        .get("items")
        .map_or_else(Vec::new, |items| edges(items, root, depth - 1));
    let mut values = vec![json!([])];
    values.extend(items.iter().map(|item| json!([item])));
    let filler = items.iter().min_by_key(|item| item.to_string().len());
    let filler = filler.cloned().unwrap_or(Value::Null);
    let mut counts = counts(schema, "minItems", "maxItems");
    if schema["uniqueItems"] == true {
        counts.push(2);
    }
    let valid = if counts.is_empty() {
        Vec::new()
    } else {
        valid(&items, &schema["items"], root)
    };
    for count in counts {
        values.push(Value::Array(vec![filler.clone(); count]));
        values.push(items.iter().cycle().take(count).cloned().collect());
        values.push(valid.iter().take(1).cycle().take(count).cloned().collect());
        values.push(valid.iter().cycle().take(count).cloned().collect());
    }
    values.push(json!([filler, filler]));
    values
}

/// Returns the different values that the schema of items accepts, the simplest ones first.
fn valid(values: &[Value], items: &Value, root: &Value) -> Vec<Value> {
    let Ok(validator) = compile(&json!({ "allOf": [items], "$defs": root["$defs"] })) else {
        return Vec::new();
    };
    let mut valid: Vec<Value> = Vec::new();
    for value in values {
        if validator.is_valid(value) && !valid.contains(value) {
            valid.push(value.clone());
        }
    }
    valid.sort_by_key(|value| value.to_string().len());
    valid
}

fn objects(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let properties = schema["properties"].as_object();
    let members: Vec<(&String, Vec<Value>)> = properties
        .into_iter()
        .flatten()
        .map(|(name, part)| (name, edges(part, root, depth - 1)))
        .collect();
    let required = schema["required"].as_array().into_iter().flatten();
    let required: Vec<&str> = required.filter_map(Value::as_str).collect();
    let first = |name: &str| {
        let known = members.iter().find(|(known, _)| *known == name);
        let fitting = known.and_then(|(_, values)| values.iter().find(|value| !value.is_null()));
        fitting.cloned().unwrap_or_else(|| json!("a"))
    };
    let least: Map<String, Value> = required
        .iter()
        .map(|name| ((*name).to_owned(), first(name)))
        .collect();
    let with = |name: &str, value: Value| {
        let mut object = least.clone();
        object.insert(name.to_owned(), value);
        Value::Object(object)
    };
    let mut values = vec![json!({}), Value::Object(least.clone())];
    values.push(with("other", json!(0)));
    for name in &required {
        let mut object = least.clone();
        object.remove(*name);
        values.push(Value::Object(object));
    }
    for (name, edges) in &members {
        values.extend(edges.iter().map(|value| with(name, value.clone())));
    }
    values
}

/// Simplifies a witness step by step.
fn simplified(mut value: Value, is_witness: &impl Fn(&Value) -> bool) -> Value {
    // Each step makes the value smaller; the count limits the time.
    for _ in 0..200 {
        let Some(simpler) = simpler(&value).into_iter().find(is_witness) else {
            break;
        };
        value = simpler;
    }
    value
}

/// Returns values that are one step simpler.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(_) => Vec::new(),
        Value::Number(number) => match number.as_i64() {
            Some(number) if number != 0 => {
                let steps = [0, number.signum(), number / 2, number - number.signum()];
                let nearer = steps.into_iter().filter(|step| step.abs() < number.abs());
                nearer.map(|number| json!(number)).collect()
            }
            _ => Vec::new(),
        },
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let count = characters.len();
            let prefix = |count: usize| json!(characters[..count].iter().collect::<String>());
            let mut values = Vec::new();
            if count > 0 {
                values.extend([prefix(0), prefix(count / 2), prefix(count - 1)]);
            }
            if count > 0 && text.chars().any(|c| c != 'a') {
                values.push(json!("a".repeat(count)));
            }
            values
        }
        Value::Array(items) => {
            let without = (0..items.len()).map(|index| {
                let mut items = items.clone();
                items.remove(index);
                Value::Array(items)
            });
            let inside = items.iter().enumerate().flat_map(|(index, item)| {
                simpler(item).into_iter().map(move |simpler| {
                    let mut items = items.clone();
                    items[index] = simpler;
                    Value::Array(items)
                })
            });
            // The first items are enough in a long list.
            without.take(8).chain(inside.take(32)).collect()
        }
        Value::Object(members) => {
            let without = members.keys().map(|key| {
                let mut members = members.clone();
                members.remove(key);
                Value::Object(members)
            });
            let inside = members.iter().flat_map(|(key, member)| {
                simpler(member).into_iter().map(move |simpler| {
                    let mut members = members.clone();
                    members.insert(key.clone(), simpler);
                    Value::Object(members)
                })
            });
            without.chain(inside).collect()
        }
    }
}
