//! Unknown users, tenants and cursors, and values that the spec does not allow.

use http::Method;
use uuid::Uuid;

use crate::finding::Rule;
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{
    LiveRequest, Sent, describe_status, encode, is_failure, is_rejection, tenant_path,
};
use crate::live::session::{Session, Then};
use crate::rules::{
    LIVE_INVALID_BODY, LIVE_LONG_FILTER, LIVE_MISSING_TENANT, LIVE_MISSING_USER,
    LIVE_UNKNOWN_CURSOR,
};

const USER: Probe = Probe::new(Family::Unknown, Needs::Reads, "an unknown user");
const LONG: Probe = Probe::new(Family::Unknown, Needs::Reads, "an id of 129 characters");
const CURSOR: Probe = Probe::new(Family::Unknown, Needs::Reads, "unknown cursors");
const FILTER: Probe = Probe::new(
    Family::Unknown,
    Needs::Reads,
    "filters of 64 and of 65 characters",
);
const LINKS: Probe = Probe::new(
    Family::Unknown,
    Needs::Link,
    "links of an unknown user and of an unknown tenant",
);
const BODIES: Probe = Probe::new(Family::Unknown, Needs::Link, "links with invalid bodies");
pub(crate) const PROBES: &[&Probe] = &[&USER, &LONG, &CURSOR, &FILTER, &LINKS, &BODIES];

/// Bodies that a link must reject.
const INVALID_BODIES: [&str; 5] = ["{}", r#"{"userId":7}"#, r#"{"userId":""}"#, "[]", "{"];

/// Reads what does not exist. Returns whether an unknown user is not found.
pub(crate) async fn run(session: &mut Session<'_>, known: &Known, has_filter: bool) -> bool {
    let mut is_missing = false;
    if session.begin(&USER) {
        let request = LiveRequest::user(&random()).public();
        is_missing = expect_404(session, request, &LIVE_MISSING_USER).await;
    }
    if session.begin(&LONG) {
        let request = LiveRequest::user(&"x".repeat(129)).public();
        let is_met = |sent: &Sent| sent.expect_status(is_rejection);
        let expected = "a 4xx status for an id of 129 characters";
        session
            .expect(request, &LIVE_MISSING_USER, expected, Then::Nothing, is_met)
            .await;
    }
    if !known.has_sound_lists {
        session.skip(&CURSOR, "lists are faulty or could not be read");
    } else if session.begin(&CURSOR) {
        for cursor in [random(), encode("bm8gc3VjaCBwYWdl")] {
            let target = format!("/v1/users?limit=100&cursor={cursor}");
            let request = LiveRequest::get(target).public();
            let is_met = |sent: &Sent| {
                let users = sent.json()["users"].as_array().map_or(0, Vec::len);
                match sent.status() {
                    200 if users > 0 => Err(format!("a page with {users} users")),
                    200 => Ok(()),
                    status if is_rejection(status) => Ok(()),
                    status => Err(describe_status(status)),
                }
            };
            let expected = "a 4xx status, or a page without users";
            session
                .expect(
                    request,
                    &LIVE_UNKNOWN_CURSOR,
                    expected,
                    Then::Nothing,
                    is_met,
                )
                .await;
        }
    }
    if !has_filter {
        session.skip(&FILTER, "filters do not work at all");
    } else if session.begin(&FILTER) {
        let request = LiveRequest::filter(&"ü".repeat(64)).public();
        let is_met = |sent: &Sent| sent.expect_status(|status| !is_failure(status));
        let expected = "a page of users for a filter of 64 characters";
        session
            .expect(request, &LIVE_LONG_FILTER, expected, Then::Validate, is_met)
            .await;
        for character in ["x", "ü"] {
            let request = LiveRequest::filter(&character.repeat(65)).public();
            let is_met = |sent: &Sent| sent.expect_status(is_rejection);
            let expected = "a 4xx status for a filter of 65 characters";
            session
                .expect(request, &LIVE_LONG_FILTER, expected, Then::Nothing, is_met)
                .await;
        }
    }
    is_missing
}

/// Links what does not exist, and sends bodies that the spec does not allow.
pub(crate) async fn link(session: &mut Session<'_>, tenant: &str, user: &str) {
    if session.begin(&LINKS) {
        let request = LiveRequest::link(tenant, &random());
        expect_404(session, request, &LIVE_MISSING_USER).await;
        let request = LiveRequest::link(&random(), user);
        expect_404(session, request, &LIVE_MISSING_TENANT).await;
    }
    if session.begin(&BODIES) {
        for body in INVALID_BODIES {
            let request = LiveRequest::new(Method::PATCH, tenant_path(tenant)).body(body);
            let is_met = |sent: &Sent| sent.expect_status(is_rejection);
            let expected = "a 4xx status for a body that the spec does not allow";
            session
                .expect(request, &LIVE_INVALID_BODY, expected, Then::Nothing, is_met)
                .await;
        }
    }
}

async fn expect_404(session: &mut Session<'_>, request: LiveRequest, rule: &Rule) -> bool {
    let is_met = |sent: &Sent| sent.expect_status(|status| status == 404);
    let found = session.expect(request, rule, "404", Then::Validate, is_met);
    found.await.is_some()
}

/// Returns an id that cannot exist.
pub(crate) fn random() -> String {
    Uuid::new_v4().to_string()
}
