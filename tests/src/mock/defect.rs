//! A fake that breaks a rule, so that whoever looks for that can be shown to find it.

use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::fault::Fault;
use super::inject::distort;
use super::stub_response::CannedAnswer;

/// The rules that a fake can break: see
/// [`MockAuthressBuilder::defect`](crate::MockAuthressBuilder::defect).
///
/// ```
/// use authress_users_contract::{DEFECTS, MockAuthress};
/// # use secrecy::ExposeSecret as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rule = "response-media-type";
/// assert!(DEFECTS.contains(&rule));
///
/// // Whatever checks servers should find it.
/// let fake = MockAuthress::builder().user("auth0|1").defect(rule).start().await?;
/// # let token = fake.access_token();
/// let answer = reqwest::Client::new()
///     .get(format!("{}/v1/users/auth0%7C1", fake.url()))
///     .header("accept", "application/links+json")
///     .bearer_auth(token.expose_secret())
///     .send()
///     .await?;
/// assert_ne!(answer.headers()["content-type"], "application/links+json");
/// # Ok(())
/// # }
/// ```
pub const DEFECTS: &[&str] = &[
    "response-status",
    "response-media-type",
    "response-body-missing",
    "response-body-undeclared",
    "response-utf8",
    "response-json",
    "response-duplicate-name",
    "response-body-valid",
    "response-unknown-member",
    "list-cursor-advances",
    "list-page-size",
    "listed-user-readable",
    "delete-takes-effect",
    "link-takes-effect",
    "repeat-same-answer",
    "live-missing-user",
    "live-invalid-token",
    "live-bad-limit",
    "live-undocumented-method",
];

/// What a fake does in place of an operation, if it breaks this rule.
pub(crate) fn instead(rule: &str, operation: &str, is_repetition: bool) -> Option<CannedAnswer> {
    let missing = || {
        let body =
            json!({ "title": "The user does not exist.", "errorCode": "NotFound", "errorId": "e" });
        json_answer(404, &body)
    };
    match (rule, operation) {
        ("listed-user-readable", "getUser") => Some(missing()),
        ("repeat-same-answer", "linkTenantUser") if is_repetition => Some(missing()),
        ("delete-takes-effect", "deleteUser") => Some(CannedAnswer::new(202)),
        ("link-takes-effect", "linkTenantUser") => Some(CannedAnswer::new(204)),
        _ => None,
    }
}

/// Spoils an answer as a rule does not allow.
pub(crate) fn spoil(rule: &str, answer: &mut CannedAnswer, cursor: Option<&str>) {
    let is_success = answer.status.is_success();
    let has_body = !answer.body.is_empty();
    match rule {
        "response-status" if is_success && has_body => {
            *answer = CannedAnswer {
                status: http::StatusCode::NON_AUTHORITATIVE_INFORMATION,
                ..answer.clone()
            };
        }
        "response-media-type" if has_body => {
            answer
                .headers
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        "response-body-missing" if has_body => answer.body.clear(),
        "response-body-undeclared" if answer.status == 202 => answer.body = b"{}".to_vec(),
        "response-utf8" => distort(answer, &Fault::InvalidUtf8, None),
        "response-json" if has_body => drop(answer.body.split_off(answer.body.len() / 2)),
        "response-duplicate-name" => distort(answer, &Fault::DuplicateKeys, None),
        "list-cursor-advances" => distort(answer, &Fault::RepeatedCursor, cursor),
        "response-body-valid" if is_success && has_body => change(answer, |body| {
            body["userId"] = Value::Null;
            body["users"] = Value::Null;
        }),
        "response-unknown-member" if has_body => change(answer, |body| {
            body["surprise"] = true.into();
        }),
        "list-page-size" => change(answer, |body| {
            if let Some(users) = body["users"].as_array_mut()
                && let Some(first) = users.first().cloned()
            {
                users.push(first);
            }
        }),
        "live-missing-user" if answer.status == 404 => {
            *answer = json_answer(200, &json!({ "userId": "somebody" }));
        }
        "live-bad-limit" if answer.status == 400 => *answer = CannedAnswer::new(500),
        "live-undocumented-method" if answer.status == 599 => {
            *answer = json_answer(200, &json!({}));
        }
        _ => {}
    }
}

fn change(answer: &mut CannedAnswer, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice(&answer.body) {
        change(&mut body);
        answer.body = body.to_string().into_bytes();
    }
}

fn json_answer(status: u16, body: &Value) -> CannedAnswer {
    CannedAnswer::new(status)
        .header("content-type", "application/links+json")
        .body(body.to_string())
}
