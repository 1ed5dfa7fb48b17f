//! A fake that breaks one rule on purpose, to test tools that look for violations.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::fault::Fault;
use super::inject::inject;
use super::problem;
use super::stub_response::StubResponse;
use crate::operation::Operation;

macro_rules! defects {
    ($($(#[$doc:meta])* $name:ident = $rule:literal;)*) => {
        /// A rule that a fake can break on purpose.
        ///
        /// Set by [`MockAuthressBuilder::defect`](crate::MockAuthressBuilder::defect).
        ///
        /// ```
        /// use authress_users_contract::{Defect, MockAuthress};
        /// use authress_users_contract::secrecy::ExposeSecret as _;
        ///
        /// # #[tokio::main(flavor = "current_thread")]
        /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// // A tool that checks servers should find this.
        /// let defect = Defect::ResponseMediaType;
        /// assert_eq!(defect.rule(), "response-media-type");
        ///
        /// let fake = MockAuthress::builder().user("auth0|1").defect(defect).start().await?;
        /// let token = fake.access_token();
        /// let response = reqwest::Client::new()
        ///     .get(format!("{}/v1/users/auth0%7C1", fake.url()))
        ///     .header("accept", "application/links+json")
        ///     .bearer_auth(token.expose_secret())
        ///     .send()
        ///     .await?;
        /// assert_ne!(response.headers()["content-type"], "application/links+json");
        /// # Ok(())
        /// # }
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Defect {
            $($(#[$doc])* $name,)*
        }

        impl Defect {
            /// All defects.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the id of the rule that the fake breaks.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$name => $rule,)*
                }
            }
        }
    };
}

defects! {
    /// Successful responses have an undocumented status.
    ResponseStatus = "response-status";
    /// Responses have another media type than the spec.
    ResponseMediaType = "response-media-type";
    /// Documented bodies are missing.
    ResponseBodyMissing = "response-body-missing";
    /// Responses without a documented body have one.
    ResponseBodyUndeclared = "response-body-undeclared";
    /// JSON bodies are not UTF-8.
    ResponseUtf8 = "response-utf8";
    /// JSON bodies are truncated.
    ResponseJson = "response-json";
    /// JSON objects repeat a member.
    ResponseDuplicateName = "response-duplicate-name";
    /// Bodies violate their schema.
    ResponseBodyValid = "response-body-valid";
    /// Bodies have a member that the spec does not declare.
    ResponseUnknownMember = "response-unknown-member";
    /// Lists return the cursor of the request again.
    ListCursorAdvances = "list-cursor-advances";
    /// Pages have more users than the limit.
    ListPageSize = "list-page-size";
    /// Listed users do not exist when they are read.
    ListedUserReadable = "listed-user-readable";
    /// Deleted users stay.
    DeleteTakesEffect = "delete-takes-effect";
    /// Linked users do not appear in the list of their tenant.
    LinkTakesEffect = "link-takes-effect";
    /// A repeated link fails.
    RepeatSameResponse = "repeat-same-response";
    /// Users that do not exist are returned.
    LiveMissingUser = "live-missing-user";
    /// Invalid tokens are accepted.
    LiveInvalidToken = "live-invalid-token";
    /// A limit out of range causes a 500.
    LiveBadLimit = "live-bad-limit";
    /// Undocumented methods succeed.
    LiveUndocumentedMethod = "live-undocumented-method";
    /// Writes are rejected.
    LiveWriteFailed = "live-write-failed";
}

/// Returns the response of a fake that does not execute an operation because of its defect.
pub(crate) fn replace(
    defect: Defect,
    operation: Operation,
    is_repetition: bool,
) -> Option<StubResponse> {
    let not_found = || {
        let body = problem::body("NotFound", "The user does not exist.");
        json_response(StatusCode::NOT_FOUND, &body)
    };
    match (defect, operation) {
        (Defect::ListedUserReadable, Operation::GetUser) => Some(not_found()),
        (Defect::RepeatSameResponse, Operation::LinkTenantUser) if is_repetition => {
            Some(not_found())
        }
        (Defect::LiveWriteFailed, Operation::DeleteUser | Operation::LinkTenantUser) => {
            let body = problem::body("Forbidden", "Not allowed.");
            Some(json_response(StatusCode::FORBIDDEN, &body))
        }
        (Defect::DeleteTakesEffect, Operation::DeleteUser) => {
            Some(StubResponse::from_status(StatusCode::ACCEPTED))
        }
        (Defect::LinkTakesEffect, Operation::LinkTenantUser) => {
            Some(StubResponse::from_status(StatusCode::NO_CONTENT))
        }
        _ => None,
    }
}

/// Changes a response so that it breaks the rule of the defect.
pub(crate) fn apply(defect: Defect, response: &mut StubResponse, cursor: Option<&str>) {
    let is_success = response.status.is_success();
    let has_body = !response.body.is_empty();
    match defect {
        Defect::ResponseStatus if is_success && has_body => {
            response.status = StatusCode::NON_AUTHORITATIVE_INFORMATION;
        }
        Defect::ResponseMediaType if has_body => {
            let html = HeaderValue::from_static("text/html");
            response.headers.insert(header::CONTENT_TYPE, html);
        }
        Defect::ResponseBodyMissing if has_body => response.body.clear(),
        Defect::ResponseBodyUndeclared if response.status == StatusCode::ACCEPTED => {
            response.body = b"{}".to_vec();
        }
        Defect::ResponseUtf8 => inject(response, &Fault::InvalidUtf8, None),
        Defect::ResponseJson if has_body => response.body.truncate(response.body.len() / 2),
        Defect::ResponseDuplicateName => inject(response, &Fault::DuplicateKeys, None),
        Defect::ListCursorAdvances => inject(response, &Fault::RepeatedCursor, cursor),
        Defect::ResponseBodyValid if is_success && has_body => change(response, |body| {
            body["userId"] = Value::Null;
            body["users"] = Value::Null;
        }),
        Defect::ResponseUnknownMember if has_body => change(response, |body| {
            body["surprise"] = true.into();
        }),
        Defect::ListPageSize => change(response, |body| {
            if let Some(users) = body["users"].as_array_mut()
                && let Some(first) = users.first().cloned()
            {
                users.push(first);
            }
        }),
        Defect::LiveMissingUser if response.status == StatusCode::NOT_FOUND => {
            *response = json_response(StatusCode::OK, &json!({ "userId": "another" }));
        }
        Defect::LiveBadLimit if response.status == StatusCode::BAD_REQUEST => {
            *response = StubResponse::from_status(StatusCode::INTERNAL_SERVER_ERROR);
        }
        Defect::LiveUndocumentedMethod if response.status == StatusCode::METHOD_NOT_ALLOWED => {
            *response = json_response(StatusCode::OK, &json!({}));
        }
        _ => {}
    }
}

fn change(response: &mut StubResponse, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice(&response.body) {
        change(&mut body);
        response.body = body.to_string().into_bytes();
    }
}

fn json_response(status: StatusCode, body: &Value) -> StubResponse {
    let media_type = HeaderValue::from_static("application/links+json");
    StubResponse::from_status(status)
        .with_header(header::CONTENT_TYPE, media_type)
        .body(body.to_string())
}
