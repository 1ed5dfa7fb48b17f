use std::fmt;
use std::sync::Arc;

/// Something that no client of this API should send. Shows no id, token or body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    operation: Option<&'static str>,
    rule: String,
}

/// Someone who wants to see violations as they happen.
pub(crate) type Observer = Arc<dyn Fn(&Violation) + Send + Sync>;

impl Violation {
    pub(crate) fn new(operation: Option<&'static str>, rule: impl Into<String>) -> Self {
        Self {
            operation,
            rule: rule.into(),
        }
    }

    /// The operation that was meant, as the API's document calls it; none if the request belongs
    /// to no operation.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The rule that was broken, and how.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Some(operation) => write!(f, "{operation}: {}", self.rule),
            None => f.write_str(&self.rule),
        }
    }
}
