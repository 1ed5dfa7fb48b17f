//! What the fake answers to a request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use authress_users_client::operations::Operation;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use url::{Position, Url};
use uuid::Uuid;
use wiremock::{Request, Respond, ResponseTemplate};

use super::account::{Account, Listed, Missing};
use super::cursor;
use super::defect::{instead, spoil};
use super::fault::Fault;
use super::inject::distort;
use super::operation::{self, Matched};
use super::proxy::{self, Delivery};
use super::received_request::ReceivedRequest;
use super::server::{Shared, State};
use super::stub_response::CannedAnswer;
use crate::exchange::{Exchange as Traffic, Response, text};
use crate::finding::{Finding, Rule};
use crate::rules::{
    LIST_CURSOR_VERBATIM, REQUEST_BODY_MISSING, REQUEST_BODY_VALID, REQUEST_CONTENT_TYPE,
    REQUEST_PARAMETER_REQUIRED, REQUEST_PARAMETER_VALID, Scene,
};
use crate::spec::Spec;

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
        let mut traffic = self.traffic(request);
        let received = ReceivedRequest::new(&traffic, matched.as_ref());
        let mut findings = self.shared.judge().judge_request(&traffic);
        let Answered {
            mut answer,
            fault,
            mut is_judged,
        } = match &matched {
            Some(Matched {
                operation,
                path_parameters,
            }) => {
                let exchange = Exchange {
                    shared: &self.shared,
                    operation,
                    path_parameters,
                    request,
                    received: &received,
                    traffic: &traffic,
                };
                exchange.answer(&mut findings)
            }
            None => no_operation(),
        };
        if let Some(defect) = self.shared.defect {
            spoil(defect, &mut answer, received.query("cursor"));
            is_judged = false;
        }
        if is_judged {
            traffic.response = Some(Response {
                status: answer.status.as_u16(),
                headers: answer.headers.clone(),
                body: answer.body.clone(),
            });
        }
        findings.extend(self.shared.judge().judge_response(&traffic));
        self.shared.record(received, findings);
        self.template(request, answer, fault)
    }
}

/// What a request gets, and whether it is the fake's own word.
struct Answered {
    answer: CannedAnswer,
    fault: Option<Fault>,
    is_judged: bool,
}

fn no_operation() -> Answered {
    Answered {
        answer: unknown("The API has no such operation."),
        fault: None,
        is_judged: false,
    }
}

fn unknown(title: &str) -> CannedAnswer {
    CannedAnswer::new(NO_OPERATION)
        .header("content-type", "application/json")
        .body(problem("NoSuchOperation", title).to_string())
}

impl Responder {
    /// The request as the rules see it: its target as it came, which wiremock's URL is not.
    fn traffic(&self, request: &Request) -> Traffic {
        let mut headers = request.headers.clone();
        let target = headers.remove(proxy::TARGET).map(|target| text(&target));
        Traffic {
            method: request.method.to_string(),
            origin: self.shared.url.clone(),
            target: target
                .filter(|target| target.starts_with('/'))
                .unwrap_or_else(|| request.url[Position::BeforePath..].to_owned()),
            request_headers: headers,
            request_body: request.body.clone(),
            response: None,
        }
    }

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
            .insert_header(proxy::DELIVERY, delivery)
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
    traffic: &'a Traffic,
}

impl Exchange<'_> {
    fn answer(&self, findings: &mut Vec<Finding>) -> Answered {
        let mut state = self.shared.state();
        let token = self.bearer_token();
        if let Some(token) = token {
            state.tokens.insert(token.to_owned());
        }
        let id = self.operation.id;
        if let Some(answer) = state.canned.get_mut(id).and_then(VecDeque::pop_front) {
            return Answered {
                answer,
                fault: None,
                is_judged: false,
            };
        }
        findings.extend(self.unknown_cursor());
        let fault = state.next_fault(id);
        let mut is_judged = fault.as_ref().is_none_or(Fault::is_harmless);
        let refusal = fault
            .as_ref()
            .and_then(|fault| self.failed(fault))
            .or_else(|| self.refusal(&mut state, token));
        let mut answer = refusal.unwrap_or_else(|| {
            if let Some(finding) = findings.iter().find(|finding| is_about_input(finding)) {
                is_judged = false;
                let title = format!("Expected {}, got {}.", finding.expected, finding.got);
                return self.refuse(StatusCode::BAD_REQUEST, "InvalidRequest", &title);
            }
            let defect = self.shared.defect.and_then(|rule| {
                state.links += usize::from(id == "linkTenantUser");
                instead(rule, id, state.links > 1)
            });
            defect.unwrap_or_else(|| self.carry_out(&mut state.account))
        });
        if let Some(fault) = &fault {
            distort(&mut answer, fault, self.received.query("cursor"));
        }
        Answered {
            answer,
            fault,
            is_judged,
        }
    }

    /// The fake knows every cursor that it can have named.
    fn unknown_cursor(&self) -> Option<Finding> {
        let cursor = self
            .received
            .query("cursor")
            .filter(|cursor| cursor::decode(cursor).is_none())?;
        let operation = Spec::of_project().operation(self.operation.id)?;
        let parameter = operation
            .parameters_in("query")
            .find(|own| own.name == "cursor")?;
        let scene = Scene {
            spec: Spec::of_project(),
            exchange: self.traffic,
            operation: Some(operation),
            number: self.shared.judge().exchanges(),
            left_out: Vec::new(),
        };
        let got = format!("another one, of {} characters", cursor.chars().count());
        let expected = "a cursor exactly as it came";
        Some(scene.finding(&LIST_CURSOR_VERBATIM, &parameter.pointer, expected, got))
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
        if self.shared.defect == Some("live-invalid-token") {
            return None;
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

    /// Does what is asked for.
    fn carry_out(&self, account: &mut Account) -> CannedAnswer {
        match self.operation.id {
            "getUsers" => self.get_users(account),
            "getUser" => account.user(self.path_parameter("userId")).map_or_else(
                || self.no_user(),
                |user| self.succeed(StatusCode::OK, Some(user)),
            ),
            "deleteUser" => {
                if account.delete_user(self.path_parameter("userId")) {
                    self.succeed(StatusCode::ACCEPTED, None)
                } else {
                    self.no_user()
                }
            }
            "linkTenantUser" => {
                let body: Value = serde_json::from_slice(self.received.body()).unwrap_or_default();
                let user = body["userId"].as_str().unwrap_or_default();
                match account.link(self.path_parameter("tenantId"), user) {
                    Ok(()) => self.succeed(StatusCode::NO_CONTENT, None),
                    Err(Missing::User) => self.no_user(),
                    Err(Missing::Tenant) => {
                        let title = "The tenant does not exist.";
                        self.refuse(StatusCode::NOT_FOUND, "NotFound", title)
                    }
                }
            }
            // The document has gained an operation, and nobody has taught the fake yet.
            other => unknown(&format!(
                "The fake does not know how to carry out {other}; order its answer with respond_next."
            )),
        }
    }

    fn get_users(&self, account: &Account) -> CannedAnswer {
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
        let Listed { users, next_cursor } = account.list(after, limit, filter, tenant);
        let next = next_cursor
            .as_ref()
            .map(|cursor| json!({ "href": self.href(Some(cursor)) }));
        let body = json!({
            "users": users,
            "pagination": { "next": next_cursor.map(|cursor| json!({ "cursor": cursor })) },
            "links": { "self": { "href": self.href(None) }, "next": next },
        });
        self.succeed(StatusCode::OK, Some(&body))
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
        own.and_then(|own| own.join(&url[Position::BeforePath..]).ok())
            .unwrap_or(url)
            .to_string()
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

/// Whether the API can't do what is asked for, whoever asks.
fn is_about_input(finding: &Finding) -> bool {
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
