//! Reading YAML and JSON into values that keep their order, with the line of each part.

use std::collections::{HashMap, HashSet};

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Number, Value};

use crate::document::child;

/// The key whose value YAML merges into the mapping that has it.
const MERGE: &str = "<<";
const NOT_MERGED: &str = "a merge key (`<<`) whose value is no mapping, and no list of them";

/// What a text holds, and on which line each part of it starts, by pointer.
pub(crate) struct Yaml {
    pub(crate) value: Value,
    pub(crate) lines: HashMap<String, usize>,
}

/// Why a text can't be read; without a line where it is about the whole.
pub(crate) struct Refusal {
    pub(crate) line: Option<usize>,
    pub(crate) reason: String,
}

impl Refusal {
    fn at(line: usize, reason: String) -> Self {
        let line = Some(line);
        Self { line, reason }
    }

    /// What YAML has and JSON has not.
    fn new(line: usize, what: &str) -> Self {
        Self::at(
            line,
            format!("is not YAML of the kind that JSON has: {what}"),
        )
    }
}

/// Reads a text of one document.
pub(crate) fn read(text: &str) -> Result<Yaml, Refusal> {
    let documents = MarkedYaml::load_from_str(text).map_err(|reason| {
        let (line, column) = (reason.marker().line(), reason.marker().col());
        let reason = match key_at(text, line, column) {
            Some(key) if reason.info().contains("duplicated key") => twice(key),
            _ => format!("is not YAML: {}", reason.info()),
        };
        Refusal::at(line, reason)
    })?;
    let [root] = documents.as_slice() else {
        let count = documents.len();
        return Err(Refusal {
            line: None,
            reason: format!("holds {count} YAML documents, and one is expected"),
        });
    };
    let mut lines = HashMap::new();
    let value = convert(root, root.span.start.line(), "", &mut lines)?;
    Ok(Yaml { value, lines })
}

fn twice(key: &str) -> String {
    format!("the key `{key}` stands twice in one mapping; keep one of the two")
}

/// The key that starts at a line, from 1, and a column, from 0.
fn key_at(text: &str, line: usize, column: usize) -> Option<&str> {
    let line = text.lines().nth(line.checked_sub(1)?)?;
    let (start, _) = line.char_indices().nth(column)?;
    let rest = &line[start..];
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            return quoted.split(quote).next();
        }
    }
    // A colon without a space behind it belongs to the key.
    let end = rest.find(": ").or_else(|| rest.rfind(':'));
    Some(rest[..end.unwrap_or(rest.len())].trim_end())
}

/// `line` is where the key stands that leads here: a person looks for that.
fn convert(
    node: &MarkedYaml<'_>,
    line: usize,
    pointer: &str,
    lines: &mut HashMap<String, usize>,
) -> Result<Value, Refusal> {
    lines.insert(pointer.to_owned(), line);
    match &node.data {
        YamlData::Value(Scalar::Null) => Ok(Value::Null),
        YamlData::Value(Scalar::Boolean(value)) => Ok(Value::Bool(*value)),
        YamlData::Value(Scalar::Integer(value)) => Ok(Value::from(*value)),
        YamlData::Value(Scalar::FloatingPoint(value)) => Number::from_f64(value.into_inner())
            .map(Value::Number)
            .ok_or_else(|| Refusal::new(line, "a number that is none")),
        YamlData::Value(Scalar::String(value)) => Ok(Value::String(value.to_string())),
        YamlData::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                convert(
                    item,
                    item.span.start.line(),
                    &child(pointer, &index.to_string()),
                    lines,
                )
            })
            .collect::<Result<_, _>>()
            .map(Value::Array),
        YamlData::Mapping(members) => {
            let mut object = Map::new();
            let mut merged = Vec::new();
            for (key, member) in members {
                let line = key.span.start.line();
                if matches!(&key.data, YamlData::Value(Scalar::String(name)) if name == MERGE) {
                    merged.push((member, line));
                    continue;
                }
                // Statuses are often written without quotes, and are keys all the same.
                let name = match &key.data {
                    YamlData::Value(Scalar::String(name)) => name.to_string(),
                    YamlData::Value(Scalar::Integer(number)) => number.to_string(),
                    _ => return Err(Refusal::new(line, "a key that is not text")),
                };
                let value = convert(member, line, &child(pointer, &name), lines)?;
                // A number and its text are two keys in YAML and one in JSON.
                if object.insert(name.clone(), value).is_some() {
                    let reason = twice(&name);
                    return Err(Refusal::at(line, reason));
                }
            }
            for (base, line) in merged {
                merge(base, line, pointer, &mut object, lines)?;
            }
            Ok(Value::Object(object))
        }
        YamlData::Tagged(_, inner) => convert(inner, line, pointer, lines),
        _ => Err(Refusal::new(line, "an alias or a value that can't be read")),
    }
}

/// Adds what the value of a merge key has to a mapping, which goes before it; of several bases the
/// first does. What is taken over has its line at the base.
fn merge(
    base: &MarkedYaml<'_>,
    line: usize,
    pointer: &str,
    object: &mut Map<String, Value>,
    lines: &mut HashMap<String, usize>,
) -> Result<(), Refusal> {
    if let YamlData::Sequence(bases) = &base.data {
        return bases.iter().try_for_each(|base| match &base.data {
            YamlData::Mapping(_) => merge(base, line, pointer, object, lines),
            _ => Err(Refusal::new(line, NOT_MERGED)),
        });
    }
    let mut found = HashMap::new();
    let Value::Object(members) = convert(base, line, pointer, &mut found)? else {
        return Err(Refusal::new(line, NOT_MERGED));
    };
    let mut new = HashSet::new();
    for (name, member) in members {
        if !object.contains_key(&name) {
            new.insert(child(pointer, &name));
            object.insert(name, member);
        }
    }
    let start = pointer.len() + 1;
    lines.extend(found.into_iter().filter(|(place, _)| {
        let end = place.get(start..).and_then(|rest| rest.find('/'));
        let member = &place[..end.map_or(place.len(), |end| start + end)];
        new.contains(member)
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::document::Document;

    #[test]
    fn what_a_merge_key_names_is_taken_over_with_its_lines_and_goes_behind_what_is_there() {
        let text = "openapi: 3.0.3\ninfo: {}\npaths: {}\nx-base: &base\n  type: string\n  deep:\n    \
                    a: 1\nx-other: &other\n  type: number\n  more: [1]\nx-one:\n  <<: *base\n  deep: 2\nx-two:\n  \
                    <<: [*base, *other]\n  \"<<<\": 1\nx-alias: *base\n";
        let document = Document::parse("a.yaml", text).unwrap();
        let value = &document.value;
        assert_eq!(
            value["x-one"],
            serde_json::json!({"type": "string", "deep": 2})
        );
        assert_eq!(
            value["x-two"],
            serde_json::json!({"<<<": 1, "type": "string", "deep": {"a": 1}, "more": [1]})
        );
        assert_eq!(value["x-alias"], value["x-base"]);
        for (place, line) in [
            ("/x-one", 11),
            ("/x-one/type", 5),
            ("/x-one/deep", 13),
            ("/x-two/deep/a", 7),
            ("/x-two/more/0", 10),
            ("/x-alias/deep/a", 7),
        ] {
            assert_eq!(document.line(place), line, "{place}");
        }
    }

    #[test]
    fn a_merge_key_that_names_no_mapping_is_told_with_its_line() {
        for merged in ["<<: 1", "<<: [{a: 1}, 2]", "<<: [[{a: 1}]]"] {
            let text = format!("openapi: 3.0.3\ninfo: {{}}\npaths: {{}}\nx:\n  {merged}\n");
            let failure = Document::parse("a.yaml", &text).unwrap_err().to_string();
            assert!(
                failure.starts_with("a.yaml:5: ") && failure.contains("merge key"),
                "{failure}"
            );
        }
    }

    #[test]
    fn aliases_of_aliases_of_aliases_are_refused_before_they_fill_the_memory() {
        for (open, close) in [("[", "]"), ("{<<: [", "]}")] {
            let mut text = "openapi: 3.0.3\ninfo: {}\npaths: {}\na0: &a0 {a: 1}\n".to_owned();
            for level in 1..30 {
                let alias = format!("*a{}, ", level - 1).repeat(9);
                let _ = writeln!(text, "a{level}: &a{level} {open}{alias}{close}");
            }
            let failure = Document::parse("a.yaml", &text).unwrap_err();
            assert_eq!(failure.code(), 2);
            assert!(failure.to_string().starts_with("a.yaml:"), "{failure}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told_with_its_line() {
        for (text, line, key) in [
            ("openapi: 3.0.3\ninfo: {}\nopenapi: 3.0.3\n", 3, "openapi"),
            ("a:\n  b c: 1\n  d: 2\n  b c: 3\n", 4, "b c"),
            (
                "a:\n  /v1/a:b:\n    x: 1\n  /v1/a:b:\n    x: 2\n",
                4,
                "/v1/a:b",
            ),
            ("a:\n  \"200\": 1\n  \"200\": 3\n", 3, "200"),
            ("a:\n  '200': 1\n  200: 3\n", 3, "200"),
            ("a: {ü: 1, ä: 1, ä: 2}\n", 1, "ä"),
        ] {
            let failure = Document::parse("a.yaml", text).unwrap_err();
            assert_eq!(failure.code(), 2);
            assert!(
                failure
                    .to_string()
                    .starts_with(&format!("a.yaml:{line}: the key `{key}` stands twice")),
                "{failure}"
            );
        }
    }
}
