//! Responds to requests: stub responses, faults, authorization, and the operations themselves.

use std::collections::VecDeque;
use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use url::{Position, Url};
use uuid::Uuid;
use wiremock::{Request, Respond, ResponseTemplate};

use super::account::{Account, Missing, UserPage};
use super::cursor;
use super::defect::{self, Defect};
use super::fault::{Fault, StatusFault};
use super::inject::inject;
use super::limiter::Admission;
use super::proxy::{self, Delivery};
use super::received_request::ReceivedRequest;
use super::route::{self, Route};
use super::state::{Shared, State};
use super::stub_response::StubResponse;
use crate::exchange::{Exchange, Response, text};
use crate::finding::{Finding, Rule};
use crate::operation::Operation;
use crate::rules::{
    ExchangeContext, LIST_CURSOR_VERBATIM, REQUEST_BODY_MISSING, REQUEST_BODY_VALID,
    REQUEST_CONTENT_TYPE, REQUEST_PARAMETER_REQUIRED, REQUEST_PARAMETER_VALID,
};
use crate::spec::{Spec, SpecOperation};

/// The status for requests that match no operation; no API uses it.
const NO_OPERATION: u16 = 599;
const DEFAULT_LIMIT: usize = 100;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(crate) struct Responder {
    shared: Arc<Shared>,
}

impl Responder {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let route = route::find(request.method.as_str(), request.url.path());
        let mut exchange = self.exchange(request);
        let received = ReceivedRequest::new(&exchange, route.as_ref());
        let mut findings = self.shared.validator().validate_request(&exchange);
        let Outcome {
            mut response,
            fault,
            mut is_validated,
        } = match &route {
            Some(
                route @ Route {
                    operation: Some(operation),
                    ..
                },
            ) => {
                let call = Call {
                    shared: &self.shared,
                    spec: route.spec,
                    operation: *operation,
                    url: &request.url,
                    received: &received,
                    exchange: &exchange,
                };
                call.respond(&mut findings)
            }
            Some(route) => {
                let id = &route.spec.id;
                no_operation(&format!("The fake does not implement {id}."))
            }
            None => no_operation("The API has no such operation."),
        };
        let date = self.shared.state().date();
        if let Some(date) = date.filter(|_| !response.headers.contains_key(header::DATE)) {
            response.headers.insert(header::DATE, date);
        }
        if let Some(defect) = self.shared.defect {
            let cursor = received.query("cursor");
            defect::apply(defect, &mut response, cursor, NO_OPERATION);
            is_validated = false;
        }
        if is_validated {
            exchange.response = Some(Response {
                status: response.status.as_u16(),
                headers: response.headers.clone(),
                body: response.body.clone(),
            });
        }
        findings.extend(self.shared.validator().validate_response(&exchange));
        self.shared.record(received, findings);
        self.template(request, response, fault)
    }
}

/// A response, and how it is sent.
struct Outcome {
    response: StubResponse,
    fault: Option<Fault>,
    /// Whether the response is the fake's own, so that the validator sees it.
    is_validated: bool,
}

fn no_operation(title: &str) -> Outcome {
    let status = StatusCode::from_u16(NO_OPERATION).unwrap_or_default();
    Outcome {
        response: problem_response(status, "NoSuchOperation", title),
        fault: None,
        is_validated: false,
    }
}

fn problem_response(status: StatusCode, code: &str, title: &str) -> StubResponse {
    StubResponse::from_status(status)
        .with_header(header::CONTENT_TYPE, JSON)
        .body(problem(code, title).to_string())
}

impl Responder {
    /// Returns the request with the target as sent; the URL of wiremock is normalized.
    fn exchange(&self, request: &Request) -> Exchange {
        let mut headers = request.headers.clone();
        let target = headers.remove(proxy::TARGET).map(|target| text(&target));
        let target = target
            .filter(|target| target.starts_with('/'))
            .unwrap_or_else(|| request.url[Position::BeforePath..].to_owned());
        Exchange::new(request.method.as_str(), target)
            .origin(&*self.shared.url)
            .request_headers(headers)
            .request_body(request.body.clone())
    }

    fn template(
        &self,
        request: &Request,
        response: StubResponse,
        fault: Option<Fault>,
    ) -> ResponseTemplate {
        let mut delay = self.shared.latency;
        if let Some(Fault::Delay(more)) = fault {
            delay += more;
        }
        let has_body = request.method != Method::HEAD
            && !matches!(
                response.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            );
        let body_length = if has_body { response.body.len() } else { 0 };
        let delivery = self.shared.deliveries.add(Delivery { body_length, fault });
        let template = ResponseTemplate::new(response.status)
            .append_headers(&response.headers)
            .insert_header(proxy::DELIVERY, delivery)
            .set_body_bytes(response.body);
        if delay.is_zero() {
            template
        } else {
            template.set_delay(delay)
        }
    }
}

/// A request that matches an operation.
struct Call<'a> {
    shared: &'a Shared,
    spec: &'static SpecOperation,
    operation: Operation,
    url: &'a Url,
    received: &'a ReceivedRequest,
    exchange: &'a Exchange,
}

impl Call<'_> {
    fn respond(&self, findings: &mut Vec<Finding>) -> Outcome {
        let mut state = self.shared.state();
        let token = self.exchange.bearer_token();
        if let Some(token) = token {
            state.tokens.insert(token.to_owned());
        }
        let operation = self.operation;
        let stubs = state.stubs.get_mut(&operation);
        if let Some(response) = stubs.and_then(VecDeque::pop_front) {
            return Outcome {
                response,
                fault: None,
                is_validated: false,
            };
        }
        findings.extend(self.unknown_cursor());
        let fault = state.next_fault(operation);
        let mut is_validated = fault.as_ref().is_none_or(Fault::keeps_response);
        let error = fault.as_ref().and_then(|fault| self.error_of_fault(fault));
        let Admission {
            is_rejected,
            headers,
        } = match error {
            Some(_) => Admission::default(),
            None => state.admit(operation),
        };
        is_validated &= !is_rejected;
        let rejection = error
            .or_else(|| is_rejected.then(|| self.rate_limited()))
            .or_else(|| self.rejection(&mut state, token));
        let mut response = rejection.unwrap_or_else(|| {
            if let Some(finding) = findings.iter().find(|finding| is_invalid_input(finding)) {
                is_validated = false;
                let title = format!("Expected {}, got {}.", finding.expected, finding.actual);
                return self.error(StatusCode::BAD_REQUEST, "InvalidRequest", &title);
            }
            let replaced = self.shared.defect.and_then(|defect| {
                state.links += usize::from(operation == Operation::LinkTenantUser);
                defect::replace(defect, operation, state.links > 1)
            });
            replaced.unwrap_or_else(|| self.execute(&mut state.account))
        });
        response.headers.extend(headers);
        if let Some(fault) = &fault {
            inject(&mut response, fault, self.received.query("cursor"));
        }
        Outcome {
            response,
            fault,
            is_validated,
        }
    }

    /// Returns a finding if the fake cannot have issued the cursor of the request.
    fn unknown_cursor(&self) -> Option<Finding> {
        let cursor = self
            .received
            .query("cursor")
            .filter(|cursor| cursor::decode(cursor).is_none())?;
        let parameter = self
            .spec
            .parameters_in("query")
            .find(|own| own.name == "cursor")?;
        let number = self.shared.validator().exchanges();
        let context = ExchangeContext::new(Spec::bundled(), self.exchange, number);
        let actual = format!("an unknown cursor of {} characters", cursor.chars().count());
        let expected = "a cursor exactly as the server returned it";
        Some(context.finding(&LIST_CURSOR_VERBATIM, &parameter.pointer, expected, actual))
    }

    /// Returns the response of a fault that prevents the request from being executed.
    fn error_of_fault(&self, fault: &Fault) -> Option<StubResponse> {
        match fault {
            Fault::Status(status) => Some(status_response(status)),
            Fault::ResetBeforeExecution => {
                Some(StubResponse::from_status(StatusCode::SERVICE_UNAVAILABLE))
            }
            Fault::ExpiredToken => Some(self.unauthorized("The token has expired.")),
            _ => None,
        }
    }

    /// Returns the response to a caller without a valid token or without permission.
    fn rejection(&self, state: &mut State, token: Option<&str>) -> Option<StubResponse> {
        if state.rejections > 0 {
            state.rejections -= 1;
            return Some(self.unauthorized("The token is no longer valid."));
        }
        let Some(token) = token else {
            return Some(self.unauthorized("There is no bearer token."));
        };
        if state.revoked.contains(token) {
            return Some(self.unauthorized("The token is no longer valid."));
        }
        if self.shared.defect == Some(Defect::LiveInvalidToken) {
            return None;
        }
        // The issuer of a token is the URL that its client uses, such as one with `localhost`.
        let host = self.received.header("host").unwrap_or_default();
        let urls = [&*self.shared.url, &*format!("http://{host}")];
        if let Err(title) = self.shared.keys.check(token, &urls, state.now()) {
            return Some(self.unauthorized(title));
        }
        state.denied.contains(&self.operation).then(|| {
            let title = "The caller lacks the permission for this operation.";
            self.error(StatusCode::FORBIDDEN, "Forbidden", title)
        })
    }

    fn execute(&self, account: &mut Account) -> StubResponse {
        match self.operation {
            Operation::GetUsers => self.get_users(account),
            Operation::GetUser => account.user(self.path_parameter("userId")).map_or_else(
                || self.user_not_found(),
                |user| self.success(StatusCode::OK, Some(user)),
            ),
            Operation::DeleteUser => {
                if account.delete_user(self.path_parameter("userId")) {
                    self.success(StatusCode::ACCEPTED, None)
                } else {
                    self.user_not_found()
                }
            }
            Operation::LinkTenantUser => {
                let body: Value = serde_json::from_slice(self.received.body()).unwrap_or_default();
                let user = body["userId"].as_str().unwrap_or_default();
                match account.link(self.path_parameter("tenantId"), user) {
                    Ok(()) => self.success(StatusCode::NO_CONTENT, None),
                    Err(Missing::User) => self.user_not_found(),
                    Err(Missing::Tenant) => {
                        let title = "The tenant does not exist.";
                        self.error(StatusCode::NOT_FOUND, "NotFound", title)
                    }
                }
            }
        }
    }

    fn get_users(&self, account: &Account) -> StubResponse {
        let limit = self
            .received
            .query("limit")
            .and_then(|limit| limit.parse().ok());
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        let after = self
            .received
            .query("cursor")
            .and_then(cursor::decode)
            .unwrap_or_default();
        let filter = self.received.query("filter");
        let tenant = self.received.query("tenantId");
        let UserPage { users, next_cursor } = account.list(after, limit, filter, tenant);
        let next = next_cursor
            .as_ref()
            .map(|cursor| json!({ "href": self.href(Some(cursor)) }));
        let body = json!({
            "users": users,
            "pagination": { "next": next_cursor.map(|cursor| json!({ "cursor": cursor })) },
            "links": { "self": { "href": self.href(None) }, "next": next },
        });
        self.success(StatusCode::OK, Some(&body))
    }

    /// Returns the URL of this request, with another cursor if one is given.
    fn href(&self, cursor: Option<&str>) -> String {
        let mut url = self.url.clone();
        if let Some(cursor) = cursor {
            let others: Vec<_> = url
                .query_pairs()
                .into_owned()
                .filter(|(name, _)| name != "cursor")
                .collect();
            url.query_pairs_mut()
                .clear()
                .extend_pairs(others)
                .append_pair("cursor", cursor);
        }
        // wiremock replaces the host by its own.
        let own = Url::parse(&self.shared.url).ok();
        own.and_then(|own| own.join(&url[Position::BeforePath..]).ok())
            .unwrap_or(url)
            .to_string()
    }

    fn path_parameter(&self, name: &str) -> &str {
        self.received.path_parameter(name).unwrap_or_default()
    }

    fn success(&self, status: StatusCode, body: Option<&Value>) -> StubResponse {
        self.documented(status, body.map(Value::to_string).unwrap_or_default())
    }

    fn user_not_found(&self) -> StubResponse {
        let title = "The user does not exist.";
        self.error(StatusCode::NOT_FOUND, "NotFound", title)
    }

    fn rate_limited(&self) -> StubResponse {
        let title = "The rate limit is exceeded.";
        self.error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", title)
    }

    fn unauthorized(&self, title: &str) -> StubResponse {
        self.error(StatusCode::UNAUTHORIZED, "Unauthorized", title)
    }

    fn error(&self, status: StatusCode, code: &str, title: &str) -> StubResponse {
        self.documented(status, problem(code, title).to_string())
    }

    /// Returns a response with the media type of the spec.
    fn documented(&self, status: StatusCode, body: String) -> StubResponse {
        let response = StubResponse::from_status(status).body(body);
        let media_type = match self.spec.response(status.as_u16()) {
            Some((_, documented)) => documented
                .media
                .first()
                .and_then(|media| HeaderValue::try_from(&*media.name).ok()),
            None => Some(JSON),
        };
        match media_type {
            Some(media_type) => response.with_header(header::CONTENT_TYPE, media_type),
            None => response,
        }
    }
}

fn status_response(fault: &StatusFault) -> StubResponse {
    fault
        .response()
        .with_header(header::CONTENT_TYPE, JSON)
        .body(problem("Fault", "Something went wrong.").to_string())
}

/// Returns the documented body of an error.
fn problem(code: &str, title: &str) -> Value {
    json!({ "title": title, "errorCode": code, "errorId": Uuid::new_v4().to_string() })
}

/// Whether the API rejects the request with 400, regardless of the caller.
fn is_invalid_input(finding: &Finding) -> bool {
    const RULES: [&Rule; 6] = [
        &LIST_CURSOR_VERBATIM,
        &REQUEST_PARAMETER_VALID,
        &REQUEST_PARAMETER_REQUIRED,
        &REQUEST_BODY_VALID,
        &REQUEST_BODY_MISSING,
        &REQUEST_CONTENT_TYPE,
    ];
    RULES.iter().any(|rule| rule.id == finding.rule)
}
