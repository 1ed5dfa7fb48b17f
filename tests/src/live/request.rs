use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::credential::Credential;
use crate::exchange::{Exchange, Response};
use crate::json;

/// A request to send.
#[derive(Clone)]
pub(super) struct LiveRequest {
    pub(super) method: Method,
    pub(super) target: String,
    /// The credential in place of the session's own.
    pub(super) credential: Option<Credential>,
    pub(super) body: Option<String>,
    /// Whether target and body are texts of this tool, which a report may show.
    pub(super) is_public: bool,
}

impl LiveRequest {
    pub(super) fn new(method: Method, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            credential: None,
            body: None,
            is_public: false,
        }
    }

    pub(super) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }

    /// Reads a user.
    pub(super) fn user(id: &str) -> Self {
        Self::get(user_path(id))
    }

    /// Lists users with a filter.
    pub(super) fn filter(filter: &str) -> Self {
        Self::get(format!("/v1/users?limit=100&filter={}", encode(filter)))
    }

    /// Links a user to a tenant.
    pub(super) fn link(tenant: &str, user: &str) -> Self {
        Self {
            body: Some(json!({ "userId": user }).to_string()),
            ..Self::new(Method::PATCH, tenant_path(tenant))
        }
    }

    /// Deletes a user.
    pub(super) fn delete(user: &str) -> Self {
        Self::new(Method::DELETE, user_path(user))
    }

    /// Declares that target and body contain nothing of the server.
    pub(super) fn public(mut self) -> Self {
        self.is_public = true;
        self
    }

    pub(super) fn body(mut self, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self
    }

    pub(super) fn credential(mut self, credential: Credential) -> Self {
        self.credential = Some(credential);
        self
    }
}

/// A request and its response.
pub(super) struct Sent {
    pub(super) request: LiveRequest,
    pub(super) exchange: Exchange,
    /// The number of the exchange in the run, counted from 1.
    pub(super) number: usize,
    /// Whether the response has a content encoding that the request does not accept, which is a finding.
    pub(super) is_encoded: bool,
}

impl Sent {
    pub(super) fn response(&self) -> Option<&Response> {
        self.exchange.response.as_ref()
    }

    /// Returns the status; 0 without a response.
    pub(super) fn status(&self) -> u16 {
        self.response().map_or(0, |response| response.status)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// Returns the body; null if it is not JSON.
    pub(super) fn json(&self) -> Value {
        self.response()
            .map_or(Value::Null, |response| json::value_or_null(&response.body))
    }

    /// Succeeds if the status is expected.
    pub(super) fn expect_status(&self, is_met: impl Fn(u16) -> bool) -> Result<(), String> {
        if is_met(self.status()) {
            Ok(())
        } else {
            Err(describe_status(self.status()))
        }
    }
}

pub(super) fn describe_status(status: u16) -> String {
    format!("the status {status}")
}

/// Returns whether a status rejects the request.
pub(super) fn is_rejection(status: u16) -> bool {
    (400..500).contains(&status)
}

/// Returns whether a valid request failed, for another reason than a missing permission.
pub(super) fn is_failure(status: u16) -> bool {
    status >= 400 && !matches!(status, 401 | 403)
}

/// Returns whether a status rejects the method of a request.
pub(super) fn is_no_method(status: u16) -> bool {
    is_rejection(status) || status == StatusCode::NOT_IMPLEMENTED.as_u16()
}

pub(super) fn user_path(id: &str) -> String {
    format!("/v1/users/{}", encode(id))
}

pub(super) fn tenant_path(id: &str) -> String {
    format!("/v1/tenants/{}/users", encode(id))
}

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
