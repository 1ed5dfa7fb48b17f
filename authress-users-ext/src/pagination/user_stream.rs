use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use authress_users_client::types::UserIdentity;
use futures::stream::{FusedStream, Stream, StreamExt as _, TryStreamExt};

use super::page_stream::PageStream;
use super::skipped_user::SkippedUser;
use crate::Result;

/// A stream of the users of a list.
///
/// Returned by [`GetUsers::stream`](crate::GetUsers::stream). It ends after an error. Dropping it cancels
/// the request in flight.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn print_ids(authress: &AuthressClient) -> Result<()> {
///     let mut users = authress.users().get_users().stream();
///     loop {
///         match users.try_next().await {
///             Ok(Some(user)) => println!("{}", user.user_id),
///             Ok(None) => break,
///             Err(error) => {
///                 eprintln!("{error}; resume with cursor({:?})", users.cursor());
///                 break;
///             }
///         }
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().users(3).start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_ids(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "pagination")]
#[must_use = "a stream does nothing until it is polled"]
pub struct UserStream {
    pages: PageStream,
    users: vec::IntoIter<UserIdentity>,
    skipped: Vec<SkippedUser>,
}

impl UserStream {
    pub(crate) fn new(pages: PageStream) -> Self {
        Self {
            pages,
            users: Vec::new().into_iter(),
            skipped: Vec::new(),
        }
    }

    /// Returns the next user, or `None` at the end.
    ///
    /// # Errors
    /// Those of [`PageStream::try_next`], after the users of all previous pages.
    ///
    /// # Panics
    /// As [`PageStream::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<UserIdentity>> {
        // A user of the current page needs no polling.
        match self.users.next() {
            Some(user) => Ok(Some(user)),
            None => TryStreamExt::try_next(self).await,
        }
    }

    /// Returns the users of all pages so far that do not match the spec.
    ///
    /// They are not among the users of the stream; see [`Page::skipped`](crate::Page::skipped).
    ///
    /// The stream holds them until [`take_skipped`](Self::take_skipped) or until it is dropped.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedUser] {
        &self.skipped
    }

    /// Removes and returns the [`skipped`](Self::skipped) users, so that they do not accumulate.
    pub fn take_skipped(&mut self) -> Vec<SkippedUser> {
        std::mem::take(&mut self.skipped)
    }

    /// Returns where to resume with [`GetUsers::cursor`](crate::GetUsers::cursor).
    ///
    /// This is the start of the next page, or of the page that failed.
    ///
    /// After an error, resuming there repeats no user and skips none. Before, the users of the
    /// current page that were not consumed would be skipped. `None` if that is the first page, or if
    /// the list is complete.
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
                Some(Ok(page)) => {
                    let (users, skipped) = page.into_users_and_skipped();
                    self.users = users.into_iter();
                    self.skipped.extend(skipped);
                }
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
            .field("buffered", &self.users.len())
            .field("is_ended", &self.is_terminated())
            .finish_non_exhaustive()
    }
}
