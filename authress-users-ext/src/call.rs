use std::sync::Arc;
use std::time::Duration;

use crate::auth::{AccessToken, StaticToken, TokenProvider};
use crate::client::AuthressClient;

/// A client and the options of one call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) client: AuthressClient,
    timeout: Option<Duration>,
    access_token: Option<Arc<StaticToken>>,
}

impl Call {
    pub(crate) fn new(client: AuthressClient) -> Self {
        Self { client, timeout: None, access_token: None }
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    pub(crate) fn set_access_token(&mut self, token: AccessToken) {
        self.access_token = Some(Arc::new(StaticToken(token)));
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(self.client.shared.attempt_timeout)
    }

    pub(crate) fn tokens(&self) -> &dyn TokenProvider {
        match &self.access_token {
            Some(token) => &**token,
            None => &*self.client.tokens,
        }
    }
}

/// The options that every request has, and the ways to send it.
macro_rules! request_options {
    ($request:ident -> $value:ty) => {
        impl $request {
            /// Allows each attempt of this call `timeout` instead of the client's attempt
            /// timeout.
            #[must_use]
            pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call.set_timeout(timeout);
                self
            }

            /// Makes this call on behalf of another caller.
            #[must_use]
            pub fn with_access_token(mut self, token: $crate::AccessToken) -> Self {
                self.call.set_access_token(token);
                self
            }

            /// Sends the request; the same as awaiting it.
            pub async fn send(self) -> $crate::Result<$value> {
                self.send_with_response().await.map($crate::Response::into_value)
            }
        }

        impl std::future::IntoFuture for $request {
            type Output = $crate::Result<$value>;
            type IntoFuture =
                std::pin::Pin<Box<dyn std::future::Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        impl std::fmt::Debug for $request {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($request)).finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use request_options;
