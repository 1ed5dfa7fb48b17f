//! Lists: every user once, an end, and the same users whatever the limit.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::counted::counted;
use crate::live::crawl::{Crawl, End, Page, different_member, id};
use crate::live::known::Known;
use crate::live::probe::{Family, Needs, Probe};
use crate::live::request::{LiveRequest, Sent, describe_status, encode, is_rejection};
use crate::live::session::{Session, Then};
use crate::rules::{
    LIVE_BAD_LIMIT, LIVE_LIST_COMPLETE, LIVE_LIST_ENDS, LIVE_LIST_LIMIT, LIVE_LIST_UNIQUE,
    LIVE_NEXT_LINK, LIVE_USER_ID,
};

const ALL: Probe = Probe::new(Family::Lists, Needs::Reads, "all users with limit 100");
const SMALL: Probe = Probe::new(Family::Lists, Needs::Reads, "the same users in small pages");
const SINGLE: Probe = Probe::new(Family::Lists, Needs::Reads, "pages with limit 1");
const LIMITS: Probe = Probe::new(Family::Lists, Needs::Reads, "limits out of range");
pub(crate) const PROBES: &[&Probe] = &[&ALL, &SMALL, &SINGLE, &LIMITS];

/// The most pages of the list with limit 100.
pub(crate) const MAX_PAGES: usize = 5;
/// In how many pages the users are listed again.
const SMALL_PAGES: usize = 4;
/// The most pages of the list with a small limit; a faulty server may have more.
const MAX_SMALL_PAGES: usize = 8;
/// How many pages with a single user are read.
const SINGLE_PAGES: usize = 3;

/// Lists the users in several ways. Returns them.
pub(crate) async fn run(session: &mut Session<'_>) -> Known {
    let mut known = Known::default();
    send_bad_limits(session).await;
    if !session.begin(&ALL) {
        return known;
    }
    let all = Crawl::run(session, "limit=100", MAX_PAGES).await;
    known.add(&all);
    known.is_listed = all.end != End::Failed;
    known.has_ids = check_ids(session, &all);
    let mut is_sound = all.end != End::Failed
        && known.has_ids
        && check_end(session, &all)
        && check_unique(session, &all, "limit=100", MAX_PAGES).await
        && check_limit(session, &all)
        && all.end != End::Endless;
    check_links(session, &all);
    let total = known.users.len();
    if !is_sound || total < 2 {
        let reason = if is_sound {
            "the list has fewer than two users"
        } else {
            "the list with limit 100 is faulty or could not be read"
        };
        for probe in [&SMALL, &SINGLE] {
            session.skip(probe, reason);
        }
        known.has_sound_lists = is_sound;
        return known;
    }
    if session.begin(&SMALL) {
        let limit = total.min(MAX_PAGES * 100).div_ceil(SMALL_PAGES).min(99);
        is_sound = compare(
            session,
            &mut known,
            &all,
            &format!("limit={limit}"),
            MAX_SMALL_PAGES,
        )
        .await;
    }
    if is_sound && session.begin(&SINGLE) {
        is_sound = compare(session, &mut known, &all, "limit=1", SINGLE_PAGES).await;
    }
    known.has_sound_lists = is_sound;
    known
}

/// Lists the users again by `query`, and compares them with those of the list with limit 100.
async fn compare(
    session: &mut Session<'_>,
    known: &mut Known,
    all: &Crawl,
    query: &str,
    max_pages: usize,
) -> bool {
    let small = Crawl::run(session, query, max_pages).await;
    known.add(&small);
    check_links(session, &small);
    if small.end == End::Failed
        || !check_ids(session, &small)
        || !check_end(session, &small)
        || !check_unique(session, &small, query, max_pages).await
        // Another rule reports a repeated cursor.
        || small.end == End::Endless
    {
        return false;
    }
    let Some(actual) = difference(session, all, &small) else {
        return true;
    };
    // Others may have changed the account in between.
    let all = Crawl::run(session, "limit=100", MAX_PAGES).await;
    let small = Crawl::run(session, query, max_pages).await;
    let is_longer = small.id_set().len() > all.id_set().len();
    let shorter = if is_longer { &all } else { &small };
    if let Some(page) = shorter.last() {
        if difference(session, &all, &small).is_some() {
            let expected = "the same users whatever the limit";
            session.report(&page.sent, &LIVE_LIST_COMPLETE, expected, &actual);
        } else {
            session.note_undecided(&page.sent, &LIVE_LIST_COMPLETE);
        }
    }
    false
}

/// Describes how two lists differ: their users, as far as both are complete, and the values of users.
fn difference(session: &Session<'_>, all: &Crawl, other: &Crawl) -> Option<String> {
    let (left, right) = (all.id_set(), other.id_set());
    let missing = if other.is_complete() {
        left.difference(&right).count()
    } else {
        0
    };
    let more = if all.is_complete() {
        right.difference(&left).count()
    } else {
        0
    };
    if missing + more > 0 {
        return Some(format!(
            "a list without {missing} of the users with limit 100, and with {more} others"
        ));
    }
    let known: HashMap<_, _> = all
        .users()
        .filter_map(|user| Some((id(user)?, user)))
        .collect();
    let changed = other.users().filter(|user| {
        let own = id(user).and_then(|id| known.get(id));
        own.is_some_and(|own| different_member(session, own, user).is_some())
    });
    let changed = changed.count();
    (changed > 0).then(|| format!("a list with other values of {}", counted(changed, "user")))
}

/// Reports a list without an end.
pub(crate) fn check_end(session: &mut Session<'_>, list: &Crawl) -> bool {
    if list.end != End::Endless || !list.has_no_end() {
        return true;
    }
    if let Some(page) = list.last() {
        let actual = "several empty pages in a row, each with a new cursor";
        session.report(
            &page.sent,
            &LIVE_LIST_ENDS,
            "a last page without a cursor",
            actual,
        );
    }
    false
}

/// Reports a user that is twice in a list.
pub(crate) async fn check_unique(
    session: &mut Session<'_>,
    list: &Crawl,
    query: &str,
    max_pages: usize,
) -> bool {
    let Some((page, is_same_page)) = repeated(list) else {
        return true;
    };
    let expected = "every user once";
    if is_same_page {
        session.report(
            &page.sent,
            &LIVE_LIST_UNIQUE,
            expected,
            "a user twice in a page",
        );
        return false;
    }
    let again = Crawl::run(session, query, max_pages).await;
    match repeated(&again) {
        Some(_) => {
            let actual = "a user of an earlier page";
            session.report(&page.sent, &LIVE_LIST_UNIQUE, expected, actual);
        }
        None => session.note_undecided(&page.sent, &LIVE_LIST_UNIQUE),
    }
    false
}

/// Returns the first page with a repeated user, and whether the page itself has the user twice.
fn repeated(list: &Crawl) -> Option<(&Page, bool)> {
    let mut cursors = HashSet::new();
    let mut earlier = HashSet::new();
    let limit = list.limit();
    for page in &list.pages {
        // Another rule reports a repeated cursor.
        if page.cursor.as_ref().is_some_and(|own| !cursors.insert(own)) {
            return None;
        }
        let mut own = HashSet::new();
        for id in page.ids().filter(|id| !id.is_empty()) {
            if !own.insert(id) {
                // Another rule reports a page that is too long.
                return (page.users.len() <= limit).then_some((page, true));
            }
            if earlier.contains(id) {
                return Some((page, false));
            }
        }
        earlier.extend(own);
    }
    None
}

/// Reports pages of one size below the limit although more users follow.
fn check_limit(session: &mut Session<'_>, list: &Crawl) -> bool {
    let with_next = list.pages.iter().filter(|page| page.cursor.is_some());
    let sizes: HashSet<_> = with_next.clone().map(|page| page.users.len()).collect();
    let size = sizes.iter().next().copied().unwrap_or(100);
    let is_limited = sizes.len() == 1 && (1..100).contains(&size) && with_next.count() > 1;
    if let Some(page) = list.pages.get(1).filter(|_| is_limited) {
        let actual = format!("{size} on every page, although more users follow");
        session.report(
            &page.sent,
            &LIVE_LIST_LIMIT,
            "up to 100 users per page",
            &actual,
        );
    }
    !is_limited
}

/// Reports a user without an id.
fn check_ids(session: &mut Session<'_>, list: &Crawl) -> bool {
    let without_id = list.page_with(str::is_empty);
    if let Some(page) = without_id {
        let expected = "a userId that is not empty";
        session.report(
            &page.sent,
            &LIVE_USER_ID,
            expected,
            "an empty userId in a list",
        );
    }
    without_id.is_none()
}

/// Reports the first `links.next` that does not lead to the page of the cursor.
pub(crate) fn check_links(session: &mut Session<'_>, list: &Crawl) {
    let base = session.base_url().to_owned();
    let wrong = list
        .pages
        .iter()
        .find_map(|page| Some((page, wrong_link(&base, page)?)));
    if let Some((page, actual)) = wrong {
        let expected = "the path of the list, with the cursor of pagination.next";
        session.report(&page.sent, &LIVE_NEXT_LINK, expected, actual);
    }
}

fn wrong_link(base: &str, page: &Page) -> Option<&'static str> {
    let cursor = page.cursor.as_deref()?;
    // Another rule reports a repeated cursor.
    if page
        .sent
        .request
        .target
        .ends_with(&format!("cursor={}", encode(cursor)))
    {
        return None;
    }
    let links = &page.sent.json()["links"];
    let next = links["next"]["href"].as_str()?;
    let own = Url::parse(&format!("{base}{}", page.sent.request.target)).ok()?;
    // The server may be known by another URL than its own.
    let current = links["self"]["href"].as_str();
    let current = current.and_then(|own_link| own.join(own_link).ok());
    let Ok(next) = own.join(next) else {
        return Some("a string that is not a URL");
    };
    let is_same_origin = [Some(&own), current.as_ref()]
        .into_iter()
        .flatten()
        .any(|url| url.origin() == next.origin());
    if !is_same_origin {
        return Some("another origin");
    }
    let is_own_path = next.path() == own.path();
    let is_path_of_self = current.is_some_and(|url| url.path() == next.path());
    if !(is_own_path || is_path_of_self && next.path().ends_with("/v1/users")) {
        return Some("another path");
    }
    let sent = |url: &Url| -> HashSet<(String, String)> {
        let pairs = url.query_pairs().into_owned();
        pairs.filter(|(name, _)| name != "cursor").collect()
    };
    if !next
        .query_pairs()
        .any(|(name, value)| name == "cursor" && value == cursor)
    {
        return Some("another cursor");
    }
    // A server may omit or add defaults, but must keep what the request selects.
    let selects = |pairs: HashSet<(String, String)>| -> HashSet<(String, String)> {
        let is_selection = |name: &str| matches!(name, "filter" | "tenantId");
        pairs
            .into_iter()
            .filter(|(name, _)| is_selection(name))
            .collect()
    };
    (selects(sent(&own)) != selects(sent(&next))).then_some("another filter or tenant")
}

async fn send_bad_limits(session: &mut Session<'_>) {
    if !session.begin(&LIMITS) {
        return;
    }
    let is_met = |sent: &Sent| {
        let users = sent.json()["users"].as_array().map_or(0, Vec::len);
        if is_rejection(sent.status()) || (sent.status() == 200 && users <= 100) {
            Ok(())
        } else {
            Err(describe_status(sent.status()))
        }
    };
    let expected = "a 4xx status, or a page of at most 100 users";
    for limit in ["0", "101", "-1", "x"] {
        let request = LiveRequest::get(format!("/v1/users?limit={limit}")).public();
        session
            .expect(request, &LIVE_BAD_LIMIT, expected, Then::Nothing, is_met)
            .await;
    }
}
