//! What the pages show works: each Rust example is compiled and run, and each command names what is
//! there.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod commands;
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use page::Page;

/// Pages whose Rust examples run, each with the file that makes doctests of them.
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

/// Every page that is for people.
fn pages() -> Vec<Page> {
    let folders = [
        "",
        "openapi",
        "authress-users-client",
        "authress-users-ext",
        "tests",
        GUIDE,
    ];
    let mut pages = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(repository().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|end| end == "md") {
                let path = format!("{folder}/{name}")
                    .trim_start_matches('/')
                    .to_owned();
                let text = fs::read_to_string(repository().join(&path)).unwrap();
                pages.push(Page::new(path, &text));
            }
        }
    }
    pages
}

/// Whether the Rust examples of a page are doctests of a crate.
fn is_tested(page: &str) -> bool {
    let read = |file: &str| fs::read_to_string(repository().join(file)).unwrap();
    if let Some(name) = page.strip_prefix(&format!("{GUIDE}/")) {
        let guide = read("authress-users-ext/src/guide.rs");
        return guide
            .lines()
            .any(|line| name.strip_suffix(".md") == Some(line.trim()));
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
            "rust" => "no crate makes a doctest of it".to_owned(),
            "sh" | "text" => continue,
            other => format!("`{other}` is neither run (`rust`), checked (`sh`) nor `text`"),
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
fn every_example_is_run_and_every_command_names_what_is_there() {
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
fn what_nobody_runs_and_what_is_not_there_is_told_with_its_line() {
    for (path, text, problem) in [
        (
            "README.md",
            "# A\n```rust,no_run\nfn main() {}\n```",
            "README.md:2: `rust,no_run` is neither",
        ),
        (
            "README.md",
            "```rust,ignore\n```",
            "README.md:1: `rust,ignore` is neither",
        ),
        ("README.md", "```\ncode\n```", "README.md:1: `` is neither"),
        (
            "SECURITY.md",
            "```rust\n```",
            "SECURITY.md:1: no crate makes a doctest of it",
        ),
        (
            "authress-users-ext/guide/other.md",
            "```rust\n```",
            "no crate makes a doctest of it",
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
        ("README.md", "`.ci/sprint`", "there is no such file"),
        ("README.md", "```sh\nmake everything\n```", "nobody checks"),
    ] {
        let problems = problems(&Page::new(path.to_owned(), text));
        assert_eq!(problems.len(), 1, "{text}: {problems:?}");
        assert!(problems[0].contains(problem), "{problems:?}");
    }
}
