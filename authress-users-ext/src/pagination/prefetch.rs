use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::page::Page;
use super::pager::Walk;
use crate::Result;

/// A [`Walk`] that goes ahead on a task of its own. Dropping this ends the task.
pub(super) struct Prefetch {
    pages: mpsc::Receiver<Result<Page>>,
    task: JoinHandle<()>,
}

impl Prefetch {
    /// Starts the task, which keeps at most `ahead` pages that nobody has taken yet.
    pub(super) fn start(mut walk: Walk, ahead: usize) -> Self {
        let (sender, pages) = mpsc::channel(ahead);
        let task = tokio::spawn(async move {
            // The place comes before the page: what has no place is not asked for.
            while let Ok(place) = sender.reserve().await {
                match walk.next().await {
                    Some(page) => place.send(page),
                    None => break,
                }
            }
        });
        Self { pages, task }
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
