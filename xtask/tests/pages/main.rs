//! Checks the Markdown pages: every Rust example is a doctest and compiles without its hidden lines, every
//! command refers to existing packages, subcommands and flags, the programs are short, and each topic is
//! found.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod commands;
mod page;
mod programs;
mod snippets;
mod topics;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;

/// Pages with Rust examples, and the source file that includes them as doctests.
const TESTED: [(&str, &str, &str); 4] = [
    (
        "README.md",
        "authress-users-ext/src/lib.rs",
        "../../README.md",
    ),
    (
        "authress-users-ext/README.md",
        "authress-users-ext/src/lib.rs",
        "../README.md",
    ),
    (
        "authress-users-client/README.md",
        "authress-users-client/src/lib.rs",
        "../README.md",
    ),
    ("tests/README.md", "tests/src/lib.rs", "../README.md"),
];
const GUIDE: &str = "authress-users-ext/guide";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All pages of the repository.
fn pages() -> Vec<Page> {
    let directories = [
        "",
        "openapi",
        "authress-users-client",
        "authress-users-ext",
        "tests",
        GUIDE,
    ];
    let mut pages = Vec::new();
    for directory in directories {
        for entry in fs::read_dir(repository().join(directory)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|end| end == "md") {
                let path = format!("{directory}/{name}")
                    .trim_start_matches('/')
                    .to_owned();
                let text = fs::read_to_string(repository().join(&path)).unwrap();
                pages.push(Page::new(path, &text));
            }
        }
    }
    pages
}

/// Whether the Rust examples of a page are doctests.
fn is_tested(page: &str) -> bool {
    let read = |file: &str| fs::read_to_string(repository().join(file)).unwrap();
    if let Some(name) = page.strip_prefix(&format!("{GUIDE}/")) {
        let guide = read("authress-users-ext/src/guide.rs");
        return guide
            .lines()
            // The names of a page's charts may follow.
            .any(|line| name.strip_suffix(".md") == line.split_whitespace().next());
    }
    TESTED.iter().any(|(tested, file, included)| {
        *tested == page && read(file).contains(&format!("include_str!(\"{included}\")"))
    })
}

fn problems(page: &Page) -> Vec<String> {
    let mut problems = Vec::new();
    for block in &page.blocks {
        let problem = match block.language.as_str() {
            "rust" if is_tested(&page.path) => continue,
            "rust" => "not a doctest of any crate".to_owned(),
            "json" | "mermaid" | "sh" | "text" | "yaml" => continue,
            other => format!("`{other}` is not `json`, `mermaid`, `rust`, `sh`, `text` or `yaml`"),
        };
        problems.push(format!("{}:{}: {problem}", page.path, block.line));
    }
    for (line, command) in page.commands() {
        if let Err(problem) = commands::check(&repository(), command) {
            problems.push(format!("{}:{line}: `{command}`: {problem}", page.path));
        }
    }
    problems
}

#[test]
fn examples_are_doctests_and_commands_exist() {
    let pages = pages();
    let problems: Vec<_> = pages.iter().flat_map(problems).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let blocks: usize = pages.iter().map(|page| page.blocks.len()).sum();
    let commands: usize = pages.iter().map(|page| page.commands().count()).sum();
    assert!(
        blocks > 30 && commands > 60,
        "{blocks} blocks, {commands} commands"
    );
}

#[test]
fn reports_untested_examples_and_unknown_commands() {
    for (path, text, problem) in [
        (
            "README.md",
            "# A\n```rust,no_run\nfn main() {}\n```",
            "README.md:2: `rust,no_run` is not",
        ),
        (
            "README.md",
            "```rust,ignore\n```",
            "README.md:1: `rust,ignore` is not",
        ),
        ("README.md", "```\ncode\n```", "README.md:1: `` is not"),
        (
            "SECURITY.md",
            "```rust\n```",
            "SECURITY.md:1: not a doctest of any crate",
        ),
        (
            "authress-users-ext/guide/other.md",
            "```rust\n```",
            "not a doctest of any crate",
        ),
        (
            "README.md",
            "\n```sh\ncargo xtask brew\n```",
            "README.md:3: `cargo xtask brew`: ",
        ),
        (
            "README.md",
            "See `cargo xtask diff A --loudly`.",
            "has no `--loudly`",
        ),
        (
            "README.md",
            "`cargo xtask contract rar FILE`",
            "has no `rar`",
        ),
        (
            "README.md",
            "`cargo run -p authress-users-ext --example nothing`",
            "no example `nothing`",
        ),
        (
            "README.md",
            "`cargo run -p authress-users-ext --example delete_users -- ids.txt --maybe`",
            "has no `--maybe`",
        ),
        (
            "README.md",
            "`cargo test -p authress-users-extra`",
            "no package `authress-users-extra`",
        ),
        (
            "README.md",
            "`cargo test -p xtask --test nothing`",
            "no test `nothing`",
        ),
        ("README.md", "`.ci/sprint`", "no such file"),
        ("README.md", "```sh\nmake everything\n```", "not checked"),
    ] {
        let problems = problems(&Page::new(path.to_owned(), text));
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert!(problems[0].contains(problem), "{problems:?}");
    }
}
