//! What the types show of themselves.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Fields, File, Item, ItemEnum, ItemImpl, ItemStruct, Path, Token, TypePath,
    parse_quote,
};

/// A module for wildcard imports that holds one name, and that nobody can reach.
pub(super) fn drop_prelude(file: &mut File) -> usize {
    let before = file.items.len();
    file.items
        .retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    before - file.items.len()
}

/// A derived `Debug` would print ids, names and addresses into logs.
pub(super) fn redact_debug(file: &mut File) -> usize {
    fn redact(items: &mut Vec<Item>) -> usize {
        let mut places = 0;
        let mut redacted = Vec::with_capacity(items.len());
        for mut item in std::mem::take(items) {
            let hidden = match &mut item {
                Item::Mod(module) => {
                    if let Some((_, items)) = &mut module.content {
                        places += redact(items);
                    }
                    None
                }
                Item::Struct(item) => take_derive(&mut item.attrs, "Debug")
                    .then(|| (item.ident.clone(), item.generics.clone())),
                // Names of variants say nothing of whom they are about; their content would.
                Item::Enum(item)
                    if item
                        .variants
                        .iter()
                        .any(|variant| !matches!(variant.fields, Fields::Unit)) =>
                {
                    take_derive(&mut item.attrs, "Debug")
                        .then(|| (item.ident.clone(), item.generics.clone()))
                }
                _ => None,
            };
            redacted.push(item);
            if let Some((ident, generics)) = hidden {
                let name = ident.to_string();
                let (for_impl, for_type, clause) = generics.split_for_impl();
                let shown: ItemImpl = parse_quote! {
                    impl #for_impl ::std::fmt::Debug for #ident #for_type #clause {
                        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                            f.debug_struct(#name).finish_non_exhaustive()
                        }
                    }
                };
                redacted.push(Item::Impl(shown));
                places += 1;
            }
        }
        *items = redacted;
        places
    }
    redact(&mut file.items)
}

/// A member or a value that the API adds one day must not break whoever uses the type, so nobody
/// writes one out in full: the builders make them.
pub(super) fn leave_room(file: &mut File) -> usize {
    let mut places = 0;
    for item in types_of(file) {
        let (Item::Struct(ItemStruct {
            attrs: attributes,
            fields: Fields::Named(_),
            ..
        })
        | Item::Enum(ItemEnum {
            attrs: attributes, ..
        })) = item
        else {
            continue;
        };
        if travels(attributes) && !attributes.iter().any(is_non_exhaustive) {
            attributes.push(parse_quote!(#[non_exhaustive]));
            places += 1;
        }
    }
    places
}

/// Derives the comparisons that the members allow: no floating-point number is `Eq`, and no hash map
/// is `Hash`.
pub(super) fn derive_equality(file: &mut File) -> usize {
    let members: BTreeMap<String, BTreeSet<String>> = types_of(file)
        .filter_map(|item| {
            let (Item::Struct(ItemStruct { ident, .. }) | Item::Enum(ItemEnum { ident, .. })) =
                &*item
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
    for item in types_of(file) {
        let (Item::Struct(ItemStruct { ident, attrs, .. })
        | Item::Enum(ItemEnum { ident, attrs, .. })) = item
        else {
            continue;
        };
        if !travels(attrs) {
            continue;
        }
        let traits: &[&str] = if unhashable.contains(&ident.to_string()) {
            &["PartialEq"]
        } else {
            &["PartialEq", "Eq", "Hash"]
        };
        let missing: Vec<_> = traits
            .iter()
            .filter(|name| !attrs.iter().any(|attribute| derives(attribute, name)))
            .map(|name| format_ident!("{name}"))
            .collect();
        if !missing.is_empty() {
            attrs.push(parse_quote!(#[derive(#(#missing),*)]));
            places += 1;
        }
    }
    places
}

/// The last names of all types that an item mentions.
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
    derived(attribute).is_some_and(|traits| {
        traits
            .iter()
            .any(|path| path.segments.last().is_some_and(|last| last.ident == name))
    })
}

/// The traits of a derive.
fn derived(attribute: &Attribute) -> Option<Punctuated<Path, Token![,]>> {
    attribute.path().is_ident("derive").then_some(())?;
    attribute.parse_args_with(Punctuated::parse_terminated).ok()
}

/// Types that travel can describe themselves as JSON Schema, when that is asked for.
pub(super) fn derive_json_schema(file: &mut File) -> usize {
    let mut places = 0;
    for item in types_of(file) {
        let (Item::Struct(ItemStruct { attrs, .. }) | Item::Enum(ItemEnum { attrs, .. })) = item
        else {
            continue;
        };
        if travels(attrs) {
            attrs.push(parse_quote!(
                #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
            ));
            places += 1;
        }
    }
    places
}

/// What stands in the module of the types.
fn types_of(file: &mut File) -> impl Iterator<Item = &mut Item> {
    file.items
        .iter_mut()
        .filter_map(|item| match item {
            Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
            _ => None,
        })
        .flat_map(|(_, items)| items)
}

/// Whether values of the type are sent or received.
fn travels(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| derives(attribute, "Serialize"))
}

fn is_non_exhaustive(attribute: &Attribute) -> bool {
    attribute.path().is_ident("non_exhaustive")
}

/// Takes a trait out of the derives; says whether it was there.
fn take_derive(attributes: &mut [Attribute], name: &str) -> bool {
    let mut taken = false;
    for attribute in attributes {
        let Some(traits) = derived(attribute) else {
            continue;
        };
        let kept: Vec<_> = traits.iter().filter(|path| !path.is_ident(name)).collect();
        if kept.len() < traits.len() {
            taken = true;
            let kept = quote!(#(#kept),*);
            *attribute = parse_quote!(#[derive(#kept)]);
        }
    }
    taken
}
