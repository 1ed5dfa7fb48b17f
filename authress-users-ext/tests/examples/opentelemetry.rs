use std::sync::{Arc, Mutex};

use authress_users_contract::{Fault, MockAuthress, Operation};
use axum::extract::Path;
use axum::{Router, routing};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{example_on, output, texts};

type Received = Arc<Mutex<Vec<(String, Value)>>>;

/// Starts a collector that keeps what it receives by OTLP, with the signal: `traces` or `metrics`.
async fn collector() -> (String, Received) {
    let received = Received::default();
    let collected = received.clone();
    let collect = move |Path(signal): Path<String>, body: String| {
        let body = serde_json::from_str(&body).unwrap();
        collected.lock().unwrap().push((signal, body));
        async {}
    };
    let router = Router::new().route("/v1/{signal}", routing::post(collect));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (endpoint, received)
}

/// Returns the elements of an array at the end of a path, from all bodies of a signal.
fn all<'a>(received: &'a [(String, Value)], signal: &str, path: [&str; 3]) -> Vec<&'a Value> {
    let mut values: Vec<_> = received
        .iter()
        .filter(|(own, _)| own == signal)
        .map(|(_, body)| body)
        .collect();
    for name in path {
        values = values
            .into_iter()
            .flat_map(|value| value[name].as_array().unwrap())
            .collect();
    }
    values
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_traces_and_metrics_and_passes_the_context_on() {
    let (endpoint, received) = collector().await;
    let fake = MockAuthress::builder().users(3).start().await.unwrap();
    fake.fail_next(Operation::GetUsers, Fault::status(429).unwrap());
    fake.fail_next(Operation::GetUser, Fault::ResetBeforeHeaders);
    let mut command = example_on(&fake, "opentelemetry");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let result = output(command).await;
    let (stdout, stderr) = texts(&result);
    assert_eq!(stdout, "3 users\nNone\n", "{stderr}");
    let received = received.lock().unwrap();

    let spans = all(
        &received,
        "traces",
        ["resourceSpans", "scopeSpans", "spans"],
    );
    let named = |name: &str| *spans.iter().find(|span| span["name"] == name).unwrap();
    let (list, read) = (named("GET /v1/users"), named("GET /v1/users/{userId}"));
    assert_eq!(spans.len(), 2);
    let attribute = |span: &Value, name: &str| {
        let attributes = span["attributes"].as_array().unwrap().clone();
        let found = attributes
            .into_iter()
            .find(|attribute| attribute["key"] == name);
        found.map(|attribute| attribute["value"].clone())
    };
    assert!(attribute(list, "http.request.resend_count").is_some());
    assert_eq!(read["status"]["code"], 2, "an error");
    assert_ne!(list["status"]["code"], 2);

    // Each request carries the trace and the span of its call.
    let requests = fake.requests();
    assert_eq!(requests.len(), 4);
    for (request, span) in requests.iter().zip([list, list, read, read]) {
        let (trace, id) = (&span["traceId"], &span["spanId"]);
        let expected = format!("00-{}-{}-01", trace.as_str().unwrap(), id.as_str().unwrap());
        assert_eq!(request.header("traceparent"), Some(&*expected));
    }

    let metrics = all(
        &received,
        "metrics",
        ["resourceMetrics", "scopeMetrics", "metrics"],
    );
    let points = |name: &str, kind: &str| {
        let metric = metrics
            .iter()
            .find(|metric| metric["name"] == name)
            .unwrap();
        metric[kind]["dataPoints"].as_array().unwrap().clone()
    };
    let total = |points: &[Value], value: &str| {
        let number = |point: &Value| {
            let text = point[value].to_string();
            text.trim_matches('"').parse::<u64>().unwrap()
        };
        points.iter().map(number).sum::<u64>()
    };
    let durations = points("http.client.request.duration", "histogram");
    assert_eq!(total(&durations, "count"), 4);
    let outcomes: Vec<_> = durations
        .iter()
        .map(|point| {
            let method = attribute(point, "http.request.method").unwrap();
            assert_eq!(method["stringValue"], "GET");
            assert!(attribute(point, "url.template").is_some());
            let status = attribute(point, "http.response.status_code");
            let outcome = status.or_else(|| attribute(point, "error.type"));
            outcome.unwrap().to_string()
        })
        .collect();
    for outcome in ["200", "404", "429", "connection closed"] {
        let found = outcomes.iter().filter(|text| text.contains(outcome));
        assert_eq!(found.count(), 1, "{outcome}: {outcomes:?}");
    }
    let retries = points("authress.client.retries", "sum");
    assert_eq!(total(&retries, "asInt"), 2);
    let waits = points("authress.client.wait.duration", "histogram");
    assert_eq!(total(&waits, "count"), 4);
    // Only the retry after the 429 waited.
    let waited: Vec<_> = waits
        .iter()
        .filter(|point| point["sum"].as_f64() > Some(0.0))
        .map(|point| attribute(point, "http.response.status_code").unwrap()["intValue"].to_string())
        .collect();
    assert_eq!(waited, ["\"200\""], "{waits:?}");
    let text = format!("{received:?}");
    assert!(
        !text.contains("auth0") && !text.contains("Bearer"),
        "{text}"
    );
}
