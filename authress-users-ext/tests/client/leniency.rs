//! Imperfect responses do not stop the work: what is readable is delivered, and nothing is lost
//! without a trace.

use std::fmt::Write as _;

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::{AuthressClient, ErrorKind, Page};
use fastrand::Rng;
use serde_json::{Value, json};

use crate::telemetry::recorded_by;
use crate::{SECRET, assert_shows_nothing, start};

const NEXT: &str = r#""pagination":{"next":{"cursor":"c1"}}"#;

async fn page_of(
    fake: &MockAuthress,
    authress: &AuthressClient,
    body: &[u8],
) -> Result<Page, ErrorKind> {
    fake.respond_next(
        Operation::GetUsers,
        StubResponse::new(200).unwrap().body(body),
    );
    let page = authress.users().get_users().await;
    page.map_err(|error| {
        assert_shows_nothing(&error);
        error.kind()
    })
}

fn ids(page: &Page) -> Vec<&str> {
    page.iter().map(|user| &*user.user_id).collect()
}

#[tokio::test]
async fn strings_that_are_not_unicode_are_repaired() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for (name, expected) in [
        (&br"Ada \ud83d"[..], "Ada \u{fffd}"),
        (br"\udf89\ud83c Ada", "\u{fffd}\u{fffd} Ada"),
        (br"\ud83c\ud83c\udf89", "\u{fffd}🎉"),
        (b"Andr\xe9", "Andr\u{fffd}"),
        (b"A\tda", "A\tda"),
        (br"A\da", "A\u{fffd}da"),
        (br"\ud83c\udf89", "🎉"),
    ] {
        let user = [br#"{"userId":"b","name":""#, name, br#""}"#].concat();
        let body = [
            br#"{"users":[{"userId":"a"},"#,
            &*user,
            b"],",
            NEXT.as_bytes(),
            b"}",
        ]
        .concat();
        for body in [body.clone(), [b"\xef\xbb\xbf", &*body].concat()] {
            let page = page_of(&fake, &authress, &body).await.unwrap();
            assert_eq!(ids(&page), ["a", "b"]);
            assert_eq!(page.users()[1].name.as_deref(), Some(expected));
            assert_eq!(page.next_cursor(), Some("c1"));
            assert!(page.skipped().is_empty());
            assert_eq!(&page.body()[..], body);
        }
        fake.respond_next(
            Operation::GetUser,
            StubResponse::new(200).unwrap().body(user),
        );
        let user = authress.users().get_user("b").await.unwrap();
        assert_eq!(user.name.as_deref(), Some(expected));
    }
}

#[tokio::test]
async fn a_malformed_user_is_skipped_and_kept_as_received() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for malformed in [
        r#"{"userId":"b","name":7}"#,
        r#"{"name":"sekrit"}"#,
        r#"{"userId":null}"#,
        r#"{"userId":["b"], "email": "sekrit"}"#,
        r#"{"userId":"b","picture":{"sekrit":1}}"#,
        r#"{"userId":7,"name":"sekrit \ud83d"}"#,
        r#"{"userId":"b","userId":"c"}"#,
        "null",
        "7",
        r#""sekrit""#,
        "[]",
        "{}",
        r#"{"userId":"b\ud83d"}"#,
    ] {
        let body = format!(r#"{{"users":[{{"userId":"a"}},{malformed},{{"userId":"z"}}],{NEXT}}}"#);
        let mut page = None;
        let log = recorded_by(async {
            page = page_of(&fake, &authress, body.as_bytes()).await.ok();
        });
        // The fake logs too.
        let log = log.await;
        let log: String = log
            .lines()
            .filter(|line| line.contains("authress_users_ext"))
            .collect();
        let page = page.unwrap();
        assert_eq!(ids(&page), ["a", "z"], "{malformed}");
        assert_eq!(page.next_cursor(), Some("c1"));
        let [skipped] = page.skipped() else {
            panic!("{malformed}: {}", page.skipped().len());
        };
        assert_eq!((skipped.position(), skipped.json()), (1, malformed));
        assert!(
            log.contains("skipped a user") && log.contains("position=1"),
            "{log}"
        );
        let shown = format!("{skipped:?} {page:?} {log}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn a_user_whose_id_is_not_unicode_is_skipped() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    let body =
        [&br#"{"users":[{"userId":"\u00e9"},{"userId":"\xe9"},{"userId":"a","name":"\xe9"}],"#[..]];
    let body = [&body.concat()[..], NEXT.as_bytes(), b"}"].concat();
    let body = String::from_utf8(body).unwrap().replace("\\xe9", "\u{e9}");
    let latin1: Vec<u8> = body
        .chars()
        .map(|character| u8::try_from(character).unwrap())
        .collect();
    let page = page_of(&fake, &authress, &latin1).await.unwrap();
    assert_eq!(ids(&page), ["é", "a"]);
    assert_eq!(page.users()[1].name.as_deref(), Some("\u{fffd}"));
    assert_eq!(page.skipped()[0].json(), "{\"userId\":\"\u{fffd}\"}");
    assert_eq!(page.next_cursor(), Some("c1"));
    let damaged = latin1.windows(2).position(|pair| pair == b"c1").unwrap();
    let mut body = latin1;
    body[damaged] = 0xe9;
    let error = page_of(&fake, &authress, &body).await.unwrap_err();
    assert_eq!(error, ErrorKind::InvalidBody);
}

#[tokio::test]
async fn an_array_in_place_of_an_object_does_not_end_the_list() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for body in [
        r#"{"users":[{"userId":"a"}],"pagination":[{"next":{"cursor":"c1"}}]}"#,
        r#"{"users":[{"userId":"a"}],"pagination":[null]}"#,
        r#"{"users":[{"userId":"a"}],"pagination":{"next":["c1"]}}"#,
        r#"{"users":[{"userId":"a"}],"pagination":{"next":[null]}}"#,
        r#"[null,null,[{"userId":"a"}]]"#,
    ] {
        let page = page_of(&fake, &authress, body.as_bytes()).await;
        assert_eq!(page.unwrap_err(), ErrorKind::InvalidBody, "{body}");
    }
    let body =
        r#"{"users":[{"userId":"a"}],"links":[null,null],"pagination":{"next":{"cursor":"c1"}}}"#;
    let page = page_of(&fake, &authress, body.as_bytes()).await.unwrap();
    assert_eq!((ids(&page), page.next_cursor()), (vec!["a"], Some("c1")));
}

#[tokio::test]
async fn a_stream_continues_past_malformed_users_and_keeps_them() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for body in [
        r#"{"users":[{"userId":1},{"userId":"a"}],"pagination":{"next":{"cursor":"c1"}}}"#,
        r#"{"users":[{}],"pagination":{"next":{"cursor":"c2"}}}"#,
        r#"{"users":[{"userId":"b"},{"userId":"c","name":"\ud83d"}]}"#,
    ] {
        fake.respond_next(
            Operation::GetUsers,
            StubResponse::new(200).unwrap().body(body),
        );
    }
    let mut users = authress.users().get_users().stream();
    let mut ids = Vec::new();
    while let Some(user) = users.try_next().await.unwrap() {
        ids.push(user.user_id);
    }
    assert_eq!(ids, ["a", "b", "c"]);
    let skipped: Vec<_> = users
        .skipped()
        .iter()
        .map(|user| user.json().to_owned())
        .collect();
    assert_eq!(skipped, [r#"{"userId":1}"#, "{}"]);
    assert_eq!(users.take_skipped().len(), 2);
    assert!(users.skipped().is_empty());
}

#[tokio::test]
async fn malformed_members_that_are_not_needed_are_ignored() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for members in [
        r#""links":7"#,
        r#""links":{"self":{"href":7}}"#,
        r#""links":{"self":{"href":"\ud83d"}}"#,
        r#""links":[],"links":"sekrit""#,
        r#""other":"\ud83d","":1e999"#,
    ] {
        for body in [
            format!(r#"{{"users":[{{"userId":"a"}}],{members},{NEXT}}}"#),
            format!(r#"{{{members},{NEXT},"users":[{{"userId":"a"}}]}}"#),
        ] {
            let page = page_of(&fake, &authress, body.as_bytes()).await.unwrap();
            assert_eq!(
                (ids(&page), page.next_cursor()),
                (vec!["a"], Some("c1")),
                "{body}"
            );
        }
    }
    for pagination in [
        r#"{"next":{"cursor":"c1","limit":"\ud83d"},"total":"sekrit"}"#,
        r#"{"total":[],"next":{"cursor":"c1"}}"#,
    ] {
        let body = format!(r#"{{"users":[7],"pagination":{pagination}}}"#);
        let page = page_of(&fake, &authress, body.as_bytes()).await.unwrap();
        assert_eq!((page.skipped().len(), page.next_cursor()), (1, Some("c1")));
    }
}

#[tokio::test]
async fn an_unreadable_cursor_is_an_error_and_not_the_end() {
    let (fake, authress) = start(MockAuthress::builder()).await;
    for pagination in [
        r#""c1""#,
        "7",
        "[]",
        r#"["c1"]"#,
        r#"{"next":"c1"}"#,
        r#"{"next":[]}"#,
        r#"{"next":{"cursor":7}}"#,
        r#"{"next":{"cursor":["c1"]}}"#,
        r#"{"next":{"cursor":"c\ud83d"}}"#,
    ] {
        for user in [r#"{"userId":"a"}"#, "7"] {
            let body = format!(r#"{{"users":[{user}],"pagination":{pagination}}}"#);
            let error = page_of(&fake, &authress, body.as_bytes())
                .await
                .unwrap_err();
            assert_eq!(error, ErrorKind::InvalidBody, "{body}");
        }
    }
    for body in [
        "{}",
        "[]",
        r#"{"users":null}"#,
        r#"{"users":{}}"#,
        r#"{"users":[{"userId":"a"}"#,
    ] {
        let error = page_of(&fake, &authress, body.as_bytes())
            .await
            .unwrap_err();
        assert_eq!(error, ErrorKind::InvalidBody, "{body}");
    }
    // A replacement character that the server sent is part of the cursor.
    for cursor in ["c\u{fffd}", r"c\ufffd"] {
        let body = format!(r#"{{"users":[],"pagination":{{"next":{{"cursor":"{cursor}"}}}}}}"#);
        let page = page_of(&fake, &authress, body.as_bytes()).await.unwrap();
        assert_eq!(page.next_cursor(), Some("c\u{fffd}"));
    }
}

/// A page of users, and what was done to it.
struct Mutated {
    body: Vec<u8>,
    /// The ids of the users that are still well-formed.
    intact: Vec<String>,
    what: String,
}

/// Returns a valid page in which one user at most was changed, in a way that leaves the structure of the
/// JSON intact.
fn mutated(rng: &mut Rng) -> Mutated {
    let count = rng.usize(1..8);
    let texts = ["Ada", "", "ü🎉", "\"\\/\u{8}\u{1f}", "\u{fffd}", "[{,:"];
    let users: Vec<Value> = (0..count)
        .map(|number| {
            let mut user = json!({ "userId": format!("user-{number}") });
            for member in ["name", "email", "picture", "other"] {
                match rng.u8(..3) {
                    0 => {}
                    1 => user[member] = Value::Null,
                    _ => user[member] = json!(rng.choice(texts)),
                }
            }
            user
        })
        .collect();
    let mut intact: Vec<String> = (0..count).map(|number| format!("user-{number}")).collect();
    let target = rng.usize(..count);
    let mut parts: Vec<Vec<u8>> = users
        .iter()
        .map(|user| user.to_string().into_bytes())
        .collect();
    let mut links = json!({ "self": { "href": "https://example.com" } });
    let malformed = [
        json!(7),
        json!(true),
        json!([]),
        json!({}),
        json!(["a"]),
        json!(-1.5e300),
    ];
    let what = match rng.u8(..7) {
        0 => {
            // A member of another type, or missing.
            let mut user = users[target].clone();
            let member = ["userId", "name", "email", "picture"][rng.usize(..4)];
            user[member] = malformed[rng.usize(..malformed.len())].clone();
            if member == "userId" && rng.bool() {
                user.as_object_mut().unwrap().remove(member);
            }
            parts[target] = user.to_string().into_bytes();
            intact.remove(target);
            format!("{member} of user {target}")
        }
        1 => {
            // Not an object.
            let other = malformed[rng.usize(..malformed.len())].to_string();
            parts[target] = other.into_bytes();
            intact.remove(target);
            format!("user {target}")
        }
        2 => {
            links = malformed[rng.usize(..malformed.len())].clone();
            "links".to_owned()
        }
        3 => {
            // Bytes within a string of a user, who stays well-formed.
            let noise: Vec<u8> = (0..rng.usize(1..6))
                .map(|_| rng.u8(..))
                .filter(|byte| !b"\"\\".contains(byte))
                .collect();
            with_name(&mut parts[target], target, &noise);
            format!("bytes {noise:?} in user {target}")
        }
        4 => {
            let mut units = String::new();
            for _ in 0..rng.usize(1..4) {
                let _ = write!(units, "\\u{:04x}", rng.u16(0xd7f0..0xe010));
            }
            with_name(&mut parts[target], target, units.as_bytes());
            format!("escapes {units} in user {target}")
        }
        5 => {
            let escape = [b'\\', *rng.choice(b"xaU01 '-").unwrap()];
            with_name(&mut parts[target], target, &escape);
            format!("escape {escape:?} in user {target}")
        }
        _ => "nothing".to_owned(),
    };
    let mut members = [
        [&br#""users":["#[..], &parts.join(&b','), b"]"].concat(),
        NEXT.as_bytes().to_vec(),
        format!(r#""links":{links}"#).into_bytes(),
        br#""more":[1,{"users":[]}]"#.to_vec(),
    ];
    rng.shuffle(&mut members);
    let mut body = [b"{", &*members.join(&b','), b"}"].concat();
    if rng.u8(..4) == 0 {
        body.splice(..0, *b"\xef\xbb\xbf");
    }
    Mutated { body, intact, what }
}

fn with_name(user: &mut Vec<u8>, number: usize, name: &[u8]) {
    *user = [
        format!(r#"{{"userId":"user-{number}","name":""#).as_bytes(),
        name,
        br#"","email":"x"}"#,
    ]
    .concat();
}

/// `LENIENCY_SEED` repeats a run.
#[tokio::test]
async fn every_well_formed_user_and_the_cursor_survive_mutations() {
    let given = std::env::var("LENIENCY_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|_| fastrand::u64(..));
    println!("LENIENCY_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let (fake, authress) = start(MockAuthress::builder()).await;
    for _ in 0..1_000 {
        let Mutated { body, intact, what } = mutated(&mut rng);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let page = page_of(&fake, &authress, &body).await;
        let page = page.unwrap_or_else(|kind| panic!("{what}: {kind}: {shown}"));
        assert_eq!(ids(&page), intact, "{what}: {shown}");
        assert_eq!(page.next_cursor(), Some("c1"), "{what}: {shown}");
        let all = page.users().len() + page.skipped().len();
        assert_eq!(
            all,
            intact.len() + usize::from(what.contains("user ") && page.skipped().len() == 1)
        );
        // Any single byte: every user that an ordinary parser reads is delivered, unless the list or
        // the cursor is unreadable.
        let mut damaged = body.clone();
        let position = rng.usize(..damaged.len());
        damaged[position] = rng.u8(..);
        let page = page_of(&fake, &authress, &damaged).await;
        if let Ok(read) = serde_json::from_slice::<Value>(&damaged) {
            let Ok(page) = page else {
                assert!(!is_page(&read), "byte {position} of {shown}");
                continue;
            };
            let users = read["users"].as_array().unwrap();
            let well_formed: Vec<_> = users.iter().filter(|user| is_user(user)).collect();
            let well_formed: Vec<_> = well_formed
                .iter()
                .map(|user| user["userId"].as_str().unwrap())
                .collect();
            assert_eq!(ids(&page), well_formed, "byte {position} of {shown}");
            assert_eq!(users.len(), page.users().len() + page.skipped().len());
            let cursor = read
                .pointer("/pagination/next/cursor")
                .and_then(Value::as_str);
            assert_eq!(page.next_cursor(), cursor, "byte {position} of {shown}");
        }
    }
}

/// Whether the list and the cursor can be read.
fn is_page(page: &Value) -> bool {
    let is_text = |value: &Value| value.is_null() || value.is_string();
    let is_object = |value: &Value| value.is_null() || value.is_object();
    let pagination = &page["pagination"];
    page["users"].is_array()
        && is_object(pagination)
        && is_object(&pagination["next"])
        && is_text(&pagination["next"]["cursor"])
}

fn is_user(user: &Value) -> bool {
    let is_text = |member: &str| {
        matches!(
            user.get(member),
            None | Some(Value::Null | Value::String(_))
        )
    };
    user["userId"].is_string() && ["name", "email", "picture"].into_iter().all(is_text)
}
