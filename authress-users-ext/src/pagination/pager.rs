use std::collections::HashSet;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use authress_users_client::operations::GET_USERS;
use futures::stream::Stream;

use super::page::Page;
use crate::Result;
use crate::error::{Error, ErrorKind};
use crate::users::GetUsers;

/// Asks for page after page, each when it is polled for, until the last one or an error.
pub(super) struct Walk {
    request: GetUsers,
    seen: SeenCursors,
    state: State,
}

/// Which cursors were used. Of each only a fingerprint is kept: what a list takes is 16 bytes for a
/// page, however long its cursors are.
#[derive(Default)]
struct SeenCursors {
    /// Two keys, drawn for this list, so that nobody can make two cursors that look alike. Two do by
    /// chance in one of 10^21 lists of a billion pages.
    keys: [RandomState; 2],
    fingerprints: HashSet<[u64; 2]>,
}

impl SeenCursors {
    /// Whether this is the first time that the cursor is seen.
    fn insert(&mut self, cursor: &str) -> bool {
        let fingerprint = self.keys.each_ref().map(|key| key.hash_one(cursor));
        self.fingerprints.insert(fingerprint)
    }
}

enum State {
    /// The next page starts at this cursor; the first page, at none.
    Next(Option<String>),
    Fetching(Pin<Box<dyn Future<Output = Result<Page>> + Send>>),
    /// The page before named a cursor that had been used, so that it can't be followed.
    Circle,
    Ended,
}

impl Walk {
    pub(super) fn new(request: GetUsers) -> Self {
        let start = request.start().map(str::to_owned);
        let mut seen = SeenCursors::default();
        if let Some(start) = &start {
            seen.insert(start);
        }
        Self {
            request,
            seen,
            state: State::Next(start),
        }
    }

    fn after(&mut self, page: &Page) -> State {
        match page.next_cursor() {
            None => State::Ended,
            Some(cursor) if self.seen.insert(cursor) => State::Next(Some(cursor.to_owned())),
            Some(_) => State::Circle,
        }
    }
}

impl Stream for Walk {
    type Item = Result<Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Circle => {
                    self.state = State::Ended;
                    return Poll::Ready(Some(Err(Error::new(
                        ErrorKind::Pagination,
                        "the last page named a cursor that was used before, so the list would \
                         never end; the rule is that each page's cursor is a new one",
                    )
                    .with_operation(&GET_USERS))));
                }
                State::Next(cursor) => {
                    let cursor = cursor.take();
                    let mut request = self.request.clone();
                    if let Some(cursor) = cursor {
                        request = request.cursor(cursor);
                    }
                    self.state = State::Fetching(Box::pin(request.send()));
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
