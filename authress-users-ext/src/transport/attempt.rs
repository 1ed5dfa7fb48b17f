//! One attempt: a request and the response to it, within a time limit.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use http::{StatusCode, header};
use reqwest::Request;

use crate::auth::AccessToken;
use crate::error::{Error, ErrorKind, Outcome, is_retryable};

/// What came of one attempt.
pub(crate) struct Attempt {
    /// The response as far as it was read.
    pub(crate) response: Option<RawResponse>,
    /// Why there is no complete response.
    pub(crate) failure: Option<Error>,
    /// What the API did with the requests.
    pub(crate) outcome: Outcome,
    /// How many requests were sent: more than one if requests were replayed.
    pub(crate) requests: u32,
    /// Whether the next attempt needs a new connection, because the pool may have one that hangs.
    pub(crate) needs_new_connection: bool,
}

impl Attempt {
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.response.as_ref().map(|response| response.status)
    }

    pub(super) fn failure(&self) -> Option<ErrorKind> {
        self.failure.as_ref().map(Error::kind)
    }

    pub(super) fn is_success(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| status.is_success())
    }

    /// Whether the API is available, whatever it returned.
    pub(super) fn shows_availability(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| !is_retryable(status))
    }

    /// Whether a request was sent and no complete response was received.
    pub(super) fn has_lost_response(&self) -> bool {
        matches!(
            self.failure(),
            Some(ErrorKind::AttemptTimeout | ErrorKind::ConnectionClosed)
        )
    }
}

/// What one attempt sends, and how long it may take.
pub(crate) struct AttemptRequest {
    pub(crate) operation: &'static Operation,
    /// The request without a token.
    pub(super) template: Arc<Request>,
    pub(super) token: AccessToken,
    pub(crate) timeout: Duration,
    /// Whether to use a new connection outside the pool, which may have one that hangs.
    pub(super) needs_new_connection: bool,
    /// How many requests the call has sent before.
    pub(super) previous_requests: u32,
    /// How long the call has waited since then.
    pub(super) waited: Duration,
}

impl AttemptRequest {
    /// Returns the request with its token; none if it cannot be repeated.
    pub(crate) fn request(&self) -> Option<Request> {
        let template = &*self.template;
        let mut request = if template.body().is_some() {
            // Only streams cannot be cloned, and no body of this API is a stream.
            template.try_clone()?
        } else {
            // Cheaper than `try_clone`, which allocates for a timeout that the template does not have.
            let mut request = Request::new(template.method().clone(), template.url().clone());
            *request.headers_mut() = template.headers().clone();
            request
        };
        let token = self.token.header();
        request.headers_mut().insert(header::AUTHORIZATION, token);
        Some(request)
    }
}

/// Performs one attempt. A simulation replaces it to run the send loop without a network.
pub(crate) trait AttemptSender: Clone + Send + Sync + 'static {
    /// Sends the request and reads the response, both within the timeout.
    fn send(
        &self,
        http: &reqwest::Client,
        attempt: &AttemptRequest,
    ) -> impl Future<Output = Attempt> + Send;
}
