use std::future::Future;
use std::panic;

use tokio::task::JoinHandle;

/// Runs `work` in a task, so that it goes on while this future is not polled. Dropping this future
/// aborts the task.
///
/// A panic of the task resumes here. Returns `None` if the runtime was shut down. Outside of a runtime,
/// `work` runs in this future.
pub(super) async fn in_task<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return Some(work.await);
    };
    let mut task = AbortOnDrop(runtime.spawn(work));
    match (&mut task.0).await {
        Ok(done) => Some(done),
        Err(failure) => match failure.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(_) => None,
        },
    }
}

struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
