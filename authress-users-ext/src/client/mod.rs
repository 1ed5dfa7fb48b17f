//! The client and its configuration.

pub(crate) mod api_url;
mod builder;
#[expect(
    clippy::module_inception,
    reason = "the file is named after the type that it holds"
)]
mod client;
mod credential;
mod environment;
mod http_settings;

pub use builder::AuthressClientBuilder;
pub use client::AuthressClient;
