//! What ext and contract expose of the generated code.

use std::collections::BTreeSet;

use super::support::{base, exposing};
use crate::diff::rust::public_api::dependents::dependents;
use crate::diff::rust::public_api::item::PublicApi;
use crate::diff::rust::public_api::tokens::{imports, is_public};
use crate::testing::repository;

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
