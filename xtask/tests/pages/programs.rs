//! Limits the length of the complete programs, which show that an app needs little code.

use std::fs;
use std::path::Path;

use crate::page::Page;
use crate::repository;
use crate::snippets::visible;

/// Each program and its largest number of lines, without blank lines, comments and imports. Of a page, the
/// program is the first Rust block.
const PROGRAMS: [(&str, usize); 8] = [
    ("authress-users-ext/examples/erasure_worker.rs", 45),
    ("authress-users-ext/examples/sqlite_sync.rs", 40),
    ("authress-users-ext/examples/user_service.rs", 60),
    ("authress-users-ext/examples/opentelemetry.rs", 40),
    ("authress-users-ext/guide/signing_with_a_kms.md", 25),
    ("authress-users-ext/guide/synchronous_code.md", 25),
    ("authress-users-ext/examples/behind_proxy.rs", 26),
    ("authress-users-client/README.md", 20),
];

/// Counts the lines that are neither blank nor part of a comment or an import.
fn code_lines(code: &str) -> usize {
    let mut is_import = false;
    let counted = code.lines().map(str::trim).filter(|line| {
        let is_start = line.starts_with("use ");
        let is_code = !is_import && !is_start && !line.is_empty() && !line.starts_with("//");
        is_import = (is_import || is_start) && !line.ends_with(';');
        is_code
    });
    counted.count()
}

fn program(path: &str) -> String {
    let text = fs::read_to_string(repository().join(path)).unwrap();
    if Path::new(path).extension().is_some_and(|end| end == "rs") {
        return text;
    }
    let page = Page::new(path.to_owned(), &text);
    let mut blocks = page.blocks.iter();
    visible(blocks.find(|block| block.language == "rust").unwrap())
}

#[test]
fn programs_are_short() {
    for (path, limit) in PROGRAMS {
        let lines = code_lines(&program(path));
        assert!(
            lines > 5 && lines <= limit,
            "{path} has {lines} lines, more than {limit}"
        );
    }
}

#[test]
fn counts_lines_of_code() {
    let code = "//! A.\n\nuse a::b;\nuse a::{\n    c,\n    d,\n};\n\n/// B.\nfn b() {\n    // C.\n    c(); // d\n}\n";
    assert_eq!(code_lines(code), 3);
}
