use std::convert::Infallible;

use thiserror::Error;

/// A value that the fake or the API does not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidInput {
    /// The status of a response is outside 200 to 999.
    #[error("the status must be between 200 and 999, got {0}")]
    Status(u16),
    /// HTTP does not allow a header with this name or value.
    #[error("HTTP does not allow a header with this name or value")]
    Header,
    /// A user is not a JSON object with a `userId` that is a string.
    #[error("a user must be a JSON object with a userId that is a string")]
    User,
    /// The share of random faults is outside 0 to 1.
    #[error("the share of random faults must be between 0 and 1")]
    FaultShare,
    /// The rate of a rate limit is not finite and greater than 0.
    #[error("requests per second must be finite and greater than 0")]
    Rate,
    /// A rate limit accepts no request.
    #[error("a rate limit must accept at least 1 request")]
    RequestCount,
    /// The window of a rate limit is zero.
    #[error("the window of a rate limit must be longer than 0")]
    Window,
    /// No fault has this name.
    #[error("unknown fault; the README of the fake lists them")]
    Fault,
    /// A fault needs either an operation or a time, and a count only with an operation.
    #[error("a fault must have either an operation with a count or a number of seconds")]
    FaultTarget,
    /// A fault has a member of another fault, or lacks one of its own.
    #[error("a fault must have exactly the members of its kind; the README of the fake lists them")]
    FaultMember,
    /// An access key has another form.
    #[error("an access key must have the form clientId.keyId.accountId.privateKey")]
    AccessKey,
    /// The public URL is not an absolute URL.
    #[error(
        "the public URL must be an absolute http or https URL without credentials, a query or a fragment"
    )]
    PublicUrl,
    /// A name is not that of a defect.
    #[error("unknown defect; see the documentation of Defect")]
    Defect,
    /// A link names a user or tenant that does not exist.
    #[error("a link must name a user and a tenant of the fake")]
    Link,
    /// The spec has no operation with this id.
    #[error("unknown operation; the fake has getUsers, getUser, deleteUser and linkTenantUser")]
    Operation,
}

impl From<Infallible> for InvalidInput {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The reason why a fake could not be started.
#[cfg(feature = "mock")]
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The builder was given an invalid value.
    #[error("could not start the fake: invalid settings")]
    Settings(#[from] InvalidInput),
    /// The port is not free, or no thread could be started.
    #[error("could not start the fake: no server on the port")]
    Io(#[from] std::io::Error),
}
