//! Reads the sources of the client crates, for what values cannot show.

use std::collections::BTreeSet;
use std::path::Path;

use syn::{FnArg, ImplItem, Item, Type, Visibility};

pub(crate) fn parsed(path: &str) -> syn::File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the public methods of a type, without constructors.
pub(crate) fn methods(file: &syn::File, of: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in &file.items {
        let Item::Impl(block) = item else { continue };
        let Type::Path(own) = &*block.self_ty else {
            continue;
        };
        if block.trait_.is_some() || own.path.segments.last().is_none_or(|last| last.ident != of) {
            continue;
        }
        for item in &block.items {
            if let ImplItem::Fn(method) = item
                && matches!(method.vis, Visibility::Public(_))
                && matches!(method.sig.inputs.first(), Some(FnArg::Receiver(_)))
            {
                names.insert(method.sig.ident.to_string());
            }
        }
    }
    names
}

/// Returns the public structs and enums of a module, without those of its submodules.
pub(crate) fn types(file: &syn::File, module: &str) -> BTreeSet<String> {
    let modules = file.items.iter().filter_map(|item| match item {
        Item::Mod(own) if own.ident == module => own.content.as_ref(),
        _ => None,
    });
    let items = modules.flat_map(|(_, items)| items);
    items
        .filter_map(|item| match item {
            Item::Struct(own) => Some((&own.vis, &own.ident)),
            Item::Enum(own) => Some((&own.vis, &own.ident)),
            _ => None,
        })
        .filter(|(visibility, _)| matches!(visibility, Visibility::Public(_)))
        .map(|(_, name)| name.to_string())
        .collect()
}
