//! Who writes a value, who reads it, and how it is encoded.

pub(crate) use authress_users_openapi::Direction;

/// The order of two parts on the wire. The reader must accept every value that the writer may write:
/// the old client writes requests for the new server, and the new server writes responses for the
/// old client.
pub(crate) trait Order {
    /// Orders an old and a new part as writer and reader.
    fn writer_and_reader<T>(self, old: T, new: T) -> (T, T);
}

impl Order for Direction {
    fn writer_and_reader<T>(self, old: T, new: T) -> (T, T) {
        match self {
            Self::Request => (old, new),
            Self::Response => (new, old),
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
