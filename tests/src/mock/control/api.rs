use std::num::NonZeroU16;
use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::command::{Advance, Denial, NewFault, NewLink, NewRateLimit, NewTenant, NewUsers};
use crate::error::InvalidInput;
use crate::exchange::Exchange;
use crate::mock::faults::Outage;
use crate::mock::problem;
use crate::mock::received_request::ReceivedRequest;
use crate::mock::state::Shared;
use crate::mock::stub_response::StubResponse;
use crate::mock::user::User;
use crate::spec::Spec;

const METHODS: [(&str, &str); 10] = [
    ("users", "POST"),
    ("tenants", "POST"),
    ("links", "POST"),
    ("denials", "POST, DELETE"),
    ("faults", "POST, DELETE"),
    ("rate-limits", "POST, DELETE"),
    ("clock", "POST"),
    ("requests", "GET"),
    ("findings", "GET"),
    ("reset", "POST"),
];

/// The reason why a command was not executed.
enum Rejection {
    /// The body is not the JSON of this command.
    Body(usize, usize),
    Input(InvalidInput),
    Link,
    Unknown,
}

impl From<InvalidInput> for Rejection {
    fn from(reason: InvalidInput) -> Self {
        Self::Input(reason)
    }
}

/// Executes a command. `path` is without its prefix.
pub(super) fn respond(shared: &Shared, exchange: &Exchange, path: &str) -> StubResponse {
    let rejection = match execute(shared, exchange, path) {
        Ok(Value::Null) => return StubResponse::from_status(StatusCode::NO_CONTENT),
        Ok(result) => return problem::json_response(StatusCode::OK, &result),
        Err(rejection) => rejection,
    };
    let invalid = |title: &str| problem::response(StatusCode::BAD_REQUEST, "InvalidRequest", title);
    match rejection {
        Rejection::Body(line, column) => invalid(&format!(
            "The body is not the JSON object of this command: line {line}, column {column}."
        )),
        Rejection::Input(reason) => invalid(&format!("Invalid value: {reason}.")),
        Rejection::Link => invalid("The user or the tenant does not exist."),
        Rejection::Unknown => match METHODS.iter().find(|(own, _)| *own == path) {
            Some((_, methods)) => problem::response(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "The fake has no such method for this path.",
            )
            .with_header(header::ALLOW, HeaderValue::from_static(methods)),
            None => problem::response(
                StatusCode::NOT_FOUND,
                "NotFound",
                "The fake has no such path.",
            ),
        },
    }
}

fn parse<T: DeserializeOwned>(exchange: &Exchange) -> Result<T, Rejection> {
    serde_json::from_slice(&exchange.request_body)
        .map_err(|reason| Rejection::Body(reason.line(), reason.column()))
}

/// Returns the result of a command; null if it has none.
fn execute(shared: &Shared, exchange: &Exchange, path: &str) -> Result<Value, Rejection> {
    match (&*exchange.method, path) {
        ("POST", "users") => {
            let NewUsers { users } = parse(exchange)?;
            let users: Result<Vec<_>, _> = users.into_iter().map(user).collect();
            for user in users? {
                shared.state().account.add_user(user.into_value());
            }
        }
        ("POST", "tenants") => {
            let NewTenant { tenant_id } = parse(exchange)?;
            shared.state().account.add_tenant(tenant_id);
        }
        ("POST", "links") => {
            let NewLink { tenant_id, user_id } = parse(exchange)?;
            let linked = shared.state().account.link(&tenant_id, &user_id);
            linked.map_err(|_| Rejection::Link)?;
        }
        ("POST", "denials") => {
            let operation = parse::<Denial>(exchange)?.operation()?;
            shared.state().denied.insert(operation);
        }
        ("DELETE", "denials") => shared.state().denied.clear(),
        ("POST", "faults") => add_fault(shared, &parse(exchange)?)?,
        ("DELETE", "faults") => shared.state().stop_faults(),
        ("POST", "rate-limits") => {
            let limit = parse::<NewRateLimit>(exchange)?.limit()?;
            let mut state = shared.state();
            let now = state.time();
            state.limiter.set(limit, now);
        }
        ("DELETE", "rate-limits") => shared.state().limiter.clear(),
        ("POST", "clock") => {
            let Advance { seconds } = parse(exchange)?;
            let mut state = shared.state();
            state.ahead = state.ahead.saturating_add(Duration::from_secs(seconds));
        }
        ("GET", "requests") => {
            let state = shared.state();
            let requests = state.requests.iter().map(request);
            return Ok(json!({ "requests": requests.collect::<Value>() }));
        }
        ("GET", "findings") => {
            let coverage = shared.validator().coverage().entries(Spec::bundled());
            let state = shared.state();
            return Ok(json!({ "findings": state.findings, "coverage": coverage }));
        }
        ("POST", "reset") => shared.reset(),
        _ => return Err(Rejection::Unknown),
    }
    Ok(Value::Null)
}

fn user(value: Value) -> Result<User, InvalidInput> {
    match value {
        Value::String(id) => Ok(User::from(id)),
        other => User::try_from(other),
    }
}

fn add_fault(shared: &Shared, new: &NewFault) -> Result<(), Rejection> {
    let fault = new.fault()?;
    let operation = new.operation()?;
    let mut state = shared.state();
    match (operation, new.seconds, new.count) {
        (None, Some(seconds), None) => {
            let time = Duration::from_secs(seconds.get());
            let end = state.time().saturating_add(time);
            state.outage = Some(Outage::until(end, fault));
        }
        (Some(operation), None, count) => {
            let count = count.map_or(1, NonZeroU16::get);
            let faults = state.faults.entry(operation).or_default();
            faults.extend((0..count).map(|_| fault.clone()));
        }
        _ => return Err(InvalidInput::FaultTarget.into()),
    }
    Ok(())
}

/// Returns a request without credentials.
fn request(request: &ReceivedRequest) -> Value {
    json!({
        "method": request.method(),
        "path": request.path(),
        "query": request.query_pairs(),
        "operation": request.operation().map(crate::Operation::id),
        "headers": request.public_headers(),
        "body": String::from_utf8_lossy(request.body()),
    })
}
