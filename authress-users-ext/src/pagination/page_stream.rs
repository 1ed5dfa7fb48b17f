use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::{FusedStream, Stream, StreamExt as _, TryStreamExt};

use super::page::Page;
use super::pager::Walk;
use super::prefetch::Prefetch;
use crate::Result;
use crate::users::{GetUsers, validation};

/// The pages of a list of users, made by [`GetUsers::pages`].
///
/// Dropping it stops the request that is under way. After an error it ends.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().users(250).start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// // In batches, each with the place to go on from: what an export stores after each.
/// let mut pages = authress.users().get_users().limit(100).prefetch(2).pages();
/// let mut checkpoint = None;
/// while let Some(page) = pages.try_next().await? {
///     println!("{} users", page.users().len());
///     checkpoint = page.next_cursor().map(str::to_owned);
/// }
/// assert!(checkpoint.is_none()); // there is nothing left
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream {
    pages: Pages,
    cursor: Option<String>,
}

enum Pages {
    /// Fetching ahead needs a task, which is spawned when the first page is asked for.
    Unstarted(Box<Option<(Walk, usize)>>),
    Ahead(Prefetch),
    InTurn(Box<Walk>),
    Ended,
}

impl PageStream {
    pub(crate) fn new(request: GetUsers) -> Self {
        let cursor = request.start().map(str::to_owned);
        // A number that is refused is so by the first request.
        let ahead = request
            .pages_ahead()
            .filter(|ahead| validation::prefetch(*ahead).is_ok());
        let walk = Walk::new(request);
        let pages = match ahead {
            Some(ahead) => Pages::Unstarted(Box::new(Some((walk, ahead)))),
            None => Pages::InTurn(Box::new(walk)),
        };
        Self { pages, cursor }
    }

    /// The next page, or `None` at the end.
    ///
    /// # Errors
    /// The error of the request that failed; its [`cursor`](crate::Error::cursor) says where to go
    /// on. A cursor that the list had named before is an error of kind
    /// [`Pagination`](crate::ErrorKind::Pagination), behind the page that named it.
    pub async fn try_next(&mut self) -> Result<Option<Page>> {
        TryStreamExt::try_next(self).await
    }

    /// Where to go on with [`GetUsers::cursor`]: the start of the page that comes next, or that
    /// failed. None if that is the first page, or if there is no further page.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    fn poll_pages(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        loop {
            match &mut self.pages {
                Pages::Unstarted(unstarted) => {
                    let Some((walk, ahead)) = unstarted.take() else {
                        return Poll::Ready(None);
                    };
                    self.pages = Pages::Ahead(Prefetch::start(walk, ahead));
                }
                Pages::Ahead(pages) => return pages.poll_next_unpin(context),
                Pages::InTurn(pages) => return pages.poll_next_unpin(context),
                Pages::Ended => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for PageStream {
    type Item = Result<Page>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(self.poll_pages(context));
        match &page {
            Some(Ok(page)) => self.cursor = page.next_cursor().map(str::to_owned),
            Some(Err(error)) => {
                self.cursor = error.cursor().map(str::to_owned);
                self.pages = Pages::Ended;
            }
            None => self.pages = Pages::Ended,
        }
        Poll::Ready(page)
    }
}

impl FusedStream for PageStream {
    fn is_terminated(&self) -> bool {
        matches!(self.pages, Pages::Ended)
    }
}

impl fmt::Debug for PageStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream")
            .field("is_ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}
