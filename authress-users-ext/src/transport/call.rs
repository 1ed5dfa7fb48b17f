use std::sync::Arc;
use std::time::Duration;

use crate::auth::{AccessToken, StaticToken, TokenProvider};
use crate::client::AuthressClient;
use crate::error::Error;
use crate::retry::RetryPolicy;

/// A client and the options of one call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) client: AuthressClient,
    deadline: Option<Duration>,
    retry_policy: Option<Arc<RetryPolicy>>,
    access_token: Option<Arc<StaticToken>>,
}

impl Call {
    pub(crate) fn new(client: AuthressClient) -> Self {
        Self {
            client,
            deadline: None,
            retry_policy: None,
            access_token: None,
        }
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.deadline = Some(timeout);
    }

    pub(crate) fn set_retry_policy(&mut self, policy: RetryPolicy) {
        self.retry_policy = Some(Arc::new(policy));
    }

    /// Refuses options outside their bounds.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.deadline.is_some_and(|deadline| deadline.is_zero()) {
            return Err(Error::invalid_input(
                "timeout is refused: it must be more than zero. Nothing was sent",
            ));
        }
        let checked = self
            .retry_policy
            .as_ref()
            .map_or(Ok(()), |policy| policy.check());
        checked.map_err(|rule| Error::invalid_input(format!("{rule}. Nothing was sent")))
    }

    pub(crate) fn set_access_token(&mut self, token: AccessToken) {
        self.access_token = Some(Arc::new(StaticToken(token)));
    }

    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        self.retry_policy
            .as_deref()
            .unwrap_or(&self.client.shared.retry_policy)
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
            .unwrap_or_else(|| self.retry_policy().time_in_all())
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
            /// Allows this call `timeout` for all of its attempts, waits and tokens, in place of
            /// the policy's deadline, 30 seconds unless the client says otherwise. Not zero.
            pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
                self.call.set_timeout(timeout);
                self
            }

            /// Tries this call as `policy` says, in place of the client's. A policy out of its bounds
            /// is refused when the request is sent.
            pub fn with_retry_policy(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call.set_retry_policy(policy);
                self
            }

            /// Makes this call on behalf of another caller, whose token is used as it is: not renewed,
            /// and a 401 is the error at once.
            pub fn with_access_token(mut self, token: $crate::AccessToken) -> Self {
                self.call.set_access_token(token);
                self
            }

            /// Sends the request; the same as awaiting it.
            ///
            /// # Errors
            /// See the type's, and the table of [`Error`](crate::Error) for what to do about each.
            pub async fn send(self) -> $crate::Result<$value> {
                self.send_with_response()
                    .await
                    .map($crate::Response::into_value)
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
