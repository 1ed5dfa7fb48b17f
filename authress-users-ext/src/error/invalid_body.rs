use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde_json::error::Category;

/// How a body does not match the spec.
#[derive(Debug)]
pub(crate) enum InvalidBody {
    NotAnObject,
    DamagedId,
    DamagedCursor,
    /// What the parser reports, without its message, which quotes the body.
    Json {
        fault: Cow<'static, str>,
        line: usize,
        column: usize,
    },
}

impl From<serde_json::Error> for InvalidBody {
    fn from(reason: serde_json::Error) -> Self {
        let fault = match reason.classify() {
            Category::Eof => "the JSON is truncated".into(),
            Category::Syntax | Category::Io => "invalid JSON".into(),
            Category::Data => shown_fault(&reason.to_string()).map_or(
                "a member has another type than in the spec".into(),
                Cow::Owned,
            ),
        };
        Self::Json {
            fault,
            line: reason.line(),
            column: reason.column(),
        }
    }
}

/// Names of members come from the spec, so the message may show them. The parser has them only in its
/// message.
fn shown_fault(message: &str) -> Option<String> {
    let faults = [
        ("missing field `", "is missing"),
        ("duplicate field `", "occurs twice"),
    ];
    faults.into_iter().find_map(|(start, fault)| {
        let name = message.strip_prefix(start)?.split('`').next()?;
        Some(format!("the member `{name}` {fault}"))
    })
}

impl fmt::Display for InvalidBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("not an object"),
            Self::DamagedId => f.write_str("the id is not Unicode"),
            Self::DamagedCursor => f.write_str("the cursor is not Unicode"),
            Self::Json {
                fault,
                line,
                column,
            } => {
                if *line > 0 {
                    write!(f, "line {line}, column {column}: ")?;
                }
                f.write_str(fault)
            }
        }
    }
}

impl StdError for InvalidBody {}

#[cfg(test)]
mod tests {
    use authress_users_client::types::UserIdentityCollection;

    use super::*;

    #[test]
    fn names_a_fault_without_a_place() {
        use serde::de::Error as _;

        // The text of a parser is not shown, whatever it says.
        let reason = serde_json::Error::custom("the cursor is not Unicode");
        assert_eq!(
            InvalidBody::from(reason).to_string(),
            "a member has another type than in the spec"
        );
    }

    #[test]
    fn names_the_fault_without_quoting_the_body() {
        for (body, expected) in [
            (
                r#"{"users": "sekrit"}"#,
                "a member has another type than in the spec",
            ),
            (r#"{"sekrit": []}"#, "the member `users` is missing"),
            (
                r#"{"users": [{"name": "sekrit"}]}"#,
                "the member `userId` is missing",
            ),
            (
                r#"{"users": [{"name": "sekrit", "name": "sekrit"}]}"#,
                "the member `name` occurs twice",
            ),
            (r#"{"users": ["#, "the JSON is truncated"),
            ("sekrit", "invalid JSON"),
        ] {
            let reason = serde_json::from_str::<UserIdentityCollection>(body).unwrap_err();
            let shown = InvalidBody::from(reason).to_string();
            assert!(
                shown.ends_with(expected) && !shown.contains("sekrit"),
                "{shown}"
            );
        }
    }
}
