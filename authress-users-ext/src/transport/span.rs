//! What a call tells to `tracing`: OpenTelemetry's attributes of an HTTP client, and nothing of
//! whom the call is about.

use tracing::Span;

use crate::error::{Error, ErrorKind};

/// The span of a call. A macro, because the name of a span is fixed where it is made.
macro_rules! call_span {
    ($name:literal, $call:expr, $operation:expr) => {
        tracing::info_span!(
            $name,
            otel.kind = "client",
            otel.name = format_args!("{} {}", $operation.method, $operation.path),
            http.request.method = $operation.method.as_str(),
            url.template = $operation.path,
            server.address = $call.client.shared.server_address(),
            server.port = $call.client.shared.server_port(),
            http.response.status_code = tracing::field::Empty,
            http.request.resend_count = tracing::field::Empty,
            error.type = tracing::field::Empty,
        )
    };
}
pub(crate) use call_span;

/// Writes down how a call ended.
pub(crate) fn record_end(span: &Span, status: Option<u16>, attempts: u32, error: Option<&Error>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if attempts > 1 {
        span.record("http.request.resend_count", attempts - 1);
    }
    if let Some(error) = error {
        match (error.kind(), status) {
            // The conventions want the status itself where the status is the error.
            (
                ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::RateLimited
                | ErrorKind::Server
                | ErrorKind::UnexpectedStatus,
                Some(status),
            ) => span.record("error.type", tracing::field::display(status)),
            (kind, _) => span.record("error.type", tracing::field::debug(kind)),
        };
    }
}
