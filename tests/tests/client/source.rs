//! The two crates' sources, for what no value of theirs can tell.

use std::collections::BTreeSet;
use std::path::Path;

use syn::{FnArg, ImplItem, Item, Type, Visibility};

pub(crate) fn parsed(path: &str) -> syn::File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The public methods that a type has of its own; its constructors are none.
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
