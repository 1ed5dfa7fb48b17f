//! Documents: the value of a text, and the line of each part.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::error::{LineError, ReadError, shortened};
use crate::json;
use crate::operation::{self, OperationEntry, ParameterEntry};
use crate::reference;

/// An OpenAPI document with the line of every value.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name of the file, as messages show it.
    pub name: String,
    /// The value of the document.
    pub value: Value,
    /// The text of the document, with `\n` as its line ending.
    pub text: String,
    line_starts: Arc<[usize]>,
    lines: Arc<HashMap<String, usize>>,
}

impl Document {
    /// Reads the OpenAPI document in a file.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse), and if the file cannot be read or is not UTF-8.
    pub fn read(file: &Path) -> Result<Self, ReadError> {
        Self::parse(&file.display().to_string(), &read_text(file)?)
    }

    /// Parses an OpenAPI document.
    ///
    /// `name` is the name of the file, for messages; a name that ends in `.json` makes the text JSON.
    ///
    /// # Errors
    /// As for [`parse_any`](Self::parse_any), and if the root is not that of an OpenAPI document of
    /// any version.
    pub fn parse(name: &str, text: &str) -> Result<Self, ReadError> {
        let document = Self::parse_any(name, text)?;
        match not_openapi(&document.value) {
            None => Ok(document),
            Some((member, reason)) => {
                let reason = format!("not an OpenAPI document: {reason}");
                Err(match member {
                    None => ReadError::whole(name, reason),
                    Some(pointer) => {
                        ReadError::at(name, &document.text, document.line(pointer), reason)
                    }
                })
            }
        }
    }

    /// Parses a text without checking that it is an OpenAPI document.
    ///
    /// # Errors
    /// If the text is neither JSON nor, with the feature `yaml`, YAML, or if a mapping has a key twice.
    pub fn parse_any(name: &str, text: &str) -> Result<Self, ReadError> {
        // A file with other line endings or a byte order mark is the same document.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let text = text.replace("\r\n", "\n");
        let (value, lines) = parse_text(name, &text).map_err(|error| error.in_file(name, &text))?;
        Ok(Self {
            name: name.to_owned(),
            value,
            line_starts: line_starts(&text),
            text,
            lines: Arc::new(lines),
        })
    }

    /// Returns whether the document is OpenAPI 3.0, the only version that this crate models.
    #[must_use]
    pub fn is_openapi_3_0(&self) -> bool {
        self.value["openapi"]
            .as_str()
            .and_then(|version| version.strip_prefix("3.0."))
            .is_some_and(|patch| patch.parse::<u32>().is_ok())
    }

    /// Returns the line of the value at `pointer`, counted from 1.
    ///
    /// For a value that does not exist, this is the line of the closest ancestor that does.
    #[must_use]
    pub fn line(&self, pointer: &str) -> usize {
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

    /// Returns the text of a line, counted from 1, shortened to 100 characters.
    #[must_use]
    pub fn source_line(&self, line: usize) -> String {
        let start = line
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index));
        let line = start.and_then(|start| self.text[*start..].lines().next());
        shortened(line.unwrap_or_default())
    }

    /// Returns every operation, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> Vec<OperationEntry<'_>> {
        operation::operations(&self.value)
    }

    /// Returns the parameters of an operation, as [`parameters`](crate::parameters) does.
    #[must_use]
    pub fn parameters<'a>(&'a self, operation: &OperationEntry<'a>) -> Vec<ParameterEntry<'a>> {
        operation::parameters(&self.value, operation)
    }

    /// Follows the references of a value, as [`resolve`](crate::resolve) does.
    #[must_use]
    pub fn resolve<'a>(&'a self, value: &'a Value, pointer: &str) -> Option<(&'a Value, String)> {
        reference::resolve(&self.value, value, pointer)
    }

    /// Returns the document with another value, whose parts keep the lines of this one.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Self {
        Self {
            name: self.name.clone(),
            value,
            text: self.text.clone(),
            line_starts: Arc::clone(&self.line_starts),
            lines: Arc::clone(&self.lines),
        }
    }
}

/// Reads the text of a file.
///
/// # Errors
/// If the file cannot be read or is not UTF-8.
pub fn read_text(file: &Path) -> Result<String, ReadError> {
    let name = file.display().to_string();
    let bytes = fs::read(file)
        .map_err(|error| ReadError::whole(&name, format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| ReadError::whole(&name, "is not UTF-8 text"))
}

#[cfg(not(feature = "yaml"))]
fn parse_text(_: &str, text: &str) -> Result<(Value, HashMap<String, usize>), LineError> {
    json::read(text)
}

#[cfg(feature = "yaml")]
fn parse_text(name: &str, text: &str) -> Result<(Value, HashMap<String, usize>), LineError> {
    let extension = Path::new(name).extension();
    if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return json::read(text);
    }
    // JSON is also YAML, but a YAML parser does not combine surrogate pairs.
    if text.trim_start().starts_with('{')
        && let Ok(found) = json::read(text)
    {
        return Ok(found);
    }
    crate::yaml::read(text)
}

fn line_starts(text: &str) -> Arc<[usize]> {
    let ends = text.match_indices('\n').map(|(end, _)| end + 1);
    [0].into_iter().chain(ends).collect()
}

/// Returns why a value is not an OpenAPI document of any version, and the pointer of the invalid
/// member.
fn not_openapi(value: &Value) -> Option<(Option<&'static str>, String)> {
    let missing = |key: &str| Some((None, format!("the member `{key}` is missing")));
    let (pointer, version) = match (value.get("openapi"), value.get("swagger")) {
        (Some(version), _) => ("/openapi", version),
        (None, Some(version)) => ("/swagger", version),
        (None, None) => return missing("openapi"),
    };
    let version = match version {
        Value::String(version) => version.clone(),
        other => other.to_string(),
    };
    let Some('0'..='9') = version.chars().next() else {
        return Some((Some(pointer), format!("`{version}` is not a version")));
    };
    // Other versions have other members.
    if pointer == "/swagger" || !version.starts_with("3.0.") {
        return None;
    }
    for (key, pointer) in [("info", "/info"), ("paths", "/paths")] {
        match value.get(key) {
            Some(Value::Object(_)) => {}
            None => return missing(key),
            Some(_) => return Some((Some(pointer), format!("`{key}` is not an object"))),
        }
    }
    None
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;

    const TEXT: &str = "openapi: 3.0.3\ninfo: {}\npaths:\n  /a/{b}:\n    get:\n      operationId: getA\n      \
                        responses:\n        200:\n          description: >-\n            Fine,\n            \
                        thanks.\n    x-note: [1, 2.5, true, null]\n";

    #[test]
    fn lines_and_key_order_are_kept() {
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
    fn line_endings_do_not_change_the_document() {
        let unix = Document::parse("a.yaml", TEXT).unwrap();
        let windows = Document::parse("a.yaml", &TEXT.replace('\n', "\r\n")).unwrap();
        assert_eq!((unix.text, unix.value), (windows.text, windows.value));
    }

    #[test]
    fn a_byte_order_mark_does_not_change_the_document() {
        let json = r#"{"openapi": "3.0.3", "info": {"title": "\ud83c\udf89"}, "paths": {}}"#;
        for (name, text) in [
            ("a.yaml", TEXT),
            ("a.json", json),
            ("a.yaml", json),
            ("a", json),
        ] {
            let document = Document::parse(name, text).unwrap();
            let marked = Document::parse(name, &format!("\u{FEFF}{text}")).unwrap();
            assert_eq!((document.text, document.value), (marked.text, marked.value));
        }
    }

    #[test]
    fn documents_of_other_versions_are_read() {
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
    fn other_files_are_rejected_with_their_line() {
        for (text, reason) in [
            ("a: [", "invalid YAML"),
            ("", "one YAML document, found 0"),
            ("- 1\n- 2\n", "`openapi` is missing"),
            ("title: x\n", "`openapi` is missing"),
            (
                "openapi: 3.0.3\n---\nopenapi: 3.0.3\n",
                "one YAML document, found 2",
            ),
            ("openapi: hello\n", "`hello` is not a version"),
            ("openapi: [3.0.3]\n", "is not a version"),
            ("swagger: hello\n", "`hello` is not a version"),
            ("openapi: 3.0.3\n", "`info` is missing"),
            ("openapi: 3.0.3\ninfo: {}\n", "`paths` is missing"),
            (
                "openapi: 3.0.3\ninfo: 1\npaths: {}\n",
                "a.yaml:2: not an OpenAPI",
            ),
            (
                "openapi: 3.0.3\ninfo: {}\npaths: [1]\n",
                "a.yaml:3: not an OpenAPI",
            ),
            (
                "openapi: 3.0.3\ninfo: {}\npaths:\n",
                "`paths` is not an object",
            ),
            ("openapi: 3.0.3\n? [1]\n: 2\n", "a key that is not text"),
        ] {
            let error = Document::parse("a.yaml", text).unwrap_err().to_string();
            assert!(
                error.starts_with("a.yaml:") && error.contains(reason),
                "{error}"
            );
            let source = error.split_once('\n').map(|(_, source)| source);
            let line = error.split(':').nth(1).unwrap();
            assert_eq!(
                source
                    .and_then(|source| source.split_once(" | "))
                    .map(|(line, _)| line.trim()),
                line.parse::<usize>().ok().map(|_| line),
                "{error}"
            );
        }
    }
}
