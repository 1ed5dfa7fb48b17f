use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::clock::{Clock, ClockFuture};

/// Waits for `work`, but no longer than `limit`. Work that is ready sets no timer.
pub(super) fn within<F: Future>(clock: &dyn Clock, limit: Duration, work: F) -> Within<'_, F> {
    Within {
        work,
        clock,
        limit,
        timer: None,
    }
}

pin_project! {
    /// The future of [`within`]. An async function would hold `work` twice.
    pub(super) struct Within<'a, F> {
        #[pin]
        work: F,
        clock: &'a dyn Clock,
        limit: Duration,
        timer: Option<ClockFuture<'a>>,
    }
}

impl<F: Future> Future for Within<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(done) = this.work.poll(context) {
            return Poll::Ready(Some(done));
        }
        let timer = this
            .timer
            .get_or_insert_with(|| this.clock.limit(*this.limit));
        timer.as_mut().poll(context).map(|()| None)
    }
}
