use std::collections::BTreeSet;
use std::sync::OnceLock;

use authress_users_openapi::Document;

use super::changes;
use super::dependents::{Dependent, dependents};
use super::item::PublicApi;
use super::model::{ChangeKind, ItemChange, Package};
use super::tokens::{imports, is_public};
use crate::generate::{self, Files, Spec};
use crate::testing::{edited, fixture, fixture_document, repository};

/// A spec and the code generated from it.
struct Generated {
    document: Document,
    files: Files,
    api: PublicApi,
}

impl Generated {
    fn new(document: Document) -> Self {
        let files = generate::files(&document, Spec::Variant).unwrap();
        let api = PublicApi::read(&files).unwrap();
        Self {
            document,
            files,
            api,
        }
    }

    fn parse(text: &str) -> Self {
        Self::new(Document::parse("users.yaml", text).unwrap())
    }
}

fn base() -> &'static Generated {
    static BASE: OnceLock<Generated> = OnceLock::new();
    BASE.get_or_init(|| Generated::new(fixture_document()))
}

fn exposing() -> &'static [Dependent] {
    static READ: OnceLock<Vec<Dependent>> = OnceLock::new();
    READ.get_or_init(|| dependents(&repository()).unwrap())
}

fn compare(old: &Generated, new: &Generated) -> Vec<ItemChange> {
    let (old, new) = ((&old.document, &old.api), (&new.document, &new.api));
    changes(old, new, exposing())
}

/// Returns a line for each change: verdict, kind, path, and whether ext exposes the item.
fn lines(changes: &[ItemChange]) -> Vec<String> {
    let lines = changes.iter().map(|change| {
        let is_exposed = change.packages.contains(&Package::Ext);
        let ext = if is_exposed { ", ext" } else { "" };
        let (verdict, kind, path) = (change.verdict, change.kind, &change.path);
        format!("{verdict:?} {kind:?} {path}{ext}")
    });
    lines.collect()
}

fn both_ways(from: &str, to: &str) -> (Vec<ItemChange>, Vec<ItemChange>) {
    let new = Generated::new(edited(from, to));
    (compare(base(), &new), compare(&new, base()))
}

#[test]
fn edits_of_the_spec_change_the_public_api() {
    let email = "        email:\n          type: string\n          nullable: true\n          description: The e-mail address of the user.\n";
    assert!(fixture().contains(email));
    let cases: [(&str, String, &[&str], &[&str]); 9] = [
        // An optional parameter.
        (
            "        - name: filter\n",
            "        - name: sortBy\n          in: query\n          schema:\n            type: string\n            \
             enum: [name, email]\n        - name: filter\n"
                .to_owned(),
            &[
                "Minor Added builder::GetUsers::sort_by",
                "Minor Added types::GetUsersSortBy",
            ],
            &[
                "Breaking Removed builder::GetUsers::sort_by",
                "Breaking Removed types::GetUsersSortBy",
            ],
        ),
        // A member of a response.
        (
            email,
            format!("{email}        phone:\n          type: string\n"),
            &[
                "Minor Added types::UserIdentity.phone, ext",
                "Minor Added types::builder::UserIdentity::phone, ext",
            ],
            &[
                "Breaking Removed types::UserIdentity.phone, ext",
                "Breaking Removed types::builder::UserIdentity::phone, ext",
            ],
        ),
        // A member becomes required.
        (
            "      required: [href]",
            "      required: [href, rel]".to_owned(),
            &[
                "Breaking Signature types::Link.rel",
                "Breaking Signature types::builder::Link::rel",
            ],
            &[
                "Breaking Signature types::Link.rel",
                "Breaking Signature types::builder::Link::rel",
            ],
        ),
        // A type without required members has a default.
        (
            "      required: [href]\n",
            String::new(),
            &[
                "Minor Added impl Default for types::Link",
                "Breaking Signature types::Link.href",
                "Breaking Signature types::builder::Link::href",
            ],
            &[
                "Breaking Removed impl Default for types::Link",
                "Breaking Signature types::Link.href",
                "Breaking Signature types::builder::Link::href",
            ],
        ),
        // An optional member is an Option, null or not.
        (email, email.replace("          nullable: true\n", ""), &[], &[]),
        // Limits, which a signature does not show.
        (
            "maximum: 100",
            "maximum: 50".to_owned(),
            &["Compatible Value builder::GetUsers::limit"],
            &["Compatible Value builder::GetUsers::limit"],
        ),
        (
            "maxLength: 64",
            "maxLength: 63".to_owned(),
            &["Compatible Value impl FromStr for types::GetUsersFilter"],
            &["Compatible Value impl FromStr for types::GetUsersFilter"],
        ),
        // A string without limits is a `String`.
        (
            "          schema:\n            type: string\n            maxLength: 64\n",
            "          schema:\n            type: string\n".to_owned(),
            &[
                "Breaking Signature builder::GetUsers::filter",
                "Breaking Removed types::GetUsersFilter",
            ],
            &[
                "Breaking Signature builder::GetUsers::filter",
                "Minor Added types::GetUsersFilter",
            ],
        ),
        // Text for readers.
        (
            "summary: Read a user",
            "summary: Read one user".to_owned(),
            &[],
            &[],
        ),
    ];
    for (from, to, expected, expected_back) in cases {
        let (there, back) = both_ways(from, &to);
        assert_eq!(lines(&there), expected, "{to}");
        assert_eq!(lines(&back), expected_back, "back from {to}");
    }
}

#[test]
fn an_operation_has_a_method_a_builder_and_a_table_row() {
    let from = "    delete:\n      operationId: deleteUser\n";
    let (there, back) = both_ways(
        from,
        &format!(
            "    head:\n      operationId: probeUser\n      x-idempotent: true\n      summary: Probe\n      \
             responses:\n        \"204\":\n          description: It is there.\n{from}"
        ),
    );
    let expected = [
        "Client::probe_user",
        "builder::ProbeUser",
        "operations::PROBE_USER",
    ];
    let of = |verdict: &str| expected.map(|path| format!("{verdict} {path}"));
    assert_eq!(lines(&there), of("Minor Added"));
    assert_eq!(lines(&back), of("Breaking Removed"));
    for change in there.iter().chain(&back) {
        assert_eq!(change.origin.operation.as_deref(), Some("probeUser"));
    }
}

#[test]
fn the_order_of_media_types_does_not_matter() {
    let mut document = Document::parse("users.yaml", fixture()).unwrap().value;
    let responses = document.pointer_mut("/components/responses").unwrap();
    for response in responses.as_object_mut().unwrap().values_mut() {
        let content = response["content"].as_object_mut().unwrap();
        let first = content.keys().next().unwrap().clone();
        let media_type = content.shift_remove(&first).unwrap();
        content.insert(first, media_type);
    }
    let turned = Document::parse("users.json", &document.to_string()).unwrap();
    let turned = Generated::new(turned);
    assert_ne!(turned.files["operations.rs"], base().files["operations.rs"]);
    assert_eq!(compare(base(), &turned), Vec::new());
}

#[test]
fn a_new_response_is_a_value_of_the_table() {
    let (there, _) = both_ways("\"202\":", "\"204\":");
    assert_eq!(
        lines(&there),
        [
            "Compatible Value operations::DELETE_USER.responses[202]",
            "Compatible Value operations::DELETE_USER.responses[204]",
        ]
    );
    assert_eq!(
        there[1].origin.new.as_deref(),
        Some("/paths/~1v1~1users~1{userId}/delete/responses/204")
    );
}

#[test]
fn a_renamed_component_is_recognized() {
    let renamed = fixture()
        .replace("schemas/PaginationNext", "schemas/NextPage")
        .replace("    PaginationNext:\n", "    NextPage:\n");
    let new = Generated::parse(&renamed);
    let found = compare(base(), &new);
    let removed = found
        .iter()
        .find(|change| change.path == "types::PaginationNext")
        .unwrap();
    assert_eq!(removed.kind, ChangeKind::Removed);
    assert!(
        removed.advice.contains("types::NextPage"),
        "{}",
        removed.advice
    );
    assert!(lines(&found).contains(&"Breaking Signature types::Pagination.next".to_owned()));
}

#[test]
fn the_place_of_a_member_is_in_both_specs() {
    let (there, _) = both_ways("      required: [href]", "      required: [href, rel]");
    for change in &there {
        let rel = Some("/components/schemas/Link/properties/rel");
        assert_eq!(change.origin.old.as_deref(), rel);
        assert_eq!(change.origin.new.as_deref(), rel);
        assert_eq!(change.origin.component.as_deref(), Some("Link"));
    }
}

#[test]
fn a_type_does_not_belong_to_a_component_with_a_similar_name() {
    let renamed = fixture()
        .replace("schemas/UserIdentity\"", "schemas/Person\"")
        .replace("    UserIdentity:\n", "    Person:\n");
    let found = compare(&Generated::parse(&renamed), base());
    // Both specs have UserId and other names with the same start.
    let added = found
        .iter()
        .find(|change| change.path == "types::UserIdentity")
        .unwrap();
    assert_eq!(added.origin.component.as_deref(), Some("UserIdentity"));
    assert_eq!(added.origin.old, None);
    assert_eq!(
        added.origin.new.as_deref(),
        Some("/components/schemas/UserIdentity")
    );

    let (_, back) = both_ways("operationId: getUsers", "operationId: listUsers");
    let added = back
        .iter()
        .find(|change| change.path == "types::GetUsersCursor")
        .unwrap();
    assert_eq!(added.origin.operation.as_deref(), Some("getUsers"));
    assert_eq!(added.origin.old, None);
}

/// Returns the changes between two versions of a client's code.
fn of_code(old: &str, new: &str) -> Vec<String> {
    let read = |code: &str| {
        PublicApi::read(&Files::from([
            ("client.rs", code.to_owned()),
            ("operations.rs", String::new()),
            ("mod.rs", String::new()),
        ]))
    };
    let spec = Document::parse("a.yaml", "openapi: 3.0.3\ninfo: {}\npaths: {}\n").unwrap();
    let (old, new) = (read(old).unwrap(), read(new).unwrap());
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

#[test]
fn invalid_code_is_an_error_that_names_the_file() {
    let reason = |broken: &Files| PublicApi::read(broken).err().unwrap();
    let mut broken = base().files.clone();
    broken.insert("client.rs", "pub struct".to_owned());
    assert!(reason(&broken).contains("client.rs is not valid Rust"));
    broken.remove("client.rs");
    assert!(reason(&broken).contains("lacks client.rs"));
}

#[test]
fn ext_exposes_users_and_contract_only_the_spec() {
    let [ext, contract] = exposing() else {
        panic!("{:?}", exposing())
    };
    let api = &base().api;
    let reached = ext.reach(api, api);
    // The types in its members and methods, and its builder.
    for path in [
        "types::UserIdentity",
        "types::builder::UserIdentity",
        "types::error::ConversionError",
    ] {
        assert!(reached.contains(path), "{reached:?}");
    }
    assert!(
        !reached.contains("types::UserIdentityCollection"),
        "{reached:?}"
    );
    let reached = contract.reach(api, api);
    assert_eq!(Vec::from_iter(reached), ["DOCUMENT"]);
}

#[test]
fn exposed_items_are_read_from_sources() {
    let root = tempfile::tempdir().unwrap();
    let source = |name: &str, text: &str| {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    source("tests/src/lib.rs", "");
    source(
        "authress-users-ext/src/lib.rs",
        "mod a; pub mod open; pub use a::{Shown, Trait}; pub use authress_users_client::types::Direct;",
    );
    source(
        "authress-users-ext/src/a.rs",
        "use authress_users_client as raw; use authress_users_client::types::{In, Out, Secret, Made};
         pub struct Shown { pub field: raw::types::Field, hidden: Secret }
         impl Shown { pub fn a(&self, b: In) -> Vec<Out> { Secret } fn c(&self) -> Secret {} }
         impl From<raw::types::Source> for Shown { fn from(a: raw::types::Source) -> Self {} }
         pub trait Trait { fn a(&self) -> raw::types::OfTrait; }
         pub(crate) struct Hidden; impl Hidden { pub fn a(&self) -> Secret {} }
         make!(Shown -> Made);",
    );
    source(
        "authress-users-ext/src/open/mod.rs",
        "pub fn a() -> authress_users_client::types::Open {} fn b() -> authress_users_client::types::Not {}",
    );
    let found = dependents(root.path()).unwrap();
    let api = PublicApi::default();
    let reached: Vec<_> = found[0].reach(&api, &api).into_iter().collect();
    let expected = [
        "Direct", "Field", "In", "Made", "OfTrait", "Open", "Out", "Source",
    ];
    assert_eq!(reached, expected.map(|name| format!("types::{name}")));
    std::fs::remove_dir_all(root.path().join("tests/src")).unwrap();
    let reason = dependents(root.path()).unwrap_err();
    assert!(reason.contains("could not read"), "{reason}");
}

#[test]
fn the_re_exports_of_the_raw_crate_are_compared() {
    let library = repository().join("authress-users-client/src/lib.rs");
    let library = std::fs::read_to_string(library).unwrap();
    let exported: BTreeSet<_> = syn::parse_file(&library)
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Use(item) if is_public(&item.vis) => Some(item),
            _ => None,
        })
        .flat_map(|item| imports(&item.tree))
        .filter(|(_, path)| path[0] == "generated")
        .map(|(name, _)| name)
        .collect();
    let mut compared: BTreeSet<_> = base()
        .api
        .items
        .keys()
        .filter(|path| !path.contains([':', '.', ' ']))
        .cloned()
        .collect();
    compared.insert("operations".to_owned());
    assert_eq!(exported, compared);
}
