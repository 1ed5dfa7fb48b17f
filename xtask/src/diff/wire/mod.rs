//! Whether a client of the old spec and a server of the new spec are compatible.
//!
//! Rules for what a spec does not define:
//! - A client sends what its spec names, and a server may reject or ignore anything else: a removed
//!   parameter is breaking, a removed member of an open request body needs review.
//! - A client ignores members that its spec does not name, unless the object is closed: a new member
//!   of a response is compatible.
//! - A removed optional member of a response needs review: if the object is open, the spec no longer
//!   restricts what comes under its name.
//! - A new success status is breaking, because a client treats an unknown status as an error. A new
//!   error status is compatible, because it remains an error.
//! - A client accepts the media types that its spec names, so a response may gain media types, and
//!   may lose them as long as one remains.
//!
//! Why no library does this: `drift` 0.2.0 was run on the edits of `diff/tests/edits.rs` in both
//! directions. It agrees about added, removed and required operations and parameters. It reports
//! almost every change inside a schema (`maxLength` 64 -> 32, `maximum` 100 -> 50, a new member) as
//! "unhandled" without a direction; a string of a response that becomes nullable, security, response
//! headers and callbacks are "no change"; another media type panics; and a new error status is
//! incompatible. `jsoncompat` 0.5 decides containment of JSON Schemas, but calls a narrower pattern
//! in a request and a removed `format: uuid` in a response compatible, and gives no example.
//! `jsonschema` decides containment or returns "unknown", which becomes "needs review" here.

mod bodies;
mod containment;
mod decision;
mod differences;
mod headers;
mod media_types;
mod members;
pub(crate) mod operations;
mod pair;
mod parameters;
mod responses;
mod schemas;
mod security;
mod witness;
