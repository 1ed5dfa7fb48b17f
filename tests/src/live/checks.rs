use std::time::Duration;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::LiveError;
use super::options::LiveOptions;
use super::session::{Expectation, LiveRequest, Session};
use crate::exchange::Response;
use crate::json;
use crate::report::Report;
use crate::rules::{
    LIVE_BAD_LIMIT, LIVE_INVALID_TOKEN, LIVE_MISSING_USER, LIVE_UNDOCUMENTED_METHOD,
};
use crate::spec::Spec;

/// The most pages that are read of a list.
const MAX_PAGES: usize = 20;
/// How many listed users are read.
const READ_USERS: usize = 3;
/// How often a deleted user is read.
const MAX_POLLS: usize = 10;
/// A JWT with an invalid signature.
const INVALID_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl";

/// Sends requests of all kinds to a server and validates the responses.
///
/// Lists, filters and reads users, requests a user that does not exist, and sends an invalid token,
/// limits out of range and an undocumented method. `base_url` is where the API's paths start: an
/// https URL, or an http URL of this machine.
///
/// # Errors
/// [`BaseUrl`](LiveError::BaseUrl), [`Token`](LiveError::Token) and [`Id`](LiveError::Id) for invalid
/// arguments, before anything is sent; [`Connect`](LiveError::Connect) if the server does not respond
/// to the first request, and [`TokenRejected`](LiveError::TokenRejected) if it rejects its token. Later
/// failures are findings.
pub async fn run(
    spec: &Spec,
    base_url: &str,
    token: &SecretString,
    options: &LiveOptions,
) -> Result<Report, LiveError> {
    options.check()?;
    let mut session = Session::new(spec, base_url, token)?;
    session.connect().await?;
    let users = list_users(&mut session).await;
    filter_users(&mut session, &users).await;
    for user in users.iter().take(READ_USERS) {
        session.validate(LiveRequest::get(user_path(user))).await;
    }
    read_missing_user(&mut session).await;
    send_invalid_token(&mut session).await;
    send_bad_limits(&mut session).await;
    if options.unsafe_probes {
        send_undocumented_method(&mut session).await;
    } else {
        session.warn("undocumented methods were skipped: they need --unsafe-probes");
    }
    if let Some((tenant, user)) = &options.link {
        link(&mut session, tenant, user).await;
    }
    if let Some(user) = &options.delete {
        delete(&mut session, user, options.poll_interval).await;
    }
    Ok(session.finish())
}

/// Lists all users, in pages of the maximum size and in small ones. Returns their ids.
async fn list_users(session: &mut Session<'_>) -> Vec<String> {
    let mut ids = Vec::new();
    for limit in [100, 2] {
        let found = list(session, &format!("limit={limit}")).await;
        if ids.is_empty() {
            ids = found;
        }
    }
    if ids.is_empty() {
        session.warn("the server has no users: reading a user was skipped");
    }
    ids
}

/// Reads all pages of a list. Returns the ids of its users.
async fn list(session: &mut Session<'_>, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut target = format!("/v1/users?{query}");
    for number in 1.. {
        let Some(page) = session.validate(LiveRequest::get(target)).await else {
            break;
        };
        let page = json_of(&page);
        let users = page["users"].as_array().into_iter().flatten();
        ids.extend(users.filter_map(|user| user["userId"].as_str().map(str::to_owned)));
        let next = page["pagination"]["next"]["cursor"]
            .as_str()
            .unwrap_or_default();
        if next.is_empty() || seen.iter().any(|cursor| cursor == next) {
            break;
        }
        if number == MAX_PAGES {
            session.warn(format!(
                "a list has more than {MAX_PAGES} pages: the other pages were skipped"
            ));
            break;
        }
        seen.push(next.to_owned());
        target = format!("/v1/users?{query}&cursor={}", encode(next));
    }
    ids
}

/// Filters by a part of an id, and by a text that matches no user.
async fn filter_users(session: &mut Session<'_>, users: &[String]) {
    let matching: String = users
        .first()
        .map_or("a", String::as_str)
        .chars()
        .take(6)
        .collect();
    let other = Uuid::new_v4().simple().to_string();
    for filter in [matching, other] {
        list(session, &format!("limit=100&filter={}", encode(&filter))).await;
    }
}

async fn read_missing_user(session: &mut Session<'_>) {
    let expectation = Expectation {
        rule: &LIVE_MISSING_USER,
        expected: "404",
        is_met: |response| response.status == 404,
        is_valid_request: true,
    };
    let request = LiveRequest::get(user_path(&Uuid::new_v4().to_string()));
    session.expect(request, &expectation).await;
}

async fn send_invalid_token(session: &mut Session<'_>) {
    let expectation = Expectation {
        rule: &LIVE_INVALID_TOKEN,
        expected: "401",
        is_met: |response| response.status == 401,
        is_valid_request: true,
    };
    let request = LiveRequest {
        token: Some(INVALID_TOKEN),
        ..LiveRequest::get("/v1/users")
    };
    session.expect(request, &expectation).await;
}

async fn send_bad_limits(session: &mut Session<'_>) {
    let expectation = Expectation {
        rule: &LIVE_BAD_LIMIT,
        expected: "a 4xx status, or a page of at most 100 users",
        is_met: |response| {
            let users = json_of(response)["users"].as_array().map_or(0, Vec::len);
            (400..500).contains(&response.status) || (response.status == 200 && users <= 100)
        },
        is_valid_request: false,
    };
    for limit in ["0", "101", "-1", "x"] {
        let request = LiveRequest::get(format!("/v1/users?limit={limit}"));
        session.expect(request, &expectation).await;
    }
}

async fn send_undocumented_method(session: &mut Session<'_>) {
    let expectation = Expectation {
        rule: &LIVE_UNDOCUMENTED_METHOD,
        expected: "a status other than 2xx",
        is_met: |response| !(200..300).contains(&response.status),
        is_valid_request: false,
    };
    let request = LiveRequest::new(Method::PUT, "/v1/users");
    session.expect(request, &expectation).await;
}

/// Links twice, because a link is idempotent, and lists the users of the tenant.
async fn link(session: &mut Session<'_>, tenant: &str, user: &str) {
    for is_repetition in [false, true] {
        let target = format!("/v1/tenants/{}/users", encode(tenant));
        let request = LiveRequest {
            body: Some(json!({ "userId": user })),
            ..LiveRequest::new(Method::PATCH, target)
        };
        // Another rule compares the repetition with the first request.
        if is_repetition {
            session.validate(request).await;
        } else {
            session.write(request).await;
        }
    }
    list(session, &format!("limit=100&tenantId={}", encode(tenant))).await;
}

/// Deletes a user, and polls until the deletion is visible or the number of polls is reached.
async fn delete(session: &mut Session<'_>, user: &str, poll_interval: Duration) {
    let request = LiveRequest::new(Method::DELETE, user_path(user));
    let response = session.write(request).await;
    let is_accepted = response.is_some_and(|response| (200..300).contains(&response.status));
    for poll in 0..MAX_POLLS {
        if poll > 0 {
            tokio::time::sleep(poll_interval).await;
        }
        let response = session.validate(LiveRequest::get(user_path(user))).await;
        let is_readable = response.is_some_and(|response| response.status == 200);
        if !is_accepted || !is_readable {
            break;
        }
    }
}

fn json_of(response: &Response) -> Value {
    json::value_or_null(&response.body)
}

fn user_path(id: &str) -> String {
    format!("/v1/users/{}", encode(id))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
