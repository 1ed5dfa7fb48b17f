use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use authress_users_client::operations::GET_USERS;
use authress_users_client::types::{UserIdentity, UserIdentityCollection};
use futures::stream::{FusedStream, Stream, StreamExt, TryStreamExt};

use crate::error::{Error, ErrorKind};
use crate::requests::GetUsers;
use crate::Result;

/// One page of a list of users.
#[derive(Clone)]
pub struct Page {
    users: Vec<UserIdentity>,
    next_cursor: Option<String>,
}

impl Page {
    /// The users of this page. A page without users is not the last one if it has a
    /// [`next_cursor`](Self::next_cursor).
    #[must_use]
    pub fn users(&self) -> &[UserIdentity] {
        &self.users
    }

    /// The users of this page alone.
    #[must_use]
    pub fn into_users(self) -> Vec<UserIdentity> {
        self.users
    }

    /// Where the list goes on, for [`GetUsers::cursor`]; none after the last page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl From<UserIdentityCollection> for Page {
    fn from(collection: UserIdentityCollection) -> Self {
        let next_cursor = collection
            .pagination
            .and_then(|pagination| pagination.next)
            .and_then(|next| next.cursor)
            .filter(|cursor| !cursor.is_empty());
        Self { users: collection.users, next_cursor }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("users", &self.users.len())
            .field("is_last", &self.next_cursor.is_none())
            .finish_non_exhaustive()
    }
}

/// The pages of a list of users, made by [`GetUsers::pages`].
///
/// Dropping it stops the request that is under way. After an error it ends.
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream {
    request: GetUsers,
    /// Where the page starts that comes next; `None` is the first page.
    cursor: Option<String>,
    seen: HashSet<String>,
    state: State,
}

enum State {
    Ready,
    Fetching(Pin<Box<dyn Future<Output = Result<Page>> + Send>>),
    Ended,
}

impl PageStream {
    pub(crate) fn new(request: GetUsers) -> Self {
        let cursor = request.start().map(str::to_owned);
        let seen = cursor.iter().cloned().collect();
        Self { request, cursor, seen, state: State::Ready }
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The error of the request that failed; [`cursor`](Self::cursor) says where to go on. A
    /// cursor that the list had named before is an error of kind
    /// [`Pagination`](ErrorKind::Pagination).
    pub async fn try_next(&mut self) -> Result<Option<Page>> {
        TryStreamExt::try_next(self).await
    }

    /// Where to go on with [`GetUsers::cursor`]: the start of the page that comes next, or that
    /// failed. None if that is the first page, or if there is no further page.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Takes the cursor behind `page`; one that was seen before would lead in a circle.
    fn advance(&mut self, page: &Page) -> Result<State> {
        self.cursor.clone_from(&page.next_cursor);
        match &page.next_cursor {
            None => Ok(State::Ended),
            Some(cursor) if self.seen.insert(cursor.clone()) => Ok(State::Ready),
            Some(_) => Err(Error::new(
                ErrorKind::Pagination,
                "a page named a cursor that was used before, so the list would never end. \
                 The rule is that every page's cursor is a new one",
            )
            .with_operation(&GET_USERS)),
        }
    }
}

impl Stream for PageStream {
    type Item = Result<Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Ready => {
                    let mut request = self.request.clone();
                    if let Some(cursor) = &self.cursor {
                        request = request.cursor(cursor);
                    }
                    self.state = State::Fetching(Box::pin(request.send()));
                }
                State::Fetching(page) => {
                    let page = ready!(page.as_mut().poll(context));
                    self.state = State::Ended;
                    return Poll::Ready(Some(page.and_then(|page| {
                        self.state = self.advance(&page)?;
                        Ok(page)
                    })));
                }
            }
        }
    }
}

impl FusedStream for PageStream {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl fmt::Debug for PageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("is_ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}

/// The users of a list, made by [`GetUsers::stream`].
///
/// Dropping it stops the request that is under way. After an error it ends.
#[must_use = "a stream does nothing until it is polled"]
pub struct UserStream {
    pages: PageStream,
    users: vec::IntoIter<UserIdentity>,
}

impl UserStream {
    pub(crate) fn new(pages: PageStream) -> Self {
        Self { pages, users: Vec::new().into_iter() }
    }

    /// The next user, or `None` at the end.
    ///
    /// # Errors
    /// As [`PageStream::try_next`], after the users of all pages before.
    pub async fn try_next(&mut self) -> Result<Option<UserIdentity>> {
        TryStreamExt::try_next(self).await
    }

    /// Where to go on with [`GetUsers::cursor`] once the users at hand are used up, as they are
    /// after an error: nothing is repeated and nothing skipped. None if that is the first page,
    /// or if there is no further page.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.pages.cursor()
    }
}

impl Stream for UserStream {
    type Item = Result<UserIdentity>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(user) = self.users.next() {
                return Poll::Ready(Some(Ok(user)));
            }
            match ready!(self.pages.poll_next_unpin(context)) {
                Some(Ok(page)) => self.users = page.into_users().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.users.len(), None)
    }
}

impl FusedStream for UserStream {
    fn is_terminated(&self) -> bool {
        self.users.len() == 0 && self.pages.is_terminated()
    }
}

impl fmt::Debug for UserStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserStream")
            .field("at_hand", &self.users.len())
            .field("is_ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}
