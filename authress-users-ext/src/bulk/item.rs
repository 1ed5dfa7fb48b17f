use std::fmt;
use std::time::Duration;

use super::request::BulkRequest;
use crate::{Error, Response, Result};

/// The result of one item of a bulk operation, as a [`BulkStream`](crate::BulkStream) returns it.
///
/// `Debug` shows neither the id nor the value.
#[non_exhaustive]
pub struct BulkItem<R: BulkRequest> {
    /// The position in the input, counted from 0.
    pub index: u64,
    /// The id from the input.
    pub id: R::Id,
    /// What the call returned.
    pub result: Result<R::Value>,
    /// How many requests were sent; 0 if the id or an option is invalid.
    pub attempts: u32,
    /// How long the call took, with waits and tokens.
    pub elapsed: Duration,
}

impl<R: BulkRequest> BulkItem<R> {
    pub(super) fn new(index: u64, id: R::Id, sent: Result<Response<R::Value>>) -> Self {
        let (attempts, elapsed) = match &sent {
            Ok(response) => (response.attempts(), response.elapsed()),
            Err(error) => (error.attempts(), error.elapsed()),
        };
        Self {
            index,
            id,
            result: sent.map(Response::into_value),
            attempts,
            elapsed,
        }
    }

    /// The result of an item for which nothing was sent.
    pub(super) fn not_sent(index: u64, id: R::Id, error: Error) -> Self {
        Self::new(index, id, Err(error))
    }
}

impl<R: BulkRequest> fmt::Debug for BulkItem<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkItem")
            .field("index", &self.index)
            .field("error", &self.result.as_ref().err())
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}
