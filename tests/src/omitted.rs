/// A part of an exchange that a recorder has left out, so that nobody can judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// The request has had a token, for all anybody knows.
    Token,
    RequestHeaders,
    RequestBody,
    ResponseHeaders,
    ResponseBody,
}
