use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::runtime::Handle;

use crate::error::{Error, Outcome};

/// Performs `call`. Returns an error where it is polled outside a Tokio runtime, since timers and
/// sockets would panic.
pub(super) async fn in_runtime<T>(
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let mut call = pin!(call);
    // A call that began in a runtime may have sent its request.
    let mut outcome = Outcome::NotSent;
    poll_fn(|context| {
        if Handle::try_current().is_err() {
            let error = Error::configuration(
                "no Tokio runtime is running; await the call in one, for example in a function with \
                 #[tokio::main] or with Runtime::block_on",
            );
            return Poll::Ready(Err(error.with_outcome(outcome)));
        }
        outcome = Outcome::Unknown;
        call.as_mut().poll(context)
    })
    .await
}
