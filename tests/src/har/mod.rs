//! Validates recorded traffic: HAR 1.2 files of browsers, proxies and other clients.
//!
//! ```
//! use authress_users_contract::{Spec, har};
//!
//! let recording = br#"{ "log": { "entries": [{
//!     "request": {
//!         "method": "GET",
//!         "url": "https://acme.api.authress.io/v1/users?limit=0",
//!         "headers": [{ "name": "accept", "value": "application/links+json" }]
//!     },
//!     "response": { "status": 401 }
//! }] } }"#;
//! let traffic = har::read(recording, &har::HarOptions::default())?;
//! let report = traffic.validate(Spec::bundled());
//! assert_eq!(report.findings[0].rule, "request-parameter-valid");
//! # Ok::<(), har::HarError>(())
//! ```

mod archive;
mod body;
mod entry;
mod error;
mod log;
mod timestamp;
mod traffic;
mod url;
mod warning;

pub use error::HarError;
pub use traffic::{HarOptions, HarTraffic, read};
