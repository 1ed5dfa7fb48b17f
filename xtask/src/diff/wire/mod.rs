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

mod bodies;
mod containment;
pub(crate) mod direction;
mod headers;
mod json_schema;
mod media_types;
pub(crate) mod operations;
mod parameters;
mod responses;
pub(crate) mod schemas;
pub(crate) mod security;
mod witness;
