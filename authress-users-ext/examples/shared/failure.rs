//! How an example ends after an error.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use authress_users_ext::Error;

/// Any error, with a message that says what to do.
pub(crate) type Failure = Box<dyn StdError + Send + Sync>;

/// Prints an error with its causes, and returns the exit code.
pub(crate) fn exit_code(result: Result<ExitCode, Failure>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(failure) if is_broken_pipe(&*failure) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            let mut cause = failure.source();
            while let Some(reason) = cause {
                eprintln!("  caused by: {reason}");
                cause = reason.source();
            }
            if let Some(id) = failure.downcast_ref::<Error>().and_then(Error::error_id) {
                eprintln!("  error id, for Authress support: {id}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Adds the name of the file to an I/O error.
pub(crate) fn about(what: impl Display) -> impl FnOnce(io::Error) -> Failure {
    move |reason| format!("{what}: {reason}").into()
}

/// Returns whether a reader such as `head` closed the pipe, which is not an error.
fn is_broken_pipe(failure: &(dyn StdError + Send + Sync + 'static)) -> bool {
    failure
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
