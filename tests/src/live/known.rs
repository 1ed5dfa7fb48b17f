//! The users of the account, as far as the lists show them.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::crawl::{Crawl, id};

/// How many users are read.
const MAX_READ: usize = 8;
/// How many users are read at least, since a server may return the same user for every id.
const MIN_READ: usize = 3;

/// The users that the lists returned, each once.
#[derive(Default)]
pub(super) struct Known {
    pub(super) users: Vec<Value>,
    /// Whether the list could be read.
    pub(super) is_listed: bool,
    /// Whether every listed user has an id.
    pub(super) has_ids: bool,
    /// Whether lists are complete and end, so that two lists can be compared.
    pub(super) has_sound_lists: bool,
}

impl Known {
    /// Adds the users of a list.
    pub(super) fn add(&mut self, list: &Crawl) {
        let mut ids: HashSet<String> = self.ids().map(str::to_owned).collect();
        for user in list.users() {
            if let Some(id) = id(user).filter(|id| !id.is_empty())
                && ids.insert(id.to_owned())
            {
                self.users.push(user.clone());
            }
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(id)
    }

    pub(super) fn has(&self, other: &str) -> bool {
        self.ids().any(|id| id == other)
    }

    /// Returns users whose ids differ in kind, those with the fewest kinds of characters first. If
    /// these are few, the last users of the list are added.
    pub(super) fn of_different_kinds(&self) -> Vec<&Value> {
        let mut seen = HashSet::new();
        let mut chosen: Vec<_> = self
            .users
            .iter()
            .filter(|user| id(user).is_some_and(|id| seen.insert(provider_and_kinds(id))))
            .collect();
        let missing = MIN_READ.saturating_sub(chosen.len());
        let others = self.users.iter().rev();
        let others = others.filter(|user| !chosen.contains(user)).take(missing);
        chosen.extend(others.collect::<Vec<_>>());
        chosen.sort_by_key(|user| id(user).map_or(0, |id| kinds(id).len()));
        // The last ones have the most kinds.
        let surplus = chosen.len().saturating_sub(MAX_READ);
        chosen.drain(..surplus);
        chosen
    }
}

fn provider_and_kinds(id: &str) -> (String, BTreeSet<&'static str>) {
    let provider = id.split_once('|').map_or("", |(provider, _)| provider);
    (provider.to_owned(), kinds(id))
}

/// The kinds of characters that servers and proxies often handle wrongly, with their names.
pub(super) const KINDS: [&str; 8] = [
    "a slash",
    "a space",
    "an at sign",
    "a vertical bar",
    "a plus sign",
    "a percent sign",
    "a character beyond ASCII",
    "another reserved character",
];

/// Returns the kinds of characters in a text.
pub(super) fn kinds(text: &str) -> BTreeSet<&'static str> {
    let kind = |character: char| match character {
        '/' => Some(KINDS[0]),
        ' ' => Some(KINDS[1]),
        '@' => Some(KINDS[2]),
        '|' => Some(KINDS[3]),
        '+' => Some(KINDS[4]),
        '%' => Some(KINDS[5]),
        other if !other.is_ascii() => Some(KINDS[6]),
        '-' | '_' | '.' | '~' => None,
        other if other.is_ascii_alphanumeric() => None,
        _ => Some(KINDS[7]),
    };
    text.chars().filter_map(kind).collect()
}
