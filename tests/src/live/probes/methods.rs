//! Methods that the spec does not document.

use http::Method;

use super::unknown::random;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, is_no_method, tenant_path, user_path};
use crate::live::session::{Session, Then};
use crate::rules::{LIVE_SAFE_METHOD, LIVE_UNDOCUMENTED_METHOD};

const SAFE: Probe = Probe::new(Family::Methods, Needs::Reads, "HEAD and OPTIONS");
const UNSAFE: Probe = Probe::new(
    Family::Methods,
    Needs::UnsafeProbes,
    "undocumented PUT and POST",
);
pub(crate) const PROBES: &[&Probe] = &[&SAFE, &UNSAFE];

/// Sends methods to the paths of the spec, with ids that cannot exist.
pub(crate) async fn run(session: &mut Session<'_>) {
    let paths = || {
        [
            "/v1/users".to_owned(),
            user_path(&random()),
            tenant_path(&random()),
        ]
    };
    if session.begin(&SAFE) {
        let is_met =
            |sent: &Sent| sent.expect_status(|status| status < 500 || is_no_method(status));
        for method in [Method::HEAD, Method::OPTIONS] {
            for path in paths() {
                let request = LiveRequest::new(method.clone(), path).public();
                let expected = format!("a status below 500, or 501, for {method}");
                session
                    .expect(request, &LIVE_SAFE_METHOD, &expected, Then::Nothing, is_met)
                    .await;
            }
        }
    }
    if session.begin(&UNSAFE) {
        let is_met = |sent: &Sent| sent.expect_status(is_no_method);
        for method in [Method::PUT, Method::POST] {
            for path in paths() {
                let request = LiveRequest::new(method.clone(), path).public();
                let expected = format!("a 4xx status or 501 for {method}");
                session
                    .expect(
                        request,
                        &LIVE_UNDOCUMENTED_METHOD,
                        &expected,
                        Then::Nothing,
                        is_met,
                    )
                    .await;
            }
        }
    }
}
