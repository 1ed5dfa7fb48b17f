#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod bulk;
mod client;
mod clock;
mod date_header;
mod defaults;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod pagination;
mod retry;
#[cfg(test)]
mod simulation;
mod transport;
mod users;

pub use auth::{
    AccessToken, CachedTokenProvider, ServiceClient, SignatureFuture, Signer, SigningAlgorithm,
    TokenFuture, TokenProvider,
};
#[doc(inline)]
pub use authress_users_client::AdditionalMembers;
#[doc(inline)]
pub use authress_users_client::types::UserIdentity;
pub use bulk::{BulkItem, BulkIter, BulkRequest, BulkStream, Deletion, TenantLink};
pub use client::{AuthressClient, AuthressClientBuilder};
pub use clock::{Clock, ClockFuture, SystemClock};
pub use error::{Error, ErrorKind, Outcome, Result, RetryStop};
pub use pagination::{Page, PageStream, SkippedUser, UserStream};
pub use retry::{RateLimit, RetryBudget, RetryOutcome, RetryPolicy, RetryRule};
pub use transport::{AttemptEnd, AttemptStart, Middleware, Response};
pub use users::{DeleteUser, GetUser, GetUsers, LinkTenantUser, Optional, Users};

// The crates whose types appear in this crate's API.
#[doc(no_inline)]
pub use {bytes, futures, http, reqwest, secrecy, serde_json};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct RepositoryReadme;
