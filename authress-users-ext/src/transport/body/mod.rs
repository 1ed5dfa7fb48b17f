//! Reads and decodes the bodies of responses.

#[cfg(feature = "brotli")]
mod brotli;
mod coding;
mod read;

pub(crate) use coding::{ACCEPT_ENCODING, Coding, remaining};
pub(crate) use read::{PartialBody, ReadError, decode, read};
