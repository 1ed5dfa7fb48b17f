//! What the sources of traffic have in common: the spec and the report.

use std::io::Write;

use authress_users_contract::{Report, Spec};
use authress_users_openapi::Document;
use clap::ValueEnum;

use crate::problem::Failure;

/// The format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text, for people.
    #[default]
    Text,
    /// JSON, for programs.
    Json,
    // An attribute, since a doc comment needs backticks that the help would show.
    #[value(help = "JUnit XML, for CI test reports")]
    Junit,
}

/// Compiles the spec from the file, which may be newer than the generated client.
pub(super) fn spec(document: &Document) -> Result<Spec, Failure> {
    Spec::parse(&document.value).map_err(|reason| {
        let line = document.line(reason.pointer());
        Failure::Unusable(format!("{}:{line}: {reason}", document.name))
    })
}

/// Writes a report. Fails if it has errors, or if nothing was validated.
pub(super) fn write_report(
    report: &Report,
    format: Format,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let locate = |pointer: &str| Some(format!("{}:{}", document.name, document.line(pointer)));
    let text = match format {
        Format::Text => report.to_text(&locate),
        Format::Json => report.to_json(&locate),
        Format::Junit => report.to_junit(&locate),
    };
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if report.has_errors() {
        return Err(Failure::NotFollowed(document.name.clone()));
    }
    if report.exchanges == 0 {
        let reason = "nothing was validated: the traffic has no request to the API";
        return Err(Failure::Unusable(reason.to_owned()));
    }
    Ok(())
}
