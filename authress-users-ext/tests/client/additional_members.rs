//! Users keep the members that the spec does not name.

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::UserIdentity;
use futures::TryStreamExt as _;
use serde_json::json;

use crate::telemetry::recorded_by;
use crate::{SECRET, start};

#[tokio::test]
async fn every_operation_that_returns_users_keeps_their_members() {
    let ada = json!({
        "userId": "auth0|1",
        "name": "Ada",
        "linkedIdentities": [{ "connection": "google", "userId": "g|1" }],
        "claims": { "score": 0.1, "count": 18_446_744_073_709_551_615_u64, "none": null },
        "": [],
    });
    let (fake, authress) = start(MockAuthress::builder().strict().user(ada.clone())).await;
    let users = authress.users();
    let listed: Vec<_> = users.get_users().stream().try_collect().await.unwrap();
    let page = users.get_users().await.unwrap();
    let one = users.get_user("auth0|1").await.unwrap();
    for user in listed.iter().chain(&page).chain([&one]) {
        assert_eq!(serde_json::to_value(user).unwrap(), ada);
        let linked = user
            .get::<Vec<UserIdentity>>("linkedIdentities")
            .unwrap()
            .unwrap();
        assert_eq!(
            (&*linked[0].user_id, &linked[0].additional["connection"]),
            ("g|1", &json!("google"))
        );
        assert!(user.skipped_members().is_empty());
        assert_eq!(format!("{user:?}"), "UserIdentity { .. }");
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_member_that_cannot_be_represented_is_skipped_and_recorded() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for value in ["1e999", &deep] {
        let malformed = format!(r#"{{"userId":"b","sekrit":{value},"kept":["sekrit"]}}"#);
        let body = |first: &str| format!(r#"{{"users":[{first},{{"userId":"a"}},{malformed}]}}"#);
        // The second page is read user by user.
        for (first, position) in [(r#"{"userId":"x"}"#, 2), (r#"{"userId":7}"#, 2)] {
            let stub = StubResponse::new(200).unwrap().body(body(first));
            fake.respond_next(Operation::GetUsers, stub);
            let mut page = None;
            let recording = recorded_by(async {
                page = authress.users().get_users().await.ok();
            });
            let log = recording.await;
            let page = page.unwrap();
            let user = page.users().last().unwrap();
            assert_eq!(
                (&*user.user_id, user.skipped_members()),
                ("b", &["sekrit".to_owned()][..])
            );
            assert_eq!(
                serde_json::to_value(&user.additional).unwrap(),
                json!({ "kept": ["sekrit"] })
            );
            let warning = log
                .lines()
                .find(|line| line.contains("cannot be represented"))
                .unwrap_or_else(|| panic!("{log}"));
            assert!(
                warning.contains(&format!("position={position}")) && warning.contains("members=1"),
                "{warning}"
            );
            assert!(
                !format!("{warning}{page:?}{user:?}").contains(SECRET),
                "{warning}"
            );
        }
        let stub = StubResponse::new(200).unwrap().body(malformed.clone());
        fake.respond_next(Operation::GetUser, stub);
        let user = authress.users().get_user("b").await.unwrap();
        assert_eq!(user.skipped_members(), ["sekrit"]);
    }
}

#[tokio::test]
async fn pages_with_damaged_strings_and_malformed_users_keep_members() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    let body = concat!(
        r#"{"users":[{"userId":"a","x":"\ud83d","y":1},{"userId":7,"x":1},"#,
        r#"{"x":{"\ud83d":2},"userId":"c","name":"\ud83d"},["e","n","p","d"]]}"#
    );
    for body in [
        body.as_bytes().to_vec(),
        body.replace("\\ud83d", "\u{e9}")
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect(),
    ] {
        let stub = StubResponse::new(200).unwrap().body(body);
        fake.respond_next(Operation::GetUsers, stub);
        let page = authress.users().get_users().await.unwrap();
        let users = serde_json::to_value(page.users()).unwrap();
        assert_eq!(
            users,
            json!([
                { "userId": "a", "x": "\u{fffd}", "y": 1 },
                { "userId": "c", "name": "\u{fffd}", "x": { "\u{fffd}": 2 } },
            ])
        );
        // Arrays are not users.
        let skipped: Vec<_> = page
            .skipped()
            .iter()
            .map(|user| (user.position(), user.json()))
            .collect();
        assert_eq!(
            skipped,
            [(1, r#"{"userId":7,"x":1}"#), (3, r#"["e","n","p","d"]"#)]
        );
        assert!(page.iter().all(|user| user.skipped_members().is_empty()));
    }
}
