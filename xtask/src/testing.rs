//! Helpers of the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use authress_users_openapi::Document;

/// Returns the root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the project's document, read once.
pub(crate) fn users_document() -> &'static Document {
    static DOCUMENT: LazyLock<Document> =
        LazyLock::new(|| Document::read(&repository().join("openapi/users.yaml")).unwrap());
    &DOCUMENT
}

/// Returns the text of a document that does not change with the project's own, so that tests can
/// replace parts of it.
pub(crate) fn fixture() -> &'static str {
    include_str!("../fixtures/users.yaml")
}

/// Returns the [`fixture`] with the first occurrence of a text replaced.
pub(crate) fn edited(from: &str, to: &str) -> Document {
    let text = fixture();
    assert!(text.contains(from), "the document has no {from:?}");
    Document::parse("users.yaml", &text.replacen(from, to, 1)).unwrap()
}

/// Returns the [`fixture`], parsed once.
pub(crate) fn fixture_document() -> &'static Document {
    static DOCUMENT: LazyLock<Document> =
        LazyLock::new(|| Document::parse("users.yaml", fixture()).unwrap());
    &DOCUMENT
}

/// Writes the files with the versions into a directory, and crates without re-exports.
pub(crate) fn with_crates(root: &Path) {
    for file in ["Cargo.toml", "CHANGELOG.md"] {
        fs::copy(repository().join(file), root.join(file)).unwrap();
    }
    for sources in ["authress-users-ext/src", "tests/src"] {
        fs::create_dir_all(root.join(sources)).unwrap();
        fs::write(root.join(sources).join("lib.rs"), "").unwrap();
    }
}
