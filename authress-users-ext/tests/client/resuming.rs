//! Lists with errors: no user is repeated or skipped.

use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation, StubResponse};
use authress_users_ext::{AuthressClient, Error, ErrorKind, GetUsers, RetryPolicy};
use futures::{StreamExt, TryStreamExt};

use crate::clock::TestClock;
use crate::{client_of, fake_with, until};

const USERS: usize = 47;
const LIMIT: u32 = 5;
const PAGES: usize = 10;

async fn start() -> (MockAuthress, AuthressClient) {
    let fake = fake_with(USERS).await;
    let client = client_of(&fake)
        .retry_policy(RetryPolicy::none())
        .clock(TestClock::new());
    let authress = client.build().unwrap();
    (fake, authress)
}

/// Collects users until the end or an error.
async fn take_all(request: GetUsers, ids: &mut Vec<String>) -> Result<(), Error> {
    let mut users = request.stream();
    while let Some(user) = users.try_next().await? {
        ids.push(user.user_id);
    }
    Ok(())
}

#[tokio::test]
async fn a_list_resumes_after_an_error_on_any_page() {
    let (fake, authress) = start().await;
    for (fault, times) in [
        (Fault::status(500).unwrap(), 1),
        (Fault::status_with_retry_after(429, "1").unwrap(), 1),
        // The first may be replayed, on a new connection.
        (Fault::ResetBeforeHeaders, 2),
        (Fault::ResetAfterHeaders, 1),
        (Fault::CutBody, 1),
        (Fault::Html, 1),
    ] {
        for failing in 0..PAGES {
            for ahead in [None, Some(1), Some(3), Some(100)] {
                for _ in 0..failing {
                    fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
                }
                for _ in 0..times {
                    fake.fail_next(Operation::GetUsers, fault.clone());
                }
                let list = || match ahead {
                    Some(pages) => authress
                        .users()
                        .get_users()
                        .limit(LIMIT)
                        .with_prefetch(pages),
                    None => authress.users().get_users().limit(LIMIT),
                };
                let mut ids = Vec::new();
                let result = take_all(list(), &mut ids).await;
                assert!(
                    result.is_err(),
                    "{fault:?} at page {failing}, {ahead:?} ahead"
                );
                let error = result.unwrap_err();
                fake.stop_faults();
                assert_eq!(ids.len(), failing * LIMIT as usize, "{fault:?} {ahead:?}");
                assert_eq!(
                    error.cursor().is_none(),
                    failing == 0,
                    "the first page has no cursor"
                );
                let rest = match error.cursor() {
                    Some(cursor) => list().cursor(cursor),
                    None => list(),
                };
                take_all(rest, &mut ids).await.unwrap();
                assert_eq!(
                    ids,
                    fake.user_ids(),
                    "{fault:?} at page {failing}, {ahead:?} ahead"
                );
            }
        }
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_list_survives_an_error_on_every_page() {
    let (fake, authress) = start().await;
    let mut ids = Vec::new();
    let mut cursor = None;
    let mut errors = 0;
    loop {
        // The first request of every page fails.
        for fault in [
            Fault::CutBody,
            Fault::Delay(Duration::ZERO),
            Fault::status(503).unwrap(),
        ] {
            fake.fail_next(Operation::GetUsers, fault);
        }
        let mut list = authress.users().get_users().limit(LIMIT);
        if let Some(cursor) = cursor.take() {
            list = list.cursor(cursor);
        }
        match take_all(list, &mut ids).await {
            Ok(()) => break,
            Err(error) => cursor = error.cursor().map(str::to_owned),
        }
        errors += 1;
    }
    assert!(errors >= PAGES, "{errors}");
    assert_eq!(ids, fake.user_ids());
}

fn page(number: usize, next: &str) -> StubResponse {
    let body = serde_json::json!({
        "users": [{ "userId": number.to_string() }],
        "pagination": { "next": { "cursor": next } },
    });
    StubResponse::new(200).unwrap().body(body.to_string())
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error() {
    for (back, ahead) in [(1, None), (10, None), (1, Some(2)), (10, Some(2))] {
        let (fake, authress) = start().await;
        for number in 1..=12 {
            fake.respond_next(Operation::GetUsers, page(number, &format!("c{number}")));
        }
        fake.respond_next(Operation::GetUsers, page(13, &format!("c{}", 13 - back)));
        let mut list = authress.users().get_users();
        if let Some(pages) = ahead {
            list = list.with_prefetch(pages);
        }
        let mut ids = Vec::new();
        let error = take_all(list, &mut ids).await.unwrap_err();
        assert_eq!(
            ids.len(),
            13,
            "the page with the repeated cursor is delivered"
        );
        assert_eq!(error.kind(), ErrorKind::Pagination);
        assert!(
            error
                .to_string()
                .contains("returned a cursor that was used before"),
            "{error}"
        );
        assert_eq!((error.cursor(), fake.request_count()), (None, 13));
    }
}

#[tokio::test]
async fn the_start_cursor_counts_as_used() {
    let (fake, authress) = start().await;
    fake.respond_next(Operation::GetUsers, page(1, "c0"));
    let mut pages = authress.users().get_users().cursor("c0").pages();
    assert!(pages.try_next().await.unwrap().is_some());
    assert_eq!(
        pages.try_next().await.unwrap_err().kind(),
        ErrorKind::Pagination
    );
}

#[tokio::test]
async fn accepts_empty_and_oversized_pages() {
    let (fake, authress) = start().await;
    for number in 1..=20 {
        let body = format!(r#"{{"users":[],"pagination":{{"next":{{"cursor":"c{number}"}}}}}}"#);
        fake.respond_next(
            Operation::GetUsers,
            StubResponse::new(200).unwrap().body(body),
        );
    }
    let users: Vec<_> = (0..7)
        .map(|id| serde_json::json!({ "userId": id.to_string() }))
        .collect();
    let body = serde_json::json!({ "users": users }).to_string();
    fake.respond_next(
        Operation::GetUsers,
        StubResponse::new(200).unwrap().body(body),
    );
    let ids: Vec<_> = authress
        .users()
        .get_users()
        .limit(2)
        .stream()
        .map_ok(|user| user.user_id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6"]);
    assert_eq!(fake.request_count(), 21);
}

#[tokio::test]
async fn prefetches_in_order_up_to_the_bound() {
    let (fake, authress) = start().await;
    for ahead in [1, 3, 9] {
        let before = fake.request_count();
        let list = authress
            .users()
            .get_users()
            .limit(LIMIT)
            .with_prefetch(ahead);
        let mut pages = list.pages();
        tokio::task::yield_now().await;
        assert_eq!(
            fake.request_count(),
            before,
            "nothing is sent before the first poll"
        );
        let mut count = 1;
        let mut ids: Vec<_> = pages.try_next().await.unwrap().unwrap().into_users();
        until(|| fake.request_count() == before + 1 + ahead).await;
        // Without polling, no further page is fetched.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(fake.request_count(), before + 1 + ahead);
        while let Some(page) = pages.try_next().await.unwrap() {
            count += 1;
            ids.extend(page.into_users());
        }
        let ids: Vec<_> = ids.into_iter().map(|user| user.user_id).collect();
        assert_eq!((count, &ids), (PAGES, &fake.user_ids()));
        assert_eq!(fake.request_count() - before, PAGES);
    }
}

#[tokio::test]
async fn dropping_a_stream_cancels_its_request_and_its_task() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    for ahead in [None, Some(3)] {
        let (fake, authress) = start().await;
        let mut list = authress.users().get_users().limit(LIMIT);
        if let Some(pages) = ahead {
            list = list.with_prefetch(pages);
        }
        // The second page is in flight and never arrives.
        fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
        fake.fail_next(
            Operation::GetUsers,
            Fault::Delay(Duration::from_secs(3_600)),
        );
        let mut users = list.stream();
        let drain = async { while users.next().await.is_some() {} };
        tokio::select! {
            () = until(|| fake.request_count() == 2) => {}
            () = drain => unreachable!("it takes an hour"),
        }
        drop(users);
        until(|| fake.open_connections() == 0).await;
        drop(authress);
        until(|| tasks() == 0).await;
    }
}
