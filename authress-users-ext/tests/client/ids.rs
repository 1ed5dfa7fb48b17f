use authress_users_client::types::{TenantId, UserId};
use authress_users_contract::MockAuthress;
use authress_users_ext::Error;
use proptest::prelude::*;

use crate::start;

/// Ids that no operation accepts, for users or for tenants.
const UNSAFE: [(&str, &str); 7] = [
    ("", "empty"),
    (".", "`.`"),
    ("..", "`..`"),
    ("a\\b", "backslash"),
    ("a\nb", "U+000A (line feed) at position 2"),
    ("a\u{7f}", "U+007F (delete) at position 2"),
    ("\0", "U+0000 (null) at position 1"),
];

/// Ids of users that no operation accepts; for tenants, only letters, digits and `-_.:` are valid.
const UNSAFE_USERS: [(&str, &str); 31] = [
    ("\u{feff}a", "U+FEFF (byte order mark) at position 1"),
    ("ü\u{200b}b", "U+200B (zero width space) at position 2"),
    ("a\u{ad}b", "U+00AD (soft hyphen) at position 2"),
    ("a\u{a0}", "U+00A0 (no-break space) at position 2"),
    ("a\u{3000}b", "U+3000 (ideographic space) at position 2"),
    ("a\u{85}", "U+0085 (control character) at position 2"),
    ("a\u{2028}b", "U+2028 (line separator) at position 2"),
    ("a\u{2029}", "U+2029 (paragraph separator) at position 2"),
    ("a\u{202e}b", "U+202E (bidirectional control) at position 2"),
    ("a\u{2060}b", "U+2060 (word joiner) at position 2"),
    ("a\u{180e}b", "U+180E"),
    ("a\u{fffb}b", "U+FFFB"),
    ("😀\u{1d173}", "U+1D173"),
    ("a\u{e0041}", "U+E0041 (tag character) at position 2"),
    (" a", "U+0020 (space) at position 1"),
    ("ab ", "U+0020 (space) at position 3"),
    (" ", "U+0020 (space) at position 1"),
    ("\"a\"", "U+0022 (quotation mark) at position 1"),
    ("'a b'", "U+0027 (apostrophe) at position 1"),
    ("`a`", "U+0060 (backtick) at position 1"),
    ("\u{201c}a\u{201d}", "U+201C (quotation mark) at position 1"),
    ("«a»", "U+00AB (quotation mark) at position 1"),
    ("../..", "`..`"),
    ("a/../b", "`..`"),
    ("a/./b", "`.`"),
    ("a/..", "`..`"),
    ("./a", "`.`"),
    ("..;", "`..`"),
    ("..;x=1", "`..`"),
    (".;x", "`.`"),
    ("a/..;x/b", "`..`"),
];

#[tokio::test]
async fn every_operation_rejects_unsafe_ids() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1).tenant("acme")).await;
    let users = authress.users();
    let long = "x".repeat(129);
    let unsafe_ids = UNSAFE.into_iter().chain([(&*long, "128")]);
    for (id, rule) in unsafe_ids.clone().chain(UNSAFE_USERS) {
        for error in [
            users.get_user(id).await.unwrap_err(),
            users.get_user(id).optional().await.unwrap_err(),
            users.delete_user(id).await.unwrap_err(),
            users.link_tenant_user("acme", id).await.unwrap_err(),
        ] {
            assert_rejected(&error, "user_id", rule);
            let shows_id = id.chars().count() > 3 && error.to_string().contains(id);
            assert!(!shows_id, "{error}");
        }
    }
    for (id, rule) in unsafe_ids {
        for error in [
            users.link_tenant_user(id, "auth0|1").await.unwrap_err(),
            users.get_users().tenant_id(id).await.unwrap_err(),
            users
                .get_users()
                .tenant_id(id)
                .stream()
                .try_next()
                .await
                .unwrap_err(),
        ] {
            assert_rejected(&error, "tenant_id", rule);
        }
    }
    assert_eq!(fake.request_count(), 0);
}

fn assert_rejected(error: &Error, name: &str, rule: &str) {
    let shown = error.to_string();
    assert!(error.is_invalid_input(), "{shown}");
    assert!(
        shown.contains(&format!("{name}: ")) && shown.contains(rule),
        "{name} {rule}: {shown}"
    );
    assert!(shown.ends_with("nothing was sent"), "{shown}");
    assert_eq!(error.attempts(), 0);
}

#[tokio::test]
async fn the_raw_client_rejects_unsafe_ids() {
    let fake = MockAuthress::builder()
        .strict()
        .users(1)
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let http = reqwest::Client::new();
    let raw = authress_users_client::Client::new(
        fake.url().parse().unwrap(),
        http,
        authress_users_client::DirectTransport,
    );
    let long = "x".repeat(129);
    for (id, _) in UNSAFE.into_iter().chain([(&*long, "128")]) {
        let rejections = [
            raw.get_user()
                .user_id(id)
                .send()
                .await
                .map(drop)
                .unwrap_err()
                .to_string(),
            raw.delete_user()
                .user_id(id)
                .send()
                .await
                .map(drop)
                .unwrap_err()
                .to_string(),
            raw.get_users()
                .tenant_id(id)
                .send()
                .await
                .map(drop)
                .unwrap_err()
                .to_string(),
            raw.link_tenant_user()
                .tenant_id(id)
                .body_map(|body| body.user_id("auth0|1"))
                .send()
                .await
                .map(drop)
                .unwrap_err()
                .to_string(),
            raw.link_tenant_user()
                .tenant_id("acme")
                .body_map(|body| body.user_id(id))
                .send()
                .await
                .map(drop)
                .unwrap_err()
                .to_string(),
        ];
        for rejection in rejections {
            let has_reason = ["must not", "shorter than", "longer than"]
                .iter()
                .any(|reason| rejection.contains(reason));
            assert!(has_reason, "{id:?}: {rejection}");
        }
        assert!(UserId::try_from(id).is_err() && TenantId::try_from(id).is_err());
    }
    for (id, rule) in UNSAFE_USERS {
        let request = raw.get_user().user_id(id);
        let rejection = request.send().await.map(drop).unwrap_err().to_string();
        assert!(rejection.contains(rule), "{id:?}: {rejection}");
    }
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn unusual_ids_arrive_unchanged() {
    let (fake, authress) = start(MockAuthress::builder().strict().tenant("acme")).await;
    let long = "ü".repeat(128);
    let ids = [
        "a/b",
        "a|b",
        "a b",
        "a%2e",
        "%2e",
        "%2e%2e",
        "ü",
        "a?b#c",
        "...",
        "..a",
        "a..",
        "a/...",
        "a/",
        "~",
        "+",
        "=",
        ";",
        "a;b/c;..",
        "a..;b",
        "o'brien@example.com",
        "'a",
        "a\"",
        "名前 ñ",
        "(a)!*",
        "a&b=c",
        "%",
        "%zz",
        "me@example.com",
        "😀",
        &*long,
    ];
    for id in ids {
        fake.add_user(id).unwrap();
        assert_eq!(authress.users().get_user(id).await.unwrap().user_id, id);
        authress.users().link_tenant_user("acme", id).await.unwrap();
        assert!(fake.is_linked("acme", id), "{id}");
        authress.users().delete_user(id).await.unwrap();
        assert!(!fake.has_user(id), "{id}");
        // Only unreserved characters are sent as they are.
        let request = fake.requests().pop().unwrap();
        let sent = request.path().strip_prefix("/v1/users/").unwrap();
        let is_encoded = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        assert!(sent.bytes().all(is_encoded), "{sent}");
    }
    for id in ["a-b", "a_b", "a.b", "a:b", "...", "..a"] {
        assert_eq!(
            authress
                .users()
                .get_users()
                .tenant_id(id)
                .await
                .unwrap()
                .users()
                .len(),
            0
        );
        let request = fake.requests().pop().unwrap();
        assert_eq!(request.query("tenantId"), Some(id));
        let error = authress
            .users()
            .link_tenant_user(id, "auth0|1")
            .await
            .unwrap_err();
        assert!(error.is_not_found(), "{id}: {error}");
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn rejects_tenant_ids_that_do_not_match_the_pattern() {
    let (fake, authress) = start(MockAuthress::builder().strict()).await;
    for id in ["a/b", "a|b", "a b", "a%2e", "ü", "a?b#c"] {
        let error = authress
            .users()
            .link_tenant_user(id, "auth0|1")
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("invalid tenant_id: must not contain U+")
        );
    }
    assert_eq!(fake.request_count(), 0);
}

#[test]
fn any_id_arrives_unchanged_or_is_rejected() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (fake, authress) = runtime.block_on(start(MockAuthress::builder().strict()));
    proptest!(ProptestConfig::with_cases(200), |(id in ".{0,140}|[./\\\\%a2eE]{1,6}")| {
        runtime.block_on(async {
            let before = fake.request_count();
            let error = authress.users().get_user(&id).await.unwrap_err();
            if error.is_invalid_input() {
                assert_eq!(fake.request_count(), before);
                assert!(UserId::try_from(&*id).is_err());
            } else {
                assert!(error.is_not_found(), "{error}");
                let request = fake.requests().pop().unwrap();
                assert_eq!(request.path_parameter("userId"), Some(&*id));
            }
        });
    });
}
