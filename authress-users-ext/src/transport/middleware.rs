use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use authress_users_client::operations::Operation;
use http::header::{
    AUTHORIZATION, CONNECTION, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};

/// Observes every request that a client sends, and adds headers to it.
///
/// For `traceparent`, correlation ids, metrics and logs of your own. Add it with
/// [`AuthressClientBuilder::middleware`](crate::AuthressClientBuilder::middleware). Both methods run for
/// every request: retries, the request after a 401, and replays after a failed connection. They run
/// within the `tracing` span of the call, and block it, so they must not wait.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use authress_users_ext::{AttemptEnd, AttemptStart, AuthressClientBuilder, Middleware};
///
/// /// Counts failed attempts, and marks all of them.
/// #[derive(Default)]
/// struct Observer {
///     failed: AtomicU32,
/// }
///
/// impl Middleware for Observer {
///     fn before(&self, attempt: &mut AttemptStart<'_>) {
///         // Fails only for invalid headers, and for those that the client sets.
///         let _ = attempt.insert_header("x-attempt", attempt.number());
///     }
///
///     fn after(&self, attempt: &AttemptEnd) {
///         if attempt.status().is_none_or(|status| !status.is_success()) {
///             self.failed.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// /// Adds the observer to the settings of a client.
/// fn observed(builder: AuthressClientBuilder, observer: Arc<Observer>) -> AuthressClientBuilder {
///     builder.middleware(observer)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::{Fault, MockAuthress, Operation};
/// #     use authress_users_ext::AuthressClient;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let (url, key) = (fake.url(), fake.access_key());
/// #     let builder = AuthressClient::builder().api_url(url).service_client_access_key(key);
/// #     let observer = Arc::new(Observer::default());
/// #     let authress = observed(builder, observer.clone()).build()?;
/// #     fake.fail_next(Operation::GetUser, Fault::status(503)?);
/// #     authress.users().get_user("auth0|1").await?; // the first attempt gets a 503
/// #     assert_eq!(observer.failed.load(Ordering::Relaxed), 1);
/// #     assert_eq!(fake.requests()[1].header("x-attempt"), Some("2"));
/// #     Ok(())
/// # }
/// ```
#[doc(alias("metrics", "interceptor", "hook", "traceparent"))]
pub trait Middleware: Send + Sync + 'static {
    /// Runs before a request is sent. Does nothing by default.
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        let _ = attempt;
    }

    /// Runs after the response to a request was received, or the request failed. Does nothing by
    /// default.
    fn after(&self, attempt: &AttemptEnd) {
        let _ = attempt;
    }
}

impl<M: Middleware + ?Sized> Middleware for Arc<M> {
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        (**self).before(attempt);
    }

    fn after(&self, attempt: &AttemptEnd) {
        (**self).after(attempt);
    }
}

impl<M: Middleware + ?Sized> Middleware for Box<M> {
    fn before(&self, attempt: &mut AttemptStart<'_>) {
        (**self).before(attempt);
    }

    fn after(&self, attempt: &AttemptEnd) {
        (**self).after(attempt);
    }
}

/// What both the start and the end of a request return about it.
macro_rules! attempt_getters {
    () => {
        /// Returns the operation's id in the spec, such as `getUser`.
        #[must_use]
        pub fn operation(&self) -> &'static str {
            self.operation.id
        }

        /// Returns the method.
        #[must_use]
        pub fn method(&self) -> &'static Method {
            &self.operation.method
        }

        /// Returns the path of the operation without ids, such as `/v1/users/{userId}`.
        #[must_use]
        pub fn url_template(&self) -> &'static str {
            self.operation.path
        }

        /// Returns the number of this request among those of the call, from 1.
        #[must_use]
        pub fn number(&self) -> u32 {
            self.number
        }
    };
}

/// A request about to be sent, for [`Middleware::before`].
pub struct AttemptStart<'a> {
    operation: &'static Operation,
    number: u32,
    headers: &'a mut HeaderMap,
}

impl AttemptStart<'_> {
    attempt_getters!();

    /// Adds a header to this request, or replaces one that another middleware added.
    ///
    /// # Errors
    /// Returns an error of kind [`InvalidInput`](ErrorKind::InvalidInput) for a name or a value that HTTP
    /// does not allow, and for a header that the client or HTTP sets: `Authorization`, `Host`,
    /// `User-Agent`, those that begin with `Accept`, `Content-` or `Proxy-`, and those of the connection.
    /// The request is unchanged.
    pub fn insert_header(
        &mut self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Result<(), Error> {
        let invalid =
            |reason: &str| Error::invalid_input(format!("could not add a header: {reason}"));
        let name = name
            .try_into()
            .map_err(|_| invalid("its name is invalid; use letters, digits and hyphens"))?;
        let value = value
            .try_into()
            .map_err(|_| invalid("its value is invalid; use visible ASCII"))?;
        if is_reserved(&name) {
            let reason = format!("the client sets {name}; use another name");
            return Err(invalid(&reason));
        }
        self.headers.insert(name, value);
        Ok(())
    }
}

fn is_reserved(name: &HeaderName) -> bool {
    let exact = [
        AUTHORIZATION,
        CONNECTION,
        EXPECT,
        HOST,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        USER_AGENT,
    ];
    let prefixes = ["accept", "content-", "http2-", "keep-alive", "proxy-"];
    exact.contains(name)
        || prefixes
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
}

impl fmt::Debug for AttemptStart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptStart")
            .field("operation", &self.operation.id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// How a request ended, for [`Middleware::after`].
#[derive(Clone, PartialEq, Eq)]
pub struct AttemptEnd {
    operation: &'static Operation,
    number: u32,
    status: Option<StatusCode>,
    error: Option<ErrorKind>,
    waited: Duration,
    duration: Duration,
}

impl AttemptEnd {
    attempt_getters!();

    /// Returns the status, if a response was received.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns why there is no complete response, or `None` if there is one, whatever its status.
    ///
    /// [`Canceled`](ErrorKind::Canceled) if the call was dropped.
    #[must_use]
    pub fn error(&self) -> Option<ErrorKind> {
        self.error
    }

    /// Returns how long the call waited before it sent the request.
    ///
    /// The wait may be for a permit, for the rate limit, for the end of an outage, and for
    /// `Retry-After` or the backoff.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Returns the time from sending the request until the response was complete, or the request
    /// failed.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }
}

impl fmt::Debug for AttemptEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptEnd")
            .field("operation", &self.operation.id)
            .field("number", &self.number)
            .field("status", &self.status)
            .field("error", &self.error)
            .field("waited", &self.waited)
            .field("duration", &self.duration)
            .finish()
    }
}

/// The middleware of a client, in the order in which it was added.
#[derive(Clone, Default)]
pub(crate) struct Middlewares(Arc<[Arc<dyn Middleware>]>);

impl Middlewares {
    pub(crate) fn new(all: Vec<Arc<dyn Middleware>>) -> Self {
        Self(all.into())
    }

    /// Runs [`Middleware::before`]. None if there is no middleware, so that it costs nothing.
    pub(super) fn start(
        &self,
        operation: &'static Operation,
        number: u32,
        waited: Duration,
        headers: &mut HeaderMap,
        clock: &Arc<dyn Clock>,
    ) -> Option<Observed> {
        if self.0.is_empty() {
            return None;
        }
        let mut attempt = AttemptStart {
            operation,
            number,
            headers,
        };
        for middleware in &*self.0 {
            middleware.before(&mut attempt);
        }
        Some(Observed {
            middlewares: self.clone(),
            clock: clock.clone(),
            started: clock.elapsed(),
            end: AttemptEnd {
                operation,
                number,
                status: None,
                // Until it ends otherwise.
                error: Some(ErrorKind::Canceled),
                waited,
                duration: Duration::ZERO,
            },
        })
    }
}

/// A request in flight. Runs [`Middleware::after`] when it is dropped, also if the call is canceled.
pub(super) struct Observed {
    middlewares: Middlewares,
    clock: Arc<dyn Clock>,
    started: Duration,
    end: AttemptEnd,
}

impl Observed {
    pub(super) fn end(mut self, status: Option<StatusCode>, error: Option<ErrorKind>) {
        self.end.status = status;
        self.end.error = error;
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.end.duration = self.clock.elapsed().saturating_sub(self.started);
        for middleware in &*self.middlewares.0 {
            middleware.after(&self.end);
        }
    }
}

#[cfg(test)]
mod tests {
    use authress_users_client::operations::GET_USER;

    use super::*;

    #[test]
    fn debug_names_the_operation_but_not_its_responses() {
        let end = AttemptEnd {
            operation: &GET_USER,
            number: 1,
            status: Some(StatusCode::OK),
            error: None,
            waited: Duration::ZERO,
            duration: Duration::from_millis(5),
        };
        assert_eq!(
            format!("{end:?}"),
            r#"AttemptEnd { operation: "getUser", number: 1, status: Some(200), error: None, waited: 0ns, duration: 5ms }"#
        );
    }

    #[test]
    fn headers_of_the_client_cannot_be_set() {
        let mut headers = HeaderMap::new();
        let mut attempt = AttemptStart {
            operation: &GET_USER,
            number: 1,
            headers: &mut headers,
        };
        let mut insert = |name: &str| attempt.insert_header(name, "value");
        for name in [
            "Authorization",
            "host",
            "Accept",
            "accept-encoding",
            "Content-Type",
            "content-length",
            "content-encoding",
            "User-Agent",
            "transfer-encoding",
            "connection",
            "proxy-authorization",
            "te",
            "trailer",
            "upgrade",
            "expect",
            "keep-alive",
        ] {
            let error = insert(name).unwrap_err();
            assert!(error.is_invalid_input(), "{name}");
            let name = name.to_lowercase();
            let expected =
                format!("could not add a header: the client sets {name}; use another name");
            assert_eq!(error.to_string(), expected);
        }
        let allowed = [
            "traceparent",
            "tracestate",
            "x-request-id",
            "tenant",
            "test",
        ];
        for name in allowed {
            insert(name).unwrap();
        }
        let error = attempt.insert_header("x", "sekrit\n").unwrap_err();
        assert!(error.is_invalid_input() && !error.to_string().contains("sekrit"));
        assert_eq!(headers.len(), allowed.len());
    }
}
