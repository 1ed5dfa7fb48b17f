#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod coverage;
mod error;
mod exchange;
mod finding;
pub mod har;
mod json;
pub mod live;
mod mock;
mod omitted;
mod operation;
mod redact;
mod report;
mod rules;
mod spec;
mod validator;

pub use authress_users_client::DOCUMENT;
pub use coverage::{Coverage, CoverageEntry};
pub use error::{InvalidInput, StartError};
pub use exchange::{Exchange, Response};
pub use finding::{Finding, Party, Rule, Severity};
pub use mock::{
    Defect, Fault, MockAuthress, MockAuthressBuilder, RateLimit, RateLimitHeaders, ReceivedRequest,
    RequestCounts, StatusFault, StubResponse, User,
};
pub use operation::Operation;
pub use report::Report;
pub use rules::RULES;
pub use spec::{Spec, SpecError};
pub use validator::Validator;

// The crates whose types appear in signatures.
pub use {http, reqwest, secrecy, serde_json};
