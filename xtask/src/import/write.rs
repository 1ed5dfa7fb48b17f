//! Writes the text of a changed spec: unchanged parts keep their text and comments.

use std::ops::Range;

use saphyr::{Mapping, Scalar, Yaml, YamlEmitter};
use serde_json::{Map, Value};

use super::compare::identity;
use crate::problem::Failure;
use authress_users_openapi::{Document, child};

/// Writes `value`, a changed `own`. Equal parts keep the text of `own`.
pub(super) fn document(own: &Document, value: &Value) -> Result<Document, Failure> {
    let writing = Writing {
        own,
        lines: own.text.lines().collect(),
    };
    let lines = match (&own.value, value) {
        (Value::Object(ours), Value::Object(members)) => {
            writing.mapping("", ours, members, 0, 0..writing.lines.len())?
        }
        _ => new_lines(value)?,
    };
    let text = lines.join("\n") + "\n";
    // Guards against a layout that this module does not support.
    let read = Document::parse(&own.name, &text)?;
    if read.value == *value {
        Ok(read)
    } else {
        Err(Failure::Unusable(format!(
            "{}: the layout is not supported; write the spec in block style, two spaces per level",
            own.name
        )))
    }
}

struct Writing<'a> {
    own: &'a Document,
    lines: Vec<&'a str>,
}

/// The lines of a member or an item of our spec.
struct Entry {
    /// The first of the comments and blank lines above it.
    lead: usize,
    /// Its first line.
    start: usize,
    end: usize,
}

impl Writing<'_> {
    /// Returns the lines of a mapping; `body` is the range of our lines.
    fn mapping(
        &self,
        pointer: &str,
        ours: &Map<String, Value>,
        members: &Map<String, Value>,
        indent: usize,
        body: Range<usize>,
    ) -> Result<Vec<String>, Failure> {
        let places: Vec<_> = ours.keys().map(|key| child(pointer, key)).collect();
        let entries = self.entries(&places, indent, body);
        let mut apart = entries.iter().skip(1);
        let is_spaced = entries.len() > 1
            && apart.all(|entry| self.lines[entry.lead..entry.start].contains(&""));
        let mut lines = Vec::new();
        for (key, value) in members {
            let place = child(pointer, key);
            let found = places.iter().position(|other| *other == place);
            if let Some(entry) = found.map(|index| &entries[index]) {
                lines.extend(self.copied(entry.lead..entry.start));
                lines.extend(self.member(&place, &ours[key], key, value, indent, entry)?);
            } else {
                if is_spaced {
                    lines.push(String::new());
                }
                lines.extend(new_member(key, value, indent)?);
            }
        }
        Ok(lines)
    }

    fn member(
        &self,
        pointer: &str,
        ours: &Value,
        key: &str,
        value: &Value,
        indent: usize,
        entry: &Entry,
    ) -> Result<Vec<String>, Failure> {
        let first = self.lines[entry.start];
        let mut lines = vec![first.to_owned()];
        let body = entry.start + 1..entry.end;
        match (ours, value) {
            _ if ours == value => return Ok(self.copied(entry.start..entry.end).collect()),
            (Value::Object(ours), Value::Object(members))
                if is_block(first) && !ours.is_empty() && !members.is_empty() =>
            {
                let inner = self.indent(&body);
                lines.extend(self.mapping(pointer, ours, members, inner, body)?);
            }
            (Value::Array(ours), Value::Array(items))
                if is_block(first) && !ours.is_empty() && !items.is_empty() =>
            {
                let inner = self.indent(&body);
                lines.extend(self.sequence(pointer, ours, items, inner, body)?);
            }
            (Value::Array(_), Value::Array(items))
                if first.trim_end().ends_with(']') && items.iter().all(is_scalar) =>
            {
                let items: Vec<_> = items.iter().map(new_lines).collect::<Result<_, _>>()?;
                let start = first.split(": [").next().unwrap_or_default();
                return Ok(vec![format!("{start}: [{}]", items.concat().join(", "))]);
            }
            _ => return new_member(key, value, indent),
        }
        Ok(lines)
    }

    /// Returns the lines of a list; items that are recognized keep their text.
    fn sequence(
        &self,
        pointer: &str,
        ours: &[Value],
        items: &[Value],
        indent: usize,
        body: Range<usize>,
    ) -> Result<Vec<String>, Failure> {
        let places: Vec<_> = (0..ours.len())
            .map(|index| child(pointer, &index.to_string()))
            .collect();
        let entries = self.entries(&places, indent, body);
        let mut lines = Vec::new();
        for value in items {
            let same = ours.iter().position(|own| own == value);
            let similar = || {
                let wanted = identity(value);
                ours.iter()
                    .position(|own| wanted.0.is_some() && identity(own) == wanted)
            };
            let Some(index) = same.or_else(similar) else {
                lines.extend(indented(
                    &new_lines(&Value::from(vec![value.clone()]))?,
                    indent,
                ));
                continue;
            };
            let entry = &entries[index];
            lines.extend(self.copied(entry.lead..entry.start));
            let mut item = match (&ours[index], value) {
                (Value::Object(own), Value::Object(members)) if same.is_none() => self.mapping(
                    &places[index],
                    own,
                    members,
                    indent + 2,
                    entry.start..entry.end,
                )?,
                _ => self.copied(entry.start..entry.end).collect(),
            };
            if let Some(first) = item.first_mut()
                && !first[indent..].starts_with('-')
            {
                first.replace_range(indent..=indent, "-");
            }
            lines.extend(item);
        }
        Ok(lines)
    }

    /// Returns the lines of the members or items, each up to the comments above the next.
    fn entries(&self, places: &[String], indent: usize, body: Range<usize>) -> Vec<Entry> {
        let starts: Vec<_> = places
            .iter()
            .map(|place| self.own.line(place) - 1)
            .collect();
        let leads: Vec<_> = starts
            .iter()
            .map(|start| {
                let mut lead = *start;
                while lead > body.start && self.is_between(lead - 1, indent) {
                    lead -= 1;
                }
                lead
            })
            .collect();
        starts
            .iter()
            .enumerate()
            .map(|(index, start)| Entry {
                lead: leads[index],
                start: *start,
                end: leads.get(index + 1).copied().unwrap_or(body.end),
            })
            .collect()
    }

    /// Whether a line is blank or a comment on the next entry. A line that is indented further can
    /// be text.
    fn is_between(&self, line: usize, indent: usize) -> bool {
        let line = self.lines[line];
        line.trim().is_empty() || line.get(indent..).is_some_and(|rest| rest.starts_with('#'))
    }

    fn copied(&self, range: Range<usize>) -> impl Iterator<Item = String> {
        self.lines[range].iter().map(|line| (*line).to_owned())
    }

    /// Returns the indentation of the first line with content.
    fn indent(&self, body: &Range<usize>) -> usize {
        let mut lines = self.lines[body.clone()]
            .iter()
            .map(|line| (line, line.trim_start()));
        lines
            .find(|(_, text)| !text.is_empty() && !text.starts_with('#'))
            .map_or(0, |(line, text)| line.len() - text.len())
    }
}

/// Whether the value of the key on this line follows in block style.
fn is_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default();
    line.trim_end().ends_with(':')
}

fn is_scalar(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn new_member(key: &str, value: &Value, indent: usize) -> Result<Vec<String>, Failure> {
    let mut member = Map::new();
    member.insert(key.to_owned(), value.clone());
    Ok(indented(&new_lines(&Value::Object(member))?, indent))
}

fn indented(lines: &[String], indent: usize) -> Vec<String> {
    let shifted = |line: &String| match &**line {
        "" => String::new(),
        line => format!("{:indent$}{line}", ""),
    };
    lines.iter().map(shifted).collect()
}

fn new_lines(value: &Value) -> Result<Vec<String>, Failure> {
    let mut text = String::new();
    let mut emitter = YamlEmitter::new(&mut text);
    emitter.multiline(true);
    emitter
        .dump(&as_yaml(value))
        .map_err(|reason| Failure::Unusable(format!("could not write YAML: {reason}")))?;
    Ok(text.lines().skip(1).map(str::to_owned).collect())
}

fn as_yaml(value: &Value) -> Yaml<'static> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(value) => Yaml::Value(Scalar::Boolean(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Yaml::Value(Scalar::Integer(integer)),
            (None, Some(float)) => Yaml::Value(Scalar::FloatingPoint(float.into())),
            (None, None) => Yaml::Value(Scalar::Null),
        },
        Value::String(text) => Yaml::Value(Scalar::String(text.clone().into())),
        Value::Array(items) => Yaml::Sequence(items.iter().map(as_yaml).collect()),
        Value::Object(members) => {
            let members = members.iter();
            let members =
                members.map(|(key, value)| (as_yaml(&Value::String(key.clone())), as_yaml(value)));
            Yaml::Mapping(members.collect::<Mapping<'_>>())
        }
    }
}
