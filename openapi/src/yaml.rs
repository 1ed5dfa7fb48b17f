//! Reading YAML 1.2 with the line of every value.

mod layout;
mod scalar;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};
use serde_json::{Map, Value};

use crate::error::{LineError, duplicate_key};
use crate::pointer::child;

/// The key whose value YAML merges into the mapping that has it.
const MERGE: &str = "<<";
const INVALID_MERGE: &str = "a merge key (`<<`) needs a mapping or a list of mappings";

/// How many nodes aliases may add; a few lines of nested aliases stand for any number.
const MAX_ALIASED: usize = 100_000;

type Lines = HashMap<String, usize>;

/// A node and the line at which it starts.
#[derive(Clone)]
struct Node<'a> {
    line: usize,
    data: Data<'a>,
}

#[derive(Clone)]
enum Data<'a> {
    // Few scalars have a tag.
    Scalar(Cow<'a, str>, ScalarStyle, Option<Box<Tag>>),
    Sequence(Vec<Node<'a>>),
    Mapping(Vec<(Node<'a>, Node<'a>)>),
}

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
    let documents = Loader::documents(text)?;
    let [root] = documents.as_slice() else {
        return Err(LineError {
            line: None,
            reason: format!("expected one YAML document, found {}", documents.len()),
        });
    };
    // Most lines start one value.
    let mut lines = Lines::with_capacity(text.lines().count());
    let value = convert(root, root.line, String::new(), &mut lines)?;
    Ok((value, lines))
}

/// Loads the nodes of a text, with scalars as they are written. Unlike the loader of saphyr, it keeps
/// members with the same key, so that the error can name the key.
struct Loader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node<'a>>,
    /// The number of nodes that aliases added.
    aliased: usize,
}

impl<'a> Loader<'a> {
    fn documents(text: &'a str) -> Result<Vec<Node<'a>>, LineError> {
        let mut loader = Self {
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            aliased: 0,
        };
        let mut documents = Vec::new();
        while let Some(event) = loader.parser.next_event() {
            if let Event::DocumentStart(_) = event.map_err(|error| invalid(&error))?.0 {
                documents.extend(loader.node()?);
            }
        }
        Ok(documents)
    }

    /// Returns the next node, or `None` at the end of a collection.
    fn node(&mut self) -> Result<Option<Node<'a>>, LineError> {
        let Some(event) = self.parser.next_event() else {
            return Ok(None);
        };
        let (event, span) = event.map_err(|error| invalid(&error))?;
        let line = span.start.line();
        let (anchor, data) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| Box::new(tag.into_owned()));
                (anchor, Data::Scalar(text, style, tag))
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                while let Some(item) = self.node()? {
                    items.push(item);
                }
                (anchor, Data::Sequence(items))
            }
            Event::MappingStart(anchor, _) => {
                let mut members = Vec::new();
                while let Some(key) = self.node()? {
                    members.extend(self.node()?.map(|member| (key, member)));
                }
                (anchor, Data::Mapping(members))
            }
            Event::Alias(anchor) => (0, self.alias(anchor, line)?),
            _ => return Ok(None),
        };
        let node = Node { line, data };
        // Anchors are counted from 1.
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(Some(node))
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<Data<'a>, LineError> {
        // An anchor that contains its own alias is not complete here.
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(not_json(line, "an alias of a value that contains it"));
        };
        self.aliased += node.size();
        if self.aliased > MAX_ALIASED {
            let reason = "invalid YAML: aliases expand to too many values";
            return Err(LineError::at(line, reason));
        }
        Ok(node.data.clone())
    }
}

impl Node<'_> {
    /// The number of nodes in this node.
    fn size(&self) -> usize {
        1 + match &self.data {
            Data::Scalar(..) => 0,
            Data::Sequence(items) => items.iter().map(Node::size).sum(),
            Data::Mapping(members) => members.iter().map(|(_, member)| 1 + member.size()).sum(),
        }
    }
}

fn invalid(error: &ScanError) -> LineError {
    let reason = format!("invalid YAML: {}", error.info());
    LineError::at(error.marker().line(), reason)
}

/// An error about YAML that has no equivalent in JSON.
fn not_json(line: usize, reason: &str) -> LineError {
    LineError::at(line, format!("YAML that JSON cannot represent: {reason}"))
}

/// Converts a node. `line` is the line of its key, which is where a reader looks for it.
fn convert(
    node: &Node<'_>,
    line: usize,
    pointer: String,
    lines: &mut Lines,
) -> Result<Value, LineError> {
    let value = match &node.data {
        Data::Scalar(text, style, tag) => {
            scalar::value(text, *style, tag.as_deref()).map_err(|reason| not_json(line, reason))?
        }
        Data::Sequence(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let pointer = child(&pointer, &index.to_string());
                convert(item, item.line, pointer, lines)
            });
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Data::Mapping(members) => {
            let mut object = Map::new();
            let mut merged = None;
            for (key, member) in members {
                let line = key.line;
                let Data::Scalar(text, style, tag) = &key.data else {
                    return Err(not_json(line, "a key that is not text"));
                };
                let is_duplicate = if text == MERGE && *style == ScalarStyle::Plain {
                    merged.replace((member, line)).is_some()
                } else {
                    let name = scalar::key(text, *style, tag.as_deref())
                        .map_err(|reason| not_json(line, reason))?;
                    let value = convert(member, line, child(&pointer, &name), lines)?;
                    // `200` and `"200"` are two keys in YAML and one in JSON.
                    object.insert(name, value).is_some()
                };
                if is_duplicate {
                    return Err(LineError::at(line, duplicate_key(text)));
                }
            }
            if let Some((base, line)) = merged {
                merge(base, line, &pointer, &mut object, lines)?;
            }
            Value::Object(object)
        }
    };
    lines.insert(pointer, line);
    Ok(value)
}

/// Adds the members of a merge key's value that a mapping does not have; the first of several bases
/// takes precedence. A merged member keeps its line in the base.
fn merge(
    base: &Node<'_>,
    line: usize,
    pointer: &str,
    object: &mut Map<String, Value>,
    lines: &mut Lines,
) -> Result<(), LineError> {
    if let Data::Sequence(bases) = &base.data {
        return bases.iter().try_for_each(|base| match &base.data {
            Data::Mapping(_) => merge(base, line, pointer, object, lines),
            _ => Err(LineError::at(line, INVALID_MERGE)),
        });
    }
    let mut found = Lines::new();
    let Value::Object(members) = convert(base, line, pointer.to_owned(), &mut found)? else {
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
    fn an_alias_of_a_value_that_contains_it_is_rejected() {
        let text = "openapi: 3.0.3\ninfo: {}\npaths: {}\na: &a\n  - 1\n  - *a\n";
        let error = Document::parse("a.yaml", text).unwrap_err().to_string();
        assert!(error.starts_with("a.yaml:6: "), "{error}");
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
            ("a:\n  <<: {b: 1}\n  <<: {c: 2}\n", 3, "<<"),
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
