//! Reads the pages of a list, within bounds.

use std::collections::HashSet;

use serde_json::Value;

use super::request::{LiveRequest, Sent, encode};
use super::session::Session;
use crate::operation::Operation;

/// After this many empty pages in a row, a list counts as endless.
const MAX_EMPTY: usize = 5;

/// The pages of one list.
pub(super) struct Crawl {
    pub(super) pages: Vec<Page>,
    pub(super) end: End,
}

/// How the reading of a list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The last page has no cursor.
    Complete,
    /// The list has more pages than are read.
    Bound,
    /// The list repeats its pages, or has no end.
    Endless,
    /// A page could not be read.
    Failed,
}

/// A page of a list.
pub(super) struct Page {
    pub(super) sent: Sent,
    pub(super) users: Vec<Value>,
    pub(super) cursor: Option<String>,
}

impl Page {
    /// Returns the page in a response; none if it has none.
    pub(super) fn of(sent: Sent) -> Option<Self> {
        let body = sent.json();
        let users = body["users"].as_array().cloned()?;
        let cursor = body["pagination"]["next"]["cursor"].as_str();
        let cursor = cursor.filter(|cursor| !cursor.is_empty());
        let is_page = sent.status() == 200;
        is_page.then(|| Self {
            users,
            cursor: cursor.map(str::to_owned),
            sent,
        })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(id)
    }
}

impl Crawl {
    /// Lists users with `query`, which may be empty, and validates every page.
    pub(super) async fn run(session: &mut Session<'_>, query: &str, max_pages: usize) -> Self {
        let mut crawl = Self {
            pages: Vec::new(),
            end: End::Failed,
        };
        let mut cursors: HashSet<String> = HashSet::new();
        let mut target = format!("/v1/users?{query}");
        loop {
            let Some(page) = session.validate(LiveRequest::get(target)).await else {
                return crawl;
            };
            let Some(page) = Page::of(page) else {
                return crawl;
            };
            let next = page.cursor.clone();
            let is_repeated = crawl.repeats(&page);
            crawl.pages.push(page);
            let Some(next) = next else {
                crawl.end = End::Complete;
                return crawl;
            };
            if is_repeated || !cursors.insert(next.clone()) || crawl.has_no_end() {
                crawl.end = End::Endless;
                return crawl;
            }
            let empty = crawl.pages.iter().filter(|page| page.users.is_empty());
            if crawl.pages.len() >= max_pages + empty.count().min(MAX_EMPTY) {
                crawl.end = End::Bound;
                return crawl;
            }
            target = format!("/v1/users?{query}&cursor={}", encode(&next));
        }
    }

    /// Returns whether all users of a page are on earlier pages.
    fn repeats(&self, page: &Page) -> bool {
        let known: HashSet<_> = self.ids().collect();
        !page.users.is_empty() && page.ids().all(|id| known.contains(id))
    }

    pub(super) fn has_no_end(&self) -> bool {
        let last = self.pages.iter().rev();
        last.take_while(|page| page.users.is_empty()).count() >= MAX_EMPTY
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &Value> {
        self.pages.iter().flat_map(|page| &page.users)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.users().filter_map(id)
    }

    pub(super) fn id_set(&self) -> HashSet<String> {
        self.ids().map(str::to_owned).collect()
    }

    /// Returns the limit of the requests.
    pub(super) fn limit(&self) -> usize {
        let target = self.pages.first().map(|page| &*page.sent.request.target);
        let query = target
            .and_then(|own| own.split_once('?'))
            .map(|(_, query)| query);
        let mut pairs = query.into_iter().flat_map(|query| query.split('&'));
        let limit = pairs.find_map(|pair| pair.strip_prefix("limit=")?.parse().ok());
        limit.unwrap_or(100)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.end == End::Complete
    }

    /// Returns the page with a user that fulfills a condition.
    pub(super) fn page_with(&self, condition: impl Fn(&str) -> bool) -> Option<&Page> {
        self.pages.iter().find(|page| page.ids().any(&condition))
    }

    pub(super) fn last(&self) -> Option<&Page> {
        self.pages.last()
    }
}

/// Returns the id of a user.
pub(super) fn id(user: &Value) -> Option<&str> {
    user["userId"].as_str()
}

/// Returns a declared member with another value than in the list. The list may omit members.
pub(super) fn different_member(
    session: &Session<'_>,
    listed: &Value,
    user: &Value,
) -> Option<String> {
    let operation = session.spec().operation(Operation::GetUser.id())?;
    let (_, response) = operation.response(200)?;
    let declared = response.media.first()?.schema.keyword("properties")?;
    // An invalid user is reported by other rules.
    user.as_object()?;
    let declared = declared.as_object()?.keys();
    declared
        .filter(|name| {
            let own = listed.get(name.as_str()).filter(|value| !value.is_null());
            own.is_some_and(|own| user.get(name.as_str()) != Some(own))
        })
        .find(|name| *name != "userId")
        .cloned()
}
