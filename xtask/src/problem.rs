//! Problems in documents, and why commands fail.

use std::process::ExitCode;
use std::{fmt, io};

use authress_users_openapi::{Document, OperationEntry, ReadError, is_within};

/// The stable code of a kind of problem. The rules of the linter have one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Code(&'static str);

impl Code {
    /// The generator does not support what the document requires.
    pub(crate) const GENERATOR: Self = Self("generator");
    /// An overlay is not valid, or one of its actions cannot be applied.
    pub(crate) const OVERLAY: Self = Self("overlay");
    /// A reference cannot be inlined.
    pub(crate) const REFERENCE: Self = Self("reference");
    /// The provider's document lacks one of our operations.
    pub(crate) const MISSING_OPERATION: Self = Self("missing-operation");

    pub(crate) const fn new(code: &'static str) -> Self {
        Self(code)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The operation that a problem belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProblemOperation {
    pub(crate) pointer: String,
    /// The operationId, or the method and path of an operation without one.
    pub(crate) name: String,
}

impl From<&OperationEntry<'_>> for ProblemOperation {
    fn from(entry: &OperationEntry<'_>) -> Self {
        Self {
            pointer: entry.pointer(),
            name: entry.name(),
        }
    }
}

/// Something in a document that keeps it from being used, with its location and advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// The JSON pointer of the value concerned, or of where a missing value would be.
    pub(crate) pointer: String,
    /// The operation concerned. A shared component belongs to the operation through which the
    /// problem was found.
    pub(crate) operation: Option<ProblemOperation>,
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The text of that line.
    pub(crate) source: String,
    pub(crate) message: String,
    pub(crate) advice: String,
}

impl Problem {
    /// Creates a problem at a pointer, in the operation that contains the pointer.
    pub(crate) fn new(
        document: &Document,
        code: Code,
        pointer: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let line = document.line(pointer);
        let operation = operation_at(document, pointer);
        Self {
            code,
            pointer: pointer.to_owned(),
            operation,
            file: document.name.clone(),
            line,
            source: document.source_line(line),
            message: message.into(),
            advice: advice.into(),
        }
    }

    /// Assigns the problem to an operation that shares the value with others.
    pub(crate) fn in_operation(mut self, entry: &OperationEntry<'_>) -> Self {
        self.operation = Some(entry.into());
        self
    }

    /// The operation's name, or the pointer of a problem that belongs to no operation.
    pub(crate) fn subject(&self) -> String {
        match &self.operation {
            Some(operation) => operation.name.clone(),
            None => format!("#{}", self.pointer),
        }
    }
}

/// The operation that contains a pointer.
fn operation_at(document: &Document, pointer: &str) -> Option<ProblemOperation> {
    // Most problems are in schemas; listing all operations for each of them would be slow.
    if pointer.starts_with("/components/schemas/") {
        return None;
    }
    let operations = document.operations();
    let mut entries = operations.iter();
    let entry = entries.find(|entry| is_within(pointer, &entry.pointer()));
    entry.map(ProblemOperation::from)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            file,
            line,
            source,
            message,
            advice,
            ..
        } = self;
        let subject = self.subject();
        write!(
            f,
            "{file}:{line}: [{code}] {subject}: {message}; {advice}\n{line:5} | {source}"
        )
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The document has problems.
    Problems(Vec<Problem>),
    /// Files on disk differ from what would be written.
    Differences(Vec<String>),
    /// Traffic was not valid or could not be validated.
    #[cfg(feature = "fake")]
    Contract(authress_users_contract::cli::Failure),
    /// A change has a denied effect; a report has been printed.
    Denied(String),
    /// What keeps the crates from being released, one sentence each.
    Unreleasable(Vec<String>),
    /// The input cannot be read or the output cannot be written.
    Unusable(String),
}

impl Failure {
    /// The exit code: 1 for findings, 2 if the command could not run.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Problems(_) | Self::Differences(_) | Self::Denied(_) | Self::Unreleasable(_) => 1,
            #[cfg(feature = "fake")]
            Self::Contract(failure) => failure.code(),
            Self::Unusable(_) => 2,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Unusable(error.to_string())
    }
}

#[cfg(feature = "fake")]
impl From<authress_users_contract::cli::Failure> for Failure {
    fn from(failure: authress_users_contract::cli::Failure) -> Self {
        Self::Contract(failure)
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
                    "the generated code is out of date; run the command again without `--check`",
                )
            }
            #[cfg(feature = "fake")]
            Self::Contract(failure) => failure.fmt(f),
            Self::Denied(reason) | Self::Unusable(reason) => f.write_str(reason),
            Self::Unreleasable(blockers) => {
                for blocker in blockers {
                    writeln!(f, "{blocker}")?;
                }
                f.write_str("the crates cannot be released")
            }
        }
    }
}
