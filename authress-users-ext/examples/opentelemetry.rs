//! Exports traces and metrics by OpenTelemetry, and passes the trace context on.
//!
//! Needs `AUTHRESS_API_URL` and `AUTHRESS_ACCESS_KEY`, which `cargo xtask mock` prints for a fake. The
//! exporters send to `OTEL_EXPORTER_OTLP_ENDPOINT`, <http://localhost:4318> by default. Metrics:
//! `http.client.request.duration` of each request, in seconds; `authress.client.wait.duration`, how long it
//! waited for the rate limit and for the backoff; and `authress.client.retries`.

use std::collections::HashMap;
use std::io::{Write as _, stdout};

use authress_users_ext::{AttemptEnd, AttemptStart, AuthressClientBuilder, Middleware};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, debug, field};
use tracing_opentelemetry::{MetricsLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

struct Telemetry;

impl Middleware for Telemetry {
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        let mut headers = HashMap::new();
        TraceContextPropagator::new().inject_context(&Span::current().context(), &mut headers);
        for (name, value) in headers {
            // `traceparent` and `tracestate` are valid, and none of the client's headers.
            let _ = attempt.insert_header(name, value);
        }
    }

    fn after(&self, attempt: &AttemptEnd) {
        // `MetricsLayer` makes metrics of the fields with a prefix, and attributes of the others.
        debug!(
            histogram.http.client.request.duration = attempt.duration().as_secs_f64(),
            histogram.authress.client.wait.duration = attempt.waited().as_secs_f64(),
            monotonic_counter.authress.client.retries = u64::from(attempt.number() > 1),
            http.request.method = attempt.method().as_str(),
            url.template = attempt.url_template(),
            http.response.status_code = attempt.status().map(|status| status.as_u16()),
            error.type = attempt.error().map(field::display),
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let spans = SpanExporter::builder().with_http().build()?;
    let traces = SdkTracerProvider::builder().with_batch_exporter(spans);
    let traces = traces.build();
    let exporter = MetricExporter::builder().with_http().build()?;
    let metrics = SdkMeterProvider::builder().with_periodic_exporter(exporter);
    let metrics = metrics.build();
    let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("app"));
    let subscriber = Registry::default().with(layer.with_filter(LevelFilter::INFO));
    subscriber.with(MetricsLayer::new(metrics.clone())).init();

    let builder = AuthressClientBuilder::from_env()?;
    let authress = builder.middleware(Telemetry).build()?;
    let page = authress.users().get_users().await?;
    writeln!(stdout(), "{} users", page.users().len())?;
    let user = authress.users().get_user("auth0|missing");
    writeln!(stdout(), "{:?}", user.optional().await?)?;
    // Both export what they still have.
    Ok(metrics.shutdown().and(traces.shutdown())?)
}
