//! Holds a running server against the document: reads alone, unless more is allowed.
//!
//! ```
//! use authress_users_contract::{Finding, MockAuthress, Spec, live};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockAuthress::builder().users(250).start().await?;
//! let options = live::Options::default();
//! let spec = Spec::of_project();
//! let outcome = live::run(spec, &server.url(), &server.access_token(), &options).await?;
//! assert!(!outcome.findings.iter().any(Finding::is_error));
//! # server.ignore_findings();
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::coverage::Coverage;
use crate::exchange::{Exchange, Response};
use crate::finding::{Finding, Rule};
use crate::rules::{
    LIVE_BAD_LIMIT, LIVE_INVALID_TOKEN, LIVE_MISSING_USER, LIVE_NO_ANSWER,
    LIVE_UNDOCUMENTED_METHOD, Scene,
};
use crate::spec::Spec;
use crate::validator::Judge;

/// A list is paged through no further than this.
const MAX_PAGES: usize = 20;
/// How many listed users are read one by one.
const READ_USERS: usize = 3;
/// How often a deleted user is looked for.
const LOOKS: usize = 10;
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest part of a body that is read.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// A token of the right form that nobody has signed.
const FORGED_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl";

/// What may be changed on the server. By default, nothing.
///
/// `Debug` shows no id.
///
/// ```
/// let mut options = authress_users_contract::live::Options::default();
/// options.link = Some(("acme".to_owned(), "auth0|1".to_owned()));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// A tenant and a user to link, which must both exist.
    pub link: Option<(String, String)>,
    /// The one user to delete.
    pub delete: Option<String>,
    /// How long to wait before a deleted user is looked for again, at most nine times; a second by
    /// default.
    pub pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            link: None,
            delete: None,
            pause: Duration::from_secs(1),
        }
    }
}

/// What came of a visit.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// How many exchanges there were.
    pub exchanges: usize,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What else is worth saying.
    pub remarks: Vec<String>,
    /// What of the document was touched.
    pub coverage: Coverage,
}

/// Why nothing could be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The base URL is none, or would send the token unencrypted.
    #[error("the base URL is refused: {0}")]
    BaseUrl(&'static str),
    /// The token can't stand in a header.
    #[error("the token can't stand in a header")]
    Token,
    /// The HTTP client can't be built.
    #[error("the HTTP client can't be built")]
    Client(#[source] reqwest::Error),
    /// Nobody answers at the base URL.
    #[error("no connection to the server came about")]
    NoServer(#[source] reqwest::Error),
}

/// Makes requests of all kinds and judges what comes back.
///
/// `base_url` is where the API's paths start: https, or http on this machine.
///
/// # Errors
/// One that says why nothing could be judged: [`BaseUrl`](LiveError::BaseUrl) and
/// [`Token`](LiveError::Token) for what is of no use, [`NoServer`](LiveError::NoServer) if nobody answers
/// the first request. Whatever goes wrong after that is a finding.
pub async fn run(
    spec: &Spec,
    base_url: &str,
    token: &SecretString,
    options: &Options,
) -> Result<Outcome, LiveError> {
    let mut visit = Visit::new(spec, base_url, token)?;
    let users = visit.page_through().await?;
    visit.filter(&users).await;
    for user in users.iter().take(READ_USERS) {
        visit.read(user).await;
    }
    visit.ask_for_nobody().await;
    visit.forge_a_token().await;
    visit.overdo_the_limit().await;
    visit.use_another_method().await;
    if let Some((tenant, user)) = &options.link {
        visit.link(tenant, user).await;
    }
    if let Some(user) = &options.delete {
        visit.delete(user, options.pause).await;
    }
    Ok(visit.end())
}

struct Visit<'a> {
    spec: &'a Spec,
    http: reqwest::Client,
    base_url: String,
    token: String,
    judge: Judge<'a>,
    findings: Vec<Finding>,
    remarks: Vec<String>,
}

/// A request to make.
struct Ask<'a> {
    method: Method,
    target: String,
    token: &'a str,
    body: Option<Value>,
}

impl<'a> Visit<'a> {
    fn new(spec: &'a Spec, base_url: &str, token: &SecretString) -> Result<Self, LiveError> {
        let url = url::Url::parse(base_url).map_err(|_| LiveError::BaseUrl("it is not a URL"))?;
        let is_here = match url.host() {
            Some(url::Host::Domain(domain)) => domain == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if is_here => {}
            "http" => {
                let rule = "plain http is for this machine alone, since a token goes with it";
                return Err(LiveError::BaseUrl(rule));
            }
            _ => return Err(LiveError::BaseUrl("its scheme is neither https nor http")),
        }
        let token = token.expose_secret().to_owned();
        HeaderValue::try_from(&token).map_err(|_| LiveError::Token)?;
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT);
        if is_here {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(LiveError::Client)?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            token,
            spec,
            judge: Judge::new(spec),
            findings: Vec::new(),
            remarks: Vec::new(),
        })
    }

    /// Lists everybody, in pages of the largest size and in small ones; gives their ids.
    async fn page_through(&mut self) -> Result<Vec<String>, LiveError> {
        let first = self.send(Ask::get(&self.token.clone(), "/v1/users")).await;
        if let Err(reason) = first {
            return Err(LiveError::NoServer(reason.without_url()));
        }
        let mut ids = Vec::new();
        for limit in [100, 2] {
            let found = self.list(&format!("limit={limit}")).await;
            if ids.is_empty() {
                ids = found;
            }
        }
        if ids.is_empty() {
            self.remarks
                .push("There are no users, so none was read.".to_owned());
        }
        Ok(ids)
    }

    /// Follows a list from page to page.
    async fn list(&mut self, query: &str) -> Vec<String> {
        let mut ids = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut target = format!("/v1/users?{query}");
        for number in 1.. {
            let token = self.token.clone();
            let Some(page) = self.judged(Ask::get(&token, &target)).await else {
                break;
            };
            let page: Value = serde_json::from_slice(&page.body).unwrap_or_default();
            let users = page["users"].as_array().into_iter().flatten();
            ids.extend(users.filter_map(|user| user["userId"].as_str().map(str::to_owned)));
            let next = page["pagination"]["next"]["cursor"]
                .as_str()
                .unwrap_or_default();
            if next.is_empty() || seen.iter().any(|cursor| cursor == next) {
                break;
            }
            if number == MAX_PAGES {
                let remark =
                    format!("The list goes on behind {MAX_PAGES} pages; the rest was left.");
                self.remarks.push(remark);
                break;
            }
            seen.push(next.to_owned());
            target = format!("/v1/users?{query}&cursor={}", encode(next));
        }
        ids
    }

    async fn filter(&mut self, users: &[String]) {
        let some: String = users
            .first()
            .map_or("a", String::as_str)
            .chars()
            .take(6)
            .collect();
        let nobody = Uuid::new_v4().simple().to_string();
        for filter in [some, nobody] {
            self.list(&format!("limit=100&filter={}", encode(&filter)))
                .await;
        }
    }

    async fn read(&mut self, id: &str) {
        let token = self.token.clone();
        self.judged(Ask::get(&token, &format!("/v1/users/{}", encode(id))))
            .await;
    }

    async fn ask_for_nobody(&mut self) {
        let token = self.token.clone();
        let ask = Ask::get(&token, &format!("/v1/users/{}", Uuid::new_v4()));
        self.expect(ask, (&LIVE_MISSING_USER, "404", true), |response| {
            response.status == 404
        })
        .await;
    }

    async fn forge_a_token(&mut self) {
        let ask = Ask::get(FORGED_TOKEN, "/v1/users");
        self.expect(ask, (&LIVE_INVALID_TOKEN, "401", true), |response| {
            response.status == 401
        })
        .await;
    }

    /// What is wrong with these requests is on purpose, and the document has no answer for it.
    async fn overdo_the_limit(&mut self) {
        for limit in ["0", "101", "-1", "x"] {
            let token = self.token.clone();
            let ask = Ask::get(&token, &format!("/v1/users?limit={limit}"));
            let is_handled = |response: &Response| {
                let page: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                let users = page["users"].as_array().map_or(0, Vec::len);
                (400..500).contains(&response.status) || (response.status == 200 && users <= 100)
            };
            let expected = (&LIVE_BAD_LIMIT, "a 4xx status, or a usual page", false);
            self.expect(ask, expected, is_handled).await;
        }
    }

    async fn use_another_method(&mut self) {
        let token = self.token.clone();
        let ask = Ask {
            method: Method::PUT,
            ..Ask::get(&token, "/v1/users")
        };
        let is_no_success = |response: &Response| !(200..300).contains(&response.status);
        let expected = (&LIVE_UNDOCUMENTED_METHOD, "no success", false);
        self.expect(ask, expected, is_no_success).await;
    }

    /// Links twice, since that is to do no harm, and looks for the user in the tenant.
    async fn link(&mut self, tenant: &str, user: &str) {
        for _ in 0..2 {
            let token = self.token.clone();
            let ask = Ask {
                method: Method::PATCH,
                body: Some(json!({ "userId": user })),
                ..Ask::get(&token, &format!("/v1/tenants/{}/users", encode(tenant)))
            };
            self.judged(ask).await;
        }
        self.list(&format!("limit=100&tenantId={}", encode(tenant)))
            .await;
    }

    /// Deletes, and looks until the user is gone or hope is.
    async fn delete(&mut self, user: &str, pause: Duration) {
        let token = self.token.clone();
        let path = format!("/v1/users/{}", encode(user));
        let ask = Ask {
            method: Method::DELETE,
            ..Ask::get(&token, &path)
        };
        let accepted = self
            .judged(ask)
            .await
            .is_some_and(|response| response.status == 202);
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(pause).await;
            }
            let status = self
                .judged(Ask::get(&token, &path))
                .await
                .map(|answer| answer.status);
            if !accepted || status != Some(200) {
                break;
            }
        }
    }

    /// Sends a request and judges the exchange by all rules.
    async fn judged(&mut self, ask: Ask<'_>) -> Option<Response> {
        let method = ask.method.clone();
        let target = ask.target.clone();
        let response = match self.send(ask).await {
            Ok(exchange) => {
                let findings = self.judge.judge(&exchange);
                self.findings.extend(findings);
                exchange.response
            }
            Err(_) => None,
        };
        if response.is_none() {
            let exchange = Exchange {
                method: method.to_string(),
                origin: self.base_url.clone(),
                target,
                request_headers: HeaderMap::new(),
                request_body: Vec::new(),
                response: None,
            };
            self.found(&exchange, &LIVE_NO_ANSWER, "an answer", "none");
        }
        response
    }

    /// Judges an exchange by a rule of the live checks, and by all others if that one is kept and
    /// the request was not wrong on purpose.
    async fn expect(
        &mut self,
        ask: Ask<'_>,
        (rule, expected, is_usual): (&Rule, &str, bool),
        is_met: impl Fn(&Response) -> bool,
    ) {
        let Ok(exchange) = self.send(ask).await else {
            return;
        };
        let Some(response) = &exchange.response else {
            return;
        };
        if !is_met(response) {
            let got = format!("the status {}", response.status);
            self.found(&exchange, rule, expected, &got);
        } else if is_usual {
            let findings = self.judge.judge(&exchange);
            self.findings.extend(findings);
        }
    }

    fn found(&mut self, exchange: &Exchange, rule: &Rule, expected: &str, got: &str) {
        let spec = self.spec;
        let operation = spec
            .find(&exchange.method, exchange.path())
            .map(|(found, _)| found);
        let pointer = operation.map_or("/paths", |operation| operation.pointer.as_str());
        let number = self.judge.exchanges() + 1;
        let scene = Scene {
            spec,
            exchange,
            operation,
            number,
            left_out: Vec::new(),
        };
        self.findings
            .push(scene.finding(rule, pointer, expected, got));
    }

    async fn send(&self, ask: Ask<'_>) -> reqwest::Result<Exchange> {
        let spec = self.spec;
        let target = ask.target.split('?').next().unwrap_or_default();
        let accept = spec
            .find(ask.method.as_str(), target)
            .map(|(found, _)| found.success_types());
        let accept = accept.unwrap_or_default().join(", ");
        let url = format!("{}{}", self.base_url, ask.target);
        let mut request = self
            .http
            .request(ask.method.clone(), url)
            .bearer_auth(ask.token);
        request = request.header(
            header::ACCEPT,
            if accept.is_empty() { "*/*" } else { &accept },
        );
        if let Some(body) = &ask.body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let request = request.build()?;
        let request_headers = request.headers().clone();
        let mut response = self.http.execute(request).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                break;
            }
        }
        Ok(Exchange {
            method: ask.method.to_string(),
            origin: self.base_url.clone(),
            target: ask.target,
            request_headers,
            request_body: ask
                .body
                .map(|body| body.to_string().into_bytes())
                .unwrap_or_default(),
            response: Some(Response {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body,
            }),
        })
    }

    fn end(mut self) -> Outcome {
        self.findings.extend(self.judge.finish());
        Outcome {
            exchanges: self.judge.exchanges(),
            findings: self.findings,
            remarks: self.remarks,
            coverage: self.judge.coverage().clone(),
        }
    }
}

impl<'a> Ask<'a> {
    fn get(token: &'a str, target: &str) -> Self {
        Self {
            method: Method::GET,
            target: target.to_owned(),
            token,
            body: None,
        }
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("link", &self.link.is_some())
            .field("delete", &self.delete.is_some())
            .finish_non_exhaustive()
    }
}
