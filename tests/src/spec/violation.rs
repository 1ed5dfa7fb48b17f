use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::counted::counted;

/// One violation of a schema. It contains nothing of the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) kind: ViolationKind,
    /// The location in the value, with `*` for every index and without undeclared names.
    pub(crate) location: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    /// The name of an undeclared member, unless it may be a value.
    pub(crate) name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ViolationKind {
    Invalid,
    Format,
    UnknownMember,
    /// A read-only member in a request, or a write-only member in a response.
    ExcludedMember,
}

/// The longest name of a member that is shown.
const MAX_NAME: usize = 40;

impl Violation {
    /// Returns the violations that an error consists of.
    ///
    /// Of the alternatives of `anyOf` and `oneOf`, the one counts that the value was meant for: its
    /// errors are the deepest ones in the value.
    pub(super) fn all(error: &ValidationError<'_>) -> Vec<Self> {
        let (ValidationErrorKind::AnyOf {
            context: alternatives,
        }
        | ValidationErrorKind::OneOfNotValid {
            context: alternatives,
        }) = error.kind()
        else {
            return vec![Self::from(error)];
        };
        let depth =
            |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
        let own = depth(error);
        let deepest = alternatives.iter().max_by_key(|errors| {
            let deepest = errors.iter().map(depth).max();
            // Nothing was meant to be null that is not.
            let is_null = errors.iter().any(expects_null);
            (deepest, !is_null)
        });
        let has_null = alternatives.iter().flatten().any(expects_null);
        match deepest {
            // Alternatives that differ in kind are better named together.
            Some(errors) if has_null || errors.iter().any(|error| depth(error) > own) => {
                errors.iter().flat_map(Self::all).collect()
            }
            _ => vec![Self::from(error)],
        }
    }

    pub(super) fn unknown_member(location: &str, name: &str) -> Self {
        let location = if location.is_empty() { "/" } else { location };
        Self {
            kind: ViolationKind::UnknownMember,
            location: location.to_owned(),
            expected: "only members that the spec has".to_owned(),
            actual: "an undeclared member".to_owned(),
            name: is_plain(name).then(|| name.to_owned()),
        }
    }

    pub(super) fn excluded_member(location: &str, keyword: &str) -> Self {
        Self {
            kind: ViolationKind::ExcludedMember,
            location: location.to_owned(),
            expected: format!("no {keyword} member"),
            actual: format!("a {keyword} member"),
            name: None,
        }
    }
}

fn expects_null(error: &ValidationError<'_>) -> bool {
    match error.kind() {
        ValidationErrorKind::Type {
            kind: TypeKind::Single(kind),
        } => kind.to_string() == "null",
        ValidationErrorKind::Enum { options } => **options == serde_json::json!([null]),
        _ => false,
    }
}

/// Returns whether the name of a member is a word, and no id or other value that is used as a name.
fn is_plain(name: &str) -> bool {
    let is_in_name = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'$');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_in_name)
}

impl From<&ValidationError<'_>> for Violation {
    fn from(error: &ValidationError<'_>) -> Self {
        Self {
            kind: match error.kind() {
                ValidationErrorKind::Format { .. } => ViolationKind::Format,
                _ => ViolationKind::Invalid,
            },
            location: location(error.instance_path().as_str()),
            expected: expected(error.kind()),
            actual: describe(error.instance()),
            name: None,
        }
    }
}

/// Replaces every index by `*`, so that the same violation by a hundred items is one finding.
fn location(pointer: &str) -> String {
    if pointer.is_empty() {
        return "/".to_owned();
    }
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = pointer
        .split('/')
        .map(|part| if is_index(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Describes the rule of the schema without the value.
fn expected(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Required { property } => format!("the member {property}"),
        ValidationErrorKind::Type { kind } => match kind {
            TypeKind::Single(kind) => format!("the type {kind}"),
            TypeKind::Multiple(kinds) => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
                format!("the type {}", kinds.join(" or "))
            }
        },
        ValidationErrorKind::MaxLength { limit } => {
            format!("at most {}", size(*limit, "character"))
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("at least {}", size(*limit, "character"))
        }
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Pattern { pattern } => format!("a string that matches {pattern}"),
        ValidationErrorKind::Format { format } => format!("a string with the format {format}"),
        ValidationErrorKind::Enum { options } => format!("one of {options}"),
        ValidationErrorKind::AnyOf { .. } => "one of several alternatives".to_owned(),
        ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => "exactly one alternative".to_owned(),
        ValidationErrorKind::AdditionalProperties { .. } => "no undeclared members".to_owned(),
        ValidationErrorKind::MaxItems { limit } => format!("at most {}", size(*limit, "item")),
        ValidationErrorKind::MinItems { limit } => format!("at least {}", size(*limit, "item")),
        other => format!("a value valid for `{}`", other.keyword()),
    }
}

fn size(limit: u64, noun: &str) -> String {
    counted(usize::try_from(limit).unwrap_or(usize::MAX), noun)
}

/// Describes the type and size of a value. Strings and numbers can be ids, so neither is shown.
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a boolean".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => {
            format!("a string of {}", counted(text.chars().count(), "character"))
        }
        Value::Array(items) => format!("an array of {}", counted(items.len(), "item")),
        Value::Object(members) => {
            format!("an object with {}", counted(members.len(), "member"))
        }
    }
}
