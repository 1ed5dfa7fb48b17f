//! Checks that a reader finds each topic: in the table of the guide, and by a search on docs.rs.

use std::collections::HashSet;
use std::fs;

use crate::snippets::sources;
use crate::{GUIDE, repository};

/// Words that people search, each of which must find an item.
const WORDS: [&str; 7] = [
    "blocking",
    "metrics",
    "mock",
    "pagination",
    "proxy",
    "retry",
    "timeout",
];

/// Returns the aliases in the source of ext.
fn aliases() -> HashSet<String> {
    let sources = sources("authress-users-ext/src".as_ref());
    let lines = sources.iter().flat_map(|(_, source)| source.lines());
    let declared = lines.filter_map(|line| line.trim().strip_prefix("#[doc(alias"));
    declared
        .flat_map(|names| names.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_search_finds_common_words() {
    let aliases = aliases();
    let missing: Vec<_> = WORDS
        .iter()
        .filter(|word| !aliases.contains(**word))
        .collect();
    assert!(missing.is_empty(), "no `doc(alias)` for {missing:?}");
}

#[test]
fn the_table_of_the_guide_lists_every_page() {
    let source = fs::read_to_string(repository().join("authress-users-ext/src/guide.rs")).unwrap();
    let rows: Vec<_> = source
        .lines()
        .filter(|line| line.starts_with("//! | "))
        .collect();
    for entry in fs::read_dir(repository().join(GUIDE)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(page) = name.strip_suffix(".md") {
            let link = format!("[`{page}`]");
            assert!(
                rows.iter().any(|row| row.contains(&link)),
                "no row for {page}"
            );
        }
    }
}
