//! Access tokens and where they come from.

mod access_key;
mod cache;
mod credential_format;
mod provider;
mod server_time;
mod service_client;
mod signer;
mod signing_key;
mod token;

pub(crate) use access_key::ServiceClientAccessKey;
pub use cache::CachedTokenProvider;
pub(crate) use credential_format::check_url;
pub(crate) use provider::{CallerTokensOnly, MissingCallerToken, StaticToken};
pub use provider::{TokenFuture, TokenProvider};
pub(crate) use server_time::ServerTime;
pub use service_client::ServiceClient;
pub(crate) use service_client::ServiceClientTokens;
pub use signer::{SignatureFuture, Signer, SigningAlgorithm};
pub use token::AccessToken;
