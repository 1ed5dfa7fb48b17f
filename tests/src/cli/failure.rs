use std::error::Error;
use std::process::ExitCode;
use std::{fmt, io};

/// Why a command failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The traffic violates the spec; a report has been written.
    Findings(String),
    /// Nothing was validated, or the command could not run.
    Unusable(String),
}

impl Failure {
    /// Returns a failure with an error and its sources.
    pub(super) fn unusable(reason: &dyn Error) -> Self {
        let mut message = reason.to_string();
        let mut cause = reason.source();
        while let Some(reason) = cause {
            message = format!("{message}: {reason}");
            cause = reason.source();
        }
        Self::Unusable(message)
    }

    /// Returns the exit code: 1 for findings, 2 if the command could not run.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Findings(_) => 1,
            Self::Unusable(_) => 2,
        }
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        Self::from(failure.code())
    }
}

impl From<io::Error> for Failure {
    fn from(reason: io::Error) -> Self {
        Self::Unusable(reason.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings(text) | Self::Unusable(text) => f.write_str(text),
        }
    }
}
