use std::collections::HashSet;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use authress_users_client::operations::GET_USERS;
use futures::stream::Stream;

use super::page::Page;
use crate::Result;
use crate::error::{Error, ErrorKind, Outcome};

pub(crate) type PageFuture = Pin<Box<dyn Future<Output = Result<Page>> + Send>>;

/// Requests the page that starts at a cursor, or the first page.
pub(super) type FetchPage = Box<dyn Fn(Option<String>) -> PageFuture + Send + Sync>;

/// Follows the cursors of a list from page to page, until the last page or an error.
pub(super) struct Pager {
    fetch: FetchPage,
    seen: SeenCursors,
    state: State,
}

/// The cursors that were used, as fingerprints of 16 bytes each, however long the cursors are.
#[derive(Default)]
struct SeenCursors {
    /// Two random keys per list, so that a server cannot construct a collision. By chance, one in
    /// 10^21 lists of a billion pages has one.
    keys: [RandomState; 2],
    fingerprints: HashSet<[u64; 2]>,
}

impl SeenCursors {
    /// Returns whether the cursor is new.
    fn insert(&mut self, cursor: &str) -> bool {
        let fingerprint = self.keys.each_ref().map(|key| key.hash_one(cursor));
        self.fingerprints.insert(fingerprint)
    }
}

enum State {
    /// The next page starts at this cursor, or is the first page.
    Next(Option<String>),
    Fetching(PageFuture),
    /// The last page returned a cursor that was used before.
    Cycle,
    Ended,
}

impl Pager {
    pub(super) fn new(fetch: FetchPage, start: Option<String>) -> Self {
        let mut seen = SeenCursors::default();
        if let Some(start) = &start {
            seen.insert(start);
        }
        Self {
            fetch,
            seen,
            state: State::Next(start),
        }
    }

    fn after(&mut self, page: &Page) -> State {
        match page.next_cursor() {
            None => State::Ended,
            Some(cursor) if self.seen.insert(cursor) => State::Next(Some(cursor.to_owned())),
            Some(_) => State::Cycle,
        }
    }
}

impl Stream for Pager {
    type Item = Result<Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Cycle => {
                    self.state = State::Ended;
                    return Poll::Ready(Some(Err(Error::new(
                        ErrorKind::Pagination,
                        "the last page returned a cursor that was used before, so the list would never \
                         end; report it to the provider",
                    )
                    .with_operation(&GET_USERS)
                    .with_outcome(Outcome::Done))));
                }
                State::Next(cursor) => {
                    let cursor = cursor.take();
                    self.state = State::Fetching((self.fetch)(cursor));
                }
                State::Fetching(page) => {
                    let page = ready!(page.as_mut().poll(context));
                    self.state = match &page {
                        Ok(page) => self.after(page),
                        Err(_) => State::Ended,
                    };
                    return Poll::Ready(Some(page));
                }
            }
        }
    }
}
