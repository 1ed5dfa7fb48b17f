//! Reading YAML 1.2 with the line of every value.

mod layout;
mod scalar;

use std::collections::{HashMap, HashSet};

use saphyr::{MarkedYaml, ScalarStyle, ScanError, YamlData, YamlLoader};
use saphyr_parser::Parser;
use serde_json::{Map, Value};

use crate::error::{LineError, duplicate_key};
use crate::pointer::child;

/// The key whose value YAML merges into the mapping that has it.
const MERGE: &str = "<<";
const INVALID_MERGE: &str = "a merge key (`<<`) needs a mapping or a list of mappings";

type Lines = HashMap<String, usize>;

/// Reads a text that holds one YAML document; returns the value and the line of every pointer.
pub(crate) fn read(text: &str) -> Result<(Value, Lines), LineError> {
    let error = match parse(text) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let normalized = layout::normalized(text);
    if normalized == text {
        return Err(error);
    }
    // The later error is about something else than what was normalized.
    parse(&normalized).map_err(|other| {
        if other.line < error.line {
            error
        } else {
            other
        }
    })
}

fn parse(text: &str) -> Result<(Value, Lines), LineError> {
    let documents = load(text).map_err(|error| {
        let (line, column) = (error.marker().line(), error.marker().col());
        let reason = match key_at(text, line, column) {
            Some(key) if error.info().contains("duplicated key") => duplicate_key(key),
            _ => format!("invalid YAML: {}", error.info()),
        };
        LineError::at(line, reason)
    })?;
    let [root] = documents.as_slice() else {
        return Err(LineError {
            line: None,
            reason: format!("expected one YAML document, found {}", documents.len()),
        });
    };
    let mut lines = Lines::new();
    let value = convert(root, root.span.start.line(), "", &mut lines)?;
    Ok((value, lines))
}

/// Loads the nodes of a text, with scalars as they are written.
fn load(text: &str) -> Result<Vec<MarkedYaml<'_>>, ScanError> {
    let mut loader = YamlLoader::default();
    loader.early_parse(false);
    Parser::new_from_str(text).load(&mut loader, true)?;
    match loader.error() {
        Some(error) => Err(error.clone()),
        None => Ok(loader.into_documents()),
    }
}

/// Returns the key that starts at a line, counted from 1, and a column, counted from 0.
fn key_at(text: &str, line: usize, column: usize) -> Option<&str> {
    let line = text.lines().nth(line.checked_sub(1)?)?;
    let (start, _) = line.char_indices().nth(column)?;
    let rest = &line[start..];
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            return quoted.split(quote).next();
        }
    }
    // A colon that no space follows belongs to the key.
    let end = rest.find(": ").or_else(|| rest.rfind(':'));
    Some(rest[..end.unwrap_or(rest.len())].trim_end())
}

/// An error about YAML that has no equivalent in JSON.
fn not_json(line: usize, reason: &str) -> LineError {
    LineError::at(line, format!("YAML that JSON cannot represent: {reason}"))
}

/// Converts a node. `line` is the line of its key, which is where a reader looks for it.
fn convert(
    node: &MarkedYaml<'_>,
    line: usize,
    pointer: &str,
    lines: &mut Lines,
) -> Result<Value, LineError> {
    lines.insert(pointer.to_owned(), line);
    match &node.data {
        YamlData::Representation(text, style, tag) => {
            scalar::value(text, *style, tag.as_deref()).map_err(|reason| not_json(line, reason))
        }
        YamlData::Sequence(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let pointer = child(pointer, &index.to_string());
                convert(item, item.span.start.line(), &pointer, lines)
            })
            .collect::<Result<_, _>>()
            .map(Value::Array),
        YamlData::Mapping(members) => {
            let mut object = Map::new();
            let mut merged = Vec::new();
            for (key, member) in members {
                let line = key.span.start.line();
                let YamlData::Representation(text, style, tag) = &key.data else {
                    return Err(not_json(line, "a key that is not text"));
                };
                if text == MERGE && *style == ScalarStyle::Plain {
                    merged.push((member, line));
                    continue;
                }
                let name = scalar::key(text, *style, tag.as_deref())
                    .map_err(|reason| not_json(line, reason))?;
                let value = convert(member, line, &child(pointer, &name), lines)?;
                // `200` and `"200"` are two keys in YAML and one in JSON.
                if object.insert(name.clone(), value).is_some() {
                    return Err(LineError::at(line, duplicate_key(&name)));
                }
            }
            for (base, line) in merged {
                merge(base, line, pointer, &mut object, lines)?;
            }
            Ok(Value::Object(object))
        }
        YamlData::Tagged(_, inner) => convert(inner, line, pointer, lines),
        _ => Err(not_json(line, "an alias or a value that cannot be read")),
    }
}

/// Adds the members of a merge key's value that a mapping does not have; the first of several bases
/// takes precedence. A merged member keeps its line in the base.
fn merge(
    base: &MarkedYaml<'_>,
    line: usize,
    pointer: &str,
    object: &mut Map<String, Value>,
    lines: &mut Lines,
) -> Result<(), LineError> {
    if let YamlData::Sequence(bases) = &base.data {
        return bases.iter().try_for_each(|base| match &base.data {
            YamlData::Mapping(_) => merge(base, line, pointer, object, lines),
            _ => Err(LineError::at(line, INVALID_MERGE)),
        });
    }
    let mut found = Lines::new();
    let Value::Object(members) = convert(base, line, pointer, &mut found)? else {
        return Err(LineError::at(line, INVALID_MERGE));
    };
    let mut new = HashSet::new();
    for (name, member) in members {
        if !object.contains_key(&name) {
            new.insert(child(pointer, &name));
            object.insert(name, member);
        }
    }
    let start = pointer.len() + 1;
    lines.extend(found.into_iter().filter(|(pointer, _)| {
        let end = pointer.get(start..).and_then(|rest| rest.find('/'));
        let member = &pointer[..end.map_or(pointer.len(), |end| start + end)];
        new.contains(member)
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::document::Document;
    use crate::testing::json_value;

    proptest! {
        #[test]
        fn agrees_with_the_json_reader(value in json_value("[ -;=-~äß🎉]{0,12}")) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let found = read(&text).map_err(|error| error.reason).unwrap();
                let expected = crate::json::read(&text).map_err(|error| error.reason).unwrap();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn merge_keys_add_missing_members_with_their_lines() {
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
        for (pointer, line) in [
            ("/x-one", 11),
            ("/x-one/type", 5),
            ("/x-one/deep", 13),
            ("/x-two/deep/a", 7),
            ("/x-two/more/0", 10),
            ("/x-alias/deep/a", 7),
        ] {
            assert_eq!(document.line(pointer), line, "{pointer}");
        }
    }

    #[test]
    fn invalid_merge_keys_are_rejected_with_their_line() {
        for merged in ["<<: 1", "<<: [{a: 1}, 2]", "<<: [[{a: 1}]]"] {
            let text = format!("openapi: 3.0.3\ninfo: {{}}\npaths: {{}}\nx:\n  {merged}\n");
            let error = Document::parse("a.yaml", &text).unwrap_err().to_string();
            assert!(
                error.starts_with("a.yaml:5: ") && error.contains("merge key"),
                "{error}"
            );
        }
    }

    #[test]
    fn exponential_aliases_are_rejected() {
        for (open, close) in [("[", "]"), ("{<<: [", "]}")] {
            let mut text = "openapi: 3.0.3\ninfo: {}\npaths: {}\na0: &a0 {a: 1}\n".to_owned();
            for level in 1..30 {
                let alias = format!("*a{}, ", level - 1).repeat(9);
                let _ = writeln!(text, "a{level}: &a{level} {open}{alias}{close}");
            }
            let error = Document::parse("a.yaml", &text).unwrap_err();
            assert!(error.to_string().starts_with("a.yaml:"), "{error}");
        }
    }

    #[test]
    fn duplicate_keys_are_rejected_with_their_line() {
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
            let error = Document::parse("a.yaml", text).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("a.yaml:{line}: duplicate key `{key}`")),
                "{error}"
            );
        }
    }
}
