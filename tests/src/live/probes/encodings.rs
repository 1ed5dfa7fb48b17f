//! Encodings of ids, filters and texts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::filter::{finds, in_different_case};
use crate::live::crawl::id;
use crate::live::known::{KINDS, Known, kinds};
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, encode};
use crate::live::session::{Session, Then};
use crate::rules::{LIVE_DOUBLE_ENCODING, LIVE_ENCODING};

const IDS: Probe = Probe::new(
    Family::Encodings,
    Needs::Reads,
    "users with special characters in their ids",
);
const TWICE: Probe = Probe::new(
    Family::Encodings,
    Needs::Reads,
    "an id that is encoded twice",
);
const CASE: Probe = Probe::new(Family::Encodings, Needs::Reads, "an id in different case");
const PLUS: Probe = Probe::new(
    Family::Encodings,
    Needs::Reads,
    "a plus sign in place of a space in an id",
);
const FILTERS: Probe = Probe::new(
    Family::Encodings,
    Needs::Reads,
    "filters with characters that need encoding",
);
const TEXTS: Probe = Probe::new(Family::Encodings, Needs::Reads, "strings beyond ASCII");
pub(crate) const PROBES: &[&Probe] = &[&IDS, &TWICE, &CASE, &PLUS, &FILTERS, &TEXTS];

/// Reads users by ids in other encodings, and filters by special characters.
pub(crate) async fn run(
    session: &mut Session<'_>,
    known: &Known,
    read: &BTreeSet<&'static str>,
    (is_missing_404, has_filter): (bool, bool),
) {
    name_ids(session, read);
    filter(session, known, has_filter).await;
    if !is_missing_404 {
        return;
    }
    let first = known.users.iter().find_map(id);
    match first {
        Some(id) if session.begin(&TWICE) => {
            expect_missing(session, &twice(id), "an id that is encoded twice").await;
        }
        Some(_) => {}
        None => session.skip(&TWICE, "there is no user"),
    }
    let other = known
        .ids()
        .find_map(|own| in_different_case(own).filter(|other| !known.has(other)));
    match other {
        Some(other) if session.begin(&CASE) => {
            expect_missing(session, &encode(&other), "an id in different case").await;
        }
        Some(_) => {}
        None => session.skip(&CASE, "no id has letters"),
    }
    let spaced = known.ids().find(|id| id.contains(' '));
    match spaced {
        Some(id) if session.begin(&PLUS) => {
            // Only queries of forms encode a space as a plus sign.
            let encoded = encode(id).replace("%20", "+");
            expect_missing(session, &encoded, "a plus sign in place of a space").await;
        }
        Some(_) => {}
        None => session.skip(&PLUS, "no id has a space"),
    }
}

/// Names the kinds of ids that the account does not have.
fn name_ids(session: &mut Session<'_>, read: &BTreeSet<&'static str>) {
    let missing: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| !read.contains(kind))
        .collect();
    if read.is_empty() {
        session.skip(&IDS, "no user has such an id");
        return;
    }
    if session.begin(&IDS) && !missing.is_empty() {
        session.name_gap(
            &IDS,
            &format!("no user has an id with {}", missing.join(", ")),
        );
    }
}

/// Returns an id whose first character is percent-encoded twice.
fn twice(id: &str) -> String {
    let end = id.chars().next().map_or(0, char::len_utf8);
    let (first, rest) = id.split_at(end);
    let mut encoded = String::new();
    for byte in first.bytes() {
        // Writing to a string does not fail.
        let _ = write!(encoded, "%25{byte:02X}");
    }
    encoded + &encode(rest)
}

/// Requires that an encoded id names no user.
async fn expect_missing(session: &mut Session<'_>, encoded: &str, what: &str) {
    let request = LiveRequest::get(format!("/v1/users/{encoded}"));
    let is_met = |sent: &Sent| {
        if sent.is_success() {
            Err("a user".to_owned())
        } else {
            Ok(())
        }
    };
    let expected = format!("404 for {what}");
    session
        .expect(request, &LIVE_ENCODING, &expected, Then::Validate, is_met)
        .await;
}

/// Filters by texts with characters that need encoding.
async fn filter(session: &mut Session<'_>, known: &Known, has_filter: bool) {
    if !known.has_ids {
        session.skip(&FILTERS, "there are no users with ids");
        return;
    }
    if !has_filter {
        session.skip(&FILTERS, "filters do not work at all");
        return;
    }
    let mut tried = BTreeSet::new();
    for (user, kind, part) in special_parts(known) {
        if tried.insert(kind) && session.begin(&FILTERS) {
            let what = format!("a filter with {kind}");
            if !finds(session, &part, user, &LIVE_ENCODING, &what).await {
                return;
            }
        }
    }
    if tried.is_empty() {
        session.skip(&FILTERS, "no name or email has such a character");
    }
}

/// Returns users with a part of a text around a special character.
fn special_parts(known: &Known) -> Vec<(&Value, &'static str, String)> {
    let mut parts = Vec::new();
    for user in &known.users {
        for text in ["name", "email"]
            .iter()
            .filter_map(|member| user[*member].as_str())
        {
            let characters: Vec<char> = text.chars().collect();
            for part in characters.windows(3) {
                let [before, middle, after] = *part else {
                    continue;
                };
                let special = middle.to_string();
                if before.is_alphanumeric()
                    && after.is_alphanumeric()
                    && let Some(kind) = kinds(&special).into_iter().next()
                    && !parts.iter().any(|(_, other, _)| *other == kind)
                {
                    parts.push((user, kind, part.iter().collect()));
                }
            }
        }
    }
    parts
}

/// Reports texts whose UTF-8 was encoded as UTF-8 again, and forgets users with such ids.
pub(crate) fn texts(session: &mut Session<'_>, known: &mut Known, first: Option<&Sent>) {
    let texts = known.users.iter().filter_map(Value::as_object).flatten();
    let texts = texts.filter_map(|(_, value)| value.as_str());
    let mut texts = texts.filter(|text| !text.is_ascii()).peekable();
    if texts.peek().is_none() {
        session.skip(&TEXTS, "no user has such a string");
        return;
    }
    let is_encoded_twice = texts.any(is_encoded_twice);
    if session.begin(&TEXTS)
        && is_encoded_twice
        && let Some(sent) = first
    {
        let expected = "strings that are encoded as UTF-8 once";
        let actual = "a string encoded twice";
        session.report(sent, &LIVE_DOUBLE_ENCODING, expected, actual);
        known
            .users
            .retain(|user| id(user).is_some_and(str::is_ascii));
    }
}

/// Returns whether a text is valid UTF-8 if its characters are read as bytes.
fn is_encoded_twice(text: &str) -> bool {
    let bytes: Option<Vec<u8>> = text
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect();
    bytes.is_some_and(|bytes| !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_encoded_twice_are_recognized() {
        for text in ["Jürgen", "Łukasz", "山田"] {
            let again: String = text.bytes().map(char::from).collect();
            assert!(is_encoded_twice(&again), "{text}");
            assert!(!is_encoded_twice(text), "{text}");
        }
        assert!(!is_encoded_twice("Ada"));
    }

    #[test]
    fn the_first_character_of_an_id_is_encoded_twice() {
        assert_eq!(twice("a|1"), "%2561%7C1");
        assert_eq!(twice("ü1"), "%25C3%25BC1");
        assert_eq!(twice(""), "");
    }
}
