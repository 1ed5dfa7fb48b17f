/// A part of an exchange that a recorder omitted, so that it cannot be validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Omitted {
    /// The request may have had a token.
    Token,
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
}
