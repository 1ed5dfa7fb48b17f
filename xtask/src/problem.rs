//! What the commands say when they can't do their work.

use std::process::ExitCode;
use std::{fmt, io};

/// Something in a document that keeps it from being used, with the place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What stands on that line.
    pub(crate) source: String,
    /// The operation concerned, or the pointer of the place where it is none.
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            file,
            line,
            source,
            subject,
            message,
            advice,
        } = self;
        write!(
            f,
            "{file}:{line}: [{code}] {subject}: {message}; {advice}\n{line:5} | {source}"
        )
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The document was read, and is not fit for use.
    Problems(Vec<Problem>),
    /// What is on disk is not what would be written.
    Differences(Vec<String>),
    /// The traffic does not follow the document of this name; a report has said how.
    #[cfg(feature = "fake")]
    NotFollowed(String),
    /// A change means what was not to happen; a report has said which.
    Denied(String),
    /// What keeps the crates from being released, a sentence each.
    Unreleasable(Vec<String>),
    /// There is nothing to work on, or nowhere to write to.
    Unusable(String),
}

impl Failure {
    /// 1 for what was looked for and found, 2 where nothing could be looked at.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Problems(_) | Self::Differences(_) | Self::Denied(_) | Self::Unreleasable(_) => 1,
            #[cfg(feature = "fake")]
            Self::NotFollowed(_) => 1,
            Self::Unusable(_) => 2,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
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
            Self::Problems(problems) => {
                for problem in problems {
                    writeln!(f, "{problem}")?;
                }
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "{} problem{plural} found", problems.len())
            }
            Self::Differences(differences) => {
                for difference in differences {
                    writeln!(f, "{difference}")?;
                }
                f.write_str(
                    "the generated code is out of date: run the same again, without `--check`",
                )
            }
            #[cfg(feature = "fake")]
            Self::NotFollowed(document) => write!(f, "the traffic does not follow {document}"),
            Self::Denied(reason) | Self::Unusable(reason) => f.write_str(reason),
            Self::Unreleasable(obstacles) => {
                for obstacle in obstacles {
                    writeln!(f, "{obstacle}")?;
                }
                f.write_str("the crates can't be released like this")
            }
        }
    }
}
