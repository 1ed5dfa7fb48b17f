//! Checks that the visible lines of each Rust snippet compile alone.
//!
//! A reader pastes a snippet that has a `fn main` as it is, and any other snippet into
//!
//! ```text
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // the snippet
//!     Ok(())
//! }
//! ```
//!
//! Each snippet is a doctest, so it compiles with its hidden lines. Without them it compiles as well if they
//! are only this `main`, or if they are a `main` of their own that follows the snippet and runs it.

use std::fs;
use std::path::Path;

use crate::page::{Block, Page};
use crate::{pages, repository};

/// The crates with rustdoc.
const CRATES: [&str; 4] = [
    "authress-users-client/src",
    "authress-users-ext/src",
    "openapi/src",
    "tests/src",
];
/// The languages of blocks that are not Rust code.
const OTHER_LANGUAGES: [&str; 5] = ["json", "mermaid", "sh", "text", "yaml"];
/// Hidden lines of a `main` around the snippet.
const WRAPPER: [&str; 6] = [
    "#[tokio::main]",
    "#[tokio::main(flavor = \"current_thread\")]",
    "async fn main() -> Result<(), Box<dyn std::error::Error>> {",
    "fn main() -> Result<(), Box<dyn std::error::Error>> {",
    "Ok(())",
    "}",
];

/// Returns the paths and texts of the Rust files in a folder and its subfolders.
pub(crate) fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if repository().join(&path).is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let source = fs::read_to_string(repository().join(&path)).unwrap();
            sources.push((path.display().to_string(), source));
        }
    }
    sources
}

/// Returns the text of the documentation comments, with an empty line for every other line.
fn documentation(source: &str) -> String {
    let lines = source.lines().map(|line| {
        let comment = line.trim_start();
        let text = comment.strip_prefix("///").or(comment.strip_prefix("//!"));
        let text = text.unwrap_or_default();
        format!("{}\n", text.strip_prefix(' ').unwrap_or(text))
    });
    lines.collect()
}

/// Returns the code of a hidden line.
fn hidden(line: &str) -> Option<&str> {
    match line.trim() {
        "#" => Some(""),
        line => line.strip_prefix("# "),
    }
}

fn is_wrapper(line: &str) -> bool {
    let line = line.trim();
    WRAPPER.contains(&line) || line.starts_with("Ok::<(), ") && line.ends_with(">(())")
}

/// Whether the code is a function `main` and nothing else.
fn is_main(code: &str) -> bool {
    let items = syn::parse_file(code).map(|file| file.items);
    matches!(items.as_deref(), Ok([syn::Item::Fn(function)]) if function.sig.ident == "main")
}

/// Returns the visible lines of a block.
pub(crate) fn visible(block: &Block) -> String {
    let visible = block.lines.iter().filter(|line| hidden(line).is_none());
    visible.flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn check(block: &Block) -> Result<(), String> {
    let lines = &block.lines;
    let visible = visible(block);
    syn::parse_str::<syn::Block>(&format!("{{\n{visible}\n}}"))
        .map_err(|reason| format!("the visible lines are not complete: {reason}"))?;
    let end = lines.iter().rposition(|line| hidden(line).is_none());
    let (above, after) = lines.split_at(end.map_or(0, |end| end + 1));
    let after: Vec<_> = after.iter().filter_map(|line| hidden(line)).collect();
    let above = above.iter().filter_map(|line| hidden(line));
    let unknown = if is_main(&after.join("\n")) {
        above.clone().next()
    } else {
        let mut all = above.chain(after.iter().copied());
        all.find(|line| !is_wrapper(line))
    };
    unknown.map_or(Ok(()), |line| {
        Err(format!("needs the hidden line `{}`", line.trim()))
    })
}

/// Checks the snippets of a page, and counts them.
fn problems(page: &Page) -> (usize, Vec<String>) {
    let is_rust = |block: &&Block| !OTHER_LANGUAGES.contains(&&*block.language);
    let snippets: Vec<_> = page.blocks.iter().filter(is_rust).collect();
    let problem = |block: &&Block| {
        let result = match &*block.language {
            "" | "rust" => check(block),
            // Rustdoc would not run it.
            other => Err(format!("`{other}` is not `rust`")),
        };
        let problem = result.err()?;
        Some(format!("{}:{}: {problem}", page.path, block.line))
    };
    (
        snippets.len(),
        snippets.iter().filter_map(problem).collect(),
    )
}

#[test]
fn snippets_compile_without_their_hidden_lines() {
    let mut all = pages();
    let sources = CRATES.iter().flat_map(|folder| sources(folder.as_ref()));
    all.extend(sources.map(|(path, source)| Page::new(path, &documentation(&source))));
    let (counts, problems): (Vec<_>, Vec<_>) = all.iter().map(problems).unzip();
    let problems = problems.concat();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let count: usize = counts.iter().sum();
    assert!(count > 100, "{count} snippets");
}

#[test]
fn reports_snippets_that_need_hidden_lines() {
    let main = "# async fn main() -> Result<(), Box<dyn std::error::Error>> {\n";
    for (snippet, problem) in [
        (
            format!("# let a = 1;\n{main}print(a);\n# Ok(())\n# }}"),
            "the hidden line `let a = 1;`",
        ),
        (
            format!("{main}# let a = 1;\nprint(a);\n# }}"),
            "the hidden line `let a = 1;`",
        ),
        (
            format!("{main}print(1);\n# check();\n# }}"),
            "the hidden line `check();`",
        ),
        (
            "# use a::B;\nfn b(b: B) {}\n# fn main() {}".to_owned(),
            "the hidden line `use a::B;`",
        ),
        (
            "fn b(b: B) {}\n# use a::B;\n# fn main() {}".to_owned(),
            "the hidden line `use a::B;`",
        ),
        (
            "fn b(b: B) {}\n# struct B;".to_owned(),
            "the hidden line `struct B;`",
        ),
        (
            "struct A {\n#   b: u8,\n}".to_owned(),
            "the hidden line `b: u8,`",
        ),
        (
            "struct A {\n    b: u8,\n# }".to_owned(),
            "the visible lines are not complete",
        ),
    ] {
        for (path, text) in [
            ("a.md", format!("```rust\n{snippet}\n```")),
            (
                "a.rs",
                documentation(&format!(
                    "/// ```\n/// {}\n/// ```",
                    snippet.replace('\n', "\n/// ")
                )),
            ),
        ] {
            let (_, problems) = problems(&Page::new(path.to_owned(), &text));
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert!(
                problems[0].starts_with(&format!("{path}:1: ")),
                "{problems:?}"
            );
            assert!(problems[0].contains(problem), "{problems:?}");
        }
    }
    for snippet in [
        "let a = 1;\n# Ok::<(), std::io::Error>(())".to_owned(),
        format!("use a::b;\n\n# #[tokio::main]\n{main}b().await?;\n# Ok(())\n# }}"),
        "fn a() {}\n# #[tokio::main]\n# async fn main() {\n#     use b::c;\n#     c(a());\n# }"
            .to_owned(),
        "#[tokio::main]\nasync fn main() {}".to_owned(),
    ] {
        let (count, problems) = problems(&Page::new(
            "a.md".to_owned(),
            &format!("```rust\n{snippet}\n```"),
        ));
        assert_eq!((count, problems), (1, Vec::<String>::new()), "{snippet}");
    }
    let text = "```rust,ignore\n```\n```json\n# a\n```";
    let (count, problems) = problems(&Page::new("a.md".to_owned(), text));
    assert_eq!((count, problems.len()), (1, 1), "{problems:?}");
}
