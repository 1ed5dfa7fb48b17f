//! Where requests go.

use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::part::Part;
use crate::diff::wire::operations::Operation;

/// Where requests go: as the operation says, or its path, or the document.
pub(crate) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    old: &Operation<'a>,
    new: &Operation<'a>,
) {
    let holder = |operation: &Operation<'a>| {
        let root = Part::root(operation.part.document);
        let holders = [&operation.part, &operation.path_item, &root];
        let found = holders.into_iter().find_map(|part| part.member("servers"));
        found.unwrap_or(root)
    };
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
    let is_left = old_urls
        .iter()
        .any(|(url, _)| new_urls.iter().any(|(other, _)| other == url));
    for (url, server) in &old_urls {
        match new_urls.iter().find(|(other, _)| other == url) {
            Some((_, other)) => variables(comparison, url, server, other),
            None if is_left => comparison.tell(
                Side::There(server),
                Side::NotIn(&new),
                Meaning::behavior(
                    Verdict::NeedsReview,
                    format!("the server {url} is gone"),
                    "tell those who set it as their URL",
                ),
            ),
            None => comparison.tell(
                Side::There(server),
                Side::NotIn(&new),
                Meaning::behavior(
                    Verdict::Breaking,
                    format!("the server {url} is gone, and none of the others was known"),
                    "keep it until nobody has it set as their URL",
                ),
            ),
        }
    }
    for (url, server) in &new_urls {
        if !old_urls.iter().any(|(other, _)| other == url) {
            comparison.tell(
                Side::NotIn(&old),
                Side::There(server),
                Meaning::behavior(
                    Verdict::Compatible,
                    format!("the server {url} is new"),
                    "nothing: callers set their URL themselves",
                ),
            );
        }
    }
}

fn variables<'a>(comparison: &mut Comparison<'a>, url: &str, old: &Part<'a>, new: &Part<'a>) {
    let values = |part: &Part<'a>| {
        let variables = part.members_of("variables").into_iter();
        let values = variables.map(|(name, variable)| {
            let value = |key| variable.value.get(key).cloned().unwrap_or_default();
            (name, value("default"), value("enum"))
        });
        let mut values: Vec<_> = values.collect();
        values.sort_by_key(|(name, ..)| *name);
        values
    };
    if values(old) != values(new) {
        comparison.tell(
            Side::There(&old.nearest("variables")),
            Side::There(&new.nearest("variables")),
            Meaning::behavior(
                Verdict::NeedsReview,
                format!("the variables of the server {url} changed"),
                "tell those who fill them in",
            ),
        );
    }
}
