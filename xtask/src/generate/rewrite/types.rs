//! What the types show of themselves.

use quote::{ToTokens, quote};
use syn::{Fields, File, Item, ItemImpl, parse_quote};

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
        let (Item::Struct(syn::ItemStruct {
            attrs: attributes,
            fields: Fields::Named(_),
            ..
        })
        | Item::Enum(syn::ItemEnum {
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

/// Types that travel can describe themselves as JSON Schema, when that is asked for.
pub(super) fn derive_json_schema(file: &mut File) -> usize {
    let mut places = 0;
    for item in types_of(file) {
        let (Item::Struct(syn::ItemStruct { attrs, .. }) | Item::Enum(syn::ItemEnum { attrs, .. })) =
            item
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
fn travels(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("derive")
            && attribute
                .to_token_stream()
                .to_string()
                .contains("Serialize")
    })
}

fn is_non_exhaustive(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("non_exhaustive")
}

/// Takes a trait out of the derives; says whether it was there.
fn take_derive(attributes: &mut [syn::Attribute], name: &str) -> bool {
    let mut taken = false;
    for attribute in attributes
        .iter_mut()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        let Ok(traits) = attribute.parse_args_with(
            syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated,
        ) else {
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
