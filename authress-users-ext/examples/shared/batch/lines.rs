//! Lines of input.

use super::results::Target;

pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Blank,
    Target(Target),
    Invalid {
        /// The target, if the line contains one.
        target: Option<Target>,
        reason: String,
    },
}

impl Content {
    /// Returns the target. White space around an id is invalid: it would be another id, and a typo
    /// must not be reported as a missing user.
    pub(crate) fn of(target: Target) -> Self {
        let parts = [target.tenant_id.as_deref(), Some(&*target.user_id)];
        if parts.into_iter().flatten().all(|part| part.trim() == part) {
            return Self::Target(target);
        }
        Self::Invalid {
            target: Some(target),
            reason: "white space around an id; remove it".to_owned(),
        }
    }

    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid {
            target: None,
            reason: reason.into(),
        }
    }
}

/// Removes the byte order mark that some editors write.
pub(crate) fn without_bom(input: &[u8]) -> &[u8] {
    input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input)
}
