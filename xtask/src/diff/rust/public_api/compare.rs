//! Which public items changed, and what that means for callers.

use std::collections::BTreeSet;

use authress_users_openapi::Document;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{FnArg, GenericParam, Signature, Type, WherePredicate};

use super::dependents::Dependent;
use super::model::{ApiVerdict, ChangeKind, Item, ItemChange, ItemKind, Package, PublicApi};
use super::origin::Origin;
use crate::generate::Files;

/// Compares the code of two specs, for callers of the raw crate and of the crates that expose it.
pub(crate) fn changes(
    old: (&Document, &Files),
    new: (&Document, &Files),
    dependents: &[Dependent],
) -> Result<Vec<ItemChange>, String> {
    // Most edits of a spec that callers cannot see do not change the code.
    if old.1 == new.1 {
        return Ok(Vec::new());
    }
    let (old_api, new_api) = (PublicApi::read(old.1)?, PublicApi::read(new.1)?);
    let reached = dependents
        .iter()
        .map(|dependent| (dependent.package, dependent.reach(&old_api, &new_api)));
    let comparison = Comparison {
        documents: (old.0, new.0),
        reached: reached.collect(),
        old: old_api,
        new: new_api,
    };
    Ok(comparison.run())
}

struct Comparison<'a> {
    documents: (&'a Document, &'a Document),
    old: PublicApi,
    new: PublicApi,
    reached: Vec<(Package, BTreeSet<String>)>,
}

impl Comparison<'_> {
    fn run(&self) -> Vec<ItemChange> {
        let paths: BTreeSet<_> = self.old.items.keys().chain(self.new.items.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            match (self.old.items.get(path), self.new.items.get(path)) {
                (Some(item), None) if !self.old.is_with_owner(item, &self.new) => {
                    changes.push(self.removed(path, item));
                }
                (None, Some(item)) if !self.new.is_with_owner(item, &self.old) => {
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
            (ItemKind::Function(old), ItemKind::Function(new)) => function(old, new),
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
                change.advice =
                    "none needed; code compiles as before, and the behavior follows the spec"
                        .to_owned();
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
            origin: self.origin(subject, (is_in(&self.old), is_in(&self.new))),
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

fn function(old: &Signature, new: &Signature) -> (ApiVerdict, &'static str) {
    let is_output_same = text(&old.output) == text(&new.output);
    let are_values_same = text(&old.inputs) == text(&new.inputs)
        && is_output_same
        && old.asyncness.is_some() == new.asyncness.is_some()
        && old.unsafety.is_some() == new.unsafety.is_some();
    if are_values_same && parameters(old) == parameters(new) && bounds(new).is_subset(&bounds(old))
    {
        return (
            ApiVerdict::Minor,
            "none needed; it requires less of its arguments",
        );
    }
    let mut inputs = old.inputs.iter().zip(&new.inputs);
    let is_generalized = is_output_same
        && !are_values_same
        && old.inputs.len() == new.inputs.len()
        && inputs
            .all(|(old, new_input)| text(old) == text(new_input) || is_generic(new_input, new));
    if is_generalized {
        return (
            ApiVerdict::NeedsReview,
            "check whether callers' arguments implement the traits, also where types are inferred",
        );
    }
    (
        ApiVerdict::Breaking,
        "name the change in the changelog; code that passes or expects another type no longer compiles",
    )
}

fn text(tokens: impl ToTokens) -> String {
    tokens.into_token_stream().to_string()
}

fn parameters(signature: &Signature) -> Vec<String> {
    let parameters = signature.generics.params.iter();
    parameters
        .map(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            other => text(other),
        })
        .collect()
}

/// Returns the bounds of type parameters, wherever they are written.
fn bounds(signature: &Signature) -> BTreeSet<String> {
    let bounds = |of: TokenStream, bounds: Vec<TokenStream>| -> Vec<String> {
        bounds
            .iter()
            .map(|bound| format!("{of}: {bound}"))
            .collect()
    };
    let tokens = |of: &syn::TypeParamBound| of.to_token_stream();
    let inline = signature.generics.type_params().map(|parameter| {
        let list = parameter.bounds.iter().map(tokens).collect();
        bounds(parameter.ident.to_token_stream(), list)
    });
    let clause = signature.generics.where_clause.iter();
    let clause = clause
        .flat_map(|clause| &clause.predicates)
        .map(|predicate| match predicate {
            WherePredicate::Type(of) => {
                let list = of.bounds.iter().map(tokens).collect();
                bounds(of.bounded_ty.to_token_stream(), list)
            }
            other => vec![text(other)],
        });
    inline.chain(clause).flatten().collect()
}

fn is_generic(argument: &FnArg, signature: &Signature) -> bool {
    let FnArg::Typed(argument) = argument else {
        return false;
    };
    match &*argument.ty {
        Type::ImplTrait(_) => true,
        Type::Path(of) => {
            let mut parameters = signature.generics.type_params();
            parameters.any(|parameter| of.path.is_ident(&parameter.ident))
        }
        _ => false,
    }
}
