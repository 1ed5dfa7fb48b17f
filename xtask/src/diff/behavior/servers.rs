//! The servers that receive requests.

use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, behavior};
use crate::diff::operation::Operation;
use crate::diff::part::{Both, Part};

/// Compares the servers of an operation, which its path or the spec may define.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let (old, new) = (holder(old), holder(new));
    let urls = |part: &Part<'a>| -> Vec<(&'a str, Part<'a>)> {
        let servers = part.items().into_iter();
        let mut urls: Vec<_> = servers
            .filter_map(|server| Some((server.text("url")?, server)))
            .collect();
        urls.sort_by_key(|(url, _)| *url);
        urls
    };
    let (old_urls, new_urls) = (urls(&old), urls(&new));
    let is_in = |url: &str, urls: &[(&str, Part<'a>)]| urls.iter().any(|(other, _)| *other == url);
    let is_one_kept = old_urls.iter().any(|(url, _)| is_in(url, &new_urls));
    for (url, server) in &old_urls {
        if let Some((_, other)) = new_urls.iter().find(|(other, _)| other == url) {
            variables(comparison, url, (server, other));
            continue;
        }
        let (verdict, what, advice) = if is_one_kept {
            (
                Verdict::NeedsReview,
                format!("the server {url} was removed"),
                "tell users who configured this URL",
            )
        } else {
            (
                Verdict::Breaking,
                format!("the server {url} was removed, and all other servers are new"),
                "keep the server until no client is configured with its URL",
            )
        };
        comparison.report(server.here(), new.absent(), behavior(verdict, what, advice));
    }
    for (url, server) in new_urls.iter().filter(|(url, _)| !is_in(url, &old_urls)) {
        let finding = behavior(
            Verdict::Compatible,
            format!("the server {url} was added"),
            "none needed; callers configure their URL",
        );
        comparison.report(old.absent(), server.here(), finding);
    }
}

fn holder<'a>(operation: &Operation<'a>) -> Part<'a> {
    let root = Part::root(operation.part.document);
    let holders = [&operation.part, &operation.path_item, &root];
    let found = holders.into_iter().find_map(|part| part.member("servers"));
    found.unwrap_or(root)
}

fn variables<'a>(comparison: &mut Comparison<'a>, url: &str, (old, new): Both<'_, 'a>) {
    let values = |part: &Part<'a>| {
        let variables = part.members_of("variables").into_iter();
        let mut values: Vec<_> = variables
            .map(|(name, part)| (name, ["default", "enum"].map(|key| part.value.get(key))))
            .collect();
        values.sort_by_key(|(name, _)| *name);
        values
    };
    if values(old) != values(new) {
        let finding = behavior(
            Verdict::NeedsReview,
            format!("the variables of the server {url} changed"),
            "tell users who set these variables",
        );
        comparison.report(old.near("variables"), new.near("variables"), finding);
    }
}
