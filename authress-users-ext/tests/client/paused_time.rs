//! Calls under paused time, in the way that the guide on testing describes.

use std::sync::mpsc;
use std::time::Duration;

use authress_users_contract::MockAuthress;
use authress_users_ext::Deletion;
use futures::StreamExt as _;
use tokio::time::Instant;

use crate::start;

#[tokio::test(start_paused = true)]
async fn calls_complete_while_a_blocking_task_holds_the_paused_clock() {
    let (_hold, released) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || released.recv());
    let (fake, authress) = start(MockAuthress::builder().strict().users(30)).await;
    let started = Instant::now();
    let users = authress.users();
    let ids = fake.user_ids();

    assert_eq!(users.get_user(&ids[0]).await.unwrap().user_id, ids[0]);
    let mut list = users.get_users().limit(10).with_prefetch(2).stream();
    let mut listed = Vec::new();
    while let Some(user) = list.try_next().await.unwrap() {
        listed.push(user.user_id);
    }
    assert_eq!(listed, ids);
    let deletions: Vec<_> = users.delete_all(ids).collect().await;
    for item in deletions {
        assert_eq!(item.result.unwrap(), Deletion::Accepted);
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
    fake.assert_no_findings();
}
