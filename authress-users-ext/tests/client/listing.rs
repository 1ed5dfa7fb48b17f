use std::collections::HashSet;
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation, StubResponse};
use authress_users_ext::{ErrorKind, Page};
use futures::{StreamExt, TryStreamExt};

use crate::clock::TestClock;
use crate::{client_of, start};

#[tokio::test]
async fn a_stream_yields_each_user_once_and_in_order() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1_000)).await;
    for limit in [None, Some(100), Some(33), Some(7)] {
        let mut request = authress.users().get_users();
        if let Some(limit) = limit {
            request = request.limit(limit);
        }
        let before = fake.request_count();
        let ids: Vec<_> = request
            .stream()
            .map_ok(|user| user.user_id)
            .try_collect()
            .await
            .unwrap();
        assert_eq!(ids, fake.user_ids(), "{limit:?}");
        let size = limit.unwrap_or(100) as usize;
        assert_eq!(fake.request_count() - before, 1_000_usize.div_ceil(size));
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_list_resumes_at_any_page() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(50)).await;
    let all = fake.user_ids();
    let mut pages = authress.users().get_users().limit(8).pages();
    let mut before = 0;
    while let Some(page) = pages.try_next().await.unwrap() {
        before += page.users().len();
        let Some(cursor) = page.next_cursor() else {
            break;
        };
        assert_eq!(pages.cursor(), Some(cursor));
        let rest: Vec<_> = authress
            .users()
            .get_users()
            .limit(8)
            .cursor(cursor)
            .stream()
            .map_ok(|user| user.user_id)
            .try_collect()
            .await
            .unwrap();
        assert_eq!(rest, all[before..]);
    }
    assert_eq!(before, 50);
}

#[tokio::test]
async fn filter_and_tenant_apply_to_all_pages() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(40).tenant("acme")).await;
    let ids: HashSet<_> = fake.user_ids().into_iter().step_by(3).collect();
    for id in &ids {
        authress.users().link_tenant_user("acme", id).await.unwrap();
    }
    let listed: HashSet<_> = authress
        .users()
        .get_users()
        .tenant_id("acme")
        .limit(4)
        .stream()
        .map_ok(|user| user.user_id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(listed, ids);
    assert!(
        fake.requests()
            .iter()
            .filter(|request| request.method() == "GET")
            .all(|request| request.query("tenantId") == Some("acme"))
    );
}

#[tokio::test]
async fn an_empty_list_ends_at_once() {
    let (_fake, authress) = start(MockAuthress::builder().strict()).await;
    let mut users = authress.users().get_users().stream();
    assert!(users.try_next().await.unwrap().is_none());
    assert!(users.try_next().await.unwrap().is_none());
    assert_eq!(users.cursor(), None);
}

#[tokio::test]
async fn a_list_ends_without_a_next_cursor() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    for end in [
        r#"{"users":[]}"#,
        r#"{"users":[],"pagination":null,"links":null}"#,
        r#"{"users":[],"pagination":{}}"#,
        r#"{"users":[],"pagination":{"next":null},"links":{}}"#,
        r#"{"users":[],"pagination":{"next":{}}}"#,
        r#"{"users":[],"pagination":{"next":{"cursor":null}}}"#,
        r#"{"users":[],"pagination":{"next":{"cursor":""}},"links":{"self":null,"next":null}}"#,
    ] {
        fake.respond_next(Operation::GetUsers, page(end));
        let count = authress.users().get_users().stream().count().await;
        assert_eq!(count, 0, "{end}");
    }
}

#[tokio::test]
async fn unusual_users_are_read() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    fake.respond_next(
        Operation::GetUsers,
        page(
            r#"{"users":[{"userId":""},{"userId":"..","name":null,"email":null,"picture":null},
               {"userId":"\\","isOdd":{"deeply":[1]}}],"surprise":1}"#,
        ),
    );
    let ids: Vec<_> = authress
        .users()
        .get_users()
        .stream()
        .map_ok(|user| user.user_id)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, ["", "..", "\\"]);
}

#[tokio::test]
async fn a_cursor_that_was_used_before_is_an_error() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    for cursor in ["a", "b", "a"] {
        fake.respond_next(Operation::GetUsers, page(&format!(
            r#"{{"users":[{{"userId":"{cursor}"}}],"pagination":{{"next":{{"cursor":"{cursor}"}}}}}}"#
        )));
    }
    let mut pages = authress.users().get_users().pages();
    for _ in 0..3 {
        assert!(pages.try_next().await.unwrap().is_some());
    }
    let error = pages.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Pagination);
    assert!(error.to_string().contains("cursor"), "{error}");
    assert!(pages.try_next().await.unwrap().is_none());
    assert_eq!(fake.request_count(), 3);
}

#[tokio::test]
async fn a_failed_stream_returns_the_cursor_to_resume_at() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(30)).await;
    let mut users = authress.users().get_users().limit(10).stream();
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(users.try_next().await.unwrap().unwrap().user_id);
    }
    fake.respond_next(Operation::GetUsers, StubResponse::new(404).unwrap());
    assert!(users.try_next().await.unwrap_err().is_not_found());
    assert!(
        users.try_next().await.unwrap().is_none(),
        "a stream ends after its error"
    );
    let cursor = users.cursor().unwrap().to_owned();
    let rest = authress
        .users()
        .get_users()
        .limit(10)
        .cursor(cursor)
        .stream();
    ids.extend(
        rest.map_ok(|user| user.user_id)
            .try_collect::<Vec<_>>()
            .await
            .unwrap(),
    );
    assert_eq!(ids, fake.user_ids());
}

#[tokio::test]
async fn pages_report_their_attempts_and_duration() {
    let fake = MockAuthress::builder().users(30).start().await.unwrap();
    let clock = TestClock::new();
    let authress = client_of(&fake).clock(clock).build().unwrap();
    for prefetch in [None, Some(2)] {
        fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
        fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
        let list = authress.users().get_users().limit(10);
        let pages = match prefetch {
            Some(pages) => list.with_prefetch(pages).pages(),
            None => list.pages(),
        };
        let pages: Vec<_> = pages.try_collect().await.unwrap();
        let attempts: Vec<_> = pages.iter().map(Page::attempts).collect();
        assert_eq!(attempts, [1, 2, 1]);
        let backoff = Duration::from_millis(100);
        assert_eq!(pages[1].elapsed(), backoff);
        assert!(pages[0].elapsed().is_zero());
    }
    // Equal pages may come from different calls.
    let list = || authress.users().get_users().limit(10);
    fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
    let (slow, fast) = (list().await.unwrap(), list().await.unwrap());
    assert_eq!((slow.attempts(), fast.attempts()), (2, 1));
    assert_eq!(slow, fast);
}

#[tokio::test]
async fn invalid_parameters_are_not_sent() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    let list = || authress.users().get_users();
    for (request, name, reason) in [
        (list().limit(0), "limit", "between 1 and 100"),
        (list().limit(101), "limit", "between 1 and 100"),
        (list().limit(u32::MAX), "limit", "between 1 and 100"),
        (list().filter("x".repeat(65)), "filter", "64 characters"),
        (list().cursor(""), "cursor", "empty"),
        (list().tenant_id("a b"), "tenant_id", "U+0020 (space)"),
    ] {
        let error = request.await.unwrap_err();
        assert!(error.is_invalid_input());
        let shown = error.to_string();
        assert!(shown.contains(name) && shown.contains(reason), "{shown}");
        assert_eq!((error.operation(), error.attempts()), (Some("getUsers"), 0));
    }
    assert_eq!(fake.request_count(), 0);
    list().limit(1).filter("x".repeat(64)).await.unwrap();
    list().limit(100).filter("ü".repeat(64)).await.unwrap();
    fake.assert_no_findings();
}

fn page(body: &str) -> StubResponse {
    StubResponse::new(200)
        .unwrap()
        .header("content-type", "application/links+json")
        .unwrap()
        .body(body.to_owned())
}
