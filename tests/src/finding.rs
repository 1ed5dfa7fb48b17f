use std::fmt;

use serde::Serialize;

/// A violation of a rule, or a note.
///
/// A finding contains no token, id or body: values are described by their shape. Returned by
/// [`Validator`](crate::Validator) and [`MockAuthress::verify`](crate::MockAuthress::verify).
///
/// ```
/// use authress_users_contract::{MockAuthress, Party};
/// use authress_users_contract::secrecy::ExposeSecret as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().users(3).start().await?;
/// let token = fake.access_token();
/// reqwest::Client::new()
///     .get(format!("{}/v1/users?limit=1000", fake.url()))
///     .header("accept", "application/links+json")
///     .bearer_auth(token.expose_secret())
///     .send()
///     .await?;
///
/// let finding = &fake.verify()[0];
/// assert_eq!(finding.rule, "request-parameter-valid");
/// assert_eq!(finding.party, Party::Client);
/// assert_eq!(finding.operation.as_deref(), Some("getUsers"));
/// println!("{finding}\n  at {}\n  {}", finding.pointer, finding.reproduce);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The stable id of the rule; see [`RULES`](crate::RULES).
    pub rule: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The responsible party.
    pub party: Party,
    /// The operation id of the spec; none if the request matches no operation.
    pub operation: Option<String>,
    /// The place in the spec, as a JSON pointer; empty for the whole spec.
    pub pointer: String,
    /// What the spec requires.
    pub expected: String,
    /// What was sent or received, by its shape.
    pub actual: String,
    /// A shell command that sends the request again, with variables for tokens, ids and bodies.
    pub reproduce: String,
    /// The number of the exchange in the traffic, counted from 1.
    pub exchange: usize,
}

/// The severity of a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The traffic violates the spec.
    Error,
    /// The traffic follows the spec; the finding is information.
    Note,
}

/// The party responsible for a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Party {
    /// The sender of the request.
    Client,
    /// The sender of the response.
    Server,
    /// The author of the spec.
    Spec,
}

/// A rule that traffic is validated against.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id.
    pub id: &'static str,
    /// The party that breaks the rule.
    pub party: Party,
    /// The severity of a violation.
    pub severity: Severity,
    /// The rule, in one sentence.
    pub summary: &'static str,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Spec => "spec",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Note => "note",
        })
    }
}

impl Finding {
    /// Returns a text that is the same for equal findings of all exchanges.
    pub(crate) fn fingerprint(&self) -> String {
        let operation = self.operation.as_deref().unwrap_or_default();
        [
            self.rule,
            operation,
            &self.pointer,
            &self.expected,
            &self.actual,
        ]
        .join("|")
    }

    /// Returns whether the traffic violates the spec.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            severity,
            party,
            operation,
            expected,
            actual,
            ..
        } = self;
        write!(f, "{severity}[{rule}] {party}")?;
        if let Some(operation) = operation {
            write!(f, ", {operation}")?;
        }
        write!(f, ": expected {expected}, got {actual}")
    }
}
