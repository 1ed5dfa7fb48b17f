//! Sends requests to a server and validates its responses.

use std::error::Error;
use std::time::Duration;

use http::{HeaderValue, Method, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::error::LiveError;
use crate::exchange::{Exchange, Response};
use crate::finding::{Finding, Rule};
use crate::redact::printable;
use crate::report::Report;
use crate::rules::{ExchangeContext, LIVE_NO_RESPONSE, LIVE_WRITE_FAILED};
use crate::spec::Spec;
use crate::validator::Validator;

const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest part of a body that is read.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// A request to send.
pub(super) struct LiveRequest {
    pub(super) method: Method,
    pub(super) target: String,
    /// The token in place of the session's own.
    pub(super) token: Option<&'static str>,
    pub(super) body: Option<Value>,
}

impl LiveRequest {
    pub(super) fn new(method: Method, target: impl Into<String>) -> Self {
        Self {
            method,
            target: target.into(),
            token: None,
            body: None,
        }
    }

    pub(super) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target)
    }
}

/// A rule of the live checks, and what it requires.
pub(super) struct Expectation {
    pub(super) rule: &'static Rule,
    pub(super) expected: &'static str,
    pub(super) is_met: fn(&Response) -> bool,
    /// Whether the other rules apply as well. They do not if the request is invalid on purpose.
    pub(super) is_valid_request: bool,
}

/// The requests to one server, and what was found so far.
pub(super) struct Session<'a> {
    spec: &'a Spec,
    http: reqwest::Client,
    base_url: String,
    token: String,
    validator: Validator<'a>,
    findings: Vec<Finding>,
    warnings: Vec<String>,
}

impl<'a> Session<'a> {
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
        let token = token.expose_secret().to_owned();
        HeaderValue::try_from(&token).map_err(|_| LiveError::Token)?;
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT);
        if is_loopback {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(LiveError::Client)?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            token,
            spec,
            validator: Validator::new(spec),
            findings: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Checks that the server responds at all, and accepts the token.
    pub(super) async fn connect(&self) -> Result<(), LiveError> {
        match self.send(&LiveRequest::get("/v1/users")).await {
            Ok(exchange) if exchange.response.as_ref().is_some_and(is_unauthorized) => {
                Err(LiveError::TokenRejected)
            }
            Ok(_) => Ok(()),
            Err(reason) => Err(LiveError::Connect(reason.without_url())),
        }
    }

    /// Sends a request and validates the exchange against all rules.
    pub(super) async fn validate(&mut self, request: LiveRequest) -> Option<Response> {
        let exchange = self.exchange(request).await?;
        let findings = self.validator.validate(&exchange);
        self.findings.extend(findings);
        exchange.response
    }

    /// Sends a request that changes something on the server, and requires that it succeeds.
    pub(super) async fn write(&mut self, request: LiveRequest) -> Option<Response> {
        let exchange = self.exchange(request).await?;
        let response = exchange.response.as_ref()?;
        if !(200..300).contains(&response.status) {
            let actual = format!("the status {}", response.status);
            self.report(&exchange, &LIVE_WRITE_FAILED, "a 2xx status", &actual);
        }
        let findings = self.validator.validate(&exchange);
        self.findings.extend(findings);
        exchange.response
    }

    /// Sends a request and validates the response against an expectation.
    pub(super) async fn expect(&mut self, request: LiveRequest, expectation: &Expectation) {
        let Some(exchange) = self.exchange(request).await else {
            return;
        };
        let Some(response) = &exchange.response else {
            return;
        };
        if !(expectation.is_met)(response) {
            let actual = format!("the status {}", response.status);
            let Expectation { rule, expected, .. } = expectation;
            self.report(&exchange, rule, expected, &actual);
        } else if expectation.is_valid_request {
            let findings = self.validator.validate(&exchange);
            self.findings.extend(findings);
        }
    }

    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    fn report(&mut self, exchange: &Exchange, rule: &Rule, expected: &str, actual: &str) {
        let number = self.validator.exchanges() + 1;
        let context = ExchangeContext::new(self.spec, exchange, number);
        let pointer = context
            .operation
            .map_or("/paths", |operation| operation.pointer.as_str());
        self.findings
            .push(context.finding(rule, pointer, expected, actual));
    }

    /// Sends a request. A missing response is a finding.
    async fn exchange(&mut self, request: LiveRequest) -> Option<Exchange> {
        match self.send(&request).await {
            Ok(exchange) => Some(exchange),
            Err(reason) => {
                let exchange =
                    Exchange::new(request.method.as_str(), request.target).origin(&*self.base_url);
                let actual = format!("none: {}", cause(&reason));
                self.report(&exchange, &LIVE_NO_RESPONSE, "a response", &actual);
                None
            }
        }
    }

    async fn send(&self, request: &LiveRequest) -> reqwest::Result<Exchange> {
        let body = request.body.as_ref().map(Value::to_string);
        let exchange = Exchange::new(request.method.as_str(), &*request.target)
            .origin(&*self.base_url)
            .request_body(body.clone().unwrap_or_default());
        let operation = self.spec.find(request.method.as_str(), exchange.path());
        let accept = operation.map(|(operation, _)| operation.success_types().join(", "));
        let accept = accept.filter(|accept| !accept.is_empty());
        let mut sent = self
            .http
            .request(
                request.method.clone(),
                format!("{}{}", self.base_url, request.target),
            )
            .bearer_auth(request.token.unwrap_or(&self.token))
            .header(header::ACCEPT, accept.as_deref().unwrap_or("*/*"));
        if let Some(body) = body {
            sent = sent
                .header(header::CONTENT_TYPE, "application/json")
                .body(body);
        }
        let sent = sent.build()?;
        let request_headers = sent.headers().clone();
        let mut received = self.http.execute(sent).await?;
        let mut body = Vec::new();
        while let Some(chunk) = received.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                break;
            }
        }
        let response = Response::new(received.status().as_u16())
            .headers(received.headers().clone())
            .body(body);
        Ok(exchange.request_headers(request_headers).response(response))
    }

    pub(super) fn finish(mut self) -> Report {
        self.findings.extend(self.validator.finish());
        // The server may repeat the token in a later response, to a request without it.
        for finding in &mut self.findings {
            finding.expected = printable(&finding.expected, &[&self.token]);
            finding.actual = printable(&finding.actual, &[&self.token]);
        }
        let coverage = self.validator.coverage().entries(self.spec);
        let exchanges = self.validator.exchanges();
        Report::new(exchanges, self.findings, self.warnings, coverage)
    }
}

fn is_unauthorized(response: &Response) -> bool {
    response.status == 401
}

/// Returns the innermost cause of an error, which names neither URL nor id.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_timeout() {
        format!("no response within {} s", TIMEOUT.as_secs())
    } else if error.source().is_none() {
        "the connection failed".to_owned()
    } else {
        cause.to_string()
    }
}
