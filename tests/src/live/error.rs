use thiserror::Error;

/// The reason why a server could not be validated.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The base URL is invalid, or would send the token unencrypted.
    #[error("invalid base URL: {0}")]
    BaseUrl(&'static str),
    /// The token, or the expired one of the options, is not allowed in a header. Nothing was sent.
    #[error("invalid token: HTTP does not allow it in a header")]
    Token,
    /// The token, or the expired one of the options, is an access key. Nothing was sent.
    #[error(
        "invalid token: it is an access key, which must not be sent; set it as AUTHRESS_ACCESS_KEY"
    )]
    AccessKey,
    /// An id of the options is invalid. Nothing was sent.
    #[error("invalid id of the {subject}: {reason}; nothing was sent")]
    Id {
        /// What the id names.
        subject: &'static str,
        /// Why the id is invalid.
        reason: String,
    },
    /// The rate of the options is not positive and finite. Nothing was sent.
    #[error(
        "invalid rate: {0} requests per second; it must be positive and finite; nothing was sent"
    )]
    Rate(f64),
    /// The server rejected the token of the first request with 401.
    #[error("the server rejected the token (401); check the credential and the base URL")]
    TokenRejected,
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client")]
    Client(#[source] reqwest::Error),
    /// The server did not respond to the first request.
    #[error("could not connect to the server")]
    Connect(#[source] reqwest::Error),
}
