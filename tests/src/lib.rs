#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod coverage;
mod exchange;
mod finding;
pub mod har;
mod json;
pub mod live;
mod mock;
mod omitted;
mod report;
mod rules;
mod spec;
mod validator;

pub use authress_users_client::DOCUMENT;
pub use coverage::{Coverage, Covered};
pub use exchange::{Exchange, Response};
pub use finding::{Culprit, Finding, Rule, Severity};
pub use mock::{
    CannedAnswer, DEFECTS, Fault, MockAuthress, MockAuthressBuilder, ReceivedRequest, User,
};
pub use report::Report;
pub use rules::RULES;
pub use spec::{Spec, SpecError};
pub use validator::Judge;
