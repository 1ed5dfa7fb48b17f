use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, HeaderValue, header};
use url::form_urlencoded;

use super::route::Route;
use crate::exchange::{CREDENTIALS, Exchange};
use crate::operation::Operation;

/// A request as the fake received it, without its token.
///
/// `Debug` shows neither ids nor the body. Returned by
/// [`MockAuthress::requests`](crate::MockAuthress::requests).
///
/// ```
/// use authress_users_contract::{MockAuthress, Operation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = MockAuthress::builder().tenant("acme").start().await?;
/// let authress = authress_users_ext::AuthressClient::builder()
///     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// authress.users().get_users().tenant_id("acme").limit(20).await?;
///
/// let request = &fake.requests()[0];
/// assert_eq!((request.method(), request.path()), ("GET", "/v1/users"));
/// assert_eq!(request.operation(), Some(Operation::GetUsers));
/// assert_eq!((request.query("tenantId"), request.query("limit")), (Some("acme"), Some("20")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
    operation: Option<Operation>,
    path_parameters: BTreeMap<String, String>,
}

impl ReceivedRequest {
    pub(crate) fn new(request: &Exchange, route: Option<&Route>) -> Self {
        let mut headers = request.request_headers.clone();
        // Replaces all values of the header.
        if headers.contains_key(header::AUTHORIZATION) {
            let redacted = HeaderValue::from_static("(redacted)");
            headers.insert(header::AUTHORIZATION, redacted);
        }
        let query = request.query().unwrap_or_default();
        Self {
            method: request.method.clone(),
            path: request.path().to_owned(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers,
            body: request.request_body.clone(),
            operation: route.and_then(|route| route.operation),
            path_parameters: route
                .map(|route| route.path_parameters.clone())
                .unwrap_or_default(),
        }
    }

    /// Cuts a body that is longer than `max` bytes.
    pub(crate) fn truncate_body(&mut self, max: usize) {
        if self.body.len() > max {
            self.body = self.body[..max].to_vec();
        }
    }

    /// Returns the HTTP method in upper case.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path as received, percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the operation; none if the request matches no operation.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// Returns the decoded value of a path parameter such as `userId`.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.get(name).map(String::as_str)
    }

    /// Returns the decoded value of a query parameter; the first one if it is repeated.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// Returns the headers that hold no credentials, as far as they are ASCII.
    pub(crate) fn public_headers(&self) -> BTreeMap<&str, &str> {
        let is_public = |name: &str| !CREDENTIALS.contains(&name);
        let headers = self.headers.iter();
        headers
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .filter(|(name, _)| is_public(name))
            .collect()
    }

    /// Returns the value of a header, if it is ASCII. The value of `Authorization` is redacted.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body; empty if there was none.
    ///
    /// A fake with a limited [history](crate::MockAuthressBuilder::history) keeps the first 64 KiB.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedRequest")
            .field("method", &self.method)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_redacted() {
        let tokens = ["Bearer sekrit", "Basic sekrit"].map(HeaderValue::from_static);
        let headers = tokens.map(|token| (header::AUTHORIZATION, token));
        let exchange = Exchange::new("GET", "/").request_headers(headers.into_iter().collect());
        let received = ReceivedRequest::new(&exchange, None);
        let kept: Vec<_> = received.headers.values().collect();
        assert_eq!(kept, ["(redacted)"]);
    }
}
