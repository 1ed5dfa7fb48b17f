//! Which public items changed, and what that means for callers.

use std::collections::BTreeSet;

use authress_users_openapi::Document;

use super::dependents::Dependent;
use super::item::{Item, ItemKind, PublicApi};
use super::model::{ApiVerdict, ChangeKind, ItemChange, Package};
use super::origin::Origin;

/// Compares the code of two specs, for callers of the raw crate and of the crates that expose it.
pub(crate) fn changes<'a>(
    (old_spec, old): (&'a Document, &'a PublicApi),
    (new_spec, new): (&'a Document, &'a PublicApi),
    dependents: &[Dependent],
) -> Vec<ItemChange> {
    let reached = dependents.iter();
    let comparison = Comparison {
        documents: (old_spec, new_spec),
        reached: reached
            .map(|dependent| (dependent.package, dependent.reach(old, new)))
            .collect(),
        old,
        new,
    };
    comparison.run()
}

struct Comparison<'a> {
    documents: (&'a Document, &'a Document),
    old: &'a PublicApi,
    new: &'a PublicApi,
    reached: Vec<(Package, BTreeSet<String>)>,
}

impl Comparison<'_> {
    fn run(&self) -> Vec<ItemChange> {
        let paths: BTreeSet<_> = self.old.items.keys().chain(self.new.items.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            match (self.old.items.get(path), self.new.items.get(path)) {
                (Some(item), None) if !self.old.is_with_owner(item, self.new) => {
                    changes.push(self.removed(path, item));
                }
                (None, Some(item)) if !self.new.is_with_owner(item, self.old) => {
                    changes.push(self.added(path, item));
                }
                (Some(old), Some(new)) => {
                    let is_same = old.signature == new.signature
                        && old.kind.is_complete() == new.kind.is_complete();
                    if is_same {
                        self.values(path, old, new, &mut changes);
                    } else {
                        changes.push(self.signature(path, old, new));
                    }
                }
                _ => {}
            }
        }
        changes
    }

    fn removed(&self, path: &str, item: &Item) -> ItemChange {
        let advice = match self.renamed(path) {
            Some(other) => {
                format!("{other} has the same members; if only the name changed, keep the old name")
            }
            None => "name the replacement in the changelog; code that uses it no longer compiles"
                .to_owned(),
        };
        let mut change = self.change(path, item, ChangeKind::Removed);
        change.verdict = ApiVerdict::Breaking;
        change.old = Some(item.declaration());
        change.advice = advice;
        change
    }

    fn added(&self, path: &str, item: &Item) -> ItemChange {
        let owner = item
            .owner
            .as_ref()
            .and_then(|owner| self.old.items.get(owner));
        let is_complete = owner.and_then(|owner| owner.kind.is_complete());
        let (verdict, advice) = match (&item.kind, is_complete) {
            (ItemKind::Field, Some(true)) => (
                ApiVerdict::Breaking,
                "make the type non-exhaustive; code that constructs it no longer compiles",
            ),
            (ItemKind::Variant, Some(true)) => (
                ApiVerdict::Breaking,
                "make the type non-exhaustive; code that matches every variant no longer compiles",
            ),
            (ItemKind::Variant, _) => (
                ApiVerdict::Minor,
                "none needed; callers match it with their wildcard",
            ),
            _ => (ApiVerdict::Minor, "none needed; existing code compiles"),
        };
        let mut change = self.change(path, item, ChangeKind::Added);
        change.verdict = verdict;
        change.new = Some(item.declaration());
        advice.clone_into(&mut change.advice);
        change
    }

    fn signature(&self, path: &str, old: &Item, new: &Item) -> ItemChange {
        let (verdict, advice) = match (&old.kind, &new.kind) {
            (ItemKind::Function(old), ItemKind::Function(new)) => old.change(new),
            (old_kind, new_kind)
                if old.signature == new.signature
                    && old_kind.is_complete() == Some(false)
                    && new_kind.is_complete() == Some(true) =>
            {
                (
                    ApiVerdict::Minor,
                    "keep it non-exhaustive; otherwise the next new member breaks callers",
                )
            }
            _ => (
                ApiVerdict::Breaking,
                "name the change in the changelog; code that uses the old form no longer compiles",
            ),
        };
        let mut change = self.change(path, old, ChangeKind::Signature);
        change.verdict = verdict;
        (change.old, change.new) = (Some(old.declaration()), Some(new.declaration()));
        advice.clone_into(&mut change.advice);
        change
    }

    /// Compares the values of items with the same signature.
    fn values(&self, path: &str, old: &Item, new: &Item, changes: &mut Vec<ItemChange>) {
        let names: BTreeSet<_> = old.values.keys().chain(new.values.keys()).collect();
        for name in names {
            let (before, after) = (old.values.get(name), new.values.get(name));
            if before != after {
                let mut change = self.change(path, old, ChangeKind::Value);
                let member = format!("{path}{name}");
                if !name.is_empty() {
                    change.origin = self.origin(&member, (true, true));
                }
                change.path = member;
                (change.old, change.new) = (before.cloned(), after.cloned());
                "none needed; code compiles as before and follows the spec"
                    .clone_into(&mut change.advice);
                changes.push(change);
            }
        }
    }

    /// Returns a compatible change without values.
    fn change(&self, path: &str, item: &Item, kind: ChangeKind) -> ItemChange {
        let owner = item.owner.as_deref();
        let holder = owner.unwrap_or(path);
        let reached = self
            .reached
            .iter()
            .filter(|(_, reached)| reached.contains(holder));
        let packages = reached.map(|(package, _)| *package);
        let subject = match item.kind {
            ItemKind::Implementation => holder,
            _ => path,
        };
        let is_in = |api: &PublicApi| api.items.contains_key(path);
        ItemChange {
            path: path.to_owned(),
            kind,
            verdict: ApiVerdict::Compatible,
            old: None,
            new: None,
            advice: String::new(),
            packages: [Package::Client].into_iter().chain(packages).collect(),
            origin: self.origin(subject, (is_in(self.old), is_in(self.new))),
        }
    }

    fn origin(&self, path: &str, presence: (bool, bool)) -> Origin {
        Origin::of(path, self.documents, presence)
    }

    /// Returns the only new type that has the members of a removed one.
    fn renamed(&self, path: &str) -> Option<&str> {
        let members = self.old.members(path);
        let is_renamed = |other: &&String| {
            !members.is_empty()
                && !self.old.items.contains_key(*other)
                && self.new.members(other) == members
        };
        let mut same = self.new.items.keys().filter(is_renamed);
        let found = same.next().filter(|_| same.next().is_none());
        found.map(String::as_str)
    }
}

impl Item {
    /// Returns the signature with the attribute that matters to callers.
    fn declaration(&self) -> String {
        let is_sealed = match self.kind {
            ItemKind::Struct {
                is_non_exhaustive, ..
            } => is_non_exhaustive,
            ItemKind::Enum { is_exhaustive } => !is_exhaustive,
            _ => false,
        };
        let attribute = if is_sealed { "#[non_exhaustive] " } else { "" };
        format!("{attribute}{}", self.signature)
    }
}

impl PublicApi {
    /// Returns whether the item comes or goes with its owner, which `other` lacks.
    fn is_with_owner(&self, item: &Item, other: &Self) -> bool {
        // A conversion belongs to both of its types.
        let is_implementation = matches!(item.kind, ItemKind::Implementation);
        let names = item.names.iter().filter(|_| is_implementation);
        let is_lacking =
            |path: &String| self.items.contains_key(path) && !other.items.contains_key(path);
        item.owner.iter().chain(names).any(is_lacking)
    }

    /// Returns the fields and variants of a type.
    fn members(&self, path: &str) -> Vec<&str> {
        let is_member = |item: &&Item| {
            item.owner.as_deref() == Some(path)
                && matches!(item.kind, ItemKind::Field | ItemKind::Variant)
        };
        let members = self.items.values().filter(is_member);
        members.map(|item| &*item.signature).collect()
    }
}
