use std::io::Write;
use std::path::PathBuf;

use authress_users_openapi::Document;
use clap::Args;

use super::exit_codes::EXIT_CODES;
use super::failure::Failure;
use super::input;
use super::report::{ReportArguments, spec};
use crate::har::{self, HarOptions};

/// The arguments of `har`.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  authress-users-contract har recording.har
  authress-users-contract har recording.har --format junit --base-url https://login.example.com
  curl https://example.com/recording.har | authress-users-contract har -

{EXIT_CODES}"))]
pub struct HarArguments {
    /// HAR file to validate, or a ZIP file with one; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Validate only requests under this URL [default: requests with a path of the spec, at any
    /// host].
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    report: ReportArguments,
}

impl HarArguments {
    /// Validates a recording against the spec in `document`, and writes the report to `out`.
    ///
    /// # Errors
    /// [`Failure::Findings`] if the traffic violates the spec, and [`Failure::Unusable`] if nothing was
    /// validated.
    pub fn run(&self, document: &Document, out: &mut impl Write) -> Result<(), Failure> {
        let spec = spec(document)?;
        let baseline = self.report.read_baseline()?;
        let mut options = HarOptions::default();
        if let Some(url) = &self.base_url {
            options = options.base_url(url);
        }
        options
            .check()
            .map_err(|reason| Failure::unusable(&reason))?;
        let (name, bytes) = input::read(&self.file)?;
        let traffic = har::read(&bytes, &options)
            .map_err(|reason| Failure::Unusable(format!("{name}: {reason}")))?;
        // Recordings can be large, and the parsed traffic does not borrow from this one.
        drop(bytes);
        let report = traffic.validate(&spec);
        self.report.write(report, &baseline, document, out)
    }
}
