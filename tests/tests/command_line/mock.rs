//! `mock`: output, options, logs and signals.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{command, run};

const KEY: &str = "sc_1.k1.acc-1.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";
const LINKS_JSON: &str = "application/links+json";

/// A fake in a child process, which is killed if a test fails.
pub(crate) struct Fake {
    child: Child,
    pub(crate) url: String,
    pub(crate) access_key: String,
    token: String,
}

impl Fake {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = command()
            .args(["mock", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap)
            .take(6)
            .collect();
        for line in &lines {
            assert!(
                line.starts_with("# ") || line.starts_with("export "),
                "{line}"
            );
        }
        let value = |name: &str| {
            let line = lines.iter().find_map(|line| line.split_once(name));
            line.unwrap().1.to_owned()
        };
        Self {
            url: value("AUTHRESS_API_URL="),
            access_key: value("AUTHRESS_ACCESS_KEY="),
            token: value("AUTHRESS_ACCESS_TOKEN="),
            child,
        }
    }

    async fn response(&self, client: &Client, method: Method, path: &str) -> Response {
        let request = client
            .request(method, format!("{}{path}", self.url))
            .header("accept", LINKS_JSON)
            .bearer_auth(&self.token);
        request.send().await.unwrap()
    }

    async fn send(&self, client: &Client, method: Method, path: &str) -> StatusCode {
        self.response(client, method, path).await.status()
    }

    /// Returns the number of users of a page.
    async fn list(&self, path: &str) -> usize {
        let page = self.response(&Client::new(), Method::GET, path).await;
        let page: Value = serde_json::from_slice(&page.bytes().await.unwrap()).unwrap();
        page["users"].as_array().unwrap().len()
    }

    async fn get(&self, path: &str) -> StatusCode {
        self.send(&Client::new(), Method::GET, path).await
    }

    /// Sends a signal, and returns the exit code and what was logged.
    pub(crate) fn end(mut self, signal: &str) -> (i32, String) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        let mut log = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut log).unwrap();
        }
        (self.child.wait().unwrap().code().unwrap(), log)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
    }
}

#[tokio::test]
async fn a_log_that_nothing_reads_does_not_stop_the_fake() {
    let fake = Fake::start(&[]);
    let client = Client::new();
    for _ in 0..2_500 {
        let path = "/v1/users/auth0%7C000000";
        assert_eq!(fake.send(&client, Method::GET, path).await, 200);
    }
    let (code, log) = fake.end("-TERM");
    assert_eq!(code, 0);
    assert!(log.contains("log entries were dropped"), "{}", log.len());
    // The summary is complete, although nothing read the log before the end.
    assert!(log.contains("# 2500 requests, 0 findings"), "{}", log.len());
}

#[tokio::test]
async fn a_closed_log_does_not_stop_the_fake() {
    let mut fake = Fake::start(&[]);
    drop(fake.child.stderr.take());
    for _ in 0..5 {
        assert_eq!(fake.get("/v2").await, 400);
    }
    assert_eq!(fake.end("-INT").0, 0);
}

#[tokio::test]
async fn signals_end_the_fake_with_a_summary() {
    for (signal, arguments, code) in [
        ("-INT", &[][..], 0),
        ("-TERM", &[], 0),
        ("-TERM", &["--fail-on-findings"], 1),
    ] {
        let fake = Fake::start(arguments);
        assert_eq!(fake.get("/v1/users?a=1&b=2").await, 200);
        let (found, log) = fake.end(signal);
        assert_eq!(found, code);
        let (first, rest) = log.split_once('\n').unwrap();
        assert!(first.contains(" GET /v1/users 200 "), "{log}");
        let finding = "  error[request-query-declared] client: expected only the parameters \
                       limit, cursor, filter, tenantId, got an undeclared parameter (2 times)\n";
        assert!(rest.starts_with(finding), "{log}");
        assert!(rest.contains("# 1 request, 2 findings, 0 notes\n"), "{log}");
        assert!(
            rest.contains("#   error[request-query-declared]: 2\n"),
            "{log}"
        );
        assert!(rest.contains("#   deleteUser: 0 of "), "{log}");
        let failed = log.ends_with("requests to the fake violate the API's spec\n");
        assert_eq!(failed, code == 1, "{log}");
    }
}

#[tokio::test]
async fn logs_are_json_or_quiet() {
    let fake = Fake::start(&["--log-format", "json"]);
    assert_eq!(fake.get("/v1/users/nobody").await, 404);
    let (_, log) = fake.end("-TERM");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [request, summary] = &lines[..] else {
        panic!("{log}")
    };
    assert_eq!(request["path"], "/v1/users/{userId}");
    assert_eq!(
        (&request["status"], &request["fault"]),
        (&404.into(), &false.into())
    );
    assert_eq!(summary["summary"]["requests"], 1);
    assert!(!log.contains("nobody"), "{log}");

    let fake = Fake::start(&["--quiet"]);
    assert_eq!(fake.get("/v2").await, 400);
    let (_, log) = fake.end("-TERM");
    assert!(
        log.starts_with("# 1 request, 1 finding, 0 notes\n"),
        "{log}"
    );
}

#[tokio::test]
async fn options_set_users_key_and_denied_operations() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (data, ready) = (path("data.json"), path("fake.env"));
    let text = r#"{ "users": ["a", { "userId": "b", "name": "Ada" }], "tenants": ["t"],
        "links": [{ "tenantId": "t", "userId": "b" }] }"#;
    fs::write(&data, text).unwrap();
    let fake = Fake::start(&[
        "--data",
        &data,
        "--access-key",
        KEY,
        "--deny",
        "deleteUser",
        "--ready-file",
        &ready,
        "--host",
        "localhost",
        "--public-url",
        "http://fake.test/",
    ]);
    assert_eq!((&*fake.url, &*fake.access_key), ("http://fake.test", KEY));
    let ready_text = fs::read_to_string(&ready).unwrap();
    let expected = format!("AUTHRESS_API_URL=http://fake.test\nAUTHRESS_ACCESS_KEY={KEY}\n");
    assert_eq!(ready_text, expected);
    let (code, _) = fake.end("-TERM");
    assert_eq!((code, fs::exists(&ready).unwrap()), (0, false));

    let fake = Fake::start(&["--data", &data, "--deny", "deleteUser"]);
    assert_eq!(fake.get("/v1/users/b").await, 200);
    let client = Client::new();
    let denied = fake.send(&client, Method::DELETE, "/v1/users/a").await;
    assert_eq!(denied, 403);
    assert_eq!(fake.list("/v1/users?tenantId=t").await, 1);
    fake.end("-TERM");
}

#[tokio::test]
async fn users_of_a_data_file_are_served_unchanged() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data.json");
    let user = json!({
        "userId": "saml|Zoë 東/京😀",
        "name": null,
        "address": { "city": "Zürich", "lines": ["a", 1, 2.5, true, null, {}] },
        "logins": u64::MAX,
        "": "",
    });
    // Some editors write a byte order mark.
    let text = format!("\u{FEFF}{}", json!({ "users": [user, "a"] }));
    fs::write(&data, text).unwrap();
    let fake = Fake::start(&["--data", data.to_str().unwrap(), "--log-format", "json"]);
    let client = Client::new();
    let get = async |path: &str| -> Value {
        let response = fake.response(&client, Method::GET, path).await;
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    };
    let list = get("/v1/users").await;
    assert_eq!(list["users"], json!([user, { "userId": "a" }]));
    let path = "/v1/users/saml%7CZo%C3%AB%20%E6%9D%B1%2F%E4%BA%AC%F0%9F%98%80";
    assert_eq!(get(path).await, user);
    let (_, log) = fake.end("-TERM");
    let summary: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(summary["summary"]["rules"], json!({}), "{log}");
}

#[test]
fn invalid_data_files_are_reported_with_their_line() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data.json");
    for (lines, line, reason) in [
        (
            r#""users": ["a", {}]"#,
            3,
            "a user must be a JSON object with a userId",
        ),
        (
            r#""users": [7]"#,
            3,
            "a user must be a JSON object with a userId",
        ),
        (r#""users": [""]"#, 3, "a userId must not be empty"),
        (
            "\"users\": [\"a\",\n{\"userId\": \"a\"}]",
            4,
            "an earlier user has the same userId",
        ),
        (
            "\"users\": [{\"userId\": \"a\",\n\"name\":\n[\"sekrit\"]}]",
            4,
            "expected the type null or string, got an array of 1 item",
        ),
        (r#""tenants": ["a b"]"#, 3, "expected"),
        (
            r#""users": ["a"], "links": [{"tenantId": "sekrit", "userId": "a"}]"#,
            3,
            "the tenantId of a link must be in `tenants`",
        ),
        (
            r#""tenants": ["t"], "links": [{"tenantId": "t", "userId": "sekrit"}]"#,
            3,
            "the userId of a link must be in `users`",
        ),
        (r#""users": "sekrit""#, 3, "not a data file"),
    ] {
        fs::write(&data, format!("{{\n\n{lines}\n}}")).unwrap();
        let arguments = ["mock", "--port", "0", "--data", data.to_str().unwrap()];
        let (code, _, error) = run(&arguments, b"");
        assert_eq!(code, 2, "{error}");
        let place = format!("data.json: line {line}");
        assert!(error.contains(&place) && error.contains(reason), "{error}");
        assert!(!error.contains("sekrit"), "{error}");
    }
}

#[tokio::test]
async fn options_set_users_latency_and_rate_limit() {
    let fake = Fake::start(&[
        "--users",
        "3",
        "--latency",
        "5",
        "--rate-limit",
        "0.001",
        "--log-format",
        "json",
    ]);
    assert_eq!(fake.list("/v1/users").await, 3);
    assert_eq!(fake.get("/v1/users").await, 429);
    let (_, log) = fake.end("-TERM");
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert!(first["durationMs"].as_u64().unwrap() >= 5, "{log}");
}

#[tokio::test]
async fn http_2_clients_are_served() {
    let fake = Fake::start(&["--control"]);
    let client = Client::builder().http2_prior_knowledge().build().unwrap();
    assert_eq!(fake.send(&client, Method::GET, "/v1/users").await, 200);
    // The control needs the host, which HTTP/2 sends in another way.
    let reset = fake.send(&client, Method::POST, "/__mock/reset").await;
    assert_eq!(reset, 204);
    let (_, log) = fake.end("-TERM");
    assert!(log.contains("# 1 request, 0 findings, 0 notes"), "{log}");
}

#[test]
fn invalid_arguments_exit_with_2() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data.json");
    let data = data.to_str().unwrap();
    fs::write(data, "{ \"users\": [],\n  \"sekrit\": 1 }").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, reason) in [
        (
            &["--port", &port][..],
            "could not listen on 127.0.0.1, port",
        ),
        (&["--data", data], "line 2, column 10: not a data file"),
        (
            &["--data", "missing.json"],
            "missing.json: could not read the file",
        ),
        (
            &["--access-key", "a.b.c"],
            "an access key must have the form",
        ),
        (
            &["--public-url", "api.test"],
            "the public URL must be an absolute",
        ),
        (
            &["--public-url", "https://user:sekrit@api.test"],
            "without credentials, a query or a fragment",
        ),
        (
            &["--users", "1000001"],
            "expected a number from 0 to 1000000",
        ),
        (&["--deny", "getTeams"], "unknown operation"),
        (&["--rate-limit", "0"], "requests per second must be finite"),
        (
            &["--rate-limit", "fast"],
            "expected a number of requests per second",
        ),
        (
            &["--host", "api.test"],
            "expected an IP address or localhost",
        ),
        (
            &["--ready-file", "/missing/ready"],
            "could not write the ready file",
        ),
    ] {
        let arguments = [&["mock", "--port", "0"], arguments].concat();
        // A later port replaces the first one.
        let arguments: Vec<_> = match arguments.iter().rposition(|own| *own == "--port") {
            Some(last) if last > 1 => [&arguments[..1], &arguments[3..]].concat(),
            _ => arguments,
        };
        let (code, out, error) = run(&arguments, b"");
        assert_eq!((code, out.as_str()), (2, ""), "{error}");
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("sekrit"), "{error}");
    }
}
