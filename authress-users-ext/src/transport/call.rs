use std::sync::Arc;
use std::time::Duration;

use authress_users_client as raw;
use authress_users_client::operations::Operation;
use authress_users_client::types::ErrorBody;
use tracing::Span;

use super::http_sender::HttpSender;
use super::response::{self, Response};
use super::send_loop::{Delivery, SendLoop};
use super::shared::Shared;
use super::span;
use crate::auth::{AccessToken, StaticToken, TokenProvider};
use crate::error::{Error, InvalidBody};
use crate::retry::{Lane, RetryPolicy, Sleepers};

/// The transport of one call over the network.
pub(crate) type Transport<'a> = SendLoop<'a, HttpSender>;

/// What the raw client returns for a request that was sent through [`Transport`].
pub(crate) type Decoded<'a, V> =
    Result<raw::ResponseValue<V, Delivery>, raw::Error<ErrorBody, Transport<'a>>>;

/// What a client's calls share, and the options of one call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) shared: Arc<Shared>,
    tokens: Arc<dyn TokenProvider>,
    deadline: Option<Duration>,
    retry_policy: Option<Arc<RetryPolicy>>,
    lane: Option<Lane>,
    sleepers: Option<Sleepers>,
}

impl Call {
    pub(crate) fn new(shared: Arc<Shared>, tokens: Arc<dyn TokenProvider>) -> Self {
        Self {
            shared,
            tokens,
            deadline: None,
            retry_policy: None,
            lane: None,
            sleepers: None,
        }
    }

    pub(crate) fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = Some(deadline);
    }

    pub(crate) fn set_retry_policy(&mut self, policy: RetryPolicy) {
        self.retry_policy = Some(Arc::new(policy));
    }

    /// Sets how urgent the requests are, whatever the policy is.
    pub(crate) fn set_lane(&mut self, lane: Lane) {
        self.lane = Some(lane);
    }

    /// Counts the call while it waits as long as a 429 specifies.
    pub(crate) fn set_sleepers(&mut self, sleepers: Sleepers) {
        self.sleepers = Some(sleepers);
    }

    pub(crate) fn set_access_token(&mut self, token: AccessToken) {
        self.tokens = Arc::new(StaticToken(token));
    }

    /// Validates the options.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.deadline.is_some_and(|deadline| deadline.is_zero()) {
            return Err(Error::invalid_input(
                "invalid deadline: must be greater than zero; nothing was sent",
            ));
        }
        match &self.retry_policy {
            Some(policy) => policy
                .check()
                .map_err(|rule| Error::invalid_input(format!("{rule}; nothing was sent"))),
            None => Ok(()),
        }
    }

    /// Returns the raw client with this call as its transport, which sends in `span`.
    pub(crate) fn client<'a>(&'a self, span: &'a Span) -> raw::Client<Transport<'a>> {
        let shared = &*self.shared;
        let policy = self.retry_policy.as_deref().unwrap_or(&shared.retry_policy);
        shared.raw.with_transport(SendLoop {
            sender: HttpSender::new(self.shared.clone()),
            clock: &shared.clock,
            policy,
            lane: self.lane.unwrap_or_else(|| policy.lane()),
            sleepers: self.sleepers.as_ref(),
            deadline: self.deadline.unwrap_or_else(|| policy.get_deadline()),
            budget: &shared.retry_budget,
            recovery: &shared.recovery,
            limits: &shared.limits,
            tokens: &*self.tokens,
            server_time: &shared.server_time,
            user_agent: &shared.user_agent,
            span,
            has_drivers: shared.connections.have_responded(),
        })
    }

    /// Returns the value with its response, or the error, and records either in the call's span.
    pub(crate) fn finish<V>(
        &self,
        operation: &'static Operation,
        span: &Span,
        decoded: Decoded<'_, V>,
    ) -> Result<Response<V>, Error> {
        let result = response::from_decoded(decoded, operation, &*self.shared.clock);
        span::record_end(span, &result);
        result
    }

    /// Like [`finish`](Self::finish), for a value that could be invalid after it was decoded.
    pub(crate) fn finish_validated<V>(
        &self,
        operation: &'static Operation,
        span: &Span,
        decoded: Decoded<'_, Result<V, InvalidBody>>,
    ) -> Result<Response<V>, Error> {
        let result =
            response::from_decoded(decoded, operation, &*self.shared.clock).and_then(|response| {
                response
                    .transpose()
                    .map_err(|error| error.with_operation(operation))
            });
        span::record_end(span, &result);
        result
    }

    /// Like [`finish`](Self::finish), for a value that must be about what was requested.
    pub(crate) fn finish_about<V>(
        &self,
        operation: &'static Operation,
        span: &Span,
        decoded: Decoded<'_, V>,
        is_requested: impl FnOnce(&V) -> bool,
    ) -> Result<Response<V>, Error> {
        let result =
            response::from_decoded(decoded, operation, &*self.shared.clock).and_then(|response| {
                if is_requested(response.value()) {
                    Ok(response)
                } else {
                    Err(response.into_wrong_user().with_operation(operation))
                }
            });
        span::record_end(span, &result);
        result
    }

    /// Like [`finish`](Self::finish), for an operation without a value that has succeeded as well if
    /// it gets a 404 after an attempt that may have deleted the user.
    pub(crate) fn finish_deletion(
        &self,
        operation: &'static Operation,
        span: &Span,
        decoded: Decoded<'_, ()>,
    ) -> Result<Response<()>, Error> {
        let result = response::from_decoded(decoded, operation, &*self.shared.clock)
            .or_else(Response::of_lost_deletion);
        span::record_end(span, &result);
        result
    }
}

/// The options that every request has, and the methods that send it.
macro_rules! request_options {
    ($request:ident -> $value:ty) => {
        impl $request {
            /// Sets the deadline of this call: how long it may take with attempts, waits and tokens.
            ///
            /// Replaces the deadline of the retry policy, 30 s by default. Must be greater than zero.
            #[doc(alias = "timeout")]
            pub fn with_deadline(mut self, deadline: std::time::Duration) -> Self {
                self.call.set_deadline(deadline);
                self
            }

            /// Sets the retry policy of this call, in place of the client's.
            ///
            /// Its bounds are checked when the request is sent.
            #[doc(alias = "retry")]
            pub fn with_retry_policy(mut self, policy: $crate::retry::RetryPolicy) -> Self {
                self.call.set_retry_policy(policy);
                self
            }

            /// Sends this call with the token of another caller.
            ///
            /// The token is not renewed, so a 401 is final.
            pub fn with_access_token(mut self, token: $crate::auth::AccessToken) -> Self {
                self.call.set_access_token(token);
                self
            }

            /// Sends the request; awaiting it does the same.
            ///
            /// # Errors
            /// See the type; [`Error`](crate::Error) lists what to do about each error.
            pub async fn send(self) -> Result<$value, $crate::error::Error> {
                self.send_with_response()
                    .await
                    .map($crate::transport::Response::into_value)
            }
        }

        impl std::future::IntoFuture for $request {
            type Output = Result<$value, $crate::error::Error>;
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
