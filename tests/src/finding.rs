use std::fmt;

use serde::Serialize;

/// A broken rule. Shows no token, id or body: what came is told by its shape. [`Judge`](crate::Judge)
/// and [`MockAuthress::findings`](crate::MockAuthress::findings) give them.
///
/// ```
/// use authress_users_contract::MockAuthress;
/// # use secrecy::ExposeSecret as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().users(3).start().await?;
/// # let token = fake.access_token();
/// reqwest::Client::new()
///     .get(format!("{}/v1/users?limit=1000", fake.url()))
///     .header("accept", "application/links+json")
///     .bearer_auth(token.expose_secret())
///     .send()
///     .await?;
///
/// let finding = &fake.findings()[0];
/// assert_eq!(finding.rule, "request-parameter-valid");
/// assert_eq!(finding.operation.as_deref(), Some("getUsers"));
/// println!("{finding}\n  at {}\n  {}", finding.pointer, finding.reproduce);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule, by its stable id; [`RULES`](crate::RULES) has them all.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Who is at fault.
    pub culprit: Culprit,
    /// The operation, as the document calls it; none if the request belongs to none.
    pub operation: Option<String>,
    /// The place in the document, as a JSON pointer; empty for the document as a whole.
    pub pointer: String,
    /// What the document asks for.
    pub expected: String,
    /// What came.
    pub got: String,
    /// A line for a shell that sends the request again; tokens, ids and bodies are variables.
    pub reproduce: String,
    /// The number of the exchange in the traffic, counted from 1.
    pub exchange: usize,
}

/// How bad a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The document is not followed.
    Error,
    /// Worth knowing, and no fault.
    Note,
}

/// Who broke a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Culprit {
    /// Whoever sent the request.
    Client,
    /// Whoever answered.
    Server,
}

/// A rule that traffic is held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id.
    pub id: &'static str,
    /// Who is at fault when it is broken.
    pub culprit: Culprit,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// The rule.
    pub sentence: &'static str,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
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
    /// Whether the document is not followed.
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
            culprit,
            operation,
            expected,
            got,
            ..
        } = self;
        write!(f, "{severity}[{rule}] {culprit}")?;
        if let Some(operation) = operation {
            write!(f, ", {operation}")?;
        }
        write!(f, ": expected {expected}, got {got}")
    }
}
