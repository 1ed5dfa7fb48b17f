use std::any::Any;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::runtime::Handle;

use crate::error::{Error, Outcome};

/// Performs `call`. Returns an error where it is polled outside a Tokio runtime, or in one without
/// timers or sockets, since these would panic. `has_drivers` is true if the client has used them before.
pub(super) fn in_runtime<F>(call: F, has_drivers: bool) -> InRuntime<F> {
    InRuntime {
        call,
        outcome: Outcome::NotSent,
        has_drivers,
    }
}

pin_project! {
    /// The future of [`in_runtime`]. An async function would hold `call` twice.
    pub(super) struct InRuntime<F> {
        #[pin]
        call: F,
        // A call that began in a runtime may have sent its request.
        outcome: Outcome,
        has_drivers: bool,
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
        if *this.has_drivers {
            return this.call.poll(context);
        }
        // The call is not polled again after a panic.
        let poll = AssertUnwindSafe(|| this.call.poll(context));
        match panic::catch_unwind(poll) {
            Ok(poll) => poll,
            Err(payload) if lacks_driver(&*payload) => {
                let error = Error::configuration(
                    "the Tokio runtime has no timers or no I/O; build it with enable_all()",
                );
                Poll::Ready(Err(error.with_outcome(Outcome::Unknown)))
            }
            Err(payload) => panic::resume_unwind(payload),
        }
    }
}

/// Whether a panic is Tokio's for a driver that its runtime does not have. Nothing else tells which it has.
fn lacks_driver(payload: &(dyn Any + Send)) -> bool {
    let message = match payload.downcast_ref::<String>() {
        Some(message) => message,
        None => payload.downcast_ref::<&str>().copied().unwrap_or_default(),
    };
    ["timers are disabled", "IO is disabled"]
        .iter()
        .any(|part| message.contains(part))
}
