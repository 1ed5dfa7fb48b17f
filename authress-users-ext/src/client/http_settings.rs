//! How the HTTP clients of a client are made.

use std::sync::Arc;
use std::time::Duration;

use crate::defaults;
use crate::error::Error;
use crate::transport::{ConnectObserver, Pooling};

pub(super) type ConfigureHttp =
    Arc<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

/// The settings of every HTTP client that a client makes.
pub(super) struct HttpSettings {
    pub(super) configure: Option<ConfigureHttp>,
    pub(super) connect_timeout: Duration,
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
        .connector_layer(ConnectObserver);
        if self.is_plain {
            // A proxy would see the token, which plain http may carry only within this machine.
            http = http.no_proxy();
        }
        if pooling == Pooling::Off {
            http = http.pool_max_idle_per_host(0);
        }
        http.build().map_err(|reason| {
            Error::configuration("could not build the HTTP client").with_source(reason)
        })
    }
}
