use std::sync::OnceLock;

use super::*;
use crate::generate::{self, Files, Spec};
use crate::testing::{edited, fixture, repository};
use authress_users_openapi::Document;

fn passed_on() -> &'static [Dependent] {
    static READ: OnceLock<Vec<Dependent>> = OnceLock::new();
    READ.get_or_init(|| dependents(&repository()).unwrap())
}

fn generated(document: &Document) -> Result<Files, crate::problem::Failure> {
    generate::files(document, Spec::Variant)
}

fn of_fixture() -> &'static Files {
    static MADE: OnceLock<Files> = OnceLock::new();
    MADE.get_or_init(|| generated(&Document::parse("users.yaml", fixture()).unwrap()).unwrap())
}

/// One line for each change: verdict, kind, path, and whether the face's callers have it.
fn lines(changes: &[ItemChange]) -> Vec<String> {
    changes
        .iter()
        .map(|change| {
            let face = if change.packages.contains(&Package::Ext) {
                ", face"
            } else {
                ""
            };
            let ItemChange {
                verdict,
                kind,
                path,
                ..
            } = change;
            format!("{verdict:?} {kind:?} {path}{face}")
        })
        .collect()
}

fn both_ways(from: &str, to: &str) -> (Vec<ItemChange>, Vec<ItemChange>) {
    let new = generated(&edited(from, to)).unwrap();
    (
        changes(of_fixture(), &new, passed_on()).unwrap(),
        changes(&new, of_fixture(), passed_on()).unwrap(),
    )
}

#[test]
fn edits_of_the_document_change_what_callers_see() {
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
                "Minor Added types::UserIdentity.phone, face",
                "Minor Added types::builder::UserIdentity::phone, face",
            ],
            &[
                "Breaking Removed types::UserIdentity.phone, face",
                "Breaking Removed types::builder::UserIdentity::phone, face",
            ],
        ),
        // A member that was optional is always there.
        (
            "      required: [href]",
            "      required: [href, rel]".to_owned(),
            &[
                "Breaking Changed types::Link.rel",
                "Breaking Changed types::builder::Link::rel",
            ],
            &[
                "Breaking Changed types::Link.rel",
                "Breaking Changed types::builder::Link::rel",
            ],
        ),
        // No member is required any more, so there is a default.
        (
            "      required: [href]\n",
            String::new(),
            &[
                "Minor Added impl Default for types::Link",
                "Breaking Changed types::Link.href",
                "Breaking Changed types::builder::Link::href",
            ],
            &[
                "Breaking Removed impl Default for types::Link",
                "Breaking Changed types::Link.href",
                "Breaking Changed types::builder::Link::href",
            ],
        ),
        // An optional member is an Option, null or not.
        (email, email.replace("          nullable: true\n", ""), &[], &[]),
        // Bounds, which a signature does not show.
        (
            "maximum: 100",
            "maximum: 50".to_owned(),
            &["Harmless Steered builder::GetUsers::limit"],
            &["Harmless Steered builder::GetUsers::limit"],
        ),
        (
            "maxLength: 64",
            "maxLength: 63".to_owned(),
            &["Harmless Steered impl FromStr for types::GetUsersFilter"],
            &["Harmless Steered impl FromStr for types::GetUsersFilter"],
        ),
        // A string without bounds is any string.
        (
            "          schema:\n            type: string\n            maxLength: 64\n",
            "          schema:\n            type: string\n".to_owned(),
            &[
                "Breaking Changed builder::GetUsers::filter",
                "Breaking Removed types::GetUsersFilter",
            ],
            &[
                "Breaking Changed builder::GetUsers::filter",
                "Minor Added types::GetUsersFilter",
            ],
        ),
        // What is said to people alone.
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
fn an_operation_comes_and_goes_with_its_builder_its_method_and_its_row() {
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
fn which_media_type_stands_first_is_no_change() {
    let mut document = Document::parse("users.yaml", fixture()).unwrap().value;
    let responses = document.pointer_mut("/components/responses").unwrap();
    for response in responses.as_object_mut().unwrap().values_mut() {
        let content = response["content"].as_object_mut().unwrap();
        let first = content.keys().next().unwrap().clone();
        let media_type = content.shift_remove(&first).unwrap();
        content.insert(first, media_type);
    }
    let turned = Document::parse("users.json", &document.to_string()).unwrap();
    let turned = generated(&turned).unwrap();
    assert_ne!(turned["operations.rs"], of_fixture()["operations.rs"]);
    assert_eq!(
        changes(of_fixture(), &turned, passed_on()).unwrap(),
        Vec::new()
    );
}

#[test]
fn an_answer_that_is_documented_anew_is_a_value_of_the_table() {
    let (there, _) = both_ways("\"202\":", "\"204\":");
    assert_eq!(
        lines(&there),
        [
            "Harmless Steered operations::DELETE_USER.responses[202]",
            "Harmless Steered operations::DELETE_USER.responses[204]",
        ]
    );
    assert_eq!(
        there[1].origin.new.as_deref(),
        Some("/paths/~1v1~1users~1{userId}/delete/responses/204")
    );
}

#[test]
fn a_component_that_is_only_called_otherwise_is_said_to_be() {
    let new = Document::parse(
        "users.yaml",
        &fixture()
            .replace("schemas/PaginationNext", "schemas/NextPage")
            .replace("    PaginationNext:\n", "    NextPage:\n"),
    )
    .unwrap();
    let found = changes(of_fixture(), &generated(&new).unwrap(), passed_on()).unwrap();
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
    assert!(lines(&found).contains(&"Breaking Changed types::Pagination.next".to_owned()));
}

#[test]
fn places_in_both_documents_are_those_of_the_member() {
    let (there, _) = both_ways("      required: [href]", "      required: [href, rel]");
    for change in &there {
        let rel = Some("/components/schemas/Link/properties/rel");
        assert_eq!(change.origin.old.as_deref(), rel);
        assert_eq!(change.origin.new.as_deref(), rel);
        assert_eq!(change.origin.component.as_deref(), Some("Link"));
    }
}

#[test]
fn a_type_is_not_that_of_a_component_with_a_name_like_it() {
    let renamed = fixture()
        .replace("schemas/UserIdentity\"", "schemas/Person\"")
        .replace("    UserIdentity:\n", "    Person:\n");
    let old = generated(&Document::parse("users.yaml", &renamed).unwrap()).unwrap();
    let found = changes(&old, of_fixture(), passed_on()).unwrap();
    // UserId and User… are there in both.
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

/// What changes when the client is these lines, from one to the other.
fn of_code(old: &str, new: &str) -> Vec<String> {
    let files = |code: &str| {
        Files::from([
            ("client.rs", code.to_owned()),
            ("operations.rs", String::new()),
            ("mod.rs", String::new()),
            ("openapi.json", "{}".to_owned()),
        ])
    };
    lines(&changes(&files(old), &files(new), &[]).unwrap())
}

/// Code, what it becomes, and the first line that is told of it, there and back.
const ITEMS: &[(&str, &str, &str, &str)] = &[
    // A type that callers write out in full.
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
        "Breaking Changed A",
        "Minor Changed A",
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
        "Breaking Changed A::B",
        "Breaking Changed A::B",
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
        "Breaking Changed impl Deref for A",
        "Breaking Changed impl Deref for A",
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
        "Breaking Changed a",
        "Breaking Changed a",
    ),
    (
        "pub fn a(b: String) {}",
        "pub fn a(b: impl Into<String>) {}",
        "NeedsReview Changed a",
        "Breaking Changed a",
    ),
    (
        "pub fn a<T: Copy + Send>(b: T) {}",
        "pub fn a<T>(b: T) where T: Send {}",
        "Minor Changed a",
        "Breaking Changed a",
    ),
    (
        "pub const A: u8 = 1;",
        "pub const A: u16 = 1;",
        "Breaking Changed A",
        "Breaking Changed A",
    ),
    (
        "pub type A = u8;",
        "pub type A = u16;",
        "Breaking Changed A",
        "Breaking Changed A",
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
fn what_callers_can_not_see_or_write_in_another_way_is_no_change() {
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
fn code_that_is_none_is_an_error_that_names_the_file() {
    let mut broken = of_fixture().clone();
    broken.insert("client.rs", "pub struct".to_owned());
    let reason = changes(of_fixture(), &broken, &[]).unwrap_err();
    assert!(reason.contains("client.rs is not Rust"), "{reason}");
    broken.remove("client.rs");
    let reason = changes(of_fixture(), &broken, &[]).unwrap_err();
    assert!(reason.contains("has no client.rs"), "{reason}");
}

#[test]
fn the_face_passes_a_user_on_and_the_contract_the_document_alone() {
    let [face, contract] = passed_on() else {
        panic!("{:?}", passed_on())
    };
    let surface = Surface::read(of_fixture()).unwrap();
    let reached = face.reach(&surface, &surface);
    // What a user leads to comes along, as does what makes one.
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
    let reached = contract.reach(&surface, &surface);
    assert_eq!(Vec::from_iter(reached), ["DOCUMENT"]);
}

#[test]
fn what_a_crate_passes_on_is_read_from_its_sources() {
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
         pub struct Hidden; impl Hidden { pub fn a(&self) -> Secret {} }
         make!(Shown -> Made);",
    );
    source(
        "authress-users-ext/src/open/mod.rs",
        "pub fn a() -> authress_users_client::types::Open {} fn b() -> authress_users_client::types::Not {}",
    );
    let found = dependents(root.path()).unwrap();
    let surface = Surface::default();
    let reached: Vec<_> = found[0].reach(&surface, &surface).into_iter().collect();
    let expected = [
        "Direct", "Field", "In", "Made", "OfTrait", "Open", "Out", "Source",
    ];
    assert_eq!(reached, expected.map(|name| format!("types::{name}")));
    std::fs::remove_file(root.path().join("tests/src/lib.rs")).unwrap();
    let reason = dependents(root.path()).unwrap_err();
    assert!(reason.contains("can't be read"), "{reason}");
}

#[test]
fn what_the_raw_crate_re_exports_is_what_is_compared() {
    let library = repository().join("authress-users-client/src/lib.rs");
    let library = std::fs::read_to_string(library).unwrap();
    let exported: BTreeSet<_> = syn::parse_file(&library)
        .unwrap()
        .items
        .into_iter()
        .filter_map(|item| match item {
            syn::Item::Use(item) if signature::is_public(&item.vis) => Some(item),
            _ => None,
        })
        .flat_map(|item| signature::imports(&item.tree))
        .filter(|(_, path)| path[0] == "generated")
        .map(|(name, _)| name)
        .collect();
    let surface = Surface::read(of_fixture()).unwrap();
    let mut compared: BTreeSet<_> = surface
        .items
        .keys()
        .filter(|path| !path.contains([':', '.', ' ']))
        .cloned()
        .collect();
    compared.insert("operations".to_owned());
    assert_eq!(exported, compared);
}
