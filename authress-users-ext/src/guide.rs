//! The guide: one page per topic, with tested examples.
//!
//! | topic | page |
//! |---|---|
//! | first call | [`getting_started`] |
//! | access keys and tokens | [`authentication`] |
//! | keys in a KMS or an HSM | [`signing_with_a_kms`] |
//! | lists of users | [`pagination`] |
//! | cursors after a restart | [`resuming_safely`] |
//! | deletes, reads and links in bulk | [`bulk_jobs`] |
//! | error handling | [`errors`] |
//! | retries, timeouts and concurrency | [`retries`] |
//! | spans, metrics and propagation | [`tracing`](mod@crate::guide::tracing) |
//! | gzip, Brotli and Zstandard | [`compression`] |
//! | certificates, mTLS and proxies | [`tls_proxies_certificates`] |
//! | programs without `async` code | [`synchronous_code`] |
//! | offline tests of your app | [`testing`] |
//! | moving from the official crate | [`migration`] |
//! | validating a client or a server against the API's spec | [`contract_testing`] |
//! | changing the spec and the generated client | [`regenerating`] |
//!
//! The modules contain only documentation.

/// Declares the pages, each from its file in `guide/` and the charts that end it.
macro_rules! pages {
    ($($(#[$first_line:meta])* $name:ident $([$($chart:literal),*])?)*) => {$(
        $(#[$first_line])*
        #[doc = ""]
        #[doc = include_str!(concat!("../guide/", stringify!($name), ".md"))]
        $($(
            #[doc = ""]
            #[doc = include_str!(concat!("../guide/charts/", $chart, ".svg"))]
        )*)?
        pub mod $name {}
    )*};
}

pages! {
    /// The first calls, from an empty project.
    getting_started
    /// Access keys, tokens of callers, and custom token providers.
    authentication
    /// Tokens signed by a key in a KMS or an HSM.
    #[doc(alias("kms", "hsm"))]
    signing_with_a_kms
    /// Streams of users and pages, and resuming.
    pagination
    /// What to store with a cursor, and what to do when it is rejected.
    #[doc(alias("checkpoint", "resume"))]
    resuming_safely
    /// Bulk deletes, reads and links: outcomes, resuming, outages and rate limits.
    bulk_jobs ["limit_change", "jobs"]
    /// What an error contains, and how to handle it.
    errors
    /// Attempts, backoff, deadlines and the retry budget.
    #[doc(alias = "retry")]
    retries
    /// Compressed responses: features, limits and failures.
    #[doc(alias("gzip", "brotli", "zstd", "decompression", "accept-encoding"))]
    compression
    /// Certificates, client certificates and proxies.
    #[doc(alias("proxy", "tls", "mtls", "certificate"))]
    tls_proxies_certificates
    /// Calls from code that is not asynchronous.
    #[doc(alias("blocking", "sync", "block_on"))]
    synchronous_code
    /// Spans, their attributes, metrics and propagation.
    #[doc(alias("metrics", "telemetry", "opentelemetry", "middleware"))]
    tracing
    /// A fake of the API, doubles, and paused time in tests.
    #[doc(alias("mock", "double"))]
    testing
    /// Validation of clients and servers against the API's spec.
    contract_testing
    /// From a changed spec to a new generated client.
    regenerating
    /// How to move from the official crate.
    migration
}
