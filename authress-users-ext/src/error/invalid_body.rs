use std::error::Error as StdError;
use std::fmt;

use serde_json::error::Category;

/// Faults that no parser reports.
pub(crate) const NOT_AN_OBJECT: &str = "not an object";
pub(crate) const DAMAGED_ID: &str = "the id is not Unicode";
pub(crate) const DAMAGED_CURSOR: &str = "the cursor is not Unicode";

/// Where and how a body does not match the spec. The parser's own message quotes the body; this one
/// does not.
#[derive(Debug)]
pub(crate) struct InvalidBody {
    fault: String,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for InvalidBody {
    fn from(reason: &serde_json::Error) -> Self {
        let fault = match reason.classify() {
            Category::Eof => "the JSON is truncated".to_owned(),
            Category::Syntax | Category::Io => "invalid JSON".to_owned(),
            Category::Data => shown_fault(&reason.to_string())
                .unwrap_or_else(|| "a member has another type than in the spec".to_owned()),
        };
        Self {
            fault,
            line: reason.line(),
            column: reason.column(),
        }
    }
}

/// Names of members come from the spec, so the message may show them.
fn shown_fault(message: &str) -> Option<String> {
    if [NOT_AN_OBJECT, DAMAGED_ID, DAMAGED_CURSOR].contains(&message) {
        return Some(message.to_owned());
    }
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
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        f.write_str(&self.fault)
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

        let reason = serde_json::Error::custom(DAMAGED_CURSOR);
        assert_eq!(InvalidBody::from(&reason).to_string(), DAMAGED_CURSOR);
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
            let shown = InvalidBody::from(&reason).to_string();
            assert!(
                shown.ends_with(expected) && !shown.contains("sekrit"),
                "{shown}"
            );
        }
    }
}
