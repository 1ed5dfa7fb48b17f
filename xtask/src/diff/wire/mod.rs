//! Whether a client made from the old document and a server that follows the new one still
//! understand each other.
//!
//! What is decided by rule, because the document alone does not say it:
//! - A client sends what its document names, and a server may refuse or ignore anything else: a
//!   parameter that is gone is breaking, a member of an open body that is gone needs review.
//! - A client ignores members that its document does not name, unless that closes the object: a
//!   member more in a response is compatible.
//! - A member that may be absent and is gone from responses needs review: where the object is
//!   open, nothing says any more what comes under its name.
//! - A success status more is breaking, because a client takes one that it does not know for an
//!   error. An error status more is compatible, because it stays an error.
//! - A client asks for the media types that its document names, so a response may have more of
//!   them, and may have fewer as long as one is left.
//!
//! Why no library does this whole: `drift` 0.2.0 was run on the edits of the table in
//! `diff/tests/edits.rs`, both ways. It agrees about operations and parameters that are added,
//! gone or required. Almost every change inside of a schema is "unhandled" to it (`maxLength`
//! 64 -> 32, `maximum` 100 -> 50, a member more), with no direction; a string of a response that
//! may be null, security, headers of answers and callbacks are "no change"; another media type
//! is a panic; and an error status more is incompatible. `jsoncompat` 0.5 asks for containment of
//! JSON Schemas, but calls a narrower pattern in a request and a lost `format: uuid` in a response
//! compatible, and shows no value. `jsonschema`'s containment says that it doesn't know.

mod bodies;
mod containment;
pub(crate) mod decision;
mod differences;
mod headers;
mod json_schema;
mod media_types;
mod members;
pub(crate) mod operations;
mod parameters;
mod responses;
pub(crate) mod schemas;
pub(crate) mod security;
mod witness;
