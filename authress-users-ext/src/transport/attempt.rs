use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{Either, select};
use http::StatusCode;
use reqwest::Request;

use super::answer::Answer;
use super::body::{self, PartialBody, Unread};
use crate::clock::Clock;
use crate::retry::is_retryable;

/// One request and what became of it.
pub(crate) struct Attempt {
    /// The answer as far as it was read.
    pub(crate) answer: Option<Answer>,
    /// Why there is no complete answer.
    pub(crate) failure: Option<AttemptFailure>,
}

#[derive(Debug)]
pub(crate) enum AttemptFailure {
    Connect(reqwest::Error),
    Timeout(Duration),
    /// The time limit of an HTTP client that was given to the builder.
    OwnTimeout(reqwest::Error),
    Interrupted(reqwest::Error),
    BodyTooLarge(usize),
}

impl AttemptFailure {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Timeout(_) | Self::OwnTimeout(_) => "timeout",
            Self::Interrupted(_) => "interrupted",
            Self::BodyTooLarge(_) => "body too large",
        }
    }
}

impl Attempt {
    pub(crate) fn status(&self) -> Option<StatusCode> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    pub(crate) fn is_success(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| status.is_success())
    }

    /// Whether the API is there and at work, whatever it thinks of the request.
    pub(crate) fn is_answered(&self) -> bool {
        self.failure.is_none() && self.status().is_some_and(|status| !is_retryable(status))
    }

    /// Whether the API may have carried out the request although its answer never came.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(
            self.failure,
            Some(
                AttemptFailure::Timeout(_)
                    | AttemptFailure::OwnTimeout(_)
                    | AttemptFailure::Interrupted(_)
            )
        )
    }
}

/// Sends `request` once and reads the answer, both within `timeout`.
pub(crate) async fn send(
    http: &reqwest::Client,
    request: Request,
    clock: &dyn Clock,
    timeout: Duration,
    body_limit: usize,
) -> Attempt {
    // These outlive the exchange, so that an answer that stops half-way is kept.
    let mut head = None;
    let mut body = PartialBody::default();
    let exchange = async {
        let mut response = http.execute(request).await.map_err(unsent)?;
        head = Some((response.status(), std::mem::take(response.headers_mut())));
        body::read(&mut response, body_limit, &mut body)
            .await
            .map_err(|unread| match unread {
                Unread::TooLarge => AttemptFailure::BodyTooLarge(body_limit),
                Unread::Broken(reason) => broken(reason),
            })
    };
    let failure = match within(clock, timeout, exchange).await {
        Some(result) => result.err(),
        None => Some(AttemptFailure::Timeout(timeout)),
    };
    // A refusal is told by its status; its body only explains it, and counts as far as it came.
    let is_refusal = head
        .as_ref()
        .is_some_and(|(status, _)| !status.is_success());
    let failure = failure.filter(|_| !is_refusal);
    let answer = head.map(|(status, headers)| Answer {
        status,
        headers,
        body: body.into_bytes(),
    });
    Attempt { answer, failure }
}

/// Waits for `work`, but no longer than `limit`. Work that is done at once sets no timer.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    if let Poll::Ready(done) = futures::poll!(work.as_mut()) {
        return Some(done);
    }
    match select(work, clock.limit(limit)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// The URL is taken out: it holds ids.
fn unsent(reason: reqwest::Error) -> AttemptFailure {
    if reason.is_connect() {
        AttemptFailure::Connect(reason.without_url())
    } else {
        broken(reason)
    }
}

/// A client that was built upon somebody's own may have time limits of its own.
fn broken(reason: reqwest::Error) -> AttemptFailure {
    if reason.is_timeout() {
        AttemptFailure::OwnTimeout(reason.without_url())
    } else {
        AttemptFailure::Interrupted(reason.without_url())
    }
}
