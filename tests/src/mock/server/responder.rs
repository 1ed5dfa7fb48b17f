//! Responds to requests: stub responses, faults, authorization, and the operations themselves.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::cors;
use crate::counted::counted;
use crate::exchange::{Exchange, Response};
use crate::finding::{Finding, Rule};
use crate::mock::account::{Account, Missing, UserPage};
use crate::mock::control;
use crate::mock::cursor;
use crate::mock::defect::{self, Defect, Deleted, Invalid};
use crate::mock::faults::{Fault, StatusFault, inject};
use crate::mock::limits::Admission;
use crate::mock::list_request::ListRequest;
use crate::mock::meta::{self, PREFIX};
use crate::mock::problem::{self, JSON};
use crate::mock::received_request::ReceivedRequest;
use crate::mock::route::{self, Route};
use crate::mock::served_exchange::ServedExchange;
use crate::mock::state::{Shared, State};
use crate::mock::stub_response::StubResponse;
use crate::mock::tokens::issuers;
use crate::operation::Operation;
use crate::rules::{
    ExchangeContext, LIST_CURSOR_VERBATIM, REQUEST_BODY_MISSING, REQUEST_BODY_VALID,
    REQUEST_CONTENT_TYPE, REQUEST_DOT_SEGMENT, REQUEST_PARAMETER_REQUIRED, REQUEST_PARAMETER_VALID,
    shape,
};
use crate::spec::{Spec, SpecOperation};

const DEFAULT_LIMIT: usize = 100;
/// The header of responses to requests that the API does not have.
const EXPLANATION: HeaderName = HeaderName::from_static("x-authress-fake");

/// A response, and how it is sent.
pub(crate) struct Reply {
    pub(crate) response: StubResponse,
    pub(crate) fault: Option<Fault>,
    pub(crate) delay: Duration,
}

/// Validates a request, executes it, and records the exchange.
pub(crate) fn respond(shared: &Shared, mut exchange: Exchange, peer: SocketAddr) -> Reply {
    if let Some(response) = beside_the_api(shared, &exchange, peer) {
        return Reply {
            response,
            fault: None,
            delay: Duration::ZERO,
        };
    }
    let started = Instant::now();
    let route = route::find(&exchange.method, exchange.path());
    let received = ReceivedRequest::new(&exchange, route.as_ref());
    let (number, mut findings) = {
        let mut validator = shared.validator();
        let findings = validator.validate_request(&exchange);
        (validator.exchanges(), findings)
    };
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
                shared,
                spec: route.spec,
                operation: *operation,
                received: &received,
                exchange: &exchange,
                number,
            };
            call.respond(&mut findings)
        }
        Some(route) => {
            let id = &route.spec.id;
            no_operation(&format!("The fake does not implement {id}."))
        }
        None => unknown(shared.defect, &exchange),
    };
    let date = shared.state().date();
    if let Some(date) = date.filter(|_| !response.headers.contains_key(header::DATE)) {
        response.headers.insert(header::DATE, date);
    }
    if let Some(defect) = shared.defect {
        let cursor = received.query("cursor");
        defect::apply(defect, received.operation(), &mut response, cursor);
        is_validated = false;
    }
    if is_validated {
        exchange.response = Some(Response {
            status: response.status.as_u16(),
            headers: response.headers.clone(),
            body: response.body.clone(),
        });
    }
    let own = shared.validator().validate_response(&exchange);
    // Notes about the fake's own users say nothing about the client.
    findings.extend(own.into_iter().filter(Finding::is_error));
    cors::allow_origin(&exchange.request_headers, &mut response.headers);
    let mut delay = shared.latency;
    if let Some(Fault::Delay(more)) = fault {
        delay = delay.saturating_add(more);
    }
    let path = route.as_ref().map_or_else(
        || shape(exchange.path()),
        |route| route.spec.template.as_str().to_owned(),
    );
    let served = ServedExchange {
        number,
        time: shared.state().time(),
        method: exchange.method.clone(),
        path,
        operation: received.operation(),
        status: response.status.as_u16(),
        has_fault: fault.is_some(),
        duration: started.elapsed().saturating_add(delay),
        findings,
    };
    shared.record(received, &served);
    Reply {
        response,
        fault,
        delay,
    }
}

/// Returns the response to a request that is not for the API; none for other requests.
fn beside_the_api(shared: &Shared, exchange: &Exchange, peer: SocketAddr) -> Option<StubResponse> {
    let headers = &exchange.request_headers;
    let is_preflight = cors::is_preflight(exchange) && !exchange.path().starts_with(PREFIX);
    let public = is_preflight.then(|| cors::preflight(headers));
    match public.or_else(|| meta::respond(shared, exchange)) {
        Some(mut response) => {
            cors::allow_origin(headers, &mut response.headers);
            Some(response)
        }
        // Pages of other origins must not control the fake.
        None => control::respond(shared, exchange, peer),
    }
}

struct Outcome {
    response: StubResponse,
    fault: Option<Fault>,
    /// Whether the response is the fake's own, so that the validator sees it.
    is_validated: bool,
}

/// Returns the response to a request that matches no operation of the spec.
fn unknown(defect: Option<Defect>, exchange: &Exchange) -> Outcome {
    let spec = Spec::bundled();
    let methods = spec.methods(exchange.path()).join(", ").to_uppercase();
    let status = defect.and_then(|defect| defect::unknown_method(defect, &exchange.method));
    if let Some(status) = status.filter(|_| !methods.is_empty()) {
        return Outcome {
            response: StubResponse::from_status(status),
            fault: None,
            is_validated: false,
        };
    }
    if methods.is_empty() {
        let paths: Vec<_> = spec.paths().collect();
        let paths = paths.join(", ");
        let title = format!(
            "The API has no such path; it has {paths}. Check the client's URL and the encoding of ids."
        );
        return no_operation(&title);
    }
    let title = format!("The API has no such method for this path; it has {methods}.");
    let mut response =
        problem::response(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", &title);
    // Methods of a spec are always valid values.
    if let Ok(methods) = HeaderValue::try_from(methods) {
        response.headers.insert(header::ALLOW, methods);
    }
    Outcome {
        response,
        fault: None,
        is_validated: false,
    }
}

fn no_operation(title: &str) -> Outcome {
    let response = problem::response(StatusCode::BAD_REQUEST, "NoSuchOperation", title);
    let explanation = HeaderValue::from_static("no-such-operation");
    Outcome {
        response: response.with_header(EXPLANATION, explanation),
        fault: None,
        is_validated: false,
    }
}

/// A request that matches an operation.
struct Call<'a> {
    shared: &'a Shared,
    spec: &'static SpecOperation,
    operation: Operation,
    received: &'a ReceivedRequest,
    exchange: &'a Exchange,
    number: usize,
}

impl Call<'_> {
    fn respond(&self, findings: &mut Vec<Finding>) -> Outcome {
        let mut state = self.shared.state();
        let token = self.exchange.bearer_token();
        if let Some(token) = token {
            state.tokens.add(token);
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
                let defect = self.shared.defect;
                match defect.and_then(|own| defect::invalid_input(own, finding, self.received)) {
                    Some(Invalid::Status(status)) => return StubResponse::from_status(status),
                    Some(Invalid::Execute) => {}
                    None if finding.rule == LIST_CURSOR_VERBATIM.id => {
                        let title = "No page has this cursor.";
                        return self.error(StatusCode::NOT_FOUND, "NotFound", title);
                    }
                    None => {
                        let title =
                            format!("Expected {}, got {}.", finding.expected, finding.actual);
                        return self.error(StatusCode::BAD_REQUEST, "InvalidRequest", &title);
                    }
                }
            }
            state.links += usize::from(operation == Operation::LinkTenantUser);
            self.execute(&mut state)
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
        let context = ExchangeContext::new(Spec::bundled(), self.exchange, self.number);
        let actual = format!(
            "an unknown cursor of {}",
            counted(cursor.chars().count(), "character")
        );
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
        if let Err(title) = self.check(state, token) {
            let reason = token.map(|_| title);
            let is_accepted = self.shared.defect.is_some_and(|defect| {
                defect::accepts(defect, self.operation, self.exchange, reason)
            });
            return (!is_accepted).then(|| self.unauthorized(title));
        }
        state.denied.contains(&self.operation).then(|| {
            let title = "The caller lacks the permission for this operation.";
            self.error(StatusCode::FORBIDDEN, "Forbidden", title)
        })
    }

    /// Checks the token of a request. The error is the title of the response.
    fn check(&self, state: &State, token: Option<&str>) -> Result<(), &'static str> {
        let token = token.ok_or("There is no bearer token.")?;
        if state.tokens.is_revoked(token) {
            return Err("The token is no longer valid.");
        }
        let mut urls = issuers::possible_urls(&self.exchange.request_headers);
        urls.push(self.shared.url.clone());
        urls.extend(self.shared.public_url.clone());
        self.shared.keys.check(token, &urls, state.now())
    }

    /// Returns the response of a fake whose defect changes how it reads or writes a user.
    fn faulty(&self, state: &mut State) -> Option<StubResponse> {
        let defect = self.shared.defect?;
        let id = self.path_parameter("userId");
        let (status, user) = match self.operation {
            Operation::GetUsers => return None,
            Operation::GetUser => defect::read(defect, &state.account, id, &mut state.deleted)?,
            Operation::DeleteUser => {
                let memory = (&mut state.deleted, state.links);
                let status = defect::execute(defect, &mut state.account, (None, id), memory)?;
                (status, None)
            }
            Operation::LinkTenantUser => {
                let user = self.linked_user();
                let target = (Some(self.path_parameter("tenantId")), &*user);
                let memory = (&mut state.deleted, state.links);
                let status = defect::execute(defect, &mut state.account, target, memory)?;
                (status, None)
            }
        };
        Some(match user {
            Some(user) => self.success(status, Some(&user)),
            None if status.is_success() => self.success(status, None),
            None => self.error(status, "Defect", "The fake has a defect."),
        })
    }

    /// Returns the user in the body of a link.
    fn linked_user(&self) -> String {
        let body: Value = serde_json::from_slice(self.received.body()).unwrap_or_default();
        body["userId"].as_str().unwrap_or_default().to_owned()
    }

    fn execute(&self, state: &mut State) -> StubResponse {
        if let Some(response) = self.faulty(state) {
            return response;
        }
        let account = &mut state.account;
        match self.operation {
            Operation::GetUsers => self.get_users(account, &state.deleted),
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
                match account.link(self.path_parameter("tenantId"), &self.linked_user()) {
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

    fn get_users(&self, account: &Account, deleted: &[Deleted]) -> StubResponse {
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
        let defect = self.shared.defect;
        let mut request = ListRequest {
            after,
            limit,
            has_cursor: self.received.query("cursor").is_some(),
            filter: self.received.query("filter"),
            is_encoded: self.has_encoded_filter(),
            tenant: self.received.query("tenantId"),
        };
        if let Some(defect) = defect {
            defect::change_request(defect, &mut request);
        }
        let is_selected = |user: &Value| match defect {
            Some(defect) => defect::selects(defect, &request, user),
            None => request.selects(user),
        };
        let mut page = account.list(request.after, request.limit, is_selected, request.tenant);
        if let Some(defect) = defect {
            defect::change_page(defect, &mut page, &request, after, deleted);
        }
        let UserPage {
            users, next_cursor, ..
        } = page;
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

    fn has_encoded_filter(&self) -> bool {
        let query = self.exchange.query().unwrap_or_default();
        let mut pairs = query.split('&');
        pairs.any(|pair| pair.starts_with("filter=") && pair.contains('%'))
    }

    /// Returns the URL of this request, with another cursor if one is given.
    fn href(&self, cursor: Option<&str>) -> String {
        let base = self.shared.public_url.clone();
        let base = base.or_else(|| issuers::seen_url(&self.exchange.request_headers));
        let base = base.as_deref().unwrap_or(&self.shared.url);
        let href = format!("{base}{}", self.exchange.target);
        let (Some(cursor), Ok(mut url)) = (cursor, Url::parse(&href)) else {
            return href;
        };
        let others: Vec<_> = url
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != "cursor")
            .collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .append_pair("cursor", cursor);
        url.into()
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
        self.documented(status, problem::body(code, title).to_string())
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
        .body(problem::body("Fault", "Something went wrong.").to_string())
}

/// Returns whether the API rejects the request with 400, or with 404 for its cursor, for any caller.
fn is_invalid_input(finding: &Finding) -> bool {
    const RULES: [&Rule; 7] = [
        &REQUEST_DOT_SEGMENT,
        &LIST_CURSOR_VERBATIM,
        &REQUEST_PARAMETER_VALID,
        &REQUEST_PARAMETER_REQUIRED,
        &REQUEST_BODY_VALID,
        &REQUEST_BODY_MISSING,
        &REQUEST_CONTENT_TYPE,
    ];
    RULES.iter().any(|rule| rule.id == finding.rule)
}
