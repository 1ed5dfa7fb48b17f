//! Defects that the fake does not have. Each is found by one rule.

use std::sync::Arc;

use authress_users_contract::live::{self, LiveOptions};
use authress_users_contract::{MockAuthress, Report, Spec, User};
use serde_json::{Value, json};

use crate::clock::FakeClock;
use crate::errors;
use crate::proxy::{self, Reply, Request, Variation};

const DELETED: &str = "auth0|3";

/// Changes a response. The number counts the requests since the deletion was accepted.
type Change = fn(&Request, &mut Reply, usize);

/// Changes responses from the start, or after a deletion.
struct Defective {
    change: Change,
    is_active: bool,
    requests: usize,
}

impl Variation for Defective {
    fn reply(&mut self, request: &Request, reply: &mut Reply) {
        if self.is_active {
            self.requests += 1;
            (self.change)(request, reply, self.requests);
        }
        self.is_active |= request.method == "DELETE" && reply.status == 202;
    }
}

/// Validates a server whose ids are all of one kind.
async fn validate(change: Change, is_active: bool) -> Report {
    let mut builder = MockAuthress::builder().strict().link("acme", "auth0|1");
    for number in 1..=6 {
        let user =
            json!({ "userId": format!("auth0|{number}"), "name": format!("Grace {number}") });
        builder = builder.user(User::try_from(user).unwrap());
    }
    let server = Arc::new(builder.tenant("acme").start().await.unwrap());
    let token = server.access_token();
    let defective = Defective {
        change,
        is_active,
        requests: 0,
    };
    let url = proxy::start(server.url(), defective).await;
    let options = LiveOptions::default()
        .link("acme", DELETED)
        .delete(DELETED)
        .clock(FakeClock::new(&server));
    let report = live::run(Spec::bundled(), &url, &token, &options).await;
    server.ignore_findings();
    report.unwrap()
}

fn change_users(reply: &mut Reply, change: impl Fn(&mut Vec<Value>)) {
    reply.change(|body| {
        if let Some(users) = body["users"].as_array_mut() {
            change(users);
        }
    });
}

fn change_next_link(reply: &mut Reply, change: impl Fn(&str) -> String) {
    reply.change(|body| {
        if let Some(href) = body["links"]["next"]["href"].as_str() {
            body["links"]["next"]["href"] = change(href).into();
        }
    });
}

#[tokio::test]
async fn each_defect_from_the_start_is_found_by_one_rule() {
    let defects: [(&str, Change, &str); 4] = [
        (
            "always the same user",
            |_, reply, _| {
                reply.change(|body| {
                    if body["userId"].is_string() {
                        *body = json!({ "userId": "auth0|1", "name": "Grace 1" });
                    }
                });
            },
            "live-user-identity",
        ),
        (
            "other values in small pages",
            |request, reply, _| {
                if !request.target.contains("limit=100") {
                    change_users(reply, |users| {
                        for user in users {
                            user["name"] = "Ada".into();
                        }
                    });
                }
            },
            "live-list-complete",
        ),
        (
            "next link with another path",
            |_, reply, _| change_next_link(reply, |own| own.replace("/v1/", "/other/v1/")),
            "live-next-link",
        ),
        (
            "next link without the tenant",
            |_, reply, _| change_next_link(reply, |own| own.replace("tenantId=acme", "")),
            "live-next-link",
        ),
    ];
    for (name, change, rule) in defects {
        let report = validate(change, true).await;
        let mut rules = errors(&report);
        rules.dedup();
        assert_eq!(rules, [rule], "{name}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn each_defect_after_a_deletion_is_found_by_one_rule() {
    let defects: [(&str, Change, &str); 4] = [
        (
            "the list lacks another user",
            |_, reply, _| {
                change_users(reply, |users| {
                    users.retain(|own| own["userId"] != "auth0|2");
                });
            },
            "live-delete-scope",
        ),
        (
            "the tenant has no users",
            |request, reply, _| {
                if request.target.contains("tenantId=") {
                    change_users(reply, Vec::clear);
                }
            },
            "live-delete-scope",
        ),
        (
            "the user comes back to the list",
            |request, reply, requests| {
                if requests > 4 && !request.target.contains("tenantId=") {
                    change_users(reply, |users| users.push(json!({ "userId": DELETED })));
                }
            },
            "delete-takes-effect",
        ),
        (
            "the user cannot be read",
            |request, reply, _| {
                if request.method == "GET" && request.path().ends_with("%7C3") {
                    *reply = Reply::new(500);
                }
            },
            "response-failure",
        ),
    ];
    for (name, change, rule) in defects {
        let report = validate(change, false).await;
        assert_eq!(errors(&report), [rule], "{name}: {:?}", report.findings);
    }
}
