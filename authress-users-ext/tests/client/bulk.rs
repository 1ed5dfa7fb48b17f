//! Bulk operations: one result per item, bounded concurrency, and early ends.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AccessToken, AuthressClient, BulkItem, DeleteUser, Deletion, Error, ErrorKind, RetryPolicy,
};
use futures::channel::mpsc;
use futures::stream::{self, FusedStream as _};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use crate::clock::TestClock;
use crate::{SECRET, client_of, fake_with, start, until};

const NEVER: Fault = Fault::Delay(Duration::from_secs(3_600));

async fn users(count: usize) -> (MockAuthress, AuthressClient) {
    start(MockAuthress::builder().strict().users(count)).await
}

/// The deletion of each item, by its index.
fn deletions(items: Vec<BulkItem<DeleteUser>>) -> BTreeMap<u64, Option<Deletion>> {
    let by_index = |item: BulkItem<DeleteUser>| (item.index, item.result.ok());
    items.into_iter().map(by_index).collect()
}

#[tokio::test]
async fn every_item_has_one_result() {
    let (fake, authress) = users(3).await;
    let mut ids = fake.user_ids();
    ids.insert(1, "missing|0".to_owned());
    ids.insert(2, "..".to_owned());
    let items: Vec<_> = authress.users().delete_all(&ids).collect().await;
    assert_eq!(items.len(), ids.len());
    for item in &items {
        assert_eq!(item.id, ids[usize::try_from(item.index).unwrap()]);
        match &item.result {
            Ok(Deletion::AlreadyDeleted) => assert_eq!((item.index, item.attempts), (1, 1)),
            Ok(Deletion::Accepted) => assert!(item.attempts == 1 && !item.elapsed.is_zero()),
            Err(error) => {
                assert_eq!((item.index, item.attempts), (2, 0));
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert_eq!(error.operation(), Some("deleteUser"));
            }
        }
    }
    assert_eq!(fake.request_count(), 4);
    assert!(fake.user_ids().is_empty());
    fake.assert_no_findings();
}

#[tokio::test]
async fn reads_and_links_users() {
    let builder = MockAuthress::builder().strict().users(40).tenant("acme");
    let (fake, authress) = start(builder).await;
    let ids = fake.user_ids();

    let mut pairs: Vec<_> = ids.iter().map(|id| ("acme", id.as_str())).collect();
    pairs.push(("nowhere", &ids[0]));
    let links: Vec<_> = authress.users().link_all(pairs).collect().await;
    assert_eq!(links.len(), 41);
    for link in links {
        match link.result {
            Ok(()) => assert!(fake.is_linked("acme", &link.id.user_id)),
            Err(error) => assert!(error.is_not_found() && link.id.tenant_id == "nowhere"),
        }
    }
    let list = authress.users().get_users().tenant_id("acme").stream();
    let pairs = list.map_ok(|user| ("acme".to_owned(), user.user_id));
    let linked = authress.users().link_stream(pairs).try_collect::<Vec<_>>();
    assert!(linked.await.unwrap().iter().all(|link| link.result.is_ok()));

    let list = authress.users().get_users().limit(7).stream();
    let read = authress
        .users()
        .get_stream(list.map_ok(|user| user.user_id));
    let mut read: Vec<_> = read.try_collect().await.unwrap();
    read.sort_by_key(|item| item.index);
    let read: Vec<_> = read
        .into_iter()
        .map(|item| item.result.unwrap().user_id)
        .collect();
    assert_eq!(read, ids);
    fake.assert_no_findings();
}

#[tokio::test]
async fn deletes_a_list_that_is_piped_into_it() {
    let (fake, authress) = users(250).await;
    let list = authress
        .users()
        .get_users()
        .limit(100)
        .with_prefetch(3)
        .stream();
    let mut items = authress
        .users()
        .delete_stream(list.map_ok(|user| user.user_id));
    let mut count = 0;
    while let Some(item) = items.try_next().await.unwrap() {
        assert_eq!(item.result.unwrap(), Deletion::Accepted);
        count += 1;
    }
    assert_eq!(count, 250);
    assert!(fake.user_ids().is_empty() && items.is_terminated());
    assert!(items.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn makes_as_many_calls_at_once_as_the_concurrency() {
    for (concurrency, expected) in [(None, 16), (Some(1), 1), (Some(5), 5), (Some(1_000), 1_000)] {
        let (fake, authress) = users(0).await;
        for _ in 0..1_000 {
            fake.fail_next(Operation::DeleteUser, NEVER);
        }
        let read = Cell::new(0);
        let ids = (0..2_000).inspect(|_| read.set(read.get() + 1));
        let mut items = authress
            .users()
            .delete_all(ids.map(|number| number.to_string()));
        if let Some(concurrency) = concurrency {
            items = items.with_concurrency(concurrency);
        }
        tokio::select! {
            _ = items.next() => unreachable!("no call ends"),
            () = until(|| fake.request_count() > 0) => {}
        }
        for _ in 0..100 {
            assert!(items.next().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        assert_eq!(read.get(), expected);
        assert!(fake.request_count() <= expected);
    }
}

#[tokio::test]
async fn returns_results_in_the_order_of_completion() {
    let (fake, authress) = users(20).await;
    fake.fail_next(Operation::GetUser, NEVER);
    let mut items = authress
        .users()
        .get_all(fake.user_ids())
        .with_concurrency(2);
    let mut indexes = Vec::new();
    for _ in 0..19 {
        indexes.push(items.next().await.unwrap().index);
    }
    // One of the first two calls got the fault, whichever arrived first.
    let delayed = 1 - indexes[0];
    assert!(delayed <= 1 && !indexes.contains(&delayed), "{indexes:?}");
    assert!(indexes.is_sorted());
    assert!(items.next().now_or_never().is_none());
}

#[tokio::test]
async fn reads_the_input_only_as_calls_complete() {
    let (_fake, authress) = users(0).await;
    let read = Cell::new(0_usize);
    let endless = std::iter::repeat_with(|| {
        read.set(read.get() + 1);
        format!("missing|{}", read.get())
    });
    let mut items = authress.users().delete_all(endless).with_concurrency(4);
    assert_eq!(read.get(), 0, "nothing is read before the first poll");
    for completed in 0..200 {
        assert_eq!(
            items.next().await.unwrap().result.unwrap(),
            Deletion::AlreadyDeleted
        );
        assert!(read.get() <= completed + 4, "{}", read.get());
    }
}

#[tokio::test]
async fn other_calls_of_the_client_complete_while_the_stream_is_not_polled() {
    for limit in [1, 2, 100] {
        let fake = MockAuthress::builder().strict().users(20);
        let fake = fake.start().await.unwrap();
        let client = client_of(&fake).concurrency_limit(limit);
        let authress = client.build().unwrap();
        let ids = fake.user_ids();
        let mut items = authress.users().delete_all(&ids[1..]);
        let mut count = 0;
        while let Some(item) = items.next().await {
            assert_eq!(item.result.unwrap(), Deletion::Accepted);
            // The calls in flight are not polled meanwhile.
            authress.users().get_user(&ids[0]).await.unwrap();
            count += 1;
        }
        assert_eq!(count, 19);
    }
}

#[tokio::test]
async fn reports_results_while_the_input_is_pending() {
    let (fake, authress) = users(2).await;
    let (mut sender, receiver) = mpsc::unbounded::<Result<String, Error>>();
    let mut items = authress.users().delete_stream(receiver);
    for id in fake.user_ids() {
        assert!(items.next().now_or_never().is_none());
        sender.start_send(Ok(id)).unwrap();
        assert!(items.next().await.unwrap().unwrap().result.is_ok());
    }
    assert!(items.next().now_or_never().is_none() && !items.is_terminated());
    drop(sender);
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn an_error_of_the_input_follows_the_results_of_the_calls_in_flight() {
    let (fake, authress) = users(3).await;
    let ids = fake.user_ids().into_iter().map(Ok);
    let failing = ids
        .chain([Err("no more ids")])
        .chain(std::iter::once_with(|| unreachable!("the input has ended")));
    let mut items = authress.users().delete_stream(stream::iter(failing));
    for _ in 0..3 {
        assert!(items.try_next().await.unwrap().unwrap().result.is_ok());
    }
    assert!(!items.is_terminated());
    assert_eq!(items.try_next().await.unwrap_err(), "no more ids");
    assert!(items.is_terminated() && items.try_next().await.unwrap().is_none());
    assert_eq!((fake.request_count(), fake.user_ids().len()), (3, 0));
}

#[tokio::test]
async fn an_error_of_a_piped_list_has_its_cursor() {
    let (fake, authress) = users(10).await;
    fake.fail_next(Operation::GetUsers, Fault::Delay(Duration::ZERO));
    fake.fail_next(Operation::GetUsers, Fault::status(501).unwrap());
    let list = authress.users().get_users().limit(5);
    let read = |list: authress_users_ext::GetUsers| {
        let ids = list.stream().map_ok(|user| user.user_id);
        authress.users().get_stream(ids)
    };
    let mut items = read(list.clone());
    let mut count = 0;
    let error = loop {
        match items.try_next().await {
            Ok(item) => count += usize::from(item.unwrap().result.is_ok()),
            Err(error) => break error,
        }
    };
    assert_eq!((count, error.operation()), (5, Some("getUsers")));
    let rest = read(list.cursor(error.cursor().unwrap()));
    assert_eq!(rest.try_collect::<Vec<_>>().await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_panic_of_the_input_resumes_in_the_caller() {
    let (fake, authress) = users(2).await;
    let panicking = || {
        let ids = fake.user_ids().into_iter();
        ids.chain(std::iter::once_with(|| std::panic::panic_any(SECRET)))
    };
    let mut items = authress.users().get_all(panicking());
    let panic = AssertUnwindSafe(items.next()).catch_unwind().await;
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&SECRET));
    // The calls in flight are still reported.
    assert_eq!(items.collect::<Vec<_>>().await.len(), 2);

    let input = stream::iter(panicking()).map(Ok::<_, Error>);
    let mut items = authress.users().get_stream(input).with_concurrency(1);
    for _ in 0..2 {
        assert!(items.try_next().await.unwrap().unwrap().result.is_ok());
    }
    let panic = AssertUnwindSafe(items.try_next()).catch_unwind().await;
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&SECRET));
}

#[tokio::test]
async fn a_panic_of_the_token_provider_resumes_in_the_caller() {
    let fake = fake_with(0).await;
    let provider = || async { std::panic::panic_any(SECRET) };
    let provider = move || provider().map(Ok::<AccessToken, Error>);
    let client = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(provider);
    let authress = client.build().unwrap();
    let mut items = authress.users().delete_all(["auth0|1"]);
    let panic = AssertUnwindSafe(items.next()).catch_unwind().await;
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&SECRET));
}

#[tokio::test]
async fn dropping_the_stream_cancels_calls_and_input() {
    let (fake, authress) = users(30).await;
    for _ in 0..30 {
        fake.fail_next(Operation::DeleteUser, NEVER);
    }
    let input = Rc::new(());
    let held = input.clone();
    let ids = fake
        .user_ids()
        .into_iter()
        .inspect(move |_| assert!(Rc::strong_count(&held) > 0));
    let mut items = authress.users().delete_all(ids);
    tokio::select! {
        _ = items.next() => unreachable!("no call ends"),
        () = until(|| fake.request_count() > 0) => {}
    }
    drop(items);
    assert_eq!(Rc::strong_count(&input), 1);
    until(|| fake.open_connections() == 0).await;
    drop(authress);
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    until(|| tasks() == 0).await;
}

#[tokio::test]
async fn invalid_options_fail_every_item_and_send_nothing() {
    let (fake, authress) = users(0).await;
    let delete = || authress.users().delete_all(["a", "b", "c"]);
    for (items, expected) in [
        (
            delete().with_concurrency(0),
            "deleteUser: invalid concurrency: must be between 1 and 1000, got 0",
        ),
        (delete().with_concurrency(1_001), "invalid concurrency"),
        (delete().with_concurrency(usize::MAX), "invalid concurrency"),
        (
            delete().with_deadline(Duration::ZERO),
            "deleteUser: invalid deadline",
        ),
        (
            delete().with_retry_policy(RetryPolicy::default().attempts(0)),
            "attempts must be",
        ),
    ] {
        let items: Vec<_> = items.collect().await;
        assert_eq!(items.len(), 3, "{expected}");
        for item in items {
            let error = item.result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.to_string().ends_with("nothing was sent"), "{error}");
        }
    }
    assert_eq!((fake.request_count(), fake.distinct_tokens()), (0, 0));
}

#[tokio::test]
async fn the_options_of_a_call_apply_to_every_item() {
    let fake = fake_with(2).await;
    let clock = TestClock::new();
    let client = client_of(&fake).clock(clock.clone());
    let authress = client.build().unwrap();
    fake.fail_always(503).unwrap();
    let once = authress.users().delete_all(fake.user_ids());
    let items: Vec<_> = once.with_retry_policy(RetryPolicy::none()).collect().await;
    assert!(
        items
            .iter()
            .all(|item| item.attempts == 1 && item.result.is_err())
    );
    let limited = authress.users().delete_all(fake.user_ids());
    let limited = limited
        .with_deadline(Duration::from_secs(3))
        .with_concurrency(1);
    for item in limited.collect::<Vec<_>>().await {
        assert!(item.attempts > 1 && item.elapsed <= Duration::from_secs(3));
    }
    fake.stop_faults();
    fake.ignore_findings();

    // The client's own token is invalid.
    let token = AccessToken::new(fake.access_token()).unwrap();
    let other = AuthressClient::builder().api_url(fake.url());
    let other = other.access_token("e30.e30.e30").build().unwrap();
    let items = other
        .users()
        .delete_all(fake.user_ids())
        .with_access_token(token);
    assert!(
        deletions(items.collect().await)
            .values()
            .all(Option::is_some)
    );
    let items = other.users().delete_all(fake.user_ids());
    assert!(
        deletions(items.collect().await)
            .values()
            .all(Option::is_none)
    );
}

#[tokio::test]
async fn a_delete_whose_response_was_lost_is_accepted() {
    let fake = fake_with(2).await;
    let client = client_of(&fake).clock(TestClock::new());
    let authress = client.build().unwrap();
    let ids = fake.user_ids();
    fake.fail_next(Operation::DeleteUser, Fault::ResetBeforeHeaders);
    let items = authress.users().delete_all(&ids).with_concurrency(1);
    let items: Vec<_> = items.collect().await;
    assert_eq!((items[0].attempts, items[1].attempts), (2, 1));
    let expected = [(0, Some(Deletion::Accepted)), (1, Some(Deletion::Accepted))];
    assert_eq!(deletions(items), expected.into());
    let again = authress.users().delete_all(&ids).collect().await;
    let expected = [
        (0, Some(Deletion::AlreadyDeleted)),
        (1, Some(Deletion::AlreadyDeleted)),
    ];
    assert_eq!(deletions(again), expected.into());
}

#[tokio::test]
async fn debug_shows_no_ids() {
    let (_fake, authress) = users(0).await;
    let mut items = authress
        .users()
        .link_all([(SECRET, SECRET), ("\\", SECRET)]);
    let mut shown = format!("{items:?}");
    while let Some(item) = items.next().await {
        shown = format!("{shown} {item:?} {:?} {items:?}", item.id);
    }
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn streams_are_send_if_their_input_is() {
    fn assert_send<T: Send + Unpin + 'static>(value: T) -> T {
        value
    }
    let (fake, authress) = users(1).await;
    let ids = fake.user_ids();
    let pairs = stream::iter([Ok::<_, Error>(("acme", "auth0|1"))]);
    drop(assert_send(authress.users().link_stream(pairs)));
    drop(assert_send(authress.users().get_all(ids.clone())));
    let mut items = assert_send(
        authress
            .users()
            .delete_stream(stream::iter([Ok::<_, Error>(ids[0].clone())])),
    );
    let task = tokio::spawn(async move { items.try_next().await.unwrap().unwrap() });
    assert!(task.await.unwrap().result.is_ok());
}
