//! Why a request got no response, as the HTTP libraries report it.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use hyper_util::client::legacy;

use crate::error::Outcome;

/// Why a request got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The request could not be built.
    Unbuildable,
    /// There was no connection over which the request could be sent.
    NotConnected,
    /// The HTTP/2 server stated that it has not processed the request.
    Refused,
    /// The request was sent, at least in part.
    Lost,
}

impl Fault {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_builder() {
            Self::Unbuildable
        } else if error.is_connect() || causes(error).any(is_before_sending) {
            Self::NotConnected
        } else if causes(error).any(is_refusal) {
            Self::Refused
        } else {
            Self::Lost
        }
    }

    /// What the API did with the request.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Unbuildable | Self::NotConnected | Self::Refused => Outcome::NotSent,
            Self::Lost => Outcome::Unknown,
        }
    }
}

/// Whether the connection failed while it was set up, or before the request was started.
fn is_before_sending(cause: &(dyn StdError + 'static)) -> bool {
    // An error knows its connection only after the setup.
    cause
        .downcast_ref::<legacy::Error>()
        .is_some_and(|error| error.connect_info().is_none())
        || cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_canceled)
}

/// Whether the server has not processed the request according to RFC 9113, section 8.7.
fn is_refusal(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<h2::Error>().is_some_and(|error| {
        // The stream is above the last id of a GOAWAY: other streams continue, or fail with an I/O
        // error when the connection closes.
        let is_above_last_id = error.is_go_away();
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (is_above_last_id || is_refused)
    })
}

/// Returns `error` and everything that caused it.
pub(super) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |error: &&'a (dyn StdError + 'static)| {
        let error = *error;
        // The source of an I/O error is the source of the error inside it, which would be skipped.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}
