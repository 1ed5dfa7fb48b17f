use std::convert::Infallible;
use std::fmt;
use std::future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use authress_users_client::operations::Operation;
use futures::future::BoxFuture;
use futures::stream::{FusedStream, FuturesUnordered, Stream, StreamExt, TryStreamExt};

use super::item::BulkItem;
use super::request::BulkRequest;
use crate::auth::AccessToken;
use crate::defaults::BULK_CONCURRENCY;
use crate::error::Error;
use crate::retry::{Lane, RetryPolicy, Sleepers};
use crate::transport::Call;

/// The largest concurrency; more would buffer much of the input.
const MAX_CONCURRENCY: usize = 1_000;

/// So many times the concurrency, calls may wait as long as a 429 specifies.
const MAX_ASLEEP: usize = 4;

/// Sends the request for one item.
pub(super) type SendItem<R> =
    fn(Call, u64, <R as BulkRequest>::Id) -> BoxFuture<'static, BulkItem<R>>;

/// A stream of the results of a bulk operation, in the order in which the calls complete.
///
/// Returned by [`delete_stream`](crate::Users::delete_stream), [`get_stream`](crate::Users::get_stream)
/// and [`link_stream`](crate::Users::link_stream), and by their counterparts for iterators:
/// [`delete_all`](crate::Users::delete_all), [`get_all`](crate::Users::get_all) and
/// [`link_all`](crate::Users::link_all). Each item of the input is one call with one [`BulkItem`] as its
/// result, and a failed call does not stop the others.
///
/// - The input is read as calls complete, so memory does not grow with it. Nothing happens until the
///   stream is polled.
/// - The calls use [`RetryPolicy::batch`], whatever the policy of the client is: they wait for the end of
///   an outage, up to 10 minutes per item.
/// - An error of the input ends the stream: the results of the calls in flight come first, then the error
///   as `Err`. A panic of the input resumes in the caller.
/// - Dropping the stream cancels the calls in flight. The API may still carry them out.
/// - An invalid option is reported as the result of every item, and nothing is sent.
///
/// See the guide on [bulk jobs](crate::guide::bulk_jobs).
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn print_emails(authress: &AuthressClient) -> Result<()> {
///     let mut users = authress.users().get_all(["auth0|1", "auth0|2"]).with_concurrency(4);
///     while let Some(item) = users.next().await {
///         match item.result {
///             Ok(user) => println!("{}: {}", item.index, user.email.unwrap_or_default()),
///             Err(error) => eprintln!("{}: {error} after {} attempts", item.index, item.attempts),
///         }
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").user("auth0|2").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_emails(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct BulkStream<R: BulkRequest, S, E = Infallible> {
    call: Call,
    operation: &'static Operation,
    send: SendItem<R>,
    concurrency: usize,
    /// The calls in flight that wait as long as a 429 specifies.
    sleepers: Sleepers,
    /// `None` after the end or an error.
    input: Option<Pin<Box<S>>>,
    next_index: u64,
    in_flight: FuturesUnordered<BoxFuture<'static, BulkItem<R>>>,
    /// The error that ended the input, until it is returned.
    input_error: Option<E>,
}

/// The input of a [`BulkStream`] that was made from an iterator.
pub struct BulkIter<I>(pub(super) I);

impl<R: BulkRequest, S, E> BulkStream<R, S, E> {
    pub(super) fn new(
        mut call: Call,
        operation: &'static Operation,
        send: SendItem<R>,
        input: S,
    ) -> Self {
        call.set_retry_policy(RetryPolicy::batch());
        call.set_lane(Lane::Bulk);
        let sleepers = Sleepers::default();
        call.set_sleepers(sleepers.clone());
        Self {
            call,
            operation,
            send,
            concurrency: BULK_CONCURRENCY,
            sleepers,
            input: Some(Box::pin(input)),
            next_index: 0,
            in_flight: FuturesUnordered::new(),
            input_error: None,
        }
    }

    /// Sets how many calls are in flight at once: 1 to 1,000; 16 by default.
    ///
    /// The client's [`concurrency_limit`](crate::AuthressClientBuilder::concurrency_limit) applies too.
    /// Calls that wait for the `Retry-After` of a 429 do not count, up to four times the concurrency.
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Sets the deadline of each call: how long it may take with attempts, waits and tokens.
    ///
    /// Replaces the deadline of the retry policy, 10 minutes by default. Must be greater than zero.
    #[doc(alias = "timeout")]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.call.set_deadline(deadline);
        self
    }

    /// Sets the retry policy of each call; [`RetryPolicy::batch`] by default.
    #[doc(alias = "retry")]
    pub fn with_retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.call.set_retry_policy(policy);
        self
    }

    /// Sends the calls with the token of another caller.
    ///
    /// The token is not renewed, so a 401 is final for each call.
    pub fn with_access_token(mut self, token: AccessToken) -> Self {
        self.call.set_access_token(token);
        self
    }

    fn is_concurrency_valid(&self) -> bool {
        (1..=MAX_CONCURRENCY).contains(&self.concurrency)
    }

    fn start(&mut self, id: R::Id) {
        let index = self.next_index;
        self.next_index += 1;
        let call = if self.is_concurrency_valid() {
            (self.send)(self.call.clone(), index, id)
        } else {
            let error = Error::invalid_input(format!(
                "invalid concurrency: must be between 1 and {MAX_CONCURRENCY}, got {}; nothing was sent",
                self.concurrency
            ));
            let error = error.with_operation(self.operation);
            Box::pin(future::ready(BulkItem::not_sent(index, id, error)))
        };
        self.in_flight.push(call);
    }

    fn has_ended(&self) -> bool {
        self.input.is_none() && self.in_flight.is_empty() && self.input_error.is_none()
    }

    /// Starts calls up to the concurrency, and returns the result of one.
    fn poll_item<T: Into<R::Id>>(
        &mut self,
        context: &mut Context<'_>,
        poll_input: impl Fn(Pin<&mut S>, &mut Context<'_>) -> Poll<Option<Result<T, E>>>,
    ) -> Poll<Option<Result<BulkItem<R>, E>>> {
        let limit = if self.is_concurrency_valid() {
            self.concurrency
        } else {
            1
        };
        let mut is_input_pending = false;
        loop {
            // Calls that wait for their Retry-After are not in flight.
            let asleep = self.sleepers.count().min(MAX_ASLEEP * limit);
            while self.in_flight.len() < limit + asleep
                && !is_input_pending
                && let Some(input) = &mut self.input
            {
                match poll_input(input.as_mut(), context) {
                    Poll::Ready(Some(Ok(id))) => self.start(id.into()),
                    Poll::Ready(Some(Err(error))) => {
                        self.input = None;
                        self.input_error = Some(error);
                    }
                    Poll::Ready(None) => self.input = None,
                    Poll::Pending => is_input_pending = true,
                }
            }
            return match self.in_flight.poll_next_unpin(context) {
                Poll::Ready(Some(item)) => Poll::Ready(Some(Ok(item))),
                Poll::Ready(None) if self.input.is_some() => Poll::Pending,
                Poll::Ready(None) => Poll::Ready(self.input_error.take().map(Err)),
                // Some of the calls may have begun to wait just now.
                Poll::Pending if self.sleepers.count() > asleep && asleep < MAX_ASLEEP * limit => {
                    continue;
                }
                Poll::Pending => Poll::Pending,
            };
        }
    }
}

impl<R: BulkRequest, S, T, E> BulkStream<R, S, E>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<R::Id>,
{
    /// Returns the next result, or `None` at the end.
    ///
    /// # Errors
    /// Returns the error of the input, after the results of the calls in flight. Errors of calls are in
    /// [`BulkItem::result`].
    pub async fn try_next(&mut self) -> Result<Option<BulkItem<R>>, E> {
        TryStreamExt::try_next(self).await
    }
}

impl<R: BulkRequest, I> BulkStream<R, BulkIter<I>>
where
    I: Iterator,
    I::Item: Into<R::Id>,
{
    /// Returns the next result, or `None` at the end.
    pub async fn next(&mut self) -> Option<BulkItem<R>> {
        StreamExt::next(self).await
    }
}

impl<R: BulkRequest, S, T, E> Stream for BulkStream<R, S, E>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<R::Id>,
{
    type Item = Result<BulkItem<R>, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context, S::poll_next)
    }
}

impl<R: BulkRequest, I> Stream for BulkStream<R, BulkIter<I>>
where
    I: Iterator,
    I::Item: Into<R::Id>,
{
    type Item = BulkItem<R>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.poll_item(context, |input, _| {
            Poll::Ready(input.get_mut().0.next().map(Ok))
        }));
        Poll::Ready(item.map(|Ok(item)| item))
    }
}

// The input is pinned on its own, and nothing else is.
impl<R: BulkRequest, S, E> Unpin for BulkStream<R, S, E> {}
impl<I> Unpin for BulkIter<I> {}

impl<R: BulkRequest, S, E> fmt::Debug for BulkStream<R, S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkStream")
            .field("operation", &self.operation.id)
            .field("concurrency", &self.concurrency)
            .field("started", &self.next_index)
            .field("in_flight", &self.in_flight.len())
            .field("has_ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}

impl<I> fmt::Debug for BulkIter<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkIter").finish_non_exhaustive()
    }
}

impl<R: BulkRequest, S, T, E> FusedStream for BulkStream<R, S, E>
where
    S: Stream<Item = Result<T, E>>,
    T: Into<R::Id>,
{
    fn is_terminated(&self) -> bool {
        self.has_ended()
    }
}

impl<R: BulkRequest, I> FusedStream for BulkStream<R, BulkIter<I>>
where
    I: Iterator,
    I::Item: Into<R::Id>,
{
    fn is_terminated(&self) -> bool {
        self.has_ended()
    }
}
