//! Effects of links and deletions, which only change the users that the options name.

use std::collections::HashSet;

use super::access;
use super::filter::compare_pages;
use super::lists::{MAX_PAGES, check_unique};
use super::unknown;
use crate::counted::counted;
use crate::live::crawl::Crawl;
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, describe_status, encode};
use crate::live::session::Session;
use crate::rules::{
    DELETE_TAKES_EFFECT, LIVE_DELETE_SCOPE, LIVE_LINK_SCOPE, LIVE_MISSING_USER, LIVE_TENANT,
    LIVE_WRITE_FAILED, REPEAT_SAME_RESPONSE,
};

const LINK: Probe = Probe::new(Family::Effects, Needs::Link, "a link, twice");
const TENANT: Probe = Probe::new(
    Family::Effects,
    Needs::Link,
    "the users of the tenant before and after",
);
const PAGES: Probe = Probe::new(
    Family::Tenant,
    Needs::Link,
    "the tenant's users in small pages",
);
const DELETE: Probe = Probe::new(Family::Effects, Needs::Delete, "a deletion, repeated");
const OTHERS: Probe = Probe::new(
    Family::Effects,
    Needs::Delete,
    "the other users before and after",
);
const STAYS: Probe = Probe::new(
    Family::Effects,
    Needs::Delete,
    "that the user leaves the list and does not come back",
);
const LEAVES: Probe = Probe::new(
    Family::Effects,
    Needs::Delete,
    "that the user leaves its tenant",
);
pub(crate) const PROBES: &[&Probe] = &[&LINK, &TENANT, &PAGES, &DELETE, &OTHERS, &STAYS, &LEAVES];

/// How often a deleted user is read until it is gone.
const MAX_POLLS: usize = 10;
/// How often a list is read until a deleted user has left it.
const MAX_LIST_POLLS: usize = 5;
/// How often a deleted user is read after it is gone.
const AFTERWARDS: usize = 2;

/// Links the user twice, because a link is idempotent, and compares the users of the tenant.
pub(crate) async fn link(session: &mut Session<'_>, known: &Known, has_tenants: bool) {
    let Some((tenant, user)) = session.options().link.as_ref() else {
        return;
    };
    if !session.begin(&LINK) {
        return;
    }
    let query = format!("limit=100&tenantId={}", encode(tenant));
    let before = Crawl::run(session, &query, MAX_PAGES).await;
    let request = LiveRequest::link(tenant, user);
    access::link(session, &request).await;
    let Some(linked) = write(session, request.clone()).await else {
        return;
    };
    unknown::link(session, tenant, user).await;
    let after = Crawl::run(session, &query, MAX_PAGES).await;
    // Lists that ignore the tenant show nothing about links.
    if has_tenants && before.is_complete() && after.is_complete() && session.begin(&TENANT) {
        compare_tenant(session, &linked, (&before, &after), user);
        if before.ids().all(|id| id == user) {
            session.name_gap(
                &TENANT,
                "the tenant had no other user that a link could replace",
            );
        }
    } else {
        session.skip(&TENANT, "the list of the tenant is faulty or too long");
    }
    repeat(session, request).await;
    let after = Crawl::run(session, &query, MAX_PAGES).await;
    check_unique(session, &after, &query, MAX_PAGES).await;
    if !known.has_sound_lists {
        session.skip(&PAGES, "lists are faulty or could not be read");
    } else if !after.is_complete() || after.ids().count() < 2 {
        session.skip(&PAGES, "the tenant has fewer than two users");
    } else if session.begin(&PAGES) {
        let limit = after.ids().count().div_ceil(3).min(99);
        let small = format!("limit={limit}&tenantId={}", encode(tenant));
        compare_pages(session, &after, &small, &LIVE_TENANT).await;
    }
}

/// Compares the users of the tenant before and after the link, at most by the linked user.
fn compare_tenant(
    session: &mut Session<'_>,
    linked: &Sent,
    (before, after): (&Crawl, &Crawl),
    user: &str,
) {
    let (before, after) = (before.id_set(), after.id_set());
    // Another rule reports that the user itself is missing.
    let more = after.difference(&before).filter(|id| *id != user).count();
    let fewer = before.difference(&after).filter(|id| *id != user).count();
    let has_user = after.contains(user);
    if has_user && more + fewer > 0 {
        if session.is_account_changing() {
            return session.note_undecided(linked, &LIVE_LINK_SCOPE);
        }
        let expected = "the tenant's users and the linked one";
        let actual = format!("{more} more and {fewer} fewer users of the tenant");
        session.report(linked, &LIVE_LINK_SCOPE, expected, &actual);
    }
}

/// Sends a write again, which must succeed.
async fn repeat(session: &mut Session<'_>, request: LiveRequest) {
    let Some(sent) = session.send(request).await else {
        return;
    };
    if sent.is_success() {
        session.validate_exchange(&sent);
    } else {
        let expected = "a 2xx status again, because nothing was written in between";
        let actual = describe_status(sent.status());
        session.report(&sent, &REPEAT_SAME_RESPONSE, expected, &actual);
    }
}

/// Sends a requested write, and requires that it succeeds.
async fn write(session: &mut Session<'_>, request: LiveRequest) -> Option<Sent> {
    let sent = session.send(request).await?;
    if sent.is_success() {
        session.validate_exchange(&sent);
        return Some(sent);
    }
    let actual = describe_status(sent.status());
    session.report(&sent, &LIVE_WRITE_FAILED, "a 2xx status", &actual);
    None
}

/// Deletes the user, waits until it is gone, and compares the lists.
pub(crate) async fn delete(
    session: &mut Session<'_>,
    known: &Known,
    (is_missing_404, has_tenants): (bool, bool),
) {
    let Some(user) = session.options().delete.as_ref() else {
        return;
    };
    if !session.begin(&DELETE) {
        return;
    }
    let tenant = session
        .options()
        .link
        .as_ref()
        .map(|(tenant, _)| tenant.as_str());
    let tenant = tenant.filter(|_| has_tenants);
    let tenant_query = tenant.map(|own| format!("limit=100&tenantId={}", encode(own)));
    let of_tenant = match &tenant_query {
        Some(query) => Some(Crawl::run(session, query, MAX_PAGES).await),
        None => None,
    };
    let of_tenant = of_tenant.filter(|list| list.ids().any(|id| id == user));
    let before = Crawl::run(session, "limit=100", MAX_PAGES).await;
    let request = LiveRequest::delete(user);
    if !access::delete(session, &request).await {
        return;
    }
    let Some(deleted) = write(session, request.clone()).await else {
        return;
    };
    if !repeat_delete(session, &request).await || !is_gone(session, user, is_missing_404).await {
        return;
    }
    let is_only_one_gone = after_deletion(session, known, (&deleted, &before), user).await;
    if let (Some(query), Some(before)) = (tenant_query, of_tenant) {
        let list = "the list of the tenant";
        if is_only_one_gone
            && session.begin(&LEAVES)
            && let Some(after) = expect_absent(session, &query, user, list).await
        {
            compare_others(session, &deleted, (&before, &after), user, list).await;
        }
    } else {
        session.skip(
            &LEAVES,
            "the user of --delete-user is not in the tenant of --write-tenant",
        );
    }
    if !is_only_one_gone {
        return;
    }
    // The user is unknown by now.
    if let Some(sent) = session.send(request).await {
        if sent.status() == 404 {
            session.validate_exchange(&sent);
        } else {
            let actual = describe_status(sent.status());
            session.report(
                &sent,
                &LIVE_MISSING_USER,
                "404 for a user that is gone",
                &actual,
            );
        }
    }
}

/// Deletes the user again at once: the first deletion may still be carried out.
async fn repeat_delete(session: &mut Session<'_>, request: &LiveRequest) -> bool {
    let Some(sent) = session.send(request.clone()).await else {
        return false;
    };
    if sent.is_success() || sent.status() == 404 {
        session.validate_exchange(&sent);
        return true;
    }
    let expected = "a 2xx status again, or 404";
    let actual = describe_status(sent.status());
    session.report(&sent, &REPEAT_SAME_RESPONSE, expected, &actual);
    false
}

/// Polls until the deletion is visible or the number of polls is reached.
async fn is_gone(session: &mut Session<'_>, user: &str, is_missing_404: bool) -> bool {
    for poll in 0..MAX_POLLS {
        if poll > 0 {
            session.pause().await;
        }
        let Some(sent) = session.send(LiveRequest::user(user)).await else {
            return false;
        };
        // Another probe reports what unknown users get in place of a 404.
        if !is_missing_404 && !sent.is_success() {
            return false;
        }
        session.validate_exchange(&sent);
        if !sent.is_success() {
            return sent.status() == 404;
        }
    }
    false
}

/// Lists the users after a deletion, and reads the deleted one again. Returns whether it, and only it,
/// is gone.
async fn after_deletion(
    session: &mut Session<'_>,
    known: &Known,
    (deleted, before): (&Sent, &Crawl),
    user: &str,
) -> bool {
    if !known.has_sound_lists {
        for probe in [&OTHERS, &STAYS] {
            session.skip(probe, "lists are faulty or could not be read");
        }
        return true;
    }
    let mut is_gone = true;
    if session.begin(&STAYS) {
        let list = expect_absent(session, "limit=100", user, "the list").await;
        is_gone = list.is_some();
        for _ in 0..AFTERWARDS {
            session.pause().await;
            // Another rule reports a user that is readable again.
            let again = session.validate(LiveRequest::user(user)).await;
            is_gone &= !again.is_some_and(|sent| sent.is_success());
        }
    }
    let after = Crawl::run(session, "limit=100", MAX_PAGES).await;
    if is_gone && let Some(page) = after.page_with(|id| id == user) {
        let expected = "the list without a deleted user";
        session.report(&page.sent, &DELETE_TAKES_EFFECT, expected, "the user again");
        is_gone = false;
    }
    if !before.is_complete() || !after.is_complete() {
        session.skip(&OTHERS, "the list has more pages than are read");
    } else if session.begin(&OTHERS) {
        is_gone &= compare_others(session, deleted, (before, &after), user, "the list").await;
    }
    is_gone
}

/// Reports other users that a deletion removed from a complete list. Returns whether there are none.
async fn compare_others(
    session: &mut Session<'_>,
    deleted: &Sent,
    (before, after): (&Crawl, &Crawl),
    user: &str,
    of_list: &str,
) -> bool {
    if !before.is_complete() || !after.is_complete() {
        return true;
    }
    let known: HashSet<_> = after.ids().collect();
    let others = before.ids().filter(|id| *id != user);
    let lost: Vec<_> = others.filter(|id| !known.contains(id)).collect();
    let Some(first) = lost.first() else {
        return true;
    };
    // A user that the list omits may still exist.
    let read = session.send(LiveRequest::user(first)).await;
    if session.is_account_changing() {
        session.note_undecided(deleted, &LIVE_DELETE_SCOPE);
    } else if let Some(read) = read {
        let lost = counted(lost.len(), "other user");
        let actual = match read.status() {
            404 => format!("{lost} gone"),
            _ => format!("{lost} missing in {of_list}"),
        };
        let expected = "only the user itself is gone";
        session.report(deleted, &LIVE_DELETE_SCOPE, expected, &actual);
    }
    false
}

/// Polls a list until a deleted user has left it, and reports a user that stays. Returns the list
/// without the user.
async fn expect_absent(
    session: &mut Session<'_>,
    query: &str,
    user: &str,
    list: &str,
) -> Option<Crawl> {
    for poll in 0..MAX_LIST_POLLS {
        if poll > 0 {
            session.pause().await;
        }
        let crawl = Crawl::run(session, query, MAX_PAGES).await;
        let Some(page) = crawl.page_with(|id| id == user) else {
            return Some(crawl);
        };
        if poll + 1 == MAX_LIST_POLLS {
            let expected = format!("{list} without a deleted user");
            session.report(&page.sent, &DELETE_TAKES_EFFECT, &expected, "the user");
        }
    }
    None
}
