//! How the HTTP clients of a client are made.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use crate::defaults;
use crate::error::Error;
use crate::transport::{ConnectObserver, Pooling, ServedConnections};

pub(super) type ConfigureHttp =
    Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The settings of every HTTP client that a client makes.
pub(super) struct HttpSettings {
    pub(super) configure: Option<ConfigureHttp>,
    pub(super) connect_timeout: Duration,
    pub(super) served: ServedConnections,
    /// Whether the API is reached over plain http, within this machine.
    pub(super) is_plain: bool,
}

impl HttpSettings {
    pub(super) fn client(&self, pooling: Pooling) -> Result<reqwest::Client, Error> {
        let http = reqwest::Client::builder()
            // A connection that hangs is found by pings, also before the next request needs it.
            .http2_keep_alive_interval(defaults::PING_INTERVAL)
            .http2_keep_alive_timeout(defaults::PING_TIMEOUT)
            .http2_keep_alive_while_idle(true);
        let mut http = match &self.configure {
            Some(configure) => configure(http),
            None => http,
        }
        .connect_timeout(self.connect_timeout)
        // A redirect would send the token to another server.
        .redirect(reqwest::redirect::Policy::none())
        // The client itself retries and replays, by operation.
        .retry(reqwest::retry::never())
        // It logs every byte, the token included.
        .connection_verbose(false)
        .referer(false)
        // The client decodes responses itself, whatever features of reqwest the app has enabled.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connector_layer(ConnectObserver(self.served.clone()));
        if self.is_plain {
            // A proxy would see the token, which plain http may carry only within this machine.
            http = without_certificates(http.no_proxy());
        }
        if pooling == Pooling::Off {
            http = http.pool_max_idle_per_host(0);
        }
        http.build().map_err(|reason| {
            let message = if lacks_certificates(&reason) {
                "could not build the HTTP client: this machine has no CA certificates; install them \
                 (often a package named ca-certificates), set SSL_CERT_FILE, or pass them with http()"
            } else {
                "could not build the HTTP client"
            };
            Error::configuration(message).with_source(reason)
        })
    }
}

/// Plain http needs no CA certificates, so a machine may have none.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn without_certificates(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.tls_certs_only([])
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn without_certificates(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http
}

/// Whether the TLS library found no CA certificates. It has no error of its own for that.
fn lacks_certificates(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.to_string().contains("No CA certificates") {
            return true;
        }
        cause = error.source();
    }
    false
}
