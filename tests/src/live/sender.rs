//! Sends single requests to a server.

use std::error::Error;
use std::time::Duration;

use http::{HeaderValue, header};
use secrecy::{ExposeSecret as _, SecretString};

use super::credential::{Credential, check_token};
use super::error::LiveError;
use super::request::LiveRequest;
use crate::exchange::{Exchange, Response};
use crate::spec::Spec;

const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest part of a body that is read.
pub(super) const MAX_BODY: usize = 16 * 1024 * 1024;

/// An HTTP client for one server.
pub(super) struct Sender<'a> {
    spec: &'a Spec,
    http: reqwest::Client,
    base_url: String,
    own: Credential,
}

/// Why a request got no complete response.
pub(super) struct NoResponse {
    pub(super) cause: String,
    pub(super) error: reqwest::Error,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        base_url: &str,
        token: &SecretString,
    ) -> Result<Self, LiveError> {
        let url = url::Url::parse(base_url).map_err(|_| LiveError::BaseUrl("it is not a URL"))?;
        let is_loopback = match url.host() {
            Some(url::Host::Domain(domain)) => domain == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => {
                let reason = "plain http would send the token unencrypted; use https";
                return Err(LiveError::BaseUrl(reason));
            }
            _ => return Err(LiveError::BaseUrl("the scheme must be https or http")),
        }
        // With these, a request would go to another path than its own, or with another credential.
        if url.query().is_some() || url.fragment().is_some() {
            return Err(LiveError::BaseUrl("it has a query or a fragment"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LiveError::BaseUrl("it has a user name or a password"));
        }
        check_token(token)?;
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT);
        if is_loopback {
            http = http.no_proxy();
        }
        Ok(Self {
            spec,
            http: http.build().map_err(LiveError::Client)?,
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            own: Credential::own(token.expose_secret()),
        })
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends a request. Returns the exchange, without a response if there was none.
    pub(super) async fn send(&self, request: &LiveRequest) -> (Exchange, Option<NoResponse>) {
        let exchange = Exchange::new(request.method.as_str(), &*request.target)
            .origin(&*self.base_url)
            .request_body(request.body.clone().unwrap_or_default());
        let built = match self.build(request, &exchange) {
            Ok(built) => built,
            Err(error) => return (exchange, Some(NoResponse::new(error))),
        };
        let exchange = exchange.request_headers(built.headers().clone());
        match self.execute(built).await {
            Ok(response) => (exchange.response(response), None),
            Err(error) => (exchange, Some(NoResponse::new(error))),
        }
    }

    fn build(
        &self,
        request: &LiveRequest,
        exchange: &Exchange,
    ) -> reqwest::Result<reqwest::Request> {
        let operation = self.spec.find(request.method.as_str(), exchange.path());
        let accept = operation.map(|(operation, _)| operation.success_types().join(", "));
        let accept = accept.filter(|accept| !accept.is_empty());
        let url = format!("{}{}", self.base_url, request.target);
        let mut sent = self
            .http
            .request(request.method.clone(), url)
            .header(header::ACCEPT, accept.as_deref().unwrap_or("*/*"))
            .header(header::ACCEPT_ENCODING, "identity");
        let credential = request.credential.as_ref().unwrap_or(&self.own);
        if let Some(value) = &credential.header {
            let mut value = HeaderValue::try_from(value.expose_secret())
                .unwrap_or_else(|_| HeaderValue::from_static("Bearer invalid"));
            value.set_sensitive(true);
            sent = sent.header(header::AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            sent = sent
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        sent.build()
    }

    async fn execute(&self, request: reqwest::Request) -> reqwest::Result<Response> {
        let mut received = self.http.execute(request).await?;
        let mut body = Vec::new();
        while let Some(chunk) = received.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                break;
            }
        }
        Ok(Response::new(received.status().as_u16())
            .headers(received.headers().clone())
            .body(body))
    }

    /// Returns how a shell writes the credential of a request.
    pub(super) fn authorization<'r>(&'r self, request: &'r LiveRequest) -> Option<&'r str> {
        let credential = request.credential.as_ref().unwrap_or(&self.own);
        credential.shell.as_deref()
    }
}

impl NoResponse {
    fn new(error: reqwest::Error) -> Self {
        Self {
            cause: cause(&error),
            error: error.without_url(),
        }
    }
}

/// Returns the innermost cause of an error, which names neither URL nor id.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no response within {} s", TIMEOUT.as_secs());
    }
    let Some(mut cause) = error.source() else {
        return "the connection failed".to_owned();
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
