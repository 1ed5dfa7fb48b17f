//! Why a request got no response, as the HTTP libraries report it.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::Connected;

use super::tls::TlsFailure;
use crate::error::Outcome;

/// Why a request got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request could not be built.
    Unbuildable,
    /// There was no connection over which the request could be sent.
    NotConnected,
    /// Client and server do not accept each other in the TLS handshake.
    Rejected,
    /// The HTTP/2 server refused the request without processing it.
    Refused,
    /// The HTTP/2 server shut down the connection, and has not processed the request.
    ShutDown,
    /// The connection closed.
    Closed,
    /// The server did not respond to an HTTP/2 ping.
    Hung,
    /// Something else after the request was sent: a time limit, or a response that is not HTTP.
    Other,
}

impl Fault {
    /// Reads the error of a request, whose connection may have served other requests before.
    pub(crate) fn of(error: &reqwest::Error, is_reused: bool) -> Self {
        // The server may reject the client's certificate after the client has sent its request, but
        // it reads no request before.
        let is_rejected = || tls_failure(error).is_some_and(|tls| tls.is_permanent);
        if error.is_builder() {
            Self::Unbuildable
        } else if !is_reused && is_rejected() {
            Self::Rejected
        } else if error.is_connect() || causes(error).any(is_before_sending) {
            Self::NotConnected
        } else if let Some(fault) = causes(error).find_map(not_processed) {
            fault
        } else if causes(error).any(is_unanswered_ping) {
            Self::Hung
        } else if causes(error).any(is_closed) {
            Self::Closed
        } else {
            Self::Other
        }
    }

    /// Whether to send the request again at once, because the connection failed and not the API.
    pub(crate) fn allows_replay(self, is_idempotent: bool, is_reused: bool) -> bool {
        match self {
            Self::Refused | Self::ShutDown => true,
            Self::Closed | Self::Hung => is_idempotent && is_reused,
            Self::Unbuildable | Self::NotConnected | Self::Rejected | Self::Other => false,
        }
    }

    /// What the API did with the request.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Unbuildable
            | Self::NotConnected
            | Self::Rejected
            | Self::Refused
            | Self::ShutDown => Outcome::NotSent,
            Self::Closed | Self::Hung | Self::Other => Outcome::Unknown,
        }
    }
}

/// What TLS reports, if it is the cause.
pub(crate) fn tls_failure(error: &reqwest::Error) -> Option<TlsFailure> {
    causes(error).find_map(TlsFailure::of)
}

/// The connection on which the request failed, if there was one.
pub(crate) fn failed_on(error: &reqwest::Error) -> Option<&Connected> {
    causes(error)
        .find_map(|cause| cause.downcast_ref::<legacy::Error>())
        .and_then(legacy::Error::connect_info)
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

/// The fault by which, according to RFC 9113, section 8.7, the server has not processed the request.
fn not_processed(cause: &(dyn StdError + 'static)) -> Option<Fault> {
    let error = cause
        .downcast_ref::<h2::Error>()
        .filter(|error| error.is_remote())?;
    if error.is_go_away() {
        // The stream is above the last id: other streams continue, or fail with an I/O error when the
        // connection closes.
        Some(Fault::ShutDown)
    } else if error.reason() == Some(h2::Reason::REFUSED_STREAM) {
        Some(Fault::Refused)
    } else {
        None
    }
}

pub(crate) fn is_unanswered_ping(cause: &(dyn StdError + 'static)) -> bool {
    cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(hyper::Error::is_timeout)
}

/// Whether what the server sent cannot be parsed.
pub(crate) fn is_not_http(cause: &(dyn StdError + 'static)) -> bool {
    cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(hyper::Error::is_parse)
}

fn is_closed(cause: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_closed();
    }
    cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
                | io::ErrorKind::UnexpectedEof
        )
    })
}

/// Returns `error` and everything that caused it.
pub(crate) fn causes<'a>(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_idempotent_requests_are_replayed_after_they_may_have_been_processed() {
        for fault in [Fault::Closed, Fault::Hung] {
            assert!(fault.allows_replay(true, true));
            assert!(!fault.allows_replay(false, true));
            assert!(!fault.allows_replay(true, false));
        }
        for fault in [Fault::Refused, Fault::ShutDown] {
            assert!(fault.allows_replay(false, false) && fault.outcome() == Outcome::NotSent);
        }
        for fault in [
            Fault::Unbuildable,
            Fault::NotConnected,
            Fault::Rejected,
            Fault::Other,
        ] {
            assert!(!fault.allows_replay(true, true));
        }
    }

    #[test]
    fn the_error_inside_an_io_error_is_a_cause() {
        let inner = io::Error::from(io::ErrorKind::BrokenPipe);
        let outer = io::Error::other(io::Error::other(inner));
        assert_eq!(causes(&outer).count(), 3);
        assert!(causes(&outer).any(is_closed) && !is_closed(&outer));
    }
}
