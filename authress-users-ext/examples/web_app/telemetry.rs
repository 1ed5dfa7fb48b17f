//! OpenTelemetry traces: a span for each request, with the spans of its calls.

use std::env;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Instrument as _, Level, field, info_span};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::shared::failure::Failure;

pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Exports the remaining spans.
    pub(crate) fn end(self) {
        if let Some(Err(reason)) = self.0.map(|provider| provider.shutdown()) {
            eprintln!("could not export all traces: {reason}");
        }
    }
}

/// Starts the exporter that the environment names.
pub(crate) fn start() -> Result<Traces, Failure> {
    let builder = SdkTracerProvider::builder()
        .with_resource(Resource::builder().with_service_name("web_app").build());
    let provider = match env::var("OTEL_TRACES_EXPORTER").as_deref() {
        Err(_) | Ok("" | "console") => builder
            .with_simple_exporter(opentelemetry_stdout::SpanExporter::default())
            .build(),
        Ok("otlp") => {
            let exporter = opentelemetry_otlp::SpanExporter::builder()
                .with_http()
                .build()?;
            builder.with_batch_exporter(exporter).build()
        }
        Ok("none") => return Ok(Traces(None)),
        Ok(_) => {
            return Err("invalid OTEL_TRACES_EXPORTER: must be console, otlp or none".into());
        }
    };
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("web_app"));
    // The spans of other libraries would be too many.
    let ours = Targets::new()
        .with_target("web_app", Level::INFO)
        .with_target("authress_users_ext", Level::INFO);
    tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .init();
    Ok(Traces(Some(provider)))
}

/// Handles a request in a span that is named after its route, since a path would contain a user id.
pub(crate) async fn in_span(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str);
    let method = request.method().as_str();
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    response
}
