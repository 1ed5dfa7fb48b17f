use std::fmt;

/// Something in a document that keeps it from being used, with the place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The operation concerned, or the pointer of the place where it is none.
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, file, line, subject, message, advice } = self;
        write!(f, "{file}:{line}: [{code}] {subject}: {message}; {advice}")
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The document was read, and is not fit for use.
    Problems(Vec<Problem>),
    /// There is nothing to work on, or nowhere to write to.
    Unusable(String),
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
            Self::Unusable(reason) => f.write_str(reason),
        }
    }
}
