//! What the fake answers to a request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use authress_users_client::operations::Operation;
use authress_users_client::types::{GetUsersFilter, TenantId, TenantUser, UserId};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wiremock::{Request, Respond, ResponseTemplate};

use crate::account::{Account, Listed, Missing};
use crate::canned_answer::CannedAnswer;
use crate::cursor;
use crate::distortion::distort;
use crate::fault::Fault;
use crate::mock::{Shared, State};
use crate::operation::{self, Matched};
use crate::received_request::ReceivedRequest;
use crate::relay::{self, Delivery};
use crate::violation::Violation;

/// A status that no API uses: the request belongs to none of its operations.
const NO_OPERATION: u16 = 599;
const DEFAULT_LIMIT: usize = 100;

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
        let matched = operation::find(&request.method, request.url.path());
        let received = ReceivedRequest::new(request, matched.as_ref());
        let mut violations = Vec::new();
        let (answer, fault) = if let Some(Matched {
            operation,
            path_parameters,
        }) = &matched
        {
            let exchange = Exchange {
                shared: &self.shared,
                operation,
                path_parameters,
                request,
                received: &received,
            };
            exchange.answer(&mut violations)
        } else {
            let (method, shape) = (&request.method, shape(request.url.path()));
            let rule = format!("{method} {shape} belongs to no operation of the API");
            violations.push(Violation::new(None, rule));
            let title = "The API has no such operation.";
            let answer = CannedAnswer::new(NO_OPERATION)
                .header("content-type", "application/json")
                .body(problem("NoSuchOperation", title).to_string());
            (answer, None)
        };
        self.shared.record(received, violations);
        self.template(request, answer, fault)
    }
}

impl Responder {
    fn template(
        &self,
        request: &Request,
        answer: CannedAnswer,
        fault: Option<Fault>,
    ) -> ResponseTemplate {
        let mut delay = self.shared.latency;
        if let Some(Fault::Delay(more)) = fault {
            delay += more;
        }
        let has_body = request.method != Method::HEAD
            && !matches!(
                answer.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            );
        let body_length = if has_body { answer.body.len() } else { 0 };
        let delivery = self.shared.deliveries.keep(Delivery { body_length, fault });
        let template = ResponseTemplate::new(answer.status)
            .append_headers(&answer.headers)
            .insert_header(relay::DELIVERY, delivery)
            .set_body_bytes(answer.body);
        if delay.is_zero() {
            template
        } else {
            template.set_delay(delay)
        }
    }
}

/// A request that belongs to an operation.
struct Exchange<'a> {
    shared: &'a Shared,
    operation: &'static Operation,
    path_parameters: &'a BTreeMap<&'static str, String>,
    request: &'a Request,
    received: &'a ReceivedRequest,
}

impl Exchange<'_> {
    fn answer(&self, violations: &mut Vec<Violation>) -> (CannedAnswer, Option<Fault>) {
        let mut broken = self.broken_conventions();
        let mut state = self.shared.state();
        let token = self.bearer_token();
        if let Some(token) = token {
            state.tokens.insert(token.to_owned());
        }
        if token.is_some_and(|token| token.split('.').count() == 4) {
            broken.push("an access key was sent as the bearer token".to_owned());
        }
        let id = self.operation.id;
        let canned = state.canned.get_mut(id).and_then(VecDeque::pop_front);
        let (answer, fault) = if let Some(canned) = canned {
            (canned, None)
        } else {
            let fault = state.next_fault(id);
            let mut answer = fault
                .as_ref()
                .and_then(|fault| self.failed(fault))
                .or_else(|| self.refusal(&mut state, token))
                .unwrap_or_else(|| {
                    self.carry_out(&mut state.account).unwrap_or_else(|rule| {
                        broken.push(rule.clone());
                        self.refuse(StatusCode::BAD_REQUEST, "InvalidRequest", &rule)
                    })
                });
            if let Some(fault) = &fault {
                distort(&mut answer, fault, self.received.query("cursor"));
            }
            (answer, fault)
        };
        violations.extend(
            broken
                .into_iter()
                .map(|rule| Violation::new(Some(self.operation.id), rule)),
        );
        (answer, fault)
    }

    /// The answer to a request that is not carried out, because something goes wrong.
    fn failed(&self, fault: &Fault) -> Option<CannedAnswer> {
        let title = "Something went wrong.";
        let fail = |status: u16| {
            let body = problem("Fault", title).to_string();
            CannedAnswer::new(status)
                .header("content-type", "application/json")
                .body(body)
        };
        match fault {
            Fault::Status(status) => Some(fail(*status)),
            Fault::StatusWithRetryAfter(status, wait) => {
                Some(fail(*status).header("retry-after", wait))
            }
            Fault::ExpiredToken => {
                let title = "The token has expired.";
                Some(self.refuse(StatusCode::UNAUTHORIZED, "Unauthorized", title))
            }
            _ => None,
        }
    }

    /// What the request says that the document has no place for, whatever it asks for.
    fn broken_conventions(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let declared = operation::query_parameters(self.operation);
        let mut counts = BTreeMap::<&str, usize>::new();
        for name in self.received.query_names() {
            *counts.entry(name).or_default() += 1;
        }
        for (name, count) in counts {
            if !declared.iter().any(|declared| declared == name) {
                broken.push(
                    "the query has a parameter that the document does not declare".to_owned(),
                );
            } else if count > 1 {
                broken.push(format!("the query parameter {name} came more than once"));
            }
        }
        let accepted = self.received.header("accept").unwrap_or_default();
        if !self
            .operation
            .accept
            .split(", ")
            .any(|media_type| accepts(accepted, media_type))
        {
            broken.push(format!("Accept does not allow {}", self.operation.accept));
        }
        let body_is_empty = self.received.body().is_empty();
        match (
            self.operation.request_media_type,
            self.received.header("content-type"),
        ) {
            (Some(expected), sent) if sent.is_none_or(|sent| essence(sent) != expected) => {
                broken.push(format!("Content-Type is not {expected}"));
            }
            (None, _) if !body_is_empty => {
                broken.push("there is a body, and the document has none here".to_owned());
            }
            _ => {}
        }
        broken
    }

    fn bearer_token(&self) -> Option<&str> {
        let credential = self
            .request
            .headers
            .get(header::AUTHORIZATION)?
            .to_str()
            .ok()?;
        let (scheme, token) = credential.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The answer to a caller who may not do this.
    fn refusal(&self, state: &mut State, token: Option<&str>) -> Option<CannedAnswer> {
        let unauthorized =
            |title: &str| Some(self.refuse(StatusCode::UNAUTHORIZED, "Unauthorized", title));
        if state.rejections > 0 {
            state.rejections -= 1;
            return unauthorized("The token is no longer valid.");
        }
        let Some(token) = token else {
            return unauthorized("There is no bearer token.");
        };
        if state.revoked.contains(token) {
            return unauthorized("The token is no longer valid.");
        }
        // Tokens name the URL that their client was given.
        let host = self.received.header("host").unwrap_or_default();
        let urls = [&*self.shared.url, &*format!("http://{host}")];
        if let Err(title) = self.shared.keys.check(token, &urls, state.now()) {
            return unauthorized(title);
        }
        state.denied.contains(self.operation.id).then(|| {
            let title = "The caller lacks the permission for this.";
            self.refuse(StatusCode::FORBIDDEN, "Forbidden", title)
        })
    }

    /// Does what is asked for; an error is the rule that the request breaks.
    fn carry_out(&self, account: &mut Account) -> Result<CannedAnswer, String> {
        match self.operation.id {
            "getUsers" => self.get_users(account),
            "getUser" => {
                let id = self.user_id()?;
                Ok(account.user(id).map_or_else(
                    || self.no_user(),
                    |user| self.succeed(StatusCode::OK, Some(user)),
                ))
            }
            "deleteUser" => {
                let id = self.user_id()?;
                if account.delete_user(id) {
                    Ok(self.succeed(StatusCode::ACCEPTED, None))
                } else {
                    Ok(self.no_user())
                }
            }
            "linkTenantUser" => {
                let tenant = self.path_parameter("tenantId");
                check::<TenantId>("tenantId", tenant)?;
                let body: TenantUser = serde_json::from_slice(self.received.body())
                    .map_err(|_| "the body is not what the document says".to_owned())?;
                Ok(match account.link(tenant, &body.user_id) {
                    Ok(()) => self.succeed(StatusCode::NO_CONTENT, None),
                    Err(Missing::User) => self.no_user(),
                    Err(Missing::Tenant) => {
                        let title = "The tenant does not exist.";
                        self.refuse(StatusCode::NOT_FOUND, "NotFound", title)
                    }
                })
            }
            other => unreachable!("the fake does not know how to carry out {other}"),
        }
    }

    fn get_users(&self, account: &Account) -> Result<CannedAnswer, String> {
        let limit = match self.received.query("limit") {
            None => DEFAULT_LIMIT,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or("limit is not a whole number from 1 to 100")?,
        };
        let after = match self.received.query("cursor") {
            None => 0,
            Some(cursor) => cursor::decode(cursor).ok_or("cursor is none that came from here")?,
        };
        let filter = self.received.query("filter");
        if let Some(filter) = filter {
            check::<GetUsersFilter>("filter", filter)?;
        }
        let tenant = self.received.query("tenantId");
        if let Some(tenant) = tenant {
            check::<TenantId>("tenantId", tenant)?;
        }
        let Listed { users, next_cursor } = account.list(after, limit, filter, tenant);
        let next = next_cursor
            .as_ref()
            .map(|cursor| json!({ "href": self.href(Some(cursor)) }));
        let body = json!({
            "users": users,
            "pagination": { "next": next_cursor.map(|cursor| json!({ "cursor": cursor })) },
            "links": { "self": { "href": self.href(None) }, "next": next },
        });
        Ok(self.succeed(StatusCode::OK, Some(&body)))
    }

    /// The URL of this request, or of the same one with another cursor.
    fn href(&self, cursor: Option<&str>) -> String {
        let mut url = self.request.url.clone();
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
        // The server has put its own idea of a host into the URL.
        let own = Url::parse(&self.shared.url).ok();
        own.and_then(|own| own.join(&url[url::Position::BeforePath..]).ok())
            .unwrap_or(url)
            .to_string()
    }

    fn user_id(&self) -> Result<&str, String> {
        let id = self.path_parameter("userId");
        check::<UserId>("userId", id)?;
        Ok(id)
    }

    fn path_parameter(&self, name: &str) -> &str {
        self.path_parameters.get(name).map_or("", String::as_str)
    }

    fn succeed(&self, status: StatusCode, body: Option<&Value>) -> CannedAnswer {
        self.documented(status, body.map(Value::to_string).unwrap_or_default())
    }

    fn no_user(&self) -> CannedAnswer {
        self.refuse(
            StatusCode::NOT_FOUND,
            "NotFound",
            "The user does not exist.",
        )
    }

    fn refuse(&self, status: StatusCode, code: &str, title: &str) -> CannedAnswer {
        self.documented(status, problem(code, title).to_string())
    }

    /// An answer with the media type that the document gives it.
    fn documented(&self, status: StatusCode, body: String) -> CannedAnswer {
        let answer = CannedAnswer::new(status.as_u16()).body(body);
        match self
            .operation
            .response(status.as_u16())
            .map(|response| response.media_types)
        {
            Some([]) => answer,
            Some([media_type, ..]) => answer.header("content-type", media_type),
            None => answer.header("content-type", "application/json"),
        }
    }
}

/// The documented body of an error.
fn problem(code: &str, title: &str) -> Value {
    json!({ "title": title, "errorCode": code, "errorId": Uuid::new_v4().to_string() })
}

/// Whether a value fits the type that the document's schema became.
fn check<'a, T: TryFrom<&'a str>>(name: &str, value: &'a str) -> Result<(), String> {
    T::try_from(value)
        .map(drop)
        .map_err(|_| format!("{name} does not fit its schema"))
}

fn accepts(accepted: &str, media_type: &str) -> bool {
    accepted.split(',').map(essence).any(|range| {
        range == "*/*"
            || range.eq_ignore_ascii_case(media_type)
            || range.strip_suffix("/*").is_some_and(|family| {
                media_type
                    .split_once('/')
                    .is_some_and(|(own, _)| own.eq_ignore_ascii_case(family))
            })
    })
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// A path without what may be an id: the segments that the API's own paths have stay.
fn shape(path: &str) -> String {
    let shown = path.split('/').map(|segment| match segment {
        "" | "v1" | "users" | "tenants" => segment,
        _ => "…",
    });
    shown.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_media_types_are_understood() {
        let ours = "application/links+json";
        for accepted in [
            ours,
            "*/*",
            "application/*",
            "text/html, application/links+json;q=0.9",
        ] {
            assert!(accepts(accepted, ours), "{accepted}");
        }
        for accepted in ["", "application/json", "text/*", "application/links+jsonx"] {
            assert!(!accepts(accepted, ours), "{accepted}");
        }
    }

    #[test]
    fn a_shape_shows_no_id() {
        assert_eq!(shape("/v1/users/auth0|1/x"), "/v1/users/…/…");
        assert_eq!(shape("//v1/tenants/"), "//v1/tenants/");
    }
}
