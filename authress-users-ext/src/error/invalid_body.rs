use std::error::Error as StdError;
use std::fmt;

use serde_json::error::Category;

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
            Category::Data => missing_member(&reason.to_string())
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
fn missing_member(message: &str) -> Option<String> {
    let name = message.strip_prefix("missing field `")?.split('`').next()?;
    Some(format!("the member `{name}` is missing"))
}

impl fmt::Display for InvalidBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.fault
        )
    }
}

impl StdError for InvalidBody {}

#[cfg(test)]
mod tests {
    use authress_users_client::types::UserIdentityCollection;

    use super::*;

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
