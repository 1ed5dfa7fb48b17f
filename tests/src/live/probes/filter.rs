//! Filters: case-insensitive, by a part of a text, on all pages.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use super::lists::{MAX_PAGES, check_links};
use crate::finding::Rule;
use crate::live::crawl::{Crawl, id};
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, describe_status, encode, is_failure};
use crate::live::session::{Session, Then};
use crate::rules::{LIVE_FILTER, LIVE_NEXT_LINK, LIVE_TENANT};

const NONE: Probe = Probe::new(Family::Filter, Needs::Reads, "a string that no user has");
const PART: Probe = Probe::new(Family::Filter, Needs::Reads, "a part of a string of a user");
const CASE: Probe = Probe::new(Family::Filter, Needs::Reads, "the part in different case");
const PAGES: Probe = Probe::new(
    Family::Filter,
    Needs::Reads,
    "a filtered list in small pages",
);
pub(crate) const PROBES: &[&Probe] = &[&NONE, &PART, &CASE, &PAGES];

/// The shortest and the longest part of a text that is used as a filter.
const MIN_PART: usize = 2;
const MAX_PART: usize = 24;
/// The members that a filter is tried on, in this order.
const MEMBERS: [&str; 3] = ["name", "email", "userId"];

/// Filters the list in several ways. Returns whether filters work, as far as is known.
pub(crate) async fn run(session: &mut Session<'_>, known: &Known) -> bool {
    if !known.has_ids || known.users.is_empty() {
        for probe in PROBES {
            session.skip(probe, "there are no users with ids");
        }
        return true;
    }
    if !session.begin(&NONE) || !matches_nothing(session).await {
        return false;
    }
    let parts = parts_of_texts(known);
    if parts.is_empty() {
        for probe in [&PART, &CASE, &PAGES] {
            session.skip(probe, "no user has a string that is long enough");
        }
        return true;
    }
    for Part { user, word, inner } in &parts {
        if !session.begin(&PART) || !finds(session, inner, user, &LIVE_FILTER, "a part of it").await
        {
            return false;
        }
        // Servers may lower only the filter, or only the texts.
        let others = [in_different_case(inner), Some(word.to_lowercase())];
        for other in others.into_iter().flatten().filter(|other| other != word) {
            let what = "a part of it in different case";
            if session.begin(&CASE) && !finds(session, &other, user, &LIVE_FILTER, what).await {
                return false;
            }
        }
    }
    filter_pages(session, known).await
}

/// Requires that a filter by a random text selects no user.
async fn matches_nothing(session: &mut Session<'_>) -> bool {
    let text = Uuid::new_v4().simple().to_string();
    let request = LiveRequest::filter(&text).public();
    let expected = "no user for a filter that matches none";
    let sent = expect_no_users(session, request, &LIVE_FILTER, expected).await;
    sent.is_some_and(|sent| sent.status() == 200)
}

/// Requires that an unknown tenant has no users.
pub(crate) async fn tenant_is_empty(session: &mut Session<'_>, tenant: &str) -> bool {
    let target = format!("/v1/users?limit=100&tenantId={}", encode(tenant));
    let request = LiveRequest::get(target).public();
    let expected = "no user for a tenant that does not exist";
    let sent = expect_no_users(session, request, &LIVE_TENANT, expected).await;
    // A status that the spec does not document is a finding of another rule.
    sent.is_some()
}

async fn expect_no_users(
    session: &mut Session<'_>,
    request: LiveRequest,
    rule: &Rule,
    expected: &str,
) -> Option<Sent> {
    let is_met = |sent: &Sent| match sent.json()["users"].as_array().map_or(0, Vec::len) {
        0 => Ok(()),
        _ if sent.status() != 200 => Ok(()),
        count => Err(format!("{count} users")),
    };
    session
        .expect(request, rule, expected, Then::Validate, is_met)
        .await
}

/// Requires that a filter finds a user. `what` describes the filter.
pub(crate) async fn finds(
    session: &mut Session<'_>,
    filter: &str,
    user: &Value,
    rule: &Rule,
    what: &str,
) -> bool {
    let Some(sent) = session.send(LiveRequest::filter(filter)).await else {
        return false;
    };
    let expected = format!("the user with the string, for {what}");
    if sent.status() != 200 {
        if is_failure(sent.status()) {
            session.report(&sent, rule, &expected, &describe_status(sent.status()));
        } else {
            session.validate_exchange(&sent);
        }
        return false;
    }
    let body = sent.json();
    let has_next = body["pagination"]["next"]["cursor"]
        .as_str()
        .is_some_and(|cursor| !cursor.is_empty());
    let users = body["users"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if users.iter().any(|own| id(own) == id(user)) {
        session.validate_exchange(&sent);
        return true;
    }
    if has_next {
        // The user may be on a later page.
        let query = format!("limit=100&filter={}", encode(filter));
        let list = Crawl::run(session, &query, MAX_PAGES).await;
        if !list.is_complete() || list.ids().any(|own| Some(own) == id(user)) {
            return true;
        }
    }
    if session
        .send(LiveRequest::user(id(user).unwrap_or_default()))
        .await
        .is_some_and(|again| again.status() == 404)
    {
        session.note_undecided(&sent, rule);
        return false;
    }
    let actual = match users.len() {
        0 => "no user".to_owned(),
        count => format!("{count} other users"),
    };
    session.report(&sent, rule, &expected, &actual);
    false
}

/// A user, a word of one of its texts, and the word without its ends.
struct Part<'a> {
    user: &'a Value,
    word: &'a str,
    inner: String,
}

/// Returns a part of a name and of an email; without both, of an id.
fn parts_of_texts(known: &Known) -> Vec<Part<'_>> {
    let part_of = |member: &str| {
        let of_length = |minimum: usize| {
            known.users.iter().find_map(|user| {
                let mut words = words(user[member].as_str()?);
                let word = words
                    .find(|word| (minimum..=MAX_PART).contains(&word.len()) && has_letter(word))?;
                let inner = word.get(1..word.len() - 1)?.to_owned();
                Some(Part { user, word, inner })
            })
        };
        of_length(6).or_else(|| of_length(MIN_PART + 2))
    };
    let [name, email, id] = MEMBERS.map(part_of);
    let parts: Vec<_> = [name, email].into_iter().flatten().collect();
    if parts.is_empty() {
        id.into_iter().collect()
    } else {
        parts
    }
}

/// Returns the parts of a text that need no encoding.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_ascii_alphanumeric())
}

fn has_letter(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_ascii_alphabetic())
}

/// Returns a text with its letters in the other case; none if it has none.
pub(crate) fn in_different_case(text: &str) -> Option<String> {
    let swapped: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_lowercase() {
                character.to_ascii_uppercase()
            } else {
                character.to_ascii_lowercase()
            }
        })
        .collect();
    (swapped != text).then_some(swapped)
}

/// Compares a filtered list in small pages with the one with limit 100.
async fn filter_pages(session: &mut Session<'_>, known: &Known) -> bool {
    if !known.has_sound_lists {
        return true;
    }
    let Some((filter, count)) = common_part(known) else {
        session.skip(&PAGES, "no string is in two users but not in all");
        return true;
    };
    if !session.begin(&PAGES) {
        return true;
    }
    let query = format!("filter={}", encode(&filter));
    let all = Crawl::run(session, &format!("limit=100&{query}"), MAX_PAGES).await;
    let limit = count.div_ceil(3).clamp(1, 99);
    compare_pages(
        session,
        &all,
        &format!("limit={limit}&{query}"),
        &LIVE_FILTER,
    )
    .await
}

/// Lists users again with a smaller limit. Reports users that only one of both lists has.
pub(crate) async fn compare_pages(
    session: &mut Session<'_>,
    all: &Crawl,
    query: &str,
    rule: &Rule,
) -> bool {
    const MAX_SMALL_PAGES: usize = 5;
    let small = Crawl::run(session, query, MAX_SMALL_PAGES).await;
    if !session.has_found(&LIVE_NEXT_LINK) {
        check_links(session, &small);
    }
    let expected = "the users of the list with limit 100";
    let known = all.id_set();
    let is_other = |id: &str| !known.contains(id);
    if all.is_complete()
        && let Some(page) = small.page_with(is_other)
    {
        session.report(&page.sent, rule, expected, "other users on a page");
        return false;
    }
    let missing = known.difference(&small.id_set()).count();
    if small.is_complete() && missing > 0 {
        if let Some(page) = small.last() {
            let actual = format!("a list without {missing} of them");
            session.report(&page.sent, rule, expected, &actual);
        }
        return false;
    }
    true
}

/// Returns a text that at least two users have but not all, and how many have it.
fn common_part(known: &Known) -> Option<(String, usize)> {
    let texts = |user: &Value| -> String {
        let members = user.as_object().into_iter().flatten();
        let texts: Vec<_> = members.filter_map(|(_, value)| value.as_str()).collect();
        texts.join("\n").to_lowercase()
    };
    let all: Vec<_> = known.users.iter().map(texts).collect();
    let mut tried = HashSet::new();
    let mut best: Option<(String, usize)> = None;
    for user in known.users.iter().take(50) {
        for word in MEMBERS
            .iter()
            .filter_map(|member| user[*member].as_str())
            .flat_map(words)
        {
            let part: String = word
                .chars()
                .take(MAX_PART)
                .collect::<String>()
                .to_lowercase();
            if part.len() < MIN_PART || !tried.insert(part.clone()) {
                continue;
            }
            let count = all.iter().filter(|texts| texts.contains(&part)).count();
            let is_usable = (2..all.len()).contains(&count);
            if is_usable && best.as_ref().is_none_or(|(_, other)| count < *other) {
                best = Some((part, count));
            }
        }
    }
    best
}
