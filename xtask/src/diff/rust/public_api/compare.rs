//! Which public items differ, and what that means for callers.

use std::collections::BTreeSet;

use syn::{FnArg, GenericParam, Signature, Type};

use super::origin::Origins;
use super::{ChangeKind, Dependent, Item, ItemChange, Package, Sort, Surface, Verdict};
use crate::generate::Files;

/// Says how the code of two documents differs for callers of the raw crate, and which of it the
/// crates in `dependents` pass on to theirs.
pub(crate) fn changes(
    old: &Files,
    new: &Files,
    dependents: &[Dependent],
) -> Result<Vec<ItemChange>, String> {
    let (old_surface, new_surface) = (Surface::read(old)?, Surface::read(new)?);
    let comparison = Comparison {
        origins: (Origins::read(old)?, Origins::read(new)?),
        reached: dependents
            .iter()
            .map(|dependent| {
                (
                    dependent.package,
                    dependent.reach(&old_surface, &new_surface),
                )
            })
            .collect(),
        old: old_surface,
        new: new_surface,
    };
    Ok(comparison.run())
}

struct Comparison {
    old: Surface,
    new: Surface,
    origins: (Origins, Origins),
    reached: Vec<(Package, BTreeSet<String>)>,
}

impl Comparison {
    fn run(&self) -> Vec<ItemChange> {
        let paths: BTreeSet<_> = self.old.items.keys().chain(self.new.items.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            match (self.old.items.get(path), self.new.items.get(path)) {
                (Some(item), None) if !self.old.went_with_owner(item, &self.new) => {
                    changes.push(self.removed(path, item));
                }
                (None, Some(item)) if !self.new.went_with_owner(item, &self.old) => {
                    changes.push(self.added(path, item));
                }
                (Some(old), Some(new)) if old.signature != new.signature => {
                    changes.push(self.changed(path, old, new));
                }
                (Some(old), Some(new)) => self.steered(path, old, new, &mut changes),
                _ => {}
            }
        }
        changes
    }

    fn removed(&self, path: &str, item: &Item) -> ItemChange {
        let advice = match self.renamed(path) {
            Some(other) => format!(
                "{other} has the same members: if the name alone is new, keep the old one in the document"
            ),
            None => {
                "callers that use it no longer compile: say in the changelog what comes in its \
                     place"
                    .to_owned()
            }
        };
        ItemChange {
            kind: ChangeKind::Removed,
            verdict: Verdict::Breaking,
            old: Some(item.signature.clone()),
            advice,
            ..self.change(path, item)
        }
    }

    fn added(&self, path: &str, item: &Item) -> ItemChange {
        let owner = item
            .owner
            .as_ref()
            .and_then(|owner| self.old.items.get(owner));
        let (verdict, advice) = match (&item.sort, owner.map(|owner| &owner.sort)) {
            (Sort::Field, Some(Sort::Struct { literal: true })) => (
                Verdict::Breaking,
                "callers write this type out in full: they no longer compile without it",
            ),
            (Sort::Variant, Some(Sort::Enum { exhaustive: true })) => (
                Verdict::Breaking,
                "callers match on this type without a wildcard: they no longer compile",
            ),
            (Sort::Variant, Some(Sort::Enum { .. })) => (
                Verdict::Minor,
                "callers that match on it land in their wildcard",
            ),
            _ => (Verdict::Minor, "nothing has to be done by callers"),
        };
        ItemChange {
            kind: ChangeKind::Added,
            verdict,
            new: Some(item.signature.clone()),
            advice: advice.to_owned(),
            ..self.change(path, item)
        }
    }

    fn changed(&self, path: &str, old: &Item, new: &Item) -> ItemChange {
        let (verdict, advice) = match (&old.sort, &new.sort) {
            (Sort::Function(old), Sort::Function(new)) => function(old, new),
            (Sort::Struct { literal: false }, Sort::Struct { literal: true })
            | (Sort::Enum { exhaustive: false }, Sort::Enum { exhaustive: true })
                if new.signature == old.signature.replace("#[non_exhaustive] ", "") =>
            {
                (
                    Verdict::Minor,
                    "callers may now write it out, so the next member will break them",
                )
            }
            _ => (
                Verdict::Breaking,
                "callers that use it as it was no longer compile",
            ),
        };
        ItemChange {
            kind: ChangeKind::Changed,
            verdict,
            old: Some(old.signature.clone()),
            new: Some(new.signature.clone()),
            advice: advice.to_owned(),
            ..self.change(path, old)
        }
    }

    /// The same signature over other values.
    fn steered(&self, path: &str, old: &Item, new: &Item, changes: &mut Vec<ItemChange>) {
        let names: BTreeSet<_> = old.values.keys().chain(new.values.keys()).collect();
        for name in names {
            let (before, after) = (old.values.get(name), new.values.get(name));
            if before == after {
                continue;
            }
            let member = name.starts_with('.');
            let place = if member {
                format!("{path}{name}")
            } else {
                path.to_owned()
            };
            changes.push(ItemChange {
                kind: ChangeKind::Steered,
                verdict: Verdict::Harmless,
                old: before.cloned(),
                new: after.cloned(),
                advice: "callers compile as before: what it accepts or says is another".to_owned(),
                ..self.change(&place, old)
            });
        }
    }

    fn change(&self, path: &str, item: &Item) -> ItemChange {
        let owner = item.owner.as_deref();
        let subject = if matches!(item.sort, Sort::Implementation) {
            owner.unwrap_or(path)
        } else {
            path
        };
        let mut packages = vec![Package::Client];
        for (package, reached) in &self.reached {
            if reached.contains(owner.unwrap_or(path)) {
                packages.push(*package);
            }
        }
        let (old, new) = (self.origins.0.of(subject), self.origins.1.of(subject));
        let has = |surface: &Surface| surface.items.contains_key(path);
        let origin = match (has(&self.old), has(&self.new)) {
            (true, false) => old.without(new),
            (false, true) => new.without(old).turned(),
            _ => old.with(new),
        };
        ItemChange {
            path: path.to_owned(),
            kind: ChangeKind::Changed,
            verdict: Verdict::Harmless,
            old: None,
            new: None,
            advice: String::new(),
            packages,
            origin,
        }
    }

    /// The added type that has the same members, where one alone has.
    fn renamed(&self, path: &str) -> Option<&str> {
        let members = self.old.members(path);
        if members.is_empty() {
            return None;
        }
        let mut same = self.new.items.keys().filter(|other| {
            !self.old.items.contains_key(*other) && self.new.members(other) == members
        });
        same.next()
            .filter(|_| same.next().is_none())
            .map(String::as_str)
    }
}

impl Surface {
    /// Whether the item is told by that of what it belongs to, which `other` has not.
    fn went_with_owner(&self, item: &Item, other: &Self) -> bool {
        // A conversion belongs to both of its types.
        let of_impl = matches!(item.sort, Sort::Implementation)
            .then_some(&item.names)
            .into_iter()
            .flatten();
        item.owner
            .iter()
            .chain(of_impl)
            .any(|owner| self.items.contains_key(owner) && !other.items.contains_key(owner))
    }

    /// The fields and variants of a type.
    fn members(&self, path: &str) -> Vec<&str> {
        self.items
            .values()
            .filter(|item| {
                item.owner.as_deref() == Some(path)
                    && matches!(item.sort, Sort::Field | Sort::Variant)
            })
            .map(|item| &*item.signature)
            .collect()
    }
}

fn function(old: &Signature, new: &Signature) -> (Verdict, &'static str) {
    let same_values = text(&old.inputs) == text(&new.inputs)
        && text(&old.output) == text(&new.output)
        && old.asyncness.is_some() == new.asyncness.is_some()
        && old.unsafety.is_some() == new.unsafety.is_some();
    let (before, after) = (bounds(old), bounds(new));
    if same_values && parameters(old) == parameters(new) && after.is_subset(&before) {
        return (Verdict::Minor, "it asks less of what callers give");
    }
    if text(&old.output) == text(&new.output)
        && old.inputs.len() == new.inputs.len()
        && old
            .inputs
            .iter()
            .zip(&new.inputs)
            .all(|(before, after)| text(before) == text(after) || is_generic(after, new))
        && !same_values
    {
        return (
            Verdict::NeedsReview,
            "it takes any type with the right traits: check whether what callers give still fits, \
             also where its type is inferred",
        );
    }
    (
        Verdict::Breaking,
        "callers that give or take another type no longer compile",
    )
}

fn text(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn parameters(signature: &Signature) -> Vec<String> {
    signature
        .generics
        .params
        .iter()
        .map(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            other => text(other),
        })
        .collect()
}

/// What the signature asks of its type parameters, wherever it is written.
fn bounds(signature: &Signature) -> BTreeSet<String> {
    let inline = signature.generics.type_params().flat_map(|parameter| {
        let name = &parameter.ident;
        parameter
            .bounds
            .iter()
            .map(move |bound| format!("{name} : {}", text(bound)))
    });
    let clause = signature.generics.where_clause.iter();
    let apart = clause
        .flat_map(|clause| &clause.predicates)
        .flat_map(|predicate| {
            let syn::WherePredicate::Type(predicate) = predicate else {
                return vec![text(predicate)];
            };
            let of = text(&predicate.bounded_ty);
            predicate
                .bounds
                .iter()
                .map(|bound| format!("{of} : {}", text(bound)))
                .collect()
        });
    inline.chain(apart).collect()
}

fn is_generic(argument: &FnArg, signature: &Signature) -> bool {
    let FnArg::Typed(argument) = argument else {
        return false;
    };
    match &*argument.ty {
        Type::ImplTrait(_) => true,
        Type::Path(path) => signature
            .generics
            .type_params()
            .any(|parameter| path.path.is_ident(&parameter.ident)),
        _ => false,
    }
}
