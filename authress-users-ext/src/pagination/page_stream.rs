use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::{FusedStream, Stream, StreamExt as _, TryStreamExt};
use tokio::runtime::Handle;

use super::page::Page;
use super::pager::{FetchPage, Pager};
use super::prefetch::Prefetch;
use crate::Result;

/// A stream of the pages of a list of users.
///
/// Returned by [`GetUsers::pages`](crate::GetUsers::pages). It ends after an error. Dropping it cancels the
/// request in flight.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn export(authress: &AuthressClient) -> Result<()> {
///     // An export stores the cursor after each page, to resume from it.
///     let mut pages = authress.users().get_users().limit(100).with_prefetch(2).pages();
///     let mut checkpoint = None;
///     while let Some(page) = pages.try_next().await? {
///         println!("{} users", page.users().len());
///         checkpoint = page.next_cursor().map(str::to_owned);
///     }
///     assert!(checkpoint.is_none()); // the list is complete
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().users(250).start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     export(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "pagination")]
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream {
    pages: Pages,
    cursor: Option<String>,
}

enum Pages {
    /// Prefetching needs a task, which is spawned by the first poll.
    Unstarted(Box<Option<(Pager, usize)>>),
    Prefetched(Prefetch),
    OnDemand(Box<Pager>),
    Ended,
}

impl PageStream {
    /// Starts at the cursor `start` and fetches up to `prefetch` pages ahead.
    pub(crate) fn new(fetch: FetchPage, start: Option<String>, prefetch: Option<usize>) -> Self {
        let pager = Pager::new(fetch, start.clone());
        let source = match prefetch {
            Some(ahead) => Pages::Unstarted(Box::new(Some((pager, ahead)))),
            None => Pages::OnDemand(Box::new(pager)),
        };
        Self {
            pages: source,
            cursor: start,
        }
    }

    /// Returns the next page, or `None` at the end.
    ///
    /// # Errors
    /// Returns the error of the request that failed; its [`cursor`](crate::Error::cursor) is where to
    /// resume. If a page returns a cursor that was used before, an error of kind
    /// [`Pagination`](crate::ErrorKind::Pagination) follows it. If pages are prefetched and the runtime
    /// that first polled this stream is shut down, an error of kind
    /// [`Canceled`](crate::ErrorKind::Canceled) follows the pages that were fetched.
    ///
    /// # Panics
    /// Resumes a panic of your code, such as a [`TokenProvider`](crate::TokenProvider), that a prefetching
    /// task called.
    pub async fn try_next(&mut self) -> Result<Option<Page>> {
        TryStreamExt::try_next(self).await
    }

    /// Returns where to resume with [`GetUsers::cursor`](crate::GetUsers::cursor).
    ///
    /// This is the start of the next page, or of the page that failed.
    ///
    /// `None` if that is the first page, or if the list is complete.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    fn poll_pages(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page>>> {
        loop {
            match &mut self.pages {
                Pages::Unstarted(unstarted) => {
                    let Some((pager, ahead)) = unstarted.take() else {
                        return Poll::Ready(None);
                    };
                    self.pages = match Handle::try_current() {
                        Ok(runtime) => Pages::Prefetched(Prefetch::start(&runtime, pager, ahead)),
                        // The first request reports that there is no runtime.
                        Err(_) => Pages::OnDemand(Box::new(pager)),
                    };
                }
                Pages::Prefetched(pages) => {
                    return pages.poll_next(self.cursor.as_deref(), context);
                }
                Pages::OnDemand(pages) => return pages.poll_next_unpin(context),
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
