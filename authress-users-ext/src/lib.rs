#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_url;
mod auth;
mod builder;
mod client;
mod clock;
mod defaults;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod input;
mod pages;
mod requests;
mod retry;
mod transport;
mod users;

pub use auth::{AccessToken, TokenFuture, TokenProvider};
#[doc(inline)]
pub use authress_users_client::types::UserIdentity;
pub use builder::AuthressClientBuilder;
pub use client::AuthressClient;
pub use clock::{Clock, ClockFuture, SystemClock};
pub use error::{Error, ErrorKind};
pub use pages::{Page, PageStream, UserStream};
pub use requests::{DeleteUser, GetUser, GetUsers, LinkTenantUser, Optional};
pub use retry::{RetryOutcome, RetryPolicy, RetryRule};
pub use transport::Response;
pub use users::Users;

/// What every call returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct RepositoryReadme;
