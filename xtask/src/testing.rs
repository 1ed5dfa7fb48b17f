//! Helpers of the tests.

use std::fs;
use std::path::{Path, PathBuf};

use authress_users_openapi::Document;

/// Returns the root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the project's document.
pub(crate) fn users_document() -> Document {
    Document::read(&repository().join("openapi/users.yaml")).unwrap()
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

/// Parses the [`fixture`].
pub(crate) fn fixture_document() -> Document {
    Document::parse("users.yaml", fixture()).unwrap()
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
