//! How requests are sent.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use reqwest::Request;

use crate::RawResponse;
use crate::operations::Operation;

/// Sends the requests that a [`Client`](crate::Client) builds.
///
/// A request is complete except for what belongs to the caller, such as a token or a
/// `User-Agent`. The generated decoder reads the response that is returned. A transport with more
/// to return than a response uses a type of its own that contains one (see [`AsRef`]), and its own
/// error type: both reach the caller unchanged.
///
/// ```
/// use authress_users_client::operations::Operation;
/// use authress_users_client::{Client, DirectTransport, RawResponse, Transport, TransportError};
/// use reqwest::header::{AUTHORIZATION, HeaderValue};
///
/// /// Sends a token with every request.
/// struct WithToken(HeaderValue);
///
/// impl Transport for WithToken {
///     type Response = RawResponse;
///     type Error = TransportError;
///
///     async fn send(
///         &self,
///         http: &reqwest::Client,
///         mut request: reqwest::Request,
///         operation: &'static Operation,
///     ) -> Result<RawResponse, TransportError> {
///         println!("{} {}", operation.method, operation.path); // the template, without ids
///         request.headers_mut().insert(AUTHORIZATION, self.0.clone());
///         DirectTransport.send(http, request, operation).await
///     }
/// }
///
/// /// Returns a client that sends `token` with every request.
/// fn client(url: &str, token: &str) -> Result<Client<WithToken>, Box<dyn std::error::Error>> {
///     let mut bearer = HeaderValue::try_from(format!("Bearer {token}"))?;
///     bearer.set_sensitive(true);
///     Ok(Client::new(url.parse()?, reqwest::Client::new(), WithToken(bearer)))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     use secrecy::ExposeSecret as _;
/// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
/// #     let client = client(&fake.url(), fake.access_token().expose_secret())?;
/// #     client.get_user().user_id("auth0|1").send().await?;
/// #     Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync {
    /// What [`send`](Self::send) returns: a response, and whatever belongs to it.
    type Response: AsRef<RawResponse> + Send;

    /// Why there is no response.
    type Error: StdError + Send + Sync + 'static;

    /// Sends `request`, which carries out `operation`, over `http`.
    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send;
}

impl<T: Transport> Transport for &T {
    type Response = T::Response;
    type Error = T::Error;

    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send {
        T::send(self, http, request, operation)
    }
}

impl<T: Transport> Transport for Arc<T> {
    type Response = T::Response;
    type Error = T::Error;

    fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<Self::Response, Self::Error>> + Send {
        T::send(self, http, request, operation)
    }
}

/// Sends each request once, unchanged: no token, no retry. The [crate] page has an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DirectTransport;

impl Transport for DirectTransport {
    type Response = RawResponse;
    type Error = TransportError;

    async fn send(
        &self,
        http: &reqwest::Client,
        request: Request,
        _operation: &'static Operation,
    ) -> Result<RawResponse, TransportError> {
        let response = http.execute(request).await?;
        Ok(RawResponse::read(response).await?)
    }
}

/// Why [`DirectTransport`] received no complete response.
///
/// It holds no URL, and so no id. The error of reqwest is the [`source`](StdError::source).
#[derive(Debug)]
pub struct TransportError(reqwest::Error);

impl TransportError {
    /// Returns whether no connection was established, so that nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.is_connect()
    }

    /// Returns whether a time limit of the HTTP client passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.is_timeout()
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(source: reqwest::Error) -> Self {
        Self(source.without_url())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_timeout() {
            "no response within the time limit of the HTTP client"
        } else if self.is_connect() {
            "could not connect to the API"
        } else {
            "the connection closed before the response was complete"
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}
