//! The errors of attempts without a complete response.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use super::connection::{Fault, causes, is_not_http, is_unanswered_ping, tls_failure};
use crate::error::{Error, ErrorKind, Readable};

/// The error of a request without a response.
///
/// The URL is removed from all of reqwest's errors: it holds ids.
pub(super) fn no_response(fault: Fault, source: reqwest::Error) -> Error {
    let (kind, message) = match fault {
        Fault::Unbuildable => {
            return Error::invalid_input("could not build the request; nothing was sent")
                .with_source(source.without_url());
        }
        Fault::NotConnected | Fault::Rejected => {
            let reason = reason_without_connection(&source);
            let message = match (reason, fault) {
                (Some(reason), Fault::Rejected) => format!(
                    "could not connect to the API: {reason}; check the certificates, which http() can set"
                ),
                (Some(reason), _) => format!("could not connect to the API: {reason}"),
                (None, _) => {
                    "could not connect to the API; check api_url, network and certificates"
                        .to_owned()
                }
            };
            let error = Error::new(ErrorKind::Connect, message).with_source(source.without_url());
            return if fault == Fault::Rejected {
                error.permanent()
            } else {
                error
            };
        }
        Fault::Refused | Fault::ShutDown => (
            ErrorKind::ConnectionClosed,
            "the API refused the request without processing it",
        ),
        Fault::Hung | Fault::Closed | Fault::Other => return incomplete(source),
    };
    Error::new(kind, message).with_source(source.without_url())
}

/// The error of a response whose connection failed. The caller may have configured timeouts of the
/// HTTP client.
pub(super) fn incomplete(source: reqwest::Error) -> Error {
    let (kind, message) = if causes(&source).any(is_unanswered_ping) {
        let message = "the connection stopped responding".into();
        (ErrorKind::ConnectionClosed, message)
    } else if source.is_timeout() {
        (
            ErrorKind::AttemptTimeout,
            "no complete response within the time limit of the HTTP client given to http()".into(),
        )
    } else if causes(&source).any(is_not_http) {
        let message = "the response is not valid HTTP; check api_url and the proxies on the way";
        (ErrorKind::ConnectionClosed, message.into())
    } else {
        let closed = "the connection closed before the response was complete";
        let message = match tls_failure(&source) {
            Some(tls) => Cow::Owned(format!("{closed}: {}", tls.text)),
            None => Cow::Borrowed(closed),
        };
        (ErrorKind::ConnectionClosed, message)
    };
    Error::new(kind, message).with_source(source.without_url())
}

pub(super) fn attempt_timeout(timeout: Duration) -> Error {
    Error::new(
        ErrorKind::AttemptTimeout,
        format!("no complete response within {}", Readable(timeout)),
    )
}

pub(super) fn body_too_large(limit: usize) -> Error {
    Error::new(
        ErrorKind::BodyTooLarge,
        format!("the body exceeds the limit of {limit} bytes; raise body_limit"),
    )
}

/// The error of a complete response whose body is not what its coding requires.
pub(super) fn not_decoded(coding: &str, source: io::Error) -> Error {
    let fault = if source.kind() == io::ErrorKind::UnexpectedEof {
        "is truncated"
    } else {
        "is corrupt"
    };
    let message = format!("the body could not be decoded: its {coding} data {fault}");
    Error::new(ErrorKind::InvalidBody, message).with_source(source)
}

/// Why there is no connection, as TLS, the resolver of names or the operating system reports it.
fn reason_without_connection(error: &reqwest::Error) -> Option<String> {
    if let Some(tls) = tls_failure(error) {
        return Some(tls.text);
    }
    // The resolver's own text depends on the system, and has no kind.
    if causes(error).any(|cause| cause.to_string() == "dns error") {
        return Some("the host name cannot be resolved; check api_url and the network".to_owned());
    }
    if error.is_timeout() {
        return Some("the connect timeout passed; check api_url and the network".to_owned());
    }
    io_error(error).map(|kind| kind.to_string())
}

/// The error of the operating system behind `error`, such as "connection refused".
fn io_error(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .last()
        .filter(|kind| *kind != io::ErrorKind::Other)
}
