use std::panic;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use authress_users_client::operations::GET_USERS;
use futures::stream::StreamExt as _;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::page::Page;
use super::pager::Pager;
use crate::Result;
use crate::error::{Error, ErrorKind};

/// A [`Pager`] that runs ahead in a task. Dropping this aborts the task.
pub(super) struct Prefetch {
    pages: mpsc::Receiver<Result<Page>>,
    /// `None` once its result was read.
    task: Option<JoinHandle<()>>,
}

impl Prefetch {
    /// Starts the task, which holds at most `ahead` pages that were not consumed yet.
    pub(super) fn start(runtime: &Handle, mut pager: Pager, ahead: usize) -> Self {
        let (sender, receiver) = mpsc::channel(ahead);
        let task = runtime.spawn(async move {
            // Reserves a slot first, so that no more pages are requested than fit.
            while let Ok(slot) = sender.reserve().await {
                match pager.next().await {
                    Some(page) => slot.send(page),
                    None => break,
                }
            }
        });
        Self {
            pages: receiver,
            task: Some(task),
        }
    }

    /// Returns the next page, which starts at `cursor`. A panic of the task resumes here.
    pub(super) fn poll_next(
        &mut self,
        cursor: Option<&str>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Page>>> {
        if let Some(page) = ready!(self.pages.poll_recv(context)) {
            return Poll::Ready(Some(page));
        }
        // A channel without a sender is the end of the list only if the task has completed.
        let ended = match &mut self.task {
            Some(task) => Some(ready!(Pin::new(task).poll(context))),
            None => None,
        };
        self.task = None;
        if let Some(Ok(())) = ended {
            return Poll::Ready(None);
        }
        if let Some(Err(failure)) = ended
            && let Ok(payload) = failure.try_into_panic()
        {
            panic::resume_unwind(payload);
        }
        Poll::Ready(Some(Err(canceled(cursor))))
    }
}

fn canceled(cursor: Option<&str>) -> Error {
    Error::new(
        ErrorKind::Canceled,
        "the task that fetches pages ahead was canceled, because it panicked or its runtime was shut down; \
         resume at the cursor of this error",
    )
    .with_operation(&GET_USERS)
    .with_cursor(cursor.map(str::to_owned))
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
