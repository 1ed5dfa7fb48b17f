//! The traits and attributes of the generated types.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenTree;
use quote::format_ident;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Fields, File, Ident, Item, ItemEnum, ItemImpl, ItemStruct, Meta, Path, Token,
    TypePath, parse_quote,
};

use super::syntax::module;

/// Removes the module `prelude`, whose one name is exported already.
pub(super) fn drop_prelude(file: &mut File) -> usize {
    let before = file.items.len();
    file.items
        .retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    before - file.items.len()
}

/// Replaces the derived `Debug`, which prints ids, names and addresses into logs.
pub(super) fn redact_debug(file: &mut File) -> usize {
    redact(&mut file.items)
}

fn redact(items: &mut Vec<Item>) -> usize {
    let mut places = 0;
    let mut redacted = Vec::with_capacity(items.len());
    for mut item in std::mem::take(items) {
        let debug = match &mut item {
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    places += redact(items);
                }
                None
            }
            Item::Struct(ItemStruct {
                attrs,
                ident,
                generics,
                ..
            }) => take_derive(attrs, "Debug").then_some((ident, generics)),
            // The names of variants contain no personal data, but their fields may.
            Item::Enum(ItemEnum {
                attrs,
                ident,
                generics,
                variants,
                ..
            }) if variants.iter().any(|variant| !variant.fields.is_empty()) => {
                take_derive(attrs, "Debug").then_some((ident, generics))
            }
            _ => None,
        };
        let debug = debug.map(|(ident, generics)| -> ItemImpl {
            let name = ident.to_string();
            let (for_impl, for_type, clause) = generics.split_for_impl();
            parse_quote! {
                impl #for_impl ::std::fmt::Debug for #ident #for_type #clause {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.debug_struct(#name).finish_non_exhaustive()
                    }
                }
            }
        });
        places += usize::from(debug.is_some());
        redacted.push(item);
        redacted.extend(debug.map(Item::Impl));
    }
    *items = redacted;
    places
}

/// Makes types non-exhaustive, so that a new member or value in the API does not break callers.
pub(super) fn mark_non_exhaustive(file: &mut File) -> usize {
    let mut places = 0;
    for (_, attributes, can_grow) in wire_types(file) {
        let is_marked = attributes
            .iter()
            .any(|own| own.path().is_ident("non_exhaustive"));
        if can_grow && !is_marked {
            attributes.push(parse_quote!(#[non_exhaustive]));
            places += 1;
        }
    }
    places
}

/// Derives `JsonSchema` with the feature `schemars`.
pub(super) fn derive_json_schema(file: &mut File) -> usize {
    let mut places = 0;
    for (_, attributes, _) in wire_types(file) {
        attributes.push(parse_quote!(
            #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
        ));
        places += 1;
    }
    places
}

/// Derives `PartialEq`, and `Eq` and `Hash` for types without floating-point numbers and hash maps.
pub(super) fn derive_equality(file: &mut File) -> usize {
    let members: BTreeMap<String, BTreeSet<String>> = module(&mut file.items, "types")
        .iter()
        .filter_map(|item| {
            let (Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. })) =
                item
            else {
                return None;
            };
            let name = ident.to_string();
            let mut named = NamedTypes(BTreeSet::new());
            named.visit_item_mut(&mut item.clone());
            Some((name, named.0))
        })
        .collect();
    let mut unhashable: BTreeSet<String> = ["f32", "f64", "HashMap"].map(str::to_owned).into();
    loop {
        let found: Vec<_> = members
            .iter()
            .filter(|(name, types)| !unhashable.contains(*name) && !types.is_disjoint(&unhashable))
            .map(|(name, _)| name.clone())
            .collect();
        if found.is_empty() {
            break;
        }
        unhashable.extend(found);
    }
    let mut places = 0;
    for (ident, attributes, _) in wire_types(file) {
        let traits: &[&str] = if unhashable.contains(&ident.to_string()) {
            &["PartialEq"]
        } else {
            &["PartialEq", "Eq", "Hash"]
        };
        let missing: Vec<_> = traits
            .iter()
            .filter(|name| !attributes.iter().any(|attribute| derives(attribute, name)))
            .map(|name| format_ident!("{name}"))
            .collect();
        if !missing.is_empty() {
            attributes.push(parse_quote!(#[derive(#(#missing),*)]));
            places += 1;
        }
    }
    places
}

/// The types that are sent or received, and whether the API may add members or values to them.
fn wire_types(file: &mut File) -> impl Iterator<Item = (&Ident, &mut Vec<Attribute>, bool)> {
    let items = module(&mut file.items, "types").iter_mut();
    items.filter_map(|item| {
        let (ident, attributes, can_grow) = match item {
            Item::Struct(item) => {
                let can_grow = matches!(item.fields, Fields::Named(_));
                (&item.ident, &mut item.attrs, can_grow)
            }
            Item::Enum(item) => (&item.ident, &mut item.attrs, true),
            _ => return None,
        };
        let is_serialized = attributes.iter().any(|own| derives(own, "Serialize"));
        is_serialized.then_some((ident, attributes, can_grow))
    })
}

/// The last names of the paths of all types in an item.
struct NamedTypes(BTreeSet<String>);

impl VisitMut for NamedTypes {
    fn visit_type_path_mut(&mut self, kind: &mut TypePath) {
        if let Some(last) = kind.path.segments.last() {
            self.0.insert(last.ident.to_string());
        }
        visit_mut::visit_type_path_mut(self, kind);
    }
}

fn derives(attribute: &Attribute, name: &str) -> bool {
    let is_name = |token| matches!(token, TokenTree::Ident(own) if own == name);
    attribute.path().is_ident("derive")
        && matches!(&attribute.meta, Meta::List(list) if list.tokens.clone().into_iter().any(is_name))
}

/// The traits of a derive.
fn derived(attribute: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    attribute.path().is_ident("derive").then_some(())?;
    attribute.parse_args_with(Punctuated::parse_terminated).ok()
}

/// Removes a trait from the derives. Returns whether it was there.
pub(super) fn take_derive(attributes: &mut [Attribute], name: &str) -> bool {
    let mut taken = false;
    for attribute in attributes.iter_mut().filter(|own| derives(own, name)) {
        let Some(traits) = derived(attribute) else {
            continue;
        };
        let kept = traits
            .iter()
            .filter(|path| path.segments.last().is_none_or(|last| last.ident != name));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
        taken = true;
    }
    taken
}
