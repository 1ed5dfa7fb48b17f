//! Where tokens come from.

mod access_key;
mod provider;
mod service_client;
mod token;

pub(crate) use access_key::ServiceClientAccessKey;
pub(crate) use provider::StaticToken;
pub use provider::{TokenFuture, TokenProvider};
pub(crate) use service_client::{ServiceClientTokens, account_url, install_crypto};
pub use token::AccessToken;
