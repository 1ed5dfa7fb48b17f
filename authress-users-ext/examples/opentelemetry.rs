//! Exports traces and metrics by OpenTelemetry, and passes the trace context on.
//!
//! Needs `AUTHRESS_API_URL` and `AUTHRESS_ACCESS_KEY`, which `cargo xtask mock` prints for a fake. The
//! exporters send to `OTEL_EXPORTER_OTLP_ENDPOINT`, <http://localhost:4318> by default. Metrics:
//! `http.client.request.duration` of each request, `authress.client.retries`, and
//! `authress.client.wait.duration` of the waits for rate limits and backoff.

use std::collections::HashMap;
use std::time::Duration;

use authress_users_ext::{AttemptEnd, AttemptStart, Middleware};
use authress_users_ext::{AuthressClientBuilder, Clock, ClockFuture, SystemClock};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, MeterProvider as _};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

struct Telemetry(Histogram<f64>, Counter<u64>);

impl Middleware for Telemetry {
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        let mut fields = HashMap::new();
        let context = Span::current().context();
        TraceContextPropagator::new().inject_context(&context, &mut fields);
        for (name, value) in fields {
            // `traceparent` and `tracestate` are valid, and none of the client's headers.
            let _ = attempt.insert_header(name, value);
        }
    }

    fn after(&self, attempt: &AttemptEnd) {
        let method = KeyValue::new("http.request.method", attempt.method().as_str());
        let template = KeyValue::new("url.template", attempt.url_template());
        let mut attributes = vec![method, template];
        let status = attempt.status().map(|status| i64::from(status.as_u16()));
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        let error = attempt.error().map(|error| error.to_string());
        attributes.extend(error.map(|error| KeyValue::new("error.type", error)));
        let is_retry = u64::from(attempt.number() > 1);
        self.0.record(attempt.duration().as_secs_f64(), &attributes);
        self.1.add(is_retry, &attributes[..2]);
    }
}

/// Records the waits before retries.
#[derive(Debug)]
struct MeteredClock(Histogram<f64>);

impl Clock for MeteredClock {
    fn sleep(&self, wait: Duration) -> ClockFuture<'_> {
        self.0.record(wait.as_secs_f64(), &[]);
        Box::pin(async move { SystemClock.sleep(wait).await })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spans = SpanExporter::builder().with_http().build()?;
    let traces = SdkTracerProvider::builder()
        .with_batch_exporter(spans)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("app"));
    let ours = Targets::new().with_target("authress_users_ext", Level::INFO);
    tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .init();
    let exporter = MetricExporter::builder().with_http().build()?;
    let metrics = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter)
        .build();
    let meter = metrics.meter("app");
    let duration = meter.f64_histogram("http.client.request.duration");
    let waits = meter.f64_histogram("authress.client.wait.duration");
    let retries = meter.u64_counter("authress.client.retries").build();

    let authress = AuthressClientBuilder::from_env()?
        .clock(MeteredClock(waits.with_unit("s").build()))
        .middleware(Telemetry(duration.with_unit("s").build(), retries))
        .build()?;
    let page = authress.users().get_users().await?;
    println!("{} users", page.users().len());
    if let Err(error) = authress.users().get_user("auth0|missing").await {
        println!("{error}");
    }
    metrics.shutdown()?;
    traces.shutdown()?;
    Ok(())
}
