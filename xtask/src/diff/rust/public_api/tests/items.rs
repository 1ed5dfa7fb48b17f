//! What changes of the code mean, item by item.

use authress_users_openapi::Document;

use super::support::lines;
use crate::diff::rust::public_api::changes;
use crate::diff::rust::public_api::item::PublicApi;

/// Returns the changes between two versions of a client's code.
fn of_code(old: &str, new: &str) -> Vec<String> {
    let read = |code: &str| PublicApi::read([("", syn::parse_file(code).unwrap())]);
    let spec = Document::parse("a.yaml", "openapi: 3.0.3\ninfo: {}\npaths: {}\n").unwrap();
    let (old, new) = (read(old), read(new));
    lines(&changes((&spec, &old), (&spec, &new), &[]))
}

/// Code, a new version of it, and the first change in each direction.
const ITEMS: &[(&str, &str, &str, &str)] = &[
    // A type that callers construct.
    (
        "pub struct A { pub a: u8 }",
        "pub struct A { pub a: u8, pub b: u8 }",
        "Breaking Added A.b",
        "Breaking Removed A.b",
    ),
    (
        "#[non_exhaustive] pub struct A { pub a: u8 }",
        "#[non_exhaustive] pub struct A { pub a: u8, pub b: u8 }",
        "Minor Added A.b",
        "Breaking Removed A.b",
    ),
    (
        "pub struct A { pub a: u8, z: u8 }",
        "pub struct A { pub a: u8, pub b: u8, z: u8 }",
        "Minor Added A.b",
        "Breaking Removed A.b",
    ),
    (
        "pub struct A { pub a: u8 }",
        "#[non_exhaustive] pub struct A { pub a: u8 }",
        "Breaking Signature A",
        "Minor Signature A",
    ),
    (
        "pub enum A { B }",
        "pub enum A { B, C }",
        "Breaking Added A::C",
        "Breaking Removed A::C",
    ),
    (
        "#[non_exhaustive] pub enum A { B }",
        "#[non_exhaustive] pub enum A { B, C }",
        "Minor Added A::C",
        "Breaking Removed A::C",
    ),
    (
        "pub enum A { B(u8) }",
        "pub enum A { B(u16) }",
        "Breaking Signature A::B",
        "Breaking Signature A::B",
    ),
    (
        "pub struct A;",
        "#[derive(Clone)] pub struct A;",
        "Minor Added impl Clone for A",
        "Breaking Removed impl Clone for A",
    ),
    (
        "pub struct A;",
        "pub struct A; impl ::std::fmt::Display for A { fn fmt(&self) {} }",
        "Minor Added impl Display for A",
        "Breaking Removed impl Display for A",
    ),
    (
        "pub struct A;",
        "#[cfg_attr(feature = \"x\", derive(::schemars::JsonSchema))] pub struct A;",
        "Minor Added impl JsonSchema for A",
        "Breaking Removed impl JsonSchema for A",
    ),
    (
        "pub struct A; impl std::ops::Deref for A { type Target = u8; fn deref(&self) {} }",
        "pub struct A; impl std::ops::Deref for A { type Target = u16; fn deref(&self) {} }",
        "Breaking Signature impl Deref for A",
        "Breaking Signature impl Deref for A",
    ),
    (
        "pub struct A; impl A { pub fn a(&self) {} }",
        "pub struct A; impl A { pub fn a(&self) {} pub fn b(self) {} }",
        "Minor Added A::b",
        "Breaking Removed A::b",
    ),
    (
        "pub fn a(b: u8) {}",
        "pub fn a(b: u8, c: u8) {}",
        "Breaking Signature a",
        "Breaking Signature a",
    ),
    (
        "pub fn a(b: String) {}",
        "pub fn a(b: impl Into<String>) {}",
        "NeedsReview Signature a",
        "Breaking Signature a",
    ),
    (
        "pub fn a<T: Copy + Send>(b: T) {}",
        "pub fn a<T>(b: T) where T: Send {}",
        "Minor Signature a",
        "Breaking Signature a",
    ),
    (
        "pub const A: u8 = 1;",
        "pub const A: u16 = 1;",
        "Breaking Signature A",
        "Breaking Signature A",
    ),
    (
        "pub type A = u8;",
        "pub type A = u16;",
        "Breaking Signature A",
        "Breaking Signature A",
    ),
    (
        "",
        "pub mod a { pub struct B { pub c: u8 } }",
        "Minor Added a",
        "Breaking Removed a",
    ),
];

#[test]
fn each_kind_of_item_has_its_verdict() {
    for (old, new, expected, expected_back) in ITEMS.iter().copied() {
        let there = of_code(old, new);
        assert_eq!(there.first().map(String::as_str), Some(expected), "{new}");
        let back = of_code(new, old);
        assert_eq!(
            back.first().map(String::as_str),
            Some(expected_back),
            "{old}"
        );
    }
}

#[test]
fn private_items_and_other_spellings_do_not_matter() {
    for (old, new) in [
        ("struct A { a: u8 }", "struct A { b: u8 }"),
        ("pub struct A { a: u8 }", "pub struct A { b: u16 }"),
        (
            "pub fn a(b: ::std::string::String) {}",
            "/// Documented.\npub fn a(b: String) { c() }",
        ),
        (
            "#[derive(Clone)] pub struct A;",
            "pub struct A; impl ::std::clone::Clone for A { fn clone(&self) -> A { A } }",
        ),
        (
            "pub struct A; pub mod b { use super::A; pub fn c(a: A) {} }",
            "pub struct A; pub mod b { pub fn c(a: super::A) {} }",
        ),
        ("impl A { fn a() {} } pub struct A;", "pub struct A;"),
    ] {
        assert!(
            of_code(old, new).is_empty(),
            "{old} -> {new}: {:?}",
            of_code(old, new)
        );
    }
}
