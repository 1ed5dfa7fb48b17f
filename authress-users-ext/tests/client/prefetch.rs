//! Lists whose prefetching task ends early: they never end as if they were complete.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AccessToken, AuthressClient, AuthressClientBuilder, Clock, ClockFuture, Error, ErrorKind,
    GetUsers, RetryOutcome, RetryPolicy, UserStream,
};
use futures::FutureExt as _;
use tokio::runtime::{Builder, Runtime};

use crate::client_of;

const USERS: usize = 12;
const LIMIT: u32 = 2;
/// The number of the page whose request panics.
const PANICKING: usize = 4;
const AHEAD: [usize; 3] = [1, 3, 100];

async fn start() -> MockAuthress {
    let fake = MockAuthress::builder().strict().users(USERS);
    fake.start().await.unwrap()
}

fn list(authress: &AuthressClient, ahead: usize) -> GetUsers {
    let list = authress.users().get_users().limit(LIMIT);
    list.with_prefetch(ahead)
}

async fn drain(users: &mut UserStream, ids: &mut Vec<String>) -> Result<(), Error> {
    while let Some(user) = users.try_next().await? {
        ids.push(user.user_id);
    }
    Ok(())
}

/// Lists until a request panics, and then from the cursor of the error that follows.
async fn assert_panic_resumes(fake: &MockAuthress, client: AuthressClientBuilder, ahead: usize) {
    let authress = client.build().unwrap();
    let mut users = list(&authress, ahead).stream();
    let mut ids = Vec::new();
    let drained = AssertUnwindSafe(drain(&mut users, &mut ids)).catch_unwind();
    let payload = drained.await.unwrap_err().downcast::<usize>().unwrap();
    assert_eq!(*payload, PANICKING);
    assert_eq!(ids.len(), (PANICKING - 1) * LIMIT as usize);
    // A caller that catches the panic and continues gets an error.
    let error = users.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Canceled);
    assert_eq!(error.operation(), Some("getUsers"));
    assert!(error.cursor().is_some() && error.cursor() == users.cursor());
    assert!(users.try_next().await.unwrap().is_none());
    let rest = list(&authress, ahead).cursor(error.cursor().unwrap());
    drain(&mut rest.stream(), &mut ids).await.unwrap();
    assert_eq!(ids, fake.user_ids());
}

/// Lets the request of the page `PANICKING` fail once.
fn fail_once(fake: &MockAuthress) {
    for _ in 1..PANICKING {
        fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
    }
    fake.fail_next(Operation::GetUsers, Fault::status(500).unwrap());
}

#[tokio::test]
async fn a_panic_of_the_token_provider_resumes_in_the_caller() {
    for ahead in AHEAD {
        let fake = start().await;
        let token = AccessToken::new(fake.access_token()).unwrap();
        let calls = AtomicUsize::new(0);
        let provider = move || {
            let token = token.clone();
            let is_panicking = calls.fetch_add(1, Ordering::Relaxed) + 1 == PANICKING;
            async move {
                if is_panicking {
                    std::panic::panic_any(PANICKING);
                }
                Ok::<_, Error>(token)
            }
        };
        let client = AuthressClient::builder().api_url(fake.url());
        assert_panic_resumes(&fake, client.token_provider(provider), ahead).await;
    }
}

#[tokio::test]
async fn a_panic_of_the_retry_rule_resumes_in_the_caller() {
    for ahead in AHEAD {
        let fake = start().await;
        fail_once(&fake);
        let rule = |_: &RetryOutcome<'_>| -> bool { std::panic::panic_any(PANICKING) };
        let client = client_of(&fake).retry_policy(RetryPolicy::default().rule(rule));
        assert_panic_resumes(&fake, client, ahead).await;
    }
}

/// A clock that panics before the first retry.
#[derive(Debug)]
struct PanickingClock(AtomicBool);

impl Clock for PanickingClock {
    fn sleep(&self, _: Duration) -> ClockFuture<'_> {
        if !self.0.swap(true, Ordering::Relaxed) {
            std::panic::panic_any(PANICKING);
        }
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn a_panic_of_the_clock_resumes_in_the_caller() {
    for ahead in AHEAD {
        let fake = start().await;
        fail_once(&fake);
        let client = client_of(&fake).clock(PanickingClock(AtomicBool::new(false)));
        assert_panic_resumes(&fake, client, ahead).await;
    }
}

/// Lists on `first` until `pages` were read, shuts it down, and completes the list on another runtime.
fn assert_shutdown_is_an_error(first: Runtime, fake: &MockAuthress, pages: usize) {
    let authress = client_of(fake).build().unwrap();
    let mut stream = list(&authress, 1).pages();
    let mut ids = Vec::new();
    first.block_on(async {
        for _ in 0..pages {
            let page = stream.try_next().await.unwrap().unwrap();
            ids.extend(page.into_users().into_iter().map(|user| user.user_id));
        }
    });
    drop(first);
    let second = Builder::new_current_thread().enable_all().build().unwrap();
    second.block_on(async {
        let error = loop {
            match stream.try_next().await {
                Ok(Some(page)) => {
                    ids.extend(page.into_users().into_iter().map(|user| user.user_id));
                }
                Ok(None) => panic!("the list ended after {} users", ids.len()),
                Err(error) => break error,
            }
        };
        assert!(error.is_canceled() && error.is_retryable(), "{error}");
        assert!(
            error.to_string().contains("its runtime was shut down"),
            "{error}"
        );
        let rest = list(&authress, 1).cursor(error.cursor().unwrap());
        drain(&mut rest.stream(), &mut ids).await.unwrap();
        assert_eq!(ids, fake.user_ids());
    });
}

#[test]
fn a_runtime_that_is_shut_down_is_an_error() {
    // The fake has a runtime of its own, which stays.
    let of_fake = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    for pages in 1..=3 {
        let fake = of_fake.block_on(start());
        let first = Builder::new_current_thread().enable_all().build().unwrap();
        assert_shutdown_is_an_error(first, &fake, pages);
        let fake = of_fake.block_on(start());
        let first = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        assert_shutdown_is_an_error(first, &fake, pages);
    }
}

#[tokio::test]
async fn a_complete_list_still_ends_without_an_error() {
    let fake = start().await;
    let authress = client_of(&fake).build().unwrap();
    for ahead in AHEAD {
        let mut users = list(&authress, ahead).stream();
        let mut ids = Vec::new();
        drain(&mut users, &mut ids).await.unwrap();
        assert_eq!(ids, fake.user_ids());
        assert!(users.try_next().await.unwrap().is_none());
    }
}
