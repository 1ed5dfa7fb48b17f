//! Who writes a value, who reads it, and how it is encoded.

/// The direction of a value. The reader must accept every value that the writer may write: the old
/// client writes requests for the new server, and the new server writes responses for the old client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    Request,
    Response,
}

impl Direction {
    /// Orders an old and a new part as writer and reader.
    pub(crate) fn writer_and_reader<T>(self, old: T, new: T) -> (T, T) {
        match self {
            Self::Request => (old, new),
            Self::Response => (new, old),
        }
    }

    /// The keyword of members that are not sent in this direction.
    pub(crate) fn excluded(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

/// How a value is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Json,
    /// Text in a URL or a header, where 5 and "5" are the same.
    Text,
}
