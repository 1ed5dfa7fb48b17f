//! The request headers that HTTP itself, proxies, browsers and tracing add.

/// Starts of names.
const PREFIXES: [&str; 20] = [
    // Browsers: fetch metadata, client hints and CORS.
    "sec-",
    "access-control-request-",
    // Proxies, load balancers and content delivery networks.
    "proxy-",
    "x-forwarded-",
    "x-envoy-",
    "x-amz-cf-",
    "x-amzn-",
    "x-azure-",
    "x-appengine-",
    "x-vercel-",
    "cf-",
    "cdn-",
    "fastly-",
    "akamai-",
    // Tracing.
    "x-b3-",
    "x-datadog-",
    "x-cloud-trace-",
    "uber-trace-",
    "uberctx-",
    "ot-",
];

/// Whole names, sorted.
const NAMES: [&str; 92] = [
    "a-im",
    "accept",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "accept-language",
    "alt-used",
    "authorization",
    "b3",
    "baggage",
    "cache-control",
    "connection",
    "content-digest",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-type",
    "cookie",
    "correlation-context",
    "date",
    "device-memory",
    "digest",
    "dnt",
    "downlink",
    "dpr",
    "early-data",
    "ect",
    "elastic-apm-traceparent",
    "expect",
    "forwarded",
    "from",
    "front-end-https",
    "grpc-trace-bin",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "max-forwards",
    "newrelic",
    "origin",
    "postman-token",
    "pragma",
    "prefer",
    "priority",
    "purpose",
    "range",
    "referer",
    "repr-digest",
    "request-id",
    "rtt",
    "save-data",
    "sentry-trace",
    "signature",
    "signature-input",
    "te",
    "trace-id",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "viewport-width",
    "want-content-digest",
    "want-digest",
    "want-repr-digest",
    "warning",
    "width",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-correlation-id",
    "x-csrf-token",
    "x-do-not-track",
    "x-http2-stream-id",
    "x-original-forwarded-for",
    "x-original-host",
    "x-original-url",
    "x-real-ip",
    "x-request-id",
    "x-request-start",
    "x-requested-with",
    "x-trace-id",
    "x-wap-profile",
];

/// Returns whether a client may send a header that the spec does not declare.
///
/// `name` is in lower case.
pub(super) fn is_standard(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok() || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn headers_of_tools_are_standard_and_others_are_not() {
        for name in [
            "accept",
            "x-wap-profile",
            "sec-ch-ua",
            "sec-websocket-key",
            "x-forwarded-port",
            "x-amzn-trace-id",
            "proxy-connection",
            "http2-settings",
        ] {
            assert!(is_standard(name), "{name}");
        }
        for name in ["api-version", "x-tenant", "token", "x-api-key"] {
            assert!(!is_standard(name), "{name}");
        }
    }
}
