//! The project's spec, its generated code, and comparisons with edits of it.

use std::sync::OnceLock;

use authress_users_openapi::Document;

use crate::diff::rust::public_api::changes;
use crate::diff::rust::public_api::dependents::{Dependent, Dependents, dependents};
use crate::diff::rust::public_api::item::PublicApi;
use crate::diff::rust::public_api::model::{ItemChange, Package};
use crate::generate::{self, Options, Spec};
use crate::testing::{edited, fixture_document, repository};

/// A spec and the code generated from it.
pub(super) struct Generated {
    pub(super) document: Document,
    pub(super) api: PublicApi,
}

impl Generated {
    pub(super) fn new(document: Document) -> Self {
        let source = generate::source(&document, &Options::linted(Spec::Variant)).unwrap();
        let api = PublicApi::read(source.modules().unwrap());
        Self { document, api }
    }

    pub(super) fn parse(text: &str) -> Self {
        Self::new(Document::parse("users.yaml", text).unwrap())
    }
}

pub(super) fn base() -> &'static Generated {
    static BASE: OnceLock<Generated> = OnceLock::new();
    BASE.get_or_init(|| Generated::new(fixture_document().clone()))
}

/// Returns what ext and contract expose, read once.
pub(in crate::diff) fn own_dependents() -> &'static Dependents {
    static READ: OnceLock<Dependents> = OnceLock::new();
    READ.get_or_init(|| dependents(&repository()))
}

pub(super) fn exposing() -> &'static [Dependent] {
    own_dependents().as_ref().unwrap()
}

pub(super) fn compare(old: &Generated, new: &Generated) -> Vec<ItemChange> {
    let (old, new) = ((&old.document, &old.api), (&new.document, &new.api));
    changes(old, new, exposing())
}

/// Returns a line for each change: verdict, kind, path, and whether ext exposes the item.
pub(super) fn lines(changes: &[ItemChange]) -> Vec<String> {
    let lines = changes.iter().map(|change| {
        let is_exposed = change.packages.contains(&Package::Ext);
        let ext = if is_exposed { ", ext" } else { "" };
        let (verdict, kind, path) = (change.verdict, change.kind, &change.path);
        format!("{verdict:?} {kind:?} {path}{ext}")
    });
    lines.collect()
}

pub(super) fn both_ways(from: &str, to: &str) -> (Vec<ItemChange>, Vec<ItemChange>) {
    let new = Generated::new(edited(from, to));
    (compare(base(), &new), compare(&new, base()))
}
