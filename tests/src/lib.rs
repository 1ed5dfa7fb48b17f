#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod builder;
mod canned_answer;
mod coverage;
mod cursor;
mod defect;
mod distortion;
mod exchange;
mod fault;
mod finding;
pub mod har;
mod json;
mod judge;
mod keys;
mod left_out;
pub mod live;
mod mock;
mod operation;
mod received_request;
mod relay;
mod report;
mod responder;
mod rules;
mod seed;
mod spec;

pub use authress_users_client::DOCUMENT;
pub use builder::{MockAuthressBuilder, User};
pub use canned_answer::CannedAnswer;
pub use coverage::{Coverage, Covered};
pub use defect::DEFECTS;
pub use exchange::{Exchange, Response};
pub use fault::Fault;
pub use finding::{Culprit, Finding, Rule, Severity};
pub use judge::Judge;
pub use mock::MockAuthress;
pub use received_request::ReceivedRequest;
pub use report::Report;
pub use rules::RULES;
pub use spec::{Spec, SpecError};
