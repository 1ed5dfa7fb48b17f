//! The spec restricts ids by patterns, and the generated types check characters instead: both must
//! accept the same ids.

#![expect(clippy::unwrap_used, reason = "a test that fails may panic")]

use authress_users_client::DOCUMENT;
use authress_users_client::types::{TenantId, UserId};
use proptest::prelude::*;
use regress::Regex;
use serde_json::Value;

/// The pattern and the length limits of a schema.
struct Rule {
    pattern: Regex,
    lengths: std::ops::RangeInclusive<usize>,
}

impl Rule {
    fn of(schema: &str) -> Self {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let schema = &document["components"]["schemas"][schema];
        let length = |name: &str| usize::try_from(schema[name].as_u64().unwrap()).unwrap();
        Self {
            pattern: Regex::new(schema["pattern"].as_str().unwrap()).unwrap(),
            lengths: length("minLength")..=length("maxLength"),
        }
    }

    fn allows(&self, text: &str) -> bool {
        self.lengths.contains(&text.chars().count()) && self.pattern.find(text).is_some()
    }
}

fn check(user_id: &Rule, tenant_id: &Rule, text: &str) {
    assert_eq!(
        UserId::try_from(text).is_ok(),
        user_id.allows(text),
        "user id {text:?}"
    );
    assert_eq!(
        TenantId::try_from(text).is_ok(),
        tenant_id.allows(text),
        "tenant id {text:?}"
    );
}

#[test]
fn types_accept_the_characters_that_the_spec_accepts() {
    let (user_id, tenant_id) = (Rule::of("UserId"), Rule::of("TenantId"));
    let beyond = [
        '\u{d7ff}',
        '\u{e000}',
        '\u{feff}',
        '\u{ffff}',
        '\u{10000}',
        '\u{10ffff}',
    ];
    for character in ('\0'..='\u{3100}').chain(beyond) {
        for text in [
            format!("{character}"),
            format!("a{character}b"),
            format!(".{character}"),
        ] {
            check(&user_id, &tenant_id, &text);
        }
    }
}

#[test]
fn types_have_the_limits_of_the_spec() {
    let (user_id, tenant_id) = (Rule::of("UserId"), Rule::of("TenantId"));
    for text in [
        "", ".", "..", "...", ".\n", "..\n", "a..", "..a", "\n", "a\n",
    ] {
        check(&user_id, &tenant_id, text);
    }
    for length in [1, 127, 128, 129] {
        check(&user_id, &tenant_id, &"a".repeat(length));
        check(&user_id, &tenant_id, &"ü".repeat(length));
    }
}

proptest! {
    #[test]
    fn types_accept_the_texts_that_the_spec_accepts(
        text in prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9_.:|@ /\\\\-]{0,130}",
            "[.]{0,4}[a-z\n\\x00-\\xa0]{0,3}",
        ],
    ) {
        check(&Rule::of("UserId"), &Rule::of("TenantId"), &text);
    }
}
