//! The account is not changed unless a flag allows it, whatever the server does.

use authress_users_contract::live::LiveOptions;
use authress_users_contract::{Defect, MockAuthress, ReceivedRequest};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

use crate::{builder, validate_with};

const LINKED: &str = "auth0|000001";
const DELETED: &str = "auth0|000002";

/// The flags of a run.
#[derive(Debug, Clone, Copy)]
struct Flags {
    link: bool,
    delete: bool,
    unsafe_probes: bool,
}

impl Flags {
    fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            link: bits & 1 != 0,
            delete: bits & 2 != 0,
            unsafe_probes: bits & 4 != 0,
        })
    }

    fn options(self, server: &MockAuthress) -> LiveOptions {
        let mut options = LiveOptions::default()
            .poll_interval(Duration::ZERO)
            .expired_token(server.expired_access_token());
        if self.link {
            options = options.link("acme", LINKED);
        }
        if self.delete {
            options = options.delete(DELETED);
        }
        if self.unsafe_probes {
            options = options.unsafe_probes();
        }
        options
    }

    /// Returns whether the flags allow a request.
    fn allow(self, request: &ReceivedRequest) -> bool {
        let segments: Vec<_> = request.path().split('/').collect();
        let is_random = |id: &str| Uuid::parse_str(&id.replace("%2D", "-")).is_ok();
        match (request.method(), &*segments) {
            ("GET" | "HEAD" | "OPTIONS", _) => true,
            ("PATCH", ["", "v1", "tenants", tenant, "users"]) => {
                let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
                let is_allowed = match body["userId"].as_str() {
                    // Bodies that name no user are only for the tenant itself.
                    None | Some("") => *tenant == "acme",
                    Some(LINKED) => *tenant == "acme" || is_random(tenant),
                    Some(user) => *tenant == "acme" && is_random(user),
                };
                self.link && is_allowed
            }
            ("DELETE", ["", "v1", "users", user]) => self.delete && *user == "auth0%7C000002",
            ("PUT" | "POST", ["", "v1", "users"]) => self.unsafe_probes,
            ("PUT" | "POST", ["", "v1", "users", id] | ["", "v1", "tenants", id, "users"]) => {
                self.unsafe_probes && is_random(id)
            }
            _ => false,
        }
    }
}

#[tokio::test]
async fn flags_decide_which_requests_are_sent() {
    // The last servers check no token.
    let defects = [
        None,
        Some(Defect::LiveInvalidToken),
        Some(Defect::MissingTokenAccepted),
        Some(Defect::IdDecodedTwice),
    ];
    for defect in defects {
        for flags in Flags::all() {
            let mut builder = builder();
            if let Some(defect) = defect {
                builder = builder.defect(defect);
            }
            let server = builder.start().await.unwrap();
            let ids = server.user_ids();
            let report = validate_with(&server, &flags.options(&server)).await;
            for request in server.requests() {
                let shown = format!("{} {}", request.method(), request.path());
                assert!(flags.allow(&request), "{flags:?} {defect:?}: {shown}");
            }
            let expected = ids.iter().filter(|id| !flags.delete || *id != DELETED);
            assert_eq!(server.user_ids(), expected.cloned().collect::<Vec<_>>());
            for id in &ids {
                let is_linked = server.is_linked("acme", id);
                assert_eq!(is_linked, flags.link && id == LINKED, "{flags:?}");
            }
            assert!(report.exchanges <= 150, "{}", report.exchanges);
            server.ignore_findings();
        }
    }
}
