use std::sync::Arc;
use std::time::SystemTime;

use authress_users_client as raw;
use http::HeaderValue;
use url::Url;

use super::connection::Connections;
use super::limits::Limits;
use super::middleware::Middlewares;
use crate::auth::ServerTime;
use crate::clock::Clock;
use crate::retry::{BudgetBalance, Recovery, RetryPolicy};

/// The state that all clones of a client share.
pub(crate) struct Shared {
    /// Holds the HTTP client and the API's URL; every call adds its own transport.
    pub(crate) raw: raw::Client<()>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) retry_budget: BudgetBalance,
    pub(crate) recovery: Arc<Recovery>,
    pub(crate) limits: Limits,
    pub(crate) connections: Connections,
    pub(crate) middlewares: Middlewares,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) server_time: ServerTime,
    /// Replaces the network in a simulation.
    #[cfg(test)]
    pub(crate) network: Option<Arc<dyn super::simulated::Network>>,
}

impl Shared {
    /// Returns the server's time as far as it is known.
    pub(crate) fn now(&self) -> SystemTime {
        self.server_time.at(self.clock.now())
    }

    pub(crate) fn api_url(&self) -> &Url {
        self.raw.base_url()
    }

    pub(crate) fn server_address(&self) -> &str {
        self.api_url().host_str().unwrap_or_default()
    }

    pub(crate) fn server_port(&self) -> u16 {
        self.api_url().port_or_known_default().unwrap_or_default()
    }
}
