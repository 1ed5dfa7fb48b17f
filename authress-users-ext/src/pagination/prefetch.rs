use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::page::Page;
use super::pager::Pager;
use crate::Result;

/// A [`Pager`] that runs ahead in a task. Dropping this aborts the task.
pub(super) struct Prefetch {
    pages: mpsc::Receiver<Result<Page>>,
    task: JoinHandle<()>,
}

impl Prefetch {
    /// Starts the task, which holds at most `ahead` pages that were not consumed yet.
    pub(super) fn start(mut pager: Pager, ahead: usize) -> Self {
        let (sender, receiver) = mpsc::channel(ahead);
        let task = tokio::spawn(async move {
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
            task,
        }
    }
}

impl Stream for Prefetch {
    type Item = Result<Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pages.poll_recv(context)
    }
}

impl Drop for Prefetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
