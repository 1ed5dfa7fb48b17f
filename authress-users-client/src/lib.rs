#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod additional_members;
mod client;
mod decode;
mod error;
#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rust_2018_idioms,
    rustdoc::all,
    unreachable_pub,
    unused_imports,
    reason = "the style of generated code is the generator's"
)]
mod generated;
mod members;
mod repair;
mod response;
mod text;
mod transport;

pub use additional_members::AdditionalMembers;
pub use client::Client;
pub use decode::from_json;
pub use error::Error;
pub use generated::client::{builder, types};
pub use generated::{API_VERSION, DOCUMENT, operations};
pub use repair::repaired_json;
pub use response::{RawResponse, ResponseValue};
pub use text::character_name;
pub use transport::{DirectTransport, Transport, TransportError};

// The crates whose types appear in signatures.
pub use {bytes, progenitor_client, reqwest, serde_json};
