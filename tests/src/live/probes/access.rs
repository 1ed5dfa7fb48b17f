//! Access: every operation rejects missing and invalid credentials.

use crate::live::credential::Credential;
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::LiveRequest;
use crate::live::session::{Session, Then};
use crate::rules::LIVE_INVALID_TOKEN;

const LIST: Probe = Probe::new(
    Family::Access,
    Needs::Reads,
    "getUsers with a missing, altered, unsigned and Basic token",
);
const USER: Probe = Probe::new(Family::Access, Needs::Reads, "getUser with such tokens");
const LINK: Probe = Probe::new(
    Family::Access,
    Needs::Link,
    "linkTenantUser with such tokens",
);
const DELETE: Probe = Probe::new(Family::Access, Needs::Delete, "deleteUser with such tokens");
const EXPIRED: Probe = Probe::new(Family::Access, Needs::Reads, "expired tokens");
const SIGNED: Probe = Probe::new(Family::Access, Needs::Reads, "altered signatures");
pub(crate) const PROBES: &[&Probe] = &[&LIST, &USER, &LINK, &DELETE, &EXPIRED, &SIGNED];

/// Reads with invalid credentials.
pub(crate) async fn run(session: &mut Session<'_>, known: &Known) {
    let token = session.token();
    if session.options().expired_token.is_some() {
        session.begin(&EXPIRED);
    } else {
        session.skip(&EXPIRED, "only an access key can sign one");
    }
    if token.split('.').count() == 3 {
        session.begin(&SIGNED);
    } else {
        session.skip(&SIGNED, "the token of the run is not a JWT");
    }
    if session.begin(&LIST) {
        try_all(session, &LiveRequest::get("/v1/users?limit=1").public()).await;
    }
    match known.ids().next() {
        Some(id) if session.begin(&USER) => {
            try_all(session, &LiveRequest::user(id)).await;
        }
        Some(_) => {}
        None => session.skip(&USER, "there is no user to read"),
    }
}

/// Links with invalid credentials.
pub(crate) async fn link(session: &mut Session<'_>, request: &LiveRequest) {
    if session.begin(&LINK) {
        try_all(session, request).await;
    }
}

/// Deletes with invalid credentials. Returns whether all were rejected.
pub(crate) async fn delete(session: &mut Session<'_>, request: &LiveRequest) -> bool {
    !session.begin(&DELETE) || try_all(session, request).await
}

/// Sends a request with every invalid credential. Returns whether all were rejected.
async fn try_all(session: &mut Session<'_>, request: &LiveRequest) -> bool {
    let expired = session.options().expired_token.as_ref();
    let mut are_rejected = true;
    for credential in Credential::invalid(session.token(), expired) {
        let expected = format!("401 for {}", credential.what);
        let request = request.clone().credential(credential);
        let rejected = session
            .expect(
                request,
                &LIVE_INVALID_TOKEN,
                &expected,
                Then::ValidateResponse,
                |sent| sent.expect_status(|status| status == 401),
            )
            .await;
        are_rejected &= rejected.is_some();
    }
    are_rejected
}
