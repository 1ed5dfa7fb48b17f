//! What a line of input asks for.

use super::results::Target;

pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Blank,
    Target(Target),
    Refused {
        /// As far as it can be told.
        target: Option<Target>,
        reason: String,
    },
}

impl Content {
    /// The target, unless one of its parts has white space around it: that would be an id of its
    /// own, nobody's, and "there is no such user" is no answer to a slip of the pen.
    pub(crate) fn of(target: Target) -> Self {
        let parts = [target.tenant_id.as_deref(), Some(&*target.user_id)];
        if parts.into_iter().flatten().all(|part| part.trim() == part) {
            return Self::Target(target);
        }
        Self::Refused {
            target: Some(target),
            reason: "white space stands around an id; remove it".to_owned(),
        }
    }

    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            target: None,
            reason: reason.into(),
        }
    }
}

/// Input without the mark that some editors put in front.
pub(crate) fn without_mark(input: &[u8]) -> &[u8] {
    input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input)
}
