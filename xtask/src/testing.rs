//! What the tests of several files start from.

use std::fs;
use std::path::{Path, PathBuf};

use authress_users_openapi::Document;

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The project's document.
pub(crate) fn users_document() -> Document {
    Document::read(&repository().join("openapi/users.yaml")).unwrap()
}

/// The text of a document that stays the same while the project's own goes on, so that tests can
/// take pieces of it and put others in their place.
pub(crate) fn fixture() -> &'static str {
    include_str!("../fixtures/users.yaml")
}

/// The [`fixture`] with one piece of its text replaced, which must be there.
pub(crate) fn edited(from: &str, to: &str) -> Document {
    let text = fixture();
    assert!(text.contains(from), "the document has no {from:?}");
    Document::parse("users.yaml", &text.replacen(from, to, 1)).unwrap()
}

/// The [`fixture`] as a document.
pub(crate) fn fixture_document() -> Document {
    Document::parse("users.yaml", fixture()).unwrap()
}

/// Puts into a directory what says which versions there are, and crates that pass nothing on.
pub(crate) fn with_crates(root: &Path) {
    for file in ["Cargo.toml", "CHANGELOG.md"] {
        fs::copy(repository().join(file), root.join(file)).unwrap();
    }
    for sources in ["authress-users-ext/src", "tests/src"] {
        fs::create_dir_all(root.join(sources)).unwrap();
        fs::write(root.join(sources).join("lib.rs"), "").unwrap();
    }
}
