//! Access tokens and where they come from.

mod access_key;
mod provider;
mod service_client;
mod signer;
mod token;

pub(crate) use access_key::ServiceClientAccessKey;
pub(crate) use provider::StaticToken;
pub use provider::{TokenFuture, TokenProvider};
pub(crate) use service_client::ServiceClientTokens;
pub use token::AccessToken;
