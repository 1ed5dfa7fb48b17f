//! Why a call failed.

use std::fmt;

use reqwest::StatusCode;

use crate::decode::InvalidBody;
use crate::{DirectTransport, ResponseValue, Transport};

/// Why a call failed.
///
/// `E` is the documented error body, `T` the [`Transport`]. `Display` and `Debug` show the kind of
/// failure and the status, never what was sent or received; the variants hold that.
#[non_exhaustive]
pub enum Error<E = (), T: Transport = DirectTransport> {
    /// A value is missing or invalid. Nothing was sent.
    InvalidRequest(String),
    /// The request could not be built. Nothing was sent.
    BuildRequest(reqwest::Error),
    /// The transport returned no response, for its own reason.
    Transport(T::Error),
    /// A documented error response.
    ErrorResponse(ResponseValue<E, T::Response>),
    /// A documented status with a body that does not match the spec.
    InvalidBody(T::Response, serde_json::Error),
    /// A status that the spec does not name.
    UnexpectedResponse(T::Response),
}

impl<E, T: Transport> Error<E, T> {
    /// Returns the response, if one was received.
    #[must_use]
    pub fn response(&self) -> Option<&T::Response> {
        match self {
            Self::ErrorResponse(value) => Some(value.response()),
            Self::InvalidBody(response, _) | Self::UnexpectedResponse(response) => Some(response),
            Self::InvalidRequest(_) | Self::BuildRequest(_) | Self::Transport(_) => None,
        }
    }

    /// Returns the status of the response, if one was received.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|response| response.as_ref().status)
    }
}

impl<E, T: Transport> fmt::Display for Error<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest(reason) => write!(f, "invalid request: {reason}"),
            Self::BuildRequest(_) => f.write_str("could not build the request"),
            Self::Transport(_) => f.write_str("could not complete the request"),
            Self::ErrorResponse(value) => write!(f, "{}", value.status()),
            Self::InvalidBody(response, _) => {
                let status = response.as_ref().status;
                write!(f, "{status}: the body does not match the spec")
            }
            Self::UnexpectedResponse(response) => {
                let status = response.as_ref().status;
                write!(f, "{status}: the spec does not name this status")
            }
        }
    }
}

impl<E, T: Transport> fmt::Debug for Error<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl<E, T: Transport> std::error::Error for Error<E, T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::BuildRequest(source) => Some(source),
            Self::Transport(source) => Some(source),
            // The parser's message quotes the body.
            _ => None,
        }
    }
}

impl<E, T: Transport> From<reqwest::Error> for Error<E, T> {
    fn from(source: reqwest::Error) -> Self {
        // The URL holds ids.
        Self::BuildRequest(source.without_url())
    }
}

impl<E, T: Transport> From<reqwest::header::InvalidHeaderValue> for Error<E, T> {
    fn from(_: reqwest::header::InvalidHeaderValue) -> Self {
        Self::InvalidRequest("a value contains characters that a header cannot hold".to_owned())
    }
}

impl<E, T: Transport> From<InvalidBody<T::Response>> for Error<E, T> {
    fn from(body: InvalidBody<T::Response>) -> Self {
        Self::InvalidBody(body.response, body.source)
    }
}

/// What the generator's runtime reports while a form body is encoded.
impl<E, T: Transport> From<progenitor_client::Error<E>> for Error<E, T> {
    fn from(error: progenitor_client::Error<E>) -> Self {
        match error {
            progenitor_client::Error::InvalidRequest(reason) => Self::InvalidRequest(reason),
            _ => Self::InvalidRequest("the body could not be encoded".to_owned()),
        }
    }
}
