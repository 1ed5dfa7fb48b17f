//! Runs futures and the tasks that they spawn in virtual time, on one thread.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use futures::future::{Either, poll_fn, select};
use tokio::runtime::{Builder, Runtime};

use super::time::{Time, lock};

/// A Tokio runtime of one thread. Whenever all of its tasks wait, time moves to the next event.
pub(super) struct VirtualRuntime {
    runtime: Runtime,
    stalled: Arc<Stalled>,
}

/// Whether all tasks wait for something that never happens, such as a wake-up that was lost.
#[derive(Default)]
struct Stalled {
    is_stalled: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl VirtualRuntime {
    pub(super) fn new(time: Arc<Time>) -> Self {
        let stalled = Arc::new(Stalled::default());
        let state = stalled.clone();
        let runtime = Builder::new_current_thread()
            .on_thread_park(move || {
                let has_advanced = time.advance();
                state.is_stalled.store(!has_advanced, Ordering::Relaxed);
                // Without a wake-up, the thread would block after an event that wakes no task.
                if let Some(waker) = &*lock(&state.waker) {
                    waker.wake_by_ref();
                }
            })
            .build()
            .expect("a runtime without drivers needs nothing of the system");
        Self { runtime, stalled }
    }

    /// Returns the result of `work`, or `None` if it waits for something that never happens.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        // A task, because the runtime may park before it polls the future of `block_on`.
        let task = self.runtime.spawn(work);
        let stalled = poll_fn(|context| {
            *lock(&self.stalled.waker) = Some(context.waker().clone());
            if self.stalled.is_stalled.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            Poll::Pending
        });
        let result = self.runtime.block_on(select(task, stalled));
        match result {
            Either::Left((Ok(value), _)) => Some(value),
            Either::Left((Err(failed), _)) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => None,
            },
            Either::Right(((), task)) => {
                task.abort();
                None
            }
        }
    }

    /// Starts a task, which continues whenever [`run`](Self::run) lets time pass.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// How many tasks have not ended.
    pub(super) fn tasks(&self) -> usize {
        self.runtime.metrics().num_alive_tasks()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use super::*;

    #[test]
    fn time_passes_only_between_events() {
        let time = Arc::new(Time::default());
        let runtime = VirtualRuntime::new(time.clone());
        let work = {
            let time = time.clone();
            async move {
                let short = tokio::spawn(time.sleep(Duration::from_secs(1)));
                time.sleep(Duration::from_secs(86_400)).await;
                short.await
            }
        };
        assert!(runtime.run(work).is_some_and(|short| short.is_ok()));
        assert_eq!(time.now(), Duration::from_secs(86_400));
        assert_eq!((runtime.tasks(), time.timers()), (0, 0));
    }

    #[test]
    fn reports_work_that_waits_forever() {
        let time = Arc::new(Time::default());
        let runtime = VirtualRuntime::new(time.clone());
        time.after(Duration::from_secs(1), || {});
        assert_eq!(runtime.run(pending::<()>()), None);
        assert_eq!(time.now(), Duration::from_secs(1));
    }
}
