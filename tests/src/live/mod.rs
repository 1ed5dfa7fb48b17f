//! Validates a running server. Only reads, unless [`LiveOptions`] allow writes.
//!
//! ```
//! use authress_users_contract::{MockAuthress, Spec, live};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockAuthress::builder().users(250).start().await?;
//! let options = live::LiveOptions::default();
//! let spec = Spec::bundled();
//! let report = live::run(spec, &server.url(), &server.access_token(), &options).await?;
//! assert!(!report.has_errors());
//! server.ignore_findings();
//! # Ok(())
//! # }
//! ```

mod clock;
mod crawl;
mod credential;
mod error;
mod known;
mod options;
mod plan;
mod probe;
mod probes;
mod request;
mod run;
mod sender;
mod session;

pub use clock::Clock;
pub use error::LiveError;
pub use options::LiveOptions;
pub use run::run;
