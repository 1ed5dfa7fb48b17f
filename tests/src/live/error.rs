use thiserror::Error;

/// The reason why a server could not be validated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The base URL is invalid, or would send the token unencrypted.
    #[error("invalid base URL: {0}")]
    BaseUrl(&'static str),
    /// The token is not allowed in a header.
    #[error("invalid token: HTTP does not allow it in a header")]
    Token,
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client")]
    Client(#[source] reqwest::Error),
    /// The server did not respond to the first request.
    #[error("could not connect to the server")]
    Connect(#[source] reqwest::Error),
}
