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

/// Types that travel can describe themselves as JSON Schema, when that is asked for.
pub(super) fn derive_json_schema(file: &mut File) -> usize {
    let mut places = 0;
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        if module.ident != "types" {
            continue;
        }
        for item in module.content.iter_mut().flat_map(|(_, items)| items) {
            let (Item::Struct(syn::ItemStruct { attrs, .. })
            | Item::Enum(syn::ItemEnum { attrs, .. })) = item
            else {
                continue;
            };
            let travels = attrs.iter().any(|attribute| {
                attribute.path().is_ident("derive")
                    && attribute
                        .to_token_stream()
                        .to_string()
                        .contains("Serialize")
            });
            if travels {
                attrs.push(parse_quote!(
                    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
                ));
                places += 1;
            }
        }
    }
    places
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
