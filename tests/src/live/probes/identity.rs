//! Identity: a user that is read has the requested id and the values of the list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lists::MAX_PAGES;
use crate::live::crawl::{Crawl, different_member, id};
use crate::live::known::{Known, kinds};
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, describe_status};
use crate::live::session::Session;
use crate::rules::{LISTED_USER_READABLE, LIVE_ENCODING, LIVE_USER_ID, LIVE_USER_IDENTITY};

const USERS: Probe = Probe::new(
    Family::Identity,
    Needs::Reads,
    "listed users whose ids differ in kind",
);
pub(crate) const PROBES: &[&Probe] = &[&USERS];

/// Reads listed users. Returns the kinds of characters in the ids of those that were read.
pub(crate) async fn run(session: &mut Session<'_>, known: &Known) -> BTreeSet<&'static str> {
    let chosen = known.of_different_kinds();
    if chosen.is_empty() {
        session.skip(&USERS, "there is no user to read");
        return BTreeSet::new();
    }
    if !session.begin(&USERS) {
        return BTreeSet::new();
    }
    let mut read: Vec<(&Value, Sent)> = Vec::new();
    for user in chosen {
        if let Some(id) = id(user)
            && let Some(sent) = session.send(LiveRequest::user(id)).await
        {
            read.push((user, sent));
        }
    }
    let succeeded = read.iter().filter(|(_, sent)| sent.is_success());
    let readable: BTreeSet<_> = succeeded
        .clone()
        .flat_map(|(user, _)| kinds_of(user))
        .collect();
    let has_success = succeeded.count() > 0;
    let mut listed = None;
    for (user, sent) in &read {
        if sent.is_success() {
            compare(session, user, sent).await;
            continue;
        }
        if sent.status() == 404 && listed.is_none() {
            // Others may have deleted the user.
            listed = Some(Crawl::run(session, "limit=100", MAX_PAGES).await);
        }
        let unreadable: Vec<_> = kinds_of(user).difference(&readable).copied().collect();
        let is_lost = sent.status() == 404 && listed.as_ref().is_some_and(|list| lacks(list, user));
        if is_lost {
            session.note_undecided(sent, &LISTED_USER_READABLE);
        } else if has_success && !unreadable.is_empty() && !matches!(sent.status(), 401 | 403) {
            let expected = format!("200 for a user id with {}", unreadable.join(" and "));
            session.report(
                sent,
                &LIVE_ENCODING,
                &expected,
                &describe_status(sent.status()),
            );
        } else {
            session.validate_exchange(sent);
        }
    }
    read.iter().flat_map(|(user, _)| kinds_of(user)).collect()
}

fn kinds_of(user: &Value) -> BTreeSet<&'static str> {
    id(user).map(kinds).unwrap_or_default()
}

/// Returns whether a complete list lacks a user.
fn lacks(list: &Crawl, user: &Value) -> bool {
    list.is_complete() && !list.ids().any(|other| Some(other) == id(user))
}

/// Compares a user that was read with the one in the list.
async fn compare(session: &mut Session<'_>, listed: &Value, sent: &Sent) {
    let user = sent.json();
    match id(&user) {
        Some("") => {
            let expected = "a userId that is not empty";
            session.report(sent, &LIVE_USER_ID, expected, "an empty userId");
        }
        Some(own) if Some(own) != id(listed) => {
            let expected = "the user with the requested id";
            session.report(sent, &LIVE_USER_IDENTITY, expected, "another userId");
        }
        _ => {
            session.validate_exchange(sent);
            if let Some(member) = different_member(session, listed, &user) {
                confirm(session, listed, sent, &member).await;
            }
        }
    }
}

/// Reports a different value, unless the list has changed as well.
async fn confirm(session: &mut Session<'_>, listed: &Value, sent: &Sent, member: &str) {
    let list = Crawl::run(session, "limit=100", MAX_PAGES).await;
    let is_unchanged = list
        .users()
        .filter(|user| id(user) == id(listed))
        .any(|user| user[member] == listed[member]);
    if is_unchanged {
        let expected = format!("the value of the list for {member}");
        session.report(sent, &LIVE_USER_IDENTITY, &expected, "another value");
    } else {
        session.note_undecided(sent, &LIVE_USER_IDENTITY);
    }
}
