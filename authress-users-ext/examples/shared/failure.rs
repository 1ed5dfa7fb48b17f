//! How an example ends when something is wrong.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use authress_users_ext::Error;

/// Whatever can go wrong, with a text that says what to do.
pub(crate) type Failure = Box<dyn StdError + Send + Sync>;

/// Prints a failure with its causes, and says how the process ends.
pub(crate) fn exit_code(result: Result<ExitCode, Failure>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(failure) if is_broken_pipe(&*failure) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            let mut cause = failure.source();
            while let Some(reason) = cause {
                eprintln!("  because: {reason}");
                cause = reason.source();
            }
            if let Some(id) = failure.downcast_ref::<Error>().and_then(Error::error_id) {
                eprintln!("  error id, for the support of Authress: {id}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Makes an I/O error name the file that it is about.
pub(crate) fn about(what: impl Display) -> impl FnOnce(io::Error) -> Failure {
    move |reason| format!("{what}: {reason}").into()
}

/// Whether a reader such as `head` has had enough, which is no failure.
fn is_broken_pipe(failure: &(dyn StdError + Send + Sync + 'static)) -> bool {
    failure
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
