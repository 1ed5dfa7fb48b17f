#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "mock")]
mod access_key;
#[cfg(feature = "cli")]
pub mod cli;
mod counted;
mod coverage;
#[cfg(feature = "mock")]
mod credential_format;
mod error;
mod exchange;
mod finding;
#[cfg(feature = "har")]
pub mod har;
mod json;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "mock")]
mod mock;
mod omitted;
mod operation;
mod redact;
mod report;
mod rules;
#[cfg(feature = "mock")]
mod signing_key;
mod spec;
mod validator;

pub use authress_users_client::DOCUMENT;
pub use coverage::{Coverage, CoverageEntry};
pub use error::InvalidInput;
#[cfg(feature = "mock")]
pub use error::StartError;
pub use exchange::{Exchange, Response};
pub use finding::{Finding, Party, Rule, Severity};
#[cfg(feature = "mock")]
pub use mock::{
    Defect, Fault, MockAuthress, MockAuthressBuilder, RateLimit, RateLimitHeaders, ReceivedRequest,
    RequestCounts, ServedExchange, StatusFault, StubResponse, User,
};
pub use operation::Operation;
pub use report::{Baseline, BaselineError, Locate, Place, Report};
pub use rules::RULES;
pub use spec::{Spec, SpecError};
pub use validator::Validator;

// The crates whose types appear in signatures.
#[cfg(feature = "live")]
pub use reqwest;
#[cfg(any(feature = "live", feature = "mock"))]
pub use secrecy;
#[cfg(feature = "cli")]
pub use {authress_users_openapi, clap};
pub use {http, serde_json};
