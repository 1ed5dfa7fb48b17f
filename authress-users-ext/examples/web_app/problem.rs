//! Error responses: what the caller can act on, without the responses of Authress.

use std::time::Duration;

use authress_users_ext::{Error, ErrorKind};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

pub(crate) struct Problem {
    status: StatusCode,
    message: String,
    retry_after: Option<Duration>,
    error_id: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            retry_after: None,
            error_id: None,
        }
    }

    pub(crate) fn unauthorized() -> Self {
        let message = "send your token as Authorization: Bearer";
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn no_such_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such route")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, message) = match error.kind() {
            // The message names the reason, but not the value.
            ErrorKind::InvalidInput => (StatusCode::BAD_REQUEST, error.to_string()),
            ErrorKind::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "the token is invalid or expired".to_owned(),
            ),
            ErrorKind::Forbidden => (
                StatusCode::FORBIDDEN,
                "the caller lacks the permission".to_owned(),
            ),
            ErrorKind::NotFound => (StatusCode::NOT_FOUND, "the user does not exist".to_owned()),
            ErrorKind::RateLimited => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests; retry later".to_owned(),
            ),
            ErrorKind::AttemptTimeout | ErrorKind::Deadline => (
                StatusCode::GATEWAY_TIMEOUT,
                "Authress took too long; retry later".to_owned(),
            ),
            ErrorKind::Server if error.status() == Some(StatusCode::SERVICE_UNAVAILABLE) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Authress is not available; retry later".to_owned(),
            ),
            ErrorKind::Configuration | ErrorKind::Token => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "the service is not configured correctly".to_owned(),
            ),
            _ => (
                StatusCode::BAD_GATEWAY,
                "the request to Authress failed; retry later".to_owned(),
            ),
        };
        if status.is_server_error() {
            // For the operator; the message contains no token, id or body.
            tracing::error!(error = %error, "a request to Authress failed");
        }
        Self {
            status,
            message,
            retry_after: error.retry_after(),
            error_id: error.error_id().map(str::to_owned),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "message": self.message, "errorId": self.error_id });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // Rounded up, since a retry that is too early would fail again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
