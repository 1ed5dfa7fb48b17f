//! The service as a process: start, traces and shutdown. Its responses are tested in
//! `examples/web_app/tests.rs`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use axum::{Router, routing};
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::process::signal;
use crate::{example, example_on, output};

struct Service {
    process: Child,
    stderr: BufReader<ChildStderr>,
    /// The standard error until it listened.
    startup: String,
    url: String,
}

impl Service {
    async fn start(mut command: Command) -> Self {
        command.args(["--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = tokio::task::spawn_blocking(move || {
            let mut process = command.spawn().unwrap();
            let mut stderr = BufReader::new(process.stderr.take().unwrap());
            let mut startup = String::new();
            while !startup.contains("Listening on ") && stderr.read_line(&mut startup).unwrap() > 0
            {
            }
            let url = startup.rsplit_once("Listening on ").unwrap_or_default().1;
            let url = url.trim().to_owned();
            Self {
                process,
                stderr,
                startup,
                url,
            }
        });
        started.await.unwrap()
    }

    /// Terminates it by a signal, and returns its standard output.
    async fn end(self) -> String {
        signal(&self.process, "TERM").await;
        let ended = tokio::task::spawn_blocking(|| {
            let Self {
                process,
                mut stderr,
                ..
            } = self;
            let result = process.wait_with_output().unwrap();
            let mut rest = String::new();
            std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
            assert!(result.status.success(), "{rest}");
            assert!(rest.contains("All requests are complete"), "{rest}");
            String::from_utf8(result.stdout).unwrap()
        });
        ended.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn completes_requests_in_flight_before_exiting() {
    let fake = MockAuthress::builder()
        .strict()
        .user("sekrit|1")
        .start()
        .await
        .unwrap();
    let service = Service::start(example_on(&fake, "web_app")).await;
    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_millis(300)));
    let request = reqwest::Client::new()
        .get(format!("{}/users/sekrit%7C1", service.url))
        .bearer_auth(fake.access_token().expose_secret());
    let in_flight = tokio::spawn(async { request.send().await.unwrap() });
    while fake.request_count() == 0 {
        tokio::task::yield_now().await;
    }
    let traces = service.end().await;
    assert_eq!(in_flight.await.unwrap().status(), 200);
    for part in [
        "GET /users/{id}",
        "GET /v1/users/{userId}",
        "Server",
        "Client",
    ] {
        assert!(traces.contains(part), "{part}: {traces}");
    }
    assert!(
        !traces.contains("sekrit") && !traces.contains("Bearer"),
        "{traces}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_traces_before_exiting() {
    let received: Arc<Mutex<String>> = Arc::default();
    let collected = received.clone();
    let collect = move |body: String| {
        collected.lock().unwrap().push_str(&body);
        async {}
    };
    let collector = Router::new().route("/v1/traces", routing::post(collect));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, collector).await });

    let fake = MockAuthress::builder()
        .strict()
        .user("sekrit|1")
        .start()
        .await
        .unwrap();
    let mut command = example_on(&fake, "web_app");
    command.env("OTEL_TRACES_EXPORTER", "otlp");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let service = Service::start(command).await;
    let request = reqwest::Client::new().delete(format!("{}/users/sekrit%7C1", service.url));
    let token = fake.access_token();
    let response = request
        .bearer_auth(token.expose_secret())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    assert_eq!(service.end().await, "");
    let received = received.lock().unwrap();
    let traces: serde_json::Value = serde_json::from_str(&received).unwrap();
    let spans = traces["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .unwrap();
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
    let (server, client) = (
        named("DELETE /users/{id}"),
        named("DELETE /v1/users/{userId}"),
    );
    assert_eq!(client["parentSpanId"], server["spanId"]);
    assert!(!received.contains("sekrit"), "{received}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prints_a_command_to_try_without_a_token() {
    let service = Service::start(example("web_app")).await;
    let startup = &service.startup;
    let file = startup
        .split_once("curl -H @")
        .unwrap()
        .1
        .split(' ')
        .next()
        .unwrap();
    let header = std::fs::read_to_string(file).unwrap();
    let token = header
        .trim()
        .strip_prefix("Authorization: Bearer ")
        .unwrap();
    assert!(!startup.contains(token));
    let list = reqwest::Client::new().get(format!("{}/users?limit=3", service.url));
    let response = list.bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().contains("userId"));
    let file = file.to_owned();
    let traces = service.end().await;
    assert!(!traces.contains(token));
    assert!(!std::path::Path::new(&file).exists());
}

#[tokio::test]
async fn rejects_an_unknown_exporter() {
    let mut command = example("web_app");
    command.env("OTEL_TRACES_EXPORTER", "zipkin");
    let result = output(command).await;
    assert_eq!(result.status.code(), Some(1));
    let (_, stderr) = crate::texts(&result);
    assert!(stderr.contains("console, otlp or none"), "{stderr}");
}
