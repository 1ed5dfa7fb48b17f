use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;

use crate::error::{Error, Outcome};

/// Performs `call`. Returns an error where it is polled outside a Tokio runtime, since timers and
/// sockets would panic.
pub(super) fn in_runtime<F>(call: F) -> InRuntime<F> {
    InRuntime {
        call,
        outcome: Outcome::NotSent,
    }
}

pin_project! {
    /// The future of [`in_runtime`]. An async function would hold `call` twice.
    pub(super) struct InRuntime<F> {
        #[pin]
        call: F,
        // A call that began in a runtime may have sent its request.
        outcome: Outcome,
    }
}

impl<F, T> Future for InRuntime<F>
where
    F: Future<Output = Result<T, Error>>,
{
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if Handle::try_current().is_err() {
            let error = Error::configuration(
                "no Tokio runtime is running; await the call in one, for example in a function with \
                 #[tokio::main] or with Runtime::block_on",
            );
            return Poll::Ready(Err(error.with_outcome(*this.outcome)));
        }
        *this.outcome = Outcome::Unknown;
        this.call.poll(context)
    }
}
