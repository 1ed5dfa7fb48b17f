use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use crate::Result;

/// A request that returns `None` instead of an error for a 404.
///
/// Returned by [`GetUser::optional`](crate::GetUser::optional); await it to send it.
#[must_use = "a request does nothing until it is awaited or sent"]
#[derive(Clone)]
pub struct Optional<R>(pub(crate) R);

impl<R, T> Optional<R>
where
    R: IntoFuture<Output = Result<T>>,
{
    /// Sends the request; awaiting it does the same.
    ///
    /// # Errors
    /// Those of the request, except a 404.
    pub async fn send(self) -> Result<Option<T>> {
        match self.0.await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<R, T> IntoFuture for Optional<R>
where
    R: IntoFuture<Output = Result<T>> + Send + 'static,
    R::IntoFuture: Send,
    T: Send + 'static,
{
    type Output = Result<Option<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<R: fmt::Debug> fmt::Debug for Optional<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Optional").field(&self.0).finish()
    }
}
