//! The client: the base URL, the HTTP client and the transport of every request.

use std::fmt::{self, Write as _};
use std::future::Future;
use std::sync::Arc;

use reqwest::{Request, Url};

use crate::operations::Operation;
use crate::{DirectTransport, Transport};

/// The room for the path of a request, in bytes. A longer one is slower to write.
const PATH_ROOM: usize = 128;

/// A client for the API; its methods start one request each.
///
/// Cheap to clone. The [crate] page has an example, and [`Transport`] one with a custom transport.
#[derive(Clone)]
#[expect(clippy::struct_field_names, reason = "generated code names the field")]
pub struct Client<T = DirectTransport> {
    base_url: Arc<Url>,
    /// The base URL with a long path, so that its copies have room for that of a request.
    roomy_url: Arc<Url>,
    /// Generated code builds its requests on this client.
    pub(crate) client: reqwest::Client,
    transport: T,
}

impl<T> Client<T> {
    /// Creates a client that sends its requests to `base_url` through `transport`.
    ///
    /// The path of `base_url` becomes the prefix of every request's path.
    pub fn new(base_url: Url, http: reqwest::Client, transport: T) -> Self {
        let mut roomy_url = base_url.clone();
        roomy_url.set_path(&"/".repeat(PATH_ROOM));
        Self {
            base_url: Arc::new(base_url),
            roomy_url: Arc::new(roomy_url),
            client: http,
            transport,
        }
    }

    /// Returns a client with another transport that shares the base URL and the HTTP client.
    pub fn with_transport<U>(&self, transport: U) -> Client<U> {
        Client {
            base_url: self.base_url.clone(),
            roomy_url: self.roomy_url.clone(),
            client: self.client.clone(),
            transport,
        }
    }

    /// Returns the base URL.
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Returns the HTTP client.
    pub fn http(&self) -> &reqwest::Client {
        &self.client
    }

    /// Returns the transport.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Returns the URL of a path that starts with a slash and is percent-encoded.
    pub(crate) fn url(&self, path: fmt::Arguments<'_>) -> Url {
        // An encoded id is written in parts, each of which would let the string grow.
        let mut joined = String::with_capacity(PATH_ROOM);
        joined.push_str(self.base_url.path().trim_end_matches('/'));
        // Cannot fail, as long as the parts can be formatted.
        let _ = joined.write_fmt(path);
        let mut url = Url::clone(&self.roomy_url);
        url.set_path(&joined);
        url
    }
}

impl<T: Transport> Client<T> {
    /// Sends the request of an operation through the transport.
    // Not an async function, whose future would have room for a second request.
    pub(crate) fn dispatch(
        &self,
        request: Request,
        operation: &'static Operation,
    ) -> impl Future<Output = Result<T::Response, T::Error>> + Send {
        self.transport.send(&self.client, request, operation)
    }
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_base_url_and_path_like_the_url_parser() {
        for base in [
            "https://auth.example.com",
            "https://auth.example.com/base",
            "https://auth.example.com/base/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/a/b",
        ] {
            let client = Client::new(Url::parse(base).unwrap(), reqwest::Client::new(), ());
            for path in [
                "/v1/users",
                "/v1/users/auth0|1",
                "/v1/users/a%2Fb%20c",
                "/v1/users/%25%3F%23",
                "/v1/users/\u{fc}'[]^~@:;&=+$,!*()",
                "/v1/tenants/.../users",
            ] {
                let joined = format!("{}{path}", base.trim_end_matches('/'));
                assert_eq!(
                    client.url(format_args!("{path}")),
                    Url::parse(&joined).unwrap()
                );
            }
        }
    }
}
