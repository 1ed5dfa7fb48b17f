use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, HeaderValue, header};
use url::form_urlencoded;

use super::operation::Matched;
use crate::exchange::Exchange;

/// A request as the fake received it.
///
/// Its token is taken out, and its `Debug` shows neither ids nor the body.
/// [`MockAuthress::requests`](crate::MockAuthress::requests) has all of them.
///
/// ```
/// use authress_users_contract::MockAuthress;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().tenant("acme").start().await?;
/// # let authress = authress_users_ext::AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// authress.users().get_users().tenant_id("acme").limit(20).await?;
///
/// let request = &fake.requests()[0];
/// assert_eq!((request.method(), request.path()), ("GET", "/v1/users"));
/// assert_eq!(request.operation(), Some("getUsers"));
/// assert_eq!((request.query("tenantId"), request.query("limit")), (Some("acme"), Some("20")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ReceivedRequest {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
    operation: Option<&'static str>,
    path_parameters: BTreeMap<&'static str, String>,
}

impl ReceivedRequest {
    pub(crate) fn new(request: &Exchange, matched: Option<&Matched>) -> Self {
        let mut headers = request.request_headers.clone();
        if let Some(token) = headers.get_mut(header::AUTHORIZATION) {
            *token = HeaderValue::from_static("(taken out)");
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
            operation: matched.map(|matched| matched.operation.id),
            path_parameters: matched
                .map(|matched| matched.path_parameters.clone())
                .unwrap_or_default(),
        }
    }

    /// The HTTP method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path as it came, percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The operation it belongs to, as the API's document calls it; none if it belongs to none.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The decoded value of a parameter in the path, such as `userId`.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.get(name).map(String::as_str)
    }

    /// The decoded value of a parameter in the query: the first, if it came more than once.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a header, if it is text. That of `Authorization` was taken out.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body; empty if there was none.
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
