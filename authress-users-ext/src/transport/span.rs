//! The `tracing` span of a call: OpenTelemetry's attributes of an HTTP client, without ids.

use tracing::Span;

use super::response::Response;
use crate::error::Error;

/// Creates the span of a call. A macro, because the name of a span must be a literal.
macro_rules! call_span {
    ($name:literal, $call:expr, $operation:expr) => {
        tracing::info_span!(
            $name,
            otel.kind = "client",
            otel.name = format_args!("{} {}", $operation.method, $operation.path),
            http.request.method = $operation.method.as_str(),
            url.template = $operation.path,
            server.address = $call.shared.server_address(),
            server.port = $call.shared.server_port(),
            http.response.status_code = tracing::field::Empty,
            http.request.resend_count = tracing::field::Empty,
            error.type = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        )
    };
}
pub(crate) use call_span;

/// Records how a call ended.
pub(super) fn record_end<V>(span: &Span, result: &Result<Response<V>, Error>) {
    let (status, attempts) = match result {
        Ok(response) => (Some(response.status()), response.attempts()),
        Err(error) => (error.status(), error.attempts()),
    };
    let status = status.map(|status| status.as_u16());
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if attempts > 1 {
        span.record("http.request.resend_count", attempts - 1);
    }
    if let Err(error) = result {
        span.record("otel.status_code", "ERROR");
        match status {
            // The conventions require the status itself if the status is the error.
            Some(status) if error.kind().is_status() => {
                span.record("error.type", tracing::field::display(status))
            }
            _ => span.record("error.type", tracing::field::debug(error.kind())),
        };
    }
}
