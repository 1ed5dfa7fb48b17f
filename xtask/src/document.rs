//! Reading OpenAPI documents: values that keep their order, and the line of each.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::problem::Failure;
use crate::yaml::{self, Refusal, Yaml};

/// The methods that an OpenAPI path item can have.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// How much of a line is shown, in characters.
const SHOWN: usize = 100;

/// An OpenAPI document, as a value and with the places where its parts stand.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The name by which messages call the file.
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) sha256: String,
    pub(crate) text: String,
    /// Where each line of the text starts.
    starts: Vec<usize>,
    lines: HashMap<String, usize>,
}

/// An operation of a document and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperationEntry<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path_item: &'a Value,
    pub(crate) value: &'a Value,
}

/// A parameter of an operation, with its reference followed.
#[derive(Debug, Clone)]
pub(crate) struct ParameterEntry<'a> {
    pub(crate) name: &'a str,
    /// Where it travels: `path`, `query`, `header` or `cookie`.
    pub(crate) place: &'a str,
    pub(crate) value: &'a Value,
    pub(crate) pointer: String,
}

impl OperationEntry<'_> {
    pub(crate) fn pointer(&self) -> String {
        child(&child("/paths", self.path), self.method)
    }

    /// The operationId, or the method and path where there is none.
    pub(crate) fn name(&self) -> String {
        match self.value["operationId"].as_str() {
            Some(id) if !id.trim().is_empty() => id.to_owned(),
            _ => format!("{} {}", self.method.to_uppercase(), self.path),
        }
    }
}

impl Document {
    /// Reads the document in `file`.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        Self::parse(&file.display().to_string(), &text_of(file)?)
    }

    /// Reads a document from its text, YAML or JSON.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let document = Self::parse_any(name, text)?;
        match not_openapi(&document.value) {
            None => Ok(document),
            Some((place, reason)) => {
                let (at, source) = if place.is_empty() {
                    (String::new(), String::new())
                } else {
                    let line = document.line(place);
                    let source = document.source_line(line);
                    (format!("{line}:"), shown(line, &source))
                };
                Err(Failure::Unusable(format!(
                    "{name}:{at} is not an OpenAPI document: {reason}{source}"
                )))
            }
        }
    }

    /// The same for a file beside such a document, which is none itself.
    pub(crate) fn parse_any(name: &str, text: &str) -> Result<Self, Failure> {
        // A checkout with other line ends is the same document.
        let text = text.replace("\r\n", "\n");
        let unusable_at = |line: usize, reason: String| {
            // What is missing at the end is missed behind the last line.
            let line = line.clamp(1, text.lines().count().max(1));
            let source = text.lines().nth(line - 1);
            let source = source.map_or_else(String::new, |source| shown(line, source));
            Failure::Unusable(format!("{name}:{line}: {reason}{source}"))
        };
        let Yaml { value, lines } =
            yaml::read(&text).map_err(|Refusal { line, reason }| match line {
                Some(line) => unusable_at(line, reason),
                None => Failure::Unusable(format!("{name}: {reason}")),
            })?;
        let sha256 = format!("{:x}", Sha256::digest(text.as_bytes()));
        Ok(Self {
            name: name.to_owned(),
            value,
            sha256,
            starts: line_starts(&text),
            text,
            lines,
        })
    }

    /// Whether it is OpenAPI 3.0; in any other version the same words mean something else.
    pub(crate) fn is_three_zero(&self) -> bool {
        self.value["openapi"]
            .as_str()
            .and_then(|version| version.strip_prefix("3.0."))
            .is_some_and(|patch| patch.parse::<u32>().is_ok())
    }

    /// The line on which the value at `pointer` starts, or the nearest one that holds it.
    pub(crate) fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return *line;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return 1,
            }
        }
    }

    /// What stands on a line, from 1; no more of it than a person wants to see.
    pub(crate) fn source_line(&self, line: usize) -> String {
        let start = line
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied();
        let line = start
            .and_then(|start| self.text[start..].lines().next())
            .unwrap_or_default();
        short(line)
    }

    /// Every operation, in the order of the document.
    pub(crate) fn operations(&self) -> Vec<OperationEntry<'_>> {
        let Some(paths) = self.value["paths"].as_object() else {
            return Vec::new();
        };
        let mut operations = Vec::new();
        for (path, path_item) in paths {
            for (method, value) in path_item.as_object().into_iter().flatten() {
                if METHODS.contains(&method.as_str()) {
                    operations.push(OperationEntry {
                        path,
                        method,
                        path_item,
                        value,
                    });
                }
            }
        }
        operations
    }

    /// The parameters of an operation: its own, then those of its path that it does not replace.
    pub(crate) fn parameters<'a>(&'a self, entry: &OperationEntry<'a>) -> Vec<ParameterEntry<'a>> {
        let own = (entry.value, entry.pointer());
        let shared = (entry.path_item, child("/paths", entry.path));
        let mut found: Vec<ParameterEntry<'a>> = Vec::new();
        for (holder, pointer) in [own, shared] {
            let list = child(&pointer, "parameters");
            let listed = holder["parameters"].as_array().into_iter().flatten();
            for (index, parameter) in listed.enumerate() {
                let listed_at = child(&list, &index.to_string());
                let Some((value, pointer)) = self.resolve(parameter, &listed_at) else {
                    continue;
                };
                let (Some(name), Some(place)) = (value["name"].as_str(), value["in"].as_str())
                else {
                    continue;
                };
                if !found
                    .iter()
                    .any(|known| (known.name, known.place) == (name, place))
                {
                    found.push(ParameterEntry {
                        name,
                        place,
                        value,
                        pointer,
                    });
                }
            }
        }
        found
    }

    /// Follows references until there is a value, which comes with the pointer where it stands.
    pub(crate) fn resolve<'a>(
        &'a self,
        value: &'a Value,
        pointer: &str,
    ) -> Option<(&'a Value, String)> {
        resolve(&self.value, value, pointer)
    }

    /// The same document with another value, whose parts stand where those of this one do.
    pub(crate) fn with_value(&self, value: Value) -> Self {
        Self {
            value,
            ..self.clone()
        }
    }
}

/// The text in `file`.
pub(crate) fn text_of(file: &Path) -> Result<String, Failure> {
    let name = file.display();
    let bytes = fs::read(file)
        .map_err(|reason| Failure::Unusable(format!("{name}: can't be read: {reason}")))?;
    String::from_utf8(bytes).map_err(|_| Failure::Unusable(format!("{name}: is not UTF-8 text")))
}

/// Follows references in `document` until there is a value, which comes with the pointer where it
/// stands.
pub(crate) fn resolve<'a>(
    document: &'a Value,
    value: &'a Value,
    pointer: &str,
) -> Option<(&'a Value, String)> {
    let mut found = (value, pointer.to_owned());
    // Longer chains than this are circles.
    for _ in 0..32 {
        let Some(reference) = found.0.get("$ref").and_then(Value::as_str) else {
            return Some(found);
        };
        let target = reference.strip_prefix('#')?;
        found = (document.pointer(target)?, target.to_owned());
    }
    None
}

/// The pointer of a member of the value at `pointer`.
pub(crate) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Calls `visit` for `value` and everything in it, with the pointer of each.
pub(crate) fn walk<'a>(value: &'a Value, pointer: &str, visit: &mut impl FnMut(&'a Value, &str)) {
    visit(value, pointer);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                walk(member, &child(pointer, key), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &child(pointer, &index.to_string()), visit);
            }
        }
        _ => {}
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(end, _)| end + 1);
    [0].into_iter().chain(ends).collect()
}

/// Why a document is none of OpenAPI at all, whichever version it claims, and where.
fn not_openapi(value: &Value) -> Option<(&'static str, String)> {
    let (place, version) = match (value.get("openapi"), value.get("swagger")) {
        (Some(version), _) => ("/openapi", version),
        (None, Some(version)) => ("/swagger", version),
        (None, None) => {
            let reason = "it has no member `openapi` at its top".to_owned();
            return Some(("", reason));
        }
    };
    let version = match version {
        Value::String(version) => version.clone(),
        other => other.to_string(),
    };
    let Some('0'..='9') = version.chars().next() else {
        return Some((place, format!("`{version}` is no version of it")));
    };
    // Other versions have other members, and are told to be other versions.
    if place == "/swagger" || !version.starts_with("3.0.") {
        return None;
    }
    for (key, place) in [("info", "/info"), ("paths", "/paths")] {
        match value.get(key) {
            Some(Value::Object(_)) => {}
            None => return Some(("", format!("it has no member `{key}` at its top"))),
            Some(_) => return Some((place, format!("its `{key}` has no members"))),
        }
    }
    None
}

/// A line, and no more of it than a person wants to see: JSON may be one line from end to end.
fn short(line: &str) -> String {
    let line = line.trim_end();
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// A line as it stands below a message; nothing where it is blank.
fn shown(line: usize, source: &str) -> String {
    match short(source) {
        source if source.is_empty() => source,
        source => format!("\n{line:5} | {source}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "openapi: 3.0.3\ninfo: {}\npaths:\n  /a/{b}:\n    get:\n      operationId: getA\n      \
                        responses:\n        200:\n          description: >-\n            Fine,\n            \
                        thanks.\n    x-note: [1, 2.5, true, null]\n";

    #[test]
    fn every_part_knows_its_line_and_the_order_stays() {
        let document = Document::parse("a.yaml", TEXT).unwrap();
        assert_eq!(document.line("/paths/~1a~1{b}/get/operationId"), 6);
        assert_eq!(
            document.line("/paths/~1a~1{b}/get/responses/200/description"),
            9
        );
        assert_eq!(
            document.line("/paths/~1a~1{b}/get/responses/200/missing"),
            8
        );
        assert_eq!(
            document.value["paths"]["/a/{b}"]["x-note"],
            serde_json::json!([1, 2.5, true, null])
        );
        let text = &document.value["paths"]["/a/{b}"]["get"]["responses"]["200"]["description"];
        assert_eq!(text, "Fine, thanks.");
        let operations = document.operations();
        assert_eq!(operations.len(), 1);
        assert_eq!(operations[0].name(), "getA");
        assert_eq!(operations[0].pointer(), "/paths/~1a~1{b}/get");
    }

    #[test]
    fn other_line_ends_make_no_other_document() {
        let unix = Document::parse("a.yaml", TEXT).unwrap();
        let windows = Document::parse("a.yaml", &TEXT.replace('\n', "\r\n")).unwrap();
        assert_eq!((unix.sha256, unix.value), (windows.sha256, windows.value));
    }

    #[test]
    fn another_version_is_a_document_all_the_same() {
        for text in [
            "openapi: 3.1.0\n",
            "openapi: 3.0\n",
            "swagger: '2.0'\n",
            "openapi: 4\n",
        ] {
            assert!(Document::parse("a.yaml", text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_openapi_document_is_said_with_its_line() {
        for (text, reason) in [
            ("a: [", "is not YAML"),
            ("", "0 YAML documents"),
            ("- 1\n- 2\n", "no member `openapi`"),
            ("title: x\n", "no member `openapi`"),
            ("openapi: 3.0.3\n---\nopenapi: 3.0.3\n", "2 YAML documents"),
            ("openapi: hello\n", "`hello` is no version"),
            ("openapi: [3.0.3]\n", "is no version"),
            ("swagger: hello\n", "`hello` is no version"),
            ("openapi: 3.0.3\n", "no member `info`"),
            ("openapi: 3.0.3\ninfo: {}\n", "no member `paths`"),
            (
                "openapi: 3.0.3\ninfo: 1\npaths: {}\n",
                "a.yaml:2: is not an OpenAPI",
            ),
            (
                "openapi: 3.0.3\ninfo: {}\npaths: [1]\n",
                "a.yaml:3: is not an OpenAPI",
            ),
            (
                "openapi: 3.0.3\ninfo: {}\npaths:\n",
                "`paths` has no members",
            ),
            ("openapi: 3.0.3\n? [1]\n: 2\n", "a key that is not text"),
        ] {
            let failure = Document::parse("a.yaml", text).unwrap_err().to_string();
            assert!(
                failure.starts_with("a.yaml:") && failure.contains(reason),
                "{failure}"
            );
            let source = failure.split_once('\n').map(|(_, source)| source);
            let line = failure.split(':').nth(1).unwrap();
            assert_eq!(
                source
                    .and_then(|source| source.split_once(" | "))
                    .map(|(line, _)| line.trim()),
                line.parse::<usize>().ok().map(|_| line),
                "{failure}"
            );
        }
    }
}
