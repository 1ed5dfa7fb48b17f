use std::time::Duration;

use http::StatusCode;
use reqwest::Request;

use crate::answer::Answer;
use crate::body::{self, PartialBody, Unread};

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
    Interrupted(reqwest::Error),
    BodyTooLarge(usize),
}

impl Attempt {
    pub(crate) fn status(&self) -> Option<StatusCode> {
        self.answer.as_ref().map(|answer| answer.status)
    }
}

/// Sends `request` once and reads the answer, both within `timeout`.
pub(crate) async fn send(
    http: &reqwest::Client,
    request: Request,
    timeout: Duration,
    body_limit: usize,
) -> Attempt {
    // These outlive the exchange, so that an answer that stops half-way is kept.
    let mut head = None;
    let mut body = PartialBody::default();
    let exchange = async {
        let mut response = http.execute(request).await.map_err(unsent)?;
        head = Some((response.status(), std::mem::take(response.headers_mut())));
        body::read(&mut response, body_limit, &mut body).await.map_err(|unread| match unread {
            Unread::TooLarge => AttemptFailure::BodyTooLarge(body_limit),
            Unread::Broken(reason) => AttemptFailure::Interrupted(reason.without_url()),
        })
    };
    let failure = match tokio::time::timeout(timeout, exchange).await {
        Ok(result) => result.err(),
        Err(_) => Some(AttemptFailure::Timeout(timeout)),
    };
    let answer =
        head.map(|(status, headers)| Answer { status, headers, body: body.into_bytes() });
    Attempt { answer, failure }
}

/// The URL is taken out: it holds ids.
fn unsent(reason: reqwest::Error) -> AttemptFailure {
    let connects = reason.is_connect();
    let reason = reason.without_url();
    if connects { AttemptFailure::Connect(reason) } else { AttemptFailure::Interrupted(reason) }
}
