//! Defects in traffic: each is found by its rule and by no other rule, and the same traffic without
//! the defect has no finding.

use std::collections::HashMap;

use authress_users_client::DOCUMENT;
use authress_users_contract::{
    Defect as ServerDefect, Exchange, Finding, RULES, Response, Spec, Validator,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

const ORIGIN: &str = "https://acme.api.authress.io";
const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
const LINKS_JSON: &str = "application/links+json";

/// Puts a defect into valid traffic.
type Change = fn(&mut Vec<Exchange>);

/// The spec of the project, or a variant for rules that the spec gives no occasion for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Variant {
    Project,
    RequiredView,
    ReadOnlyMember,
    RicherUser,
}

impl Variant {
    fn document(self) -> Value {
        let mut document = serde_json::from_str(DOCUMENT).unwrap();
        match self {
            Self::Project => {}
            Self::RequiredView => required_view(&mut document),
            Self::ReadOnlyMember => read_only_member(&mut document),
            Self::RicherUser => richer_user(&mut document),
        }
        document
    }
}

struct Defect {
    rule: &'static str,
    what: &'static str,
    spec: Variant,
    traffic: fn() -> Vec<Exchange>,
    change: Change,
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let parsed = pairs.iter().map(|(name, value)| {
        (
            HeaderName::try_from(*name).unwrap(),
            HeaderValue::try_from(*value).unwrap(),
        )
    });
    parsed.collect()
}

fn exchange(method: &str, target: &str, status: u16, body: &str) -> Exchange {
    let token = format!("Bearer {TOKEN}");
    let content_type: &[_] = match body {
        "" => &[],
        _ => &[("content-type", LINKS_JSON)],
    };
    let response = Response::new(status)
        .headers(headers(content_type))
        .body(body);
    Exchange::new(method, target)
        .origin(ORIGIN)
        .request_headers(headers(&[
            ("accept", LINKS_JSON),
            ("authorization", &token),
            ("user-agent", "a client"),
        ]))
        .response(response)
}

fn user(id: &str) -> Value {
    json!({ "userId": id, "name": "Ada", "email": null })
}

fn page(ids: &[&str], cursor: Option<&str>) -> String {
    let users: Vec<_> = ids.iter().map(|id| user(id)).collect();
    json!({
        "users": users,
        "pagination": { "next": cursor.map(|cursor| json!({ "cursor": cursor })) },
        "links": { "self": { "href": "https://acme.api.authress.io/v1/users" }, "next": null },
    })
    .to_string()
}

fn error() -> String {
    json!({ "title": "No.", "errorCode": "No", "errorId": "e-1" }).to_string()
}

fn read() -> Vec<Exchange> {
    vec![exchange(
        "GET",
        "/v1/users/auth0%7C1",
        200,
        &user("auth0|1").to_string(),
    )]
}

fn list() -> Vec<Exchange> {
    let first = page(&["1", "2"], Some("cursor+/A=="));
    vec![
        exchange("GET", "/v1/users?limit=2&filter=a+b", 200, &first),
        exchange(
            "GET",
            "/v1/users?limit=2&filter=a%20b&cursor=cursor%2B%2FA%3D%3D",
            200,
            &page(&["3"], None),
        ),
    ]
}

fn first_page() -> Vec<Exchange> {
    list()[..1].to_vec()
}

fn link() -> Vec<Exchange> {
    let mut link = exchange("PATCH", "/v1/tenants/acme/users", 204, "");
    link.request_headers
        .insert("content-type", HeaderValue::from_static("application/json"));
    link.request_body = br#"{"userId":"auth0|1"}"#.to_vec();
    vec![link]
}

fn link_and_list() -> Vec<Exchange> {
    let mut traffic = link();
    traffic.push(exchange(
        "GET",
        "/v1/users?tenantId=acme",
        200,
        &page(&["auth0|1"], None),
    ));
    traffic
}

fn delete() -> Vec<Exchange> {
    vec![exchange("DELETE", "/v1/users/auth0%7C1", 202, "")]
}

fn delete_and_read() -> Vec<Exchange> {
    let mut traffic = delete();
    traffic.push(exchange("GET", "/v1/users/auth0%7C1", 404, &error()));
    traffic
}

fn list_and_read() -> Vec<Exchange> {
    vec![
        exchange("GET", "/v1/users", 200, &page(&["auth0|1"], None)),
        exchange(
            "GET",
            "/v1/users/auth0%7C1",
            200,
            &user("auth0|1").to_string(),
        ),
    ]
}

fn link_twice() -> Vec<Exchange> {
    let mut traffic = link();
    traffic.extend(link());
    traffic
}

fn last(traffic: &mut [Exchange]) -> &mut Exchange {
    traffic.last_mut().unwrap()
}

fn response(traffic: &mut [Exchange]) -> &mut Response {
    last(traffic).response.as_mut().unwrap()
}

fn set_header(traffic: &mut [Exchange], name: &'static str, value: &'static str) {
    last(traffic)
        .request_headers
        .insert(name, HeaderValue::from_static(value));
}

fn set_body(traffic: &mut [Exchange], body: &Value) {
    response(traffic).body = body.to_string().into();
}

fn required_view(document: &mut Value) {
    let parameters = document["paths"]["/v1/users/{userId}"]["get"]["parameters"].as_array_mut();
    let parameter = json!({
        "name": "view", "in": "query", "required": true, "schema": { "type": "string" },
    });
    match parameters {
        Some(parameters) => parameters.push(parameter),
        None => document["paths"]["/v1/users/{userId}"]["get"]["parameters"] = json!([parameter]),
    }
}

fn read_only_member(document: &mut Value) {
    let properties = &mut document["components"]["schemas"]["TenantUser"]["properties"];
    properties["linkedAt"] = json!({ "type": "string", "readOnly": true });
}

fn richer_user(document: &mut Value) {
    let properties = &mut document["components"]["schemas"]["UserIdentity"]["properties"];
    properties["password"] = json!({ "type": "string", "writeOnly": true });
    properties["seen"] = json!({ "type": "string", "format": "date-time" });
    document["paths"]["/v1/users/{userId}"]["get"]["responses"]["200"]["headers"] = json!({
        "x-rate": { "required": true, "schema": { "type": "integer" } },
    });
}

fn viewed_read() -> Vec<Exchange> {
    vec![exchange(
        "GET",
        "/v1/users/1?view=all",
        200,
        &user("1").to_string(),
    )]
}

fn rich_read() -> Vec<Exchange> {
    let mut body = user("1");
    body["seen"] = "2026-01-01T00:00:00Z".into();
    let mut read = exchange("GET", "/v1/users/1", 200, &body.to_string());
    let rate = HeaderValue::from_static("7");
    read.response
        .as_mut()
        .unwrap()
        .headers
        .insert("x-rate", rate);
    vec![read]
}

macro_rules! defects {
    ($($rule:literal: $what:literal, $spec:expr, $traffic:expr, $change:expr;)*) => {
        vec![$(Defect {
            rule: $rule,
            what: $what,
            spec: $spec,
            traffic: $traffic,
            change: $change,
        }),*]
    };
}

fn defects() -> Vec<Defect> {
    defects! {
        "request-operation": "another version", Variant::Project, read,
            |traffic| last(traffic).target = "/v2/users/1".to_owned();
        "request-operation": "an empty segment", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/".to_owned();
        "request-operation": "a double slash", Variant::Project, read,
            |traffic| last(traffic).target = "//v1/users/1".to_owned();
        "request-operation": "an unencoded slash in an id", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/a/b".to_owned();
        "request-operation": "another method", Variant::Project, read,
            |traffic| last(traffic).method = "POST".to_owned();
        "request-dot-segment": "`..`", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/..".to_owned();
        "request-dot-segment": "an encoded `.`", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/%2E".to_owned();
        "request-encoding": "invalid UTF-8", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/%ff".to_owned();
        "request-encoding": "a single percent sign", Variant::Project, first_page,
            |traffic| last(traffic).target += "&tenantId=100%";
        "request-query-declared": "an undeclared parameter", Variant::Project, first_page,
            |traffic| last(traffic).target += "&page=2";
        "request-query-declared": "a query of an operation without one", Variant::Project, read,
            |traffic| last(traffic).target += "?limit=1";
        "request-query-repeated": "a repeated limit", Variant::Project, first_page,
            |traffic| last(traffic).target += "&limit=2";
        "request-parameter-required": "a missing parameter", Variant::RequiredView, viewed_read,
            |traffic| last(traffic).target = "/v1/users/1".to_owned();
        "request-parameter-valid": "a limit of 0", Variant::Project, first_page,
            |traffic| last(traffic).target = "/v1/users?limit=0".to_owned();
        "request-parameter-valid": "a filter that is too long", Variant::Project, first_page,
            |traffic| last(traffic).target = format!("/v1/users?filter={}", "x".repeat(65));
        "request-parameter-valid": "a backslash in an id", Variant::Project, read,
            |traffic| last(traffic).target = "/v1/users/a%5Cb".to_owned();
        "request-token": "no token", Variant::Project, read,
            |traffic| drop(last(traffic).request_headers.remove("authorization"));
        "request-token": "another scheme", Variant::Project, read,
            |traffic| set_header(traffic, "authorization", "Basic YTpi");
        "request-token": "a token that is not a JWT", Variant::Project, read,
            |traffic| set_header(traffic, "authorization", "Bearer opaque");
        "request-token": "two tokens", Variant::Project, read,
            |traffic| {
                let again = last(traffic).request_headers["authorization"].clone();
                last(traffic).request_headers.append("authorization", again);
            };
        "request-access-key": "an access key as the token", Variant::Project, read,
            |traffic| set_header(
                traffic,
                "authorization",
                "Bearer c.k.a.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA",
            );
        "request-accept": "only plain JSON", Variant::Project, read,
            |traffic| set_header(traffic, "accept", "application/json");
        "request-accept": "no Accept header", Variant::Project, read,
            |traffic| drop(last(traffic).request_headers.remove("accept"));
        "request-content-type": "the media type of responses", Variant::Project, link,
            |traffic| set_header(traffic, "content-type", LINKS_JSON);
        "request-body-missing": "no body", Variant::Project, link,
            |traffic| last(traffic).request_body.clear();
        "request-body-undeclared": "a body in a GET request", Variant::Project, read,
            |traffic| last(traffic).request_body = b"{}".to_vec();
        "request-body-valid": "a missing user id", Variant::Project, link,
            |traffic| last(traffic).request_body = b"{}".to_vec();
        "request-body-valid": "a number as the id", Variant::Project, link,
            |traffic| last(traffic).request_body = br#"{"userId":1}"#.to_vec();
        "request-body-valid": "truncated JSON", Variant::Project, link,
            |traffic| last(traffic).request_body = br#"{"userId":"#.to_vec();
        "request-body-unknown-member": "an undeclared member", Variant::Project, link,
            |traffic| last(traffic).request_body = br#"{"userId":"1","role":"x"}"#.to_vec();
        "request-body-read-only": "a read-only member", Variant::ReadOnlyMember, link,
            |traffic| last(traffic).request_body = br#"{"userId":"1","linkedAt":"x"}"#.to_vec();
        "request-unpaired-surrogate": "half of a surrogate pair", Variant::Project, link,
            |traffic| last(traffic).request_body = br#"{"userId":"1\udc00"}"#.to_vec();
        "request-header-declared": "the generator's version header", Variant::Project, read,
            |traffic| set_header(traffic, "api-version", "1");

        "response-status": "an undocumented status", Variant::Project, read,
            |traffic| response(traffic).status = 418;
        "response-assumed-status": "429", Variant::Project, read,
            |traffic| *last(traffic) = exchange("GET", "/v1/users/auth0%7C1", 429, &error());
        "response-failure": "503 with the page of a proxy", Variant::Project, read,
            |traffic| {
                response(traffic).status = 503;
                response(traffic).body = b"<html>".to_vec();
            };
        "response-failure": "400 to a valid request", Variant::Project, read,
            |traffic| *last(traffic) = exchange("GET", "/v1/users/auth0%7C1", 400, &error());
        "response-media-type": "HTML", Variant::Project, read,
            |traffic| drop(response(traffic).headers.insert("content-type", HeaderValue::from_static("text/html")));
        "response-media-type": "no media type", Variant::Project, read,
            |traffic| drop(response(traffic).headers.remove("content-type"));
        "response-body-missing": "no body", Variant::Project, read,
            |traffic| response(traffic).body.clear();
        "response-body-undeclared": "an undeclared body", Variant::Project, delete,
            |traffic| response(traffic).body = b"{}".to_vec();
        "response-utf8": "invalid UTF-8", Variant::Project, read,
            |traffic| response(traffic).body = b"{\"userId\":\"\xff\"}".to_vec();
        "response-json": "a truncated body", Variant::Project, read,
            |traffic| response(traffic).body.truncate(5);
        "response-json-range": "a number beyond a double", Variant::Project, read,
            |traffic| response(traffic).body = br#"{"userId":"1","age":1e400}"#.to_vec();
        "response-unpaired-surrogate": "a name cut within a surrogate pair", Variant::Project, read,
            |traffic| response(traffic).body = br#"{"userId":"1","name":"Ada \ud83d"}"#.to_vec();
        "response-duplicate-name": "a repeated member", Variant::Project, read,
            |traffic| response(traffic).body = br#"{"userId":"1","userId":"1"}"#.to_vec();
        "response-body-valid": "a missing user id", Variant::Project, read,
            |traffic| set_body(traffic, &json!({ "name": "Ada" }));
        "response-body-valid": "null for a required member", Variant::Project, read,
            |traffic| set_body(traffic, &json!({ "userId": null }));
        "response-body-valid": "a string as the users", Variant::Project, first_page,
            |traffic| set_body(traffic, &json!({ "users": "none" }));
        "response-format": "an invalid date-time", Variant::RicherUser, rich_read,
            |traffic| set_body(traffic, &json!({ "userId": "1", "seen": "yesterday" }));
        "response-write-only": "a write-only member", Variant::RicherUser, rich_read,
            |traffic| set_body(traffic, &json!({ "userId": "1", "password": "x" }));
        "response-header": "a missing header", Variant::RicherUser, rich_read,
            |traffic| drop(response(traffic).headers.remove("x-rate"));
        "response-header": "a header of another type", Variant::RicherUser, rich_read,
            |traffic| drop(response(traffic).headers.insert("x-rate", HeaderValue::from_static("many")));
        "response-unknown-member": "an undeclared member", Variant::Project, read,
            |traffic| set_body(traffic, &json!({ "userId": "1", "lastLogin": "x" }));

        "list-cursor-verbatim": "a cursor that was decoded", Variant::Project, list,
            |traffic| last(traffic).target = "/v1/users?limit=2&filter=a%20b&cursor=cursor%20%2FA%3D%3D".to_owned();
        "list-cursor-verbatim": "a truncated cursor", Variant::Project, list,
            |traffic| last(traffic).target = "/v1/users?limit=2&filter=a%20b&cursor=cursor%2B%2FA".to_owned();
        "list-parameters-stable": "another filter", Variant::Project, list,
            |traffic| last(traffic).target = last(traffic).target.replace("a%20b", "c");
        "list-parameters-stable": "no limit on the second page", Variant::Project, list,
            |traffic| last(traffic).target = last(traffic).target.replace("limit=2&", "");
        "list-cursor-advances": "the cursor of the request", Variant::Project, list,
            |traffic| response(traffic).body = page(&["3"], Some("cursor+/A==")).into();
        "list-page-size": "one user more than the limit", Variant::Project, list,
            |traffic| response(traffic).body = page(&["3", "4", "5"], None).into();
        "listed-user-readable": "404 for a listed user", Variant::Project, list_and_read,
            |traffic| *last(traffic) = exchange("GET", "/v1/users/auth0%7C1", 404, &error());
        "delete-takes-effect": "a deleted user that is still readable", Variant::Project, delete_and_read,
            |traffic| *last(traffic) = read().remove(0);
        "link-takes-effect": "a list without the linked user", Variant::Project, link_and_list,
            |traffic| response(traffic).body = page(&["auth0|2"], None).into();
        "repeat-same-response": "404 for a repeated link", Variant::Project, link_twice,
            |traffic| {
                let not_found = exchange("PATCH", "/v1/tenants/acme/users", 404, &error());
                last(traffic).response = not_found.response;
            };
        "token-host": "the same token at another host", Variant::Project, read,
            |traffic| {
                let mut elsewhere = traffic[0].clone();
                elsewhere.origin = "https://elsewhere.example.com".to_owned();
                traffic.push(elsewhere);
            };
    }
}

fn validate(spec: &Spec, traffic: &[Exchange]) -> Vec<Finding> {
    let mut validator = Validator::new(spec);
    let mut findings = Vec::new();
    for exchange in traffic {
        if exchange.origin == ORIGIN {
            findings.extend(validator.validate(exchange));
        } else {
            findings.extend(validator.validate_other_host(exchange));
        }
    }
    findings.extend(validator.finish());
    findings
}

#[test]
fn every_defect_is_found_by_its_rule_only() {
    let mut specs = HashMap::new();
    for defect in defects() {
        let (document, spec) = specs.entry(defect.spec).or_insert_with(|| {
            let document = defect.spec.document();
            let spec = Spec::parse(&document).unwrap();
            (document, spec)
        });
        let mut traffic = (defect.traffic)();
        let findings = validate(spec, &traffic);
        assert!(
            findings.is_empty(),
            "without {:?}: {findings:?}",
            defect.what
        );
        (defect.change)(&mut traffic);
        let findings = validate(spec, &traffic);
        assert!(
            !findings.is_empty(),
            "{}: {:?} is not found",
            defect.rule,
            defect.what
        );
        for finding in &findings {
            assert_eq!(finding.rule, defect.rule, "{}: {finding}", defect.what);
            let place = document.pointer(&finding.pointer);
            assert!(
                place.is_some(),
                "{finding}: the spec has no {}",
                finding.pointer
            );
            let shown = format!("{finding} {finding:?}");
            for secret in [TOKEN, "auth0|1", "auth0%7C1", "Ada"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}

#[test]
fn access_keys_are_found_in_traffic_without_tokens() {
    let mut traffic = first_page();
    let key = "c.k.a.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY%2FQkg1nIDiagoHtdCwb88RxarVYA";
    last(&mut traffic).target = format!("/v1/users?filter={}", &key[..64]);
    last(&mut traffic).request_headers.remove("authorization");
    let mut validator = Validator::new(Spec::bundled()).without_tokens();
    let findings = validator.validate(&traffic[0]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].rule, "request-access-key");
}

#[test]
fn every_rule_has_a_defect() {
    let defects = defects();
    for rule in RULES.iter().filter(|rule| !rule.id.starts_with("live-")) {
        assert!(
            defects.iter().any(|defect| defect.rule == rule.id),
            "{} has no defect",
            rule.id
        );
    }
}

#[test]
fn rules_md_is_up_to_date() {
    let mut expected = String::from(
        "# Rules\n\nThe rules that traffic is validated against. A test seeds the defects: each is found by its \
         rule\nand by no other rule.\n\n| rule | responsible | requirement | seeded defects |\n|---|---|---|---|\n",
    );
    let defects = defects();
    for rule in RULES {
        let of_rule = defects.iter().filter(|defect| defect.rule == rule.id);
        let mut seeded: Vec<_> = of_rule.map(|defect| defect.what).collect();
        if ServerDefect::ALL.iter().any(|own| own.rule() == rule.id) {
            seeded.push("a fake with this defect");
        }
        let note = if rule.severity == authress_users_contract::Severity::Note {
            " (note)"
        } else {
            ""
        };
        expected += &format!(
            "| `{}`{note} | {} | {} | {} |\n",
            rule.id,
            rule.party,
            rule.summary,
            seeded.join("; ")
        );
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/RULES.md");
    if std::env::var_os("WRITE_RULES").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        text, expected,
        "RULES.md is out of date; run this test with WRITE_RULES=1"
    );
}
