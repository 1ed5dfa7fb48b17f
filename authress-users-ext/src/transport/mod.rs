//! From a request to a response: options, retries, limits and one attempt.

mod answer;
mod attempt;
mod body;
mod call;
mod exchange;
mod response;
mod send_loop;
mod span;

pub(crate) use answer::Answer;
pub(crate) use attempt::{Attempt, AttemptFailure};
pub(crate) use call::{Call, request_options};
pub(crate) use exchange::Exchange;
pub use response::Response;
pub(crate) use send_loop::{DeliveryFailure, NoRetry};
pub(crate) use span::call_span;
