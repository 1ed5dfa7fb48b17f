//! Variations that HTTP and the spec allow, of which none is reported.

use std::sync::Arc;

use authress_users_contract::{Report, Spec, live};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::clock::FakeClock;
use crate::proxy::{self, Reply, Request, Variation};
use crate::{all_flags, builder, errors};

/// Changes every response in one way.
struct EveryReply(Form);

type Form = fn(&mut Reply);

impl Variation for EveryReply {
    fn reply(&mut self, _: &Request, reply: &mut Reply) {
        self.0(reply);
    }
}

fn each_header(reply: &mut Reply, name: &str, change: impl Fn(&str) -> String) {
    for (own, value) in &mut reply.headers {
        if own == name {
            *value = change(value);
        }
    }
}

/// The first page of every list is empty.
#[derive(Default)]
struct EmptyPage {
    is_second: bool,
}

impl Variation for EmptyPage {
    fn request(&mut self, request: &mut Request) -> Option<Reply> {
        let target = request.target.replace("&cursor=second", "");
        self.is_second = target != request.target;
        request.target = target;
        None
    }

    fn reply(&mut self, request: &Request, reply: &mut Reply) {
        let is_first = !self.is_second && !request.target.contains("cursor=");
        reply.change(|body| {
            if is_first && body["users"].is_array() {
                body["users"] = json!([]);
                body["pagination"]["next"] = json!({ "cursor": "second" });
                body["links"]["next"] = Value::Null;
            }
        });
    }
}

/// Cursors have characters that need encoding.
struct UnusualCursors;

/// `a/b+c=&%ü `, encoded.
const UNUSUAL: &str = "a%2Fb%2Bc%3D%26%25%C3%BC%20";

impl Variation for UnusualCursors {
    fn request(&mut self, request: &mut Request) -> Option<Reply> {
        request.target = request
            .target
            .replace(&format!("cursor={UNUSUAL}"), "cursor=");
        None
    }

    fn reply(&mut self, _: &Request, reply: &mut Reply) {
        reply.change(|body| {
            if let Some(cursor) = body["pagination"]["next"]["cursor"].as_str() {
                body["pagination"]["next"]["cursor"] = format!("a/b+c=&%ü {cursor}").into();
                body["links"]["next"] = Value::Null;
            }
        });
    }
}

/// A deletion is visible after three reads.
struct SlowDeletion {
    token: String,
    /// The path of the deleted user.
    deleted: Option<String>,
    reads: usize,
}

impl SlowDeletion {
    fn new(token: &str) -> Self {
        Self {
            token: format!("Bearer {token}"),
            deleted: None,
            reads: 0,
        }
    }

    fn is_gone(&self) -> bool {
        self.reads > 3
    }
}

impl Variation for SlowDeletion {
    fn request(&mut self, request: &mut Request) -> Option<Reply> {
        if request.header("authorization") != Some(&self.token) {
            return None;
        }
        let is_delete = request.method == "DELETE";
        if is_delete && self.deleted.is_none() {
            self.deleted = Some(request.target.clone());
        }
        if self.deleted.as_ref() != Some(&request.target) {
            return None;
        }
        self.reads += usize::from(!is_delete);
        if !self.is_gone() {
            return is_delete.then(|| Reply::new(202));
        }
        let media_type = ("content-type".to_owned(), "application/json".to_owned());
        Some(Reply {
            headers: vec![media_type],
            body: b"{}".to_vec(),
            ..Reply::new(404)
        })
    }

    fn reply(&mut self, _: &Request, reply: &mut Reply) {
        let Some(deleted) = self.deleted.as_ref().filter(|_| self.is_gone()) else {
            return;
        };
        reply.change(|body| {
            if let Some(users) = body["users"].as_array_mut() {
                users.retain(|user| {
                    let id = user["userId"].as_str().unwrap();
                    !deleted.ends_with(&id.replace('|', "%7C"))
                });
            }
        });
    }
}

async fn validate<V: Variation>(variation: impl FnOnce(&str) -> V) -> Report {
    let server = Arc::new(builder().start().await.unwrap());
    let token = server.access_token();
    let url = proxy::start(server.url(), variation(token.expose_secret())).await;
    let options = all_flags(&server, 1).clock(FakeClock::new(&server));
    let report = live::run(Spec::bundled(), &url, &token, &options).await;
    server.ignore_findings();
    report.unwrap()
}

#[tokio::test]
async fn allowed_forms_of_responses_are_not_reported() {
    let forms: [(&str, Form); 7] = [
        ("header case", |reply| {
            for (name, _) in &mut reply.headers {
                *name = name.to_uppercase();
            }
        }),
        ("media type case", |reply| {
            each_header(reply, "content-type", |_| {
                "Application/Links+JSON".to_owned()
            });
        }),
        ("charset", |reply| {
            each_header(reply, "content-type", |own| format!("{own}; charset=UTF-8"));
        }),
        ("chunked", |reply| reply.is_chunked = true),
        ("HTTP/1.0", |reply| reply.version = "HTTP/1.0"),
        ("empty cursor", |reply| {
            reply.change(|body| {
                if body["users"].is_array() && body["pagination"]["next"].is_null() {
                    body["pagination"] = json!({ "next": { "cursor": "" } });
                }
            });
        }),
        ("errors without title", |reply| {
            reply.change(|body| {
                body.as_object_mut().unwrap().remove("title");
            });
        }),
    ];
    for (name, form) in forms {
        let report = validate(|_| EveryReply(form)).await;
        assert_eq!(errors(&report), [""; 0], "{name}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn allowed_sequences_of_responses_are_not_reported() {
    for (name, report) in [
        (
            "empty page with a cursor",
            validate(|_| EmptyPage::default()).await,
        ),
        ("unusual cursors", validate(|_| UnusualCursors).await),
        ("slow deletion", validate(SlowDeletion::new).await),
    ] {
        assert_eq!(errors(&report), [""; 0], "{name}: {:?}", report.findings);
    }
}

/// Every third response is a 503.
struct Overloaded(usize);

impl Variation for Overloaded {
    fn request(&mut self, _: &mut Request) -> Option<Reply> {
        self.0 += 1;
        self.0.is_multiple_of(3).then(|| Reply::new(503))
    }

    fn reply(&mut self, _: &Request, _: &mut Reply) {}
}

#[tokio::test]
async fn a_server_that_is_sometimes_unavailable_has_no_other_finding() {
    let report = validate(|_| Overloaded(0)).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    let named = report.warnings.last().unwrap();
    assert!(named.starts_with("server unavailable: "), "{named}");
}

/// The first list lacks a user.
#[derive(Default)]
struct ChangedOnce {
    is_changed: bool,
}

impl Variation for ChangedOnce {
    fn reply(&mut self, request: &Request, reply: &mut Reply) {
        if request.target == "/v1/users?limit=100" && !self.is_changed {
            self.is_changed = true;
            reply.change(|body| drop(body["users"].as_array_mut().unwrap().remove(0)));
        }
    }
}

#[tokio::test]
async fn concurrent_changes_are_notes() {
    let report = validate(|_| ChangedOnce::default()).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    let is_note = |rule: &str| rule == "live-undecided";
    assert!(report.findings.iter().any(|finding| is_note(finding.rule)));
}

/// The requests of one method and path fail.
struct Failing(fn(&Request) -> bool);

impl Variation for Failing {
    fn request(&mut self, request: &mut Request) -> Option<Reply> {
        (self.0)(request).then(|| Reply::new(500))
    }

    fn reply(&mut self, _: &Request, _: &mut Reply) {}
}

/// The server does not see a parameter.
struct Stripped(&'static str);

impl Variation for Stripped {
    fn request(&mut self, request: &mut Request) -> Option<Reply> {
        if let Some((path, query)) = request.target.split_once('?') {
            let pairs = query.split('&');
            let kept: Vec<_> = pairs.filter(|pair| !pair.starts_with(self.0)).collect();
            request.target = format!("{path}?{}", kept.join("&"));
        }
        None
    }

    fn reply(&mut self, _: &Request, reply: &mut Reply) {
        // Otherwise, the server itself would see a cursor that another list has returned.
        reply.change(|body| drop(body.as_object_mut().unwrap().remove("links")));
    }
}

#[tokio::test]
async fn one_cause_is_one_finding() {
    let is_list = |request: &Request| request.method == "GET" && request.path() == "/v1/users";
    let is_user =
        |request: &Request| request.method == "GET" && request.path().starts_with("/v1/users/");
    let is_filtered = |request: &Request| request.target.contains("filter=");
    let found = [
        ("list fails", validate(|_| Failing(is_list)).await),
        ("user fails", validate(|_| Failing(is_user)).await),
        ("filter fails", validate(|_| Failing(is_filtered)).await),
        ("no filter", validate(|_| Stripped("filter=")).await),
        ("no tenant", validate(|_| Stripped("tenantId=")).await),
        ("no cursor", validate(|_| Stripped("cursor=")).await),
    ]
    .map(|(name, report)| {
        let mut rules = errors(&report);
        rules.sort_unstable();
        rules.dedup();
        (name, rules)
    });
    let expected = [
        ("list fails", "response-failure"),
        ("user fails", "response-failure"),
        ("filter fails", "response-failure"),
        ("no filter", "live-filter"),
        ("no tenant", "live-tenant"),
        ("no cursor", "list-cursor-advances"),
    ];
    assert_eq!(found, expected.map(|(name, rule)| (name, vec![rule])));
}
