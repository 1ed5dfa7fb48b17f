//! Builds HAR files.

use authress_users_contract::har::{self, HarOptions};
use authress_users_contract::{Report, Spec};
use serde_json::{Value, json};

pub(crate) const HOST: &str = "https://acme.api.authress.io";
pub(crate) const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzZWtyaXQifQ.c2Vrcml0c2Vrcml0";
pub(crate) const LINKS_JSON: &str = "application/links+json";

/// Returns an entry with a JSON body, or without a body for null.
pub(crate) fn entry(method: &str, url: &str, status: u16, body: &Value) -> Value {
    let headers = json!([
        { "name": "Accept", "value": LINKS_JSON },
        { "name": "Authorization", "value": format!("Bearer {TOKEN}") },
    ]);
    let request = json!({ "method": method, "url": url, "headers": headers, "bodySize": 0 });
    let date = json!({ "name": "Date", "value": "Thu, 01 Jan 2026 00:00:00 GMT" });
    let response = if body.is_null() {
        json!({ "status": status, "headers": [date], "content": { "size": 0 } })
    } else {
        let text = body.to_string();
        json!({
            "status": status,
            "headers": [{ "name": "Content-Type", "value": LINKS_JSON }],
            "content": { "size": text.len(), "mimeType": LINKS_JSON, "text": text },
        })
    };
    json!({ "request": request, "response": response })
}

/// Returns the first page of a list.
pub(crate) fn list() -> Value {
    let page = json!({ "users": [user("a")] });
    entry("GET", &format!("{HOST}/v1/users?limit=20"), 200, &page)
}

pub(crate) fn user(id: &str) -> Value {
    json!({ "userId": id, "name": "Ada" })
}

/// Returns a read of a user.
pub(crate) fn read(id: &str) -> Value {
    entry("GET", &format!("{HOST}/v1/users/{id}"), 200, &user(id))
}

/// Returns a link with its body as text.
pub(crate) fn link() -> Value {
    let mut entry = entry(
        "PATCH",
        &format!("{HOST}/v1/tenants/acme/users"),
        204,
        &Value::Null,
    );
    let request = &mut entry["request"];
    let headers = request["headers"].as_array_mut().unwrap();
    headers.push(json!({ "name": "Content-Type", "value": "application/json" }));
    request["postData"] = json!({ "mimeType": "application/json", "text": "{\"userId\":\"a\"}" });
    entry
}

/// Returns valid traffic with every operation.
pub(crate) fn valid_traffic() -> Vec<Value> {
    vec![
        list(),
        read("a"),
        link(),
        entry("DELETE", &format!("{HOST}/v1/users/a"), 202, &Value::Null),
    ]
}

pub(crate) fn har(entries: &[Value]) -> Value {
    json!({ "log": { "version": "1.2", "creator": { "name": "a test" }, "entries": entries } })
}

/// Validates entries of all hosts against the spec of the project.
pub(crate) fn validate(entries: &[Value]) -> Report {
    validate_with(entries, &HarOptions::default())
}

pub(crate) fn validate_with(entries: &[Value], options: &HarOptions) -> Report {
    let traffic = har::read(har(entries).to_string().as_bytes(), options).unwrap();
    assert_eq!(traffic.entries(), entries.len());
    traffic.validate(Spec::bundled())
}

pub(crate) fn rules(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

/// Sets a header of a request or a response; an empty value removes it.
pub(crate) fn set(message: &mut Value, name: &str, value: &str) {
    let headers = message["headers"].as_array_mut().unwrap();
    headers.retain(|header| !header["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    if !value.is_empty() {
        headers.push(json!({ "name": name, "value": value }));
    }
}
