//! The seam between a generated request and the network.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Request, Response, Url};

use crate::Client;
use crate::operations::Operation;

/// What [`Transport::send`] returns: an answer, or the reason why none came.
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Response>> + Send + 'a>>;

/// Sends the requests that a [`Client`] builds.
///
/// A request arrives here complete but for what is the caller's own: a token, a `User-Agent`.
/// Whatever is returned goes to the generated decoder.
///
/// ```
/// use std::sync::Arc;
/// use authress_users_client::{Client, Transport, TransportFuture, operations::Operation};
/// use reqwest::header::{AUTHORIZATION, HeaderValue};
///
/// /// Sends a token with every request.
/// #[derive(Debug)]
/// struct WithToken(HeaderValue);
///
/// impl Transport for WithToken {
///     fn send<'a>(
///         &'a self,
///         http: &'a reqwest::Client,
///         mut request: reqwest::Request,
///         operation: &'static Operation,
///     ) -> TransportFuture<'a> {
///         println!("{} {}", operation.method, operation.path); // the template, without ids
///         request.headers_mut().insert(AUTHORIZATION, self.0.clone());
///         Box::pin(http.execute(request))
///     }
/// }
///
/// # use authress_users_contract::MockAuthress;
/// # use secrecy::ExposeSecret as _;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// # let (url, token) = (fake.url(), fake.access_token());
/// let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))?;
/// bearer.set_sensitive(true);
/// let transport = Arc::new(WithToken(bearer));
/// let client = Client::new_with_client(&url, reqwest::Client::new(), transport);
/// client.get_user().user_id("auth0|1").send().await?;
/// # Ok(())
/// # }
/// ```
pub trait Transport: Debug + Send + Sync {
    /// Sends `request`, which carries out `operation`, over `http`.
    ///
    /// # Errors
    /// Whatever `http` reports. A transport that has more to say keeps it for its caller:
    /// nobody but reqwest can make a [`reqwest::Error`].
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> TransportFuture<'a>;

    /// The client's base URL, where it was parsed before: no request parses it again then. None by
    /// default.
    fn base_url(&self) -> Option<&Url> {
        None
    }
}

/// Sends each request once, as it is: no token, no retry. The [crate] page has an example.
#[derive(Debug, Clone, Copy, Default)]
pub struct DirectTransport;

impl Transport for DirectTransport {
    fn send<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: Request,
        _operation: &'static Operation,
    ) -> TransportFuture<'a> {
        Box::pin(http.execute(request))
    }
}

impl ClientHooks<Arc<dyn Transport>> for Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let operation = Operation::named(info.operation_id);
        self.inner.send(&self.client, request, operation).await
    }
}
