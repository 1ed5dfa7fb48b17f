//! Who writes a value, and who reads it.

/// Which way a value goes. What a writer may write, the reader has to take: the old client writes
/// requests for the new server, and the new server writes responses for the old client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    Request,
    Response,
}

impl Direction {
    /// Of something old and something new, what the writer has and what the reader has.
    pub(crate) fn writer_and_reader<T>(self, old: T, new: T) -> (T, T) {
        match self {
            Self::Request => (old, new),
            Self::Response => (new, old),
        }
    }

    /// The keyword of members that don't go this way.
    pub(crate) fn excluded(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}
