#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod decode;
#[rustfmt::skip]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rust_2018_idioms,
    rustdoc::all,
    unreachable_pub,
    unused_imports,
    reason = "the generator's style is not ours to choose; what it writes is checked by use"
)]
mod generated;
mod transport;

pub use generated::client::{ByteStream, Client, ClientInfo, Error, ResponseValue, builder, types};
pub use generated::{DOCUMENT, operations};
pub use transport::{DirectTransport, Transport, TransportFuture};
