//! Which items of the raw crate the crates built on it expose to their callers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Fields, ImplItem, Item, ItemImpl, Type};

use super::item::PublicApi;
use super::model::Package;
use super::tokens::{imports, is_public, paths};

/// The raw crate's name in sources.
const RAW: &str = "authress_users_client";

/// A crate that is built on the raw crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependent {
    pub(crate) package: Package,
    /// The raw crate's items in the signatures of its public items.
    names: BTreeSet<String>,
}

/// The crates built on the raw crate, or why their sources cannot be read.
pub(crate) type Dependents = Result<Vec<Dependent>, String>;

/// Reads from the sources of ext and contract what they expose.
pub(crate) fn dependents(root: &Path) -> Dependents {
    let sources = [
        (Package::Ext, "authress-users-ext/src"),
        (Package::Contract, "tests/src"),
    ];
    sources
        .into_iter()
        .map(|(package, directory)| {
            let names = exposed(&root.join(directory))?;
            Ok(Dependent { package, names })
        })
        .collect()
}

impl Dependent {
    /// Returns the items that its callers can reach, in the code of either spec.
    pub(super) fn reach(&self, old: &PublicApi, new: &PublicApi) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<_> = self.names.iter().cloned().collect();
        while let Some(path) = open.pop() {
            if !reached.insert(path.clone()) {
                continue;
            }
            for (key, item) in old.items.iter().chain(&new.items) {
                if *key == path || item.owner.as_deref() == Some(&*path) {
                    open.extend(item.names.iter().cloned());
                }
            }
        }
        reached
    }
}

/// Returns the raw crate's items in the public signatures of a crate. Its lints reject a `pub` item
/// that callers cannot reach, so `pub` decides.
fn exposed(source: &Path) -> Result<BTreeSet<String>, String> {
    let mut files = Vec::new();
    for file in rust_files(source)? {
        let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        let parsed = syn::parse_file(&text)
            .map_err(|error| format!("{}: not valid Rust: {error}", file.display()))?;
        files.push(parsed.items);
    }
    let types: BTreeSet<String> = files.iter().flatten().filter_map(public_type).collect();
    let mut names = BTreeSet::new();
    for items in files {
        let imported = raw_imports(&items);
        let signatures = items.into_iter().flat_map(|item| signatures(item, &types));
        for path in signatures.flat_map(paths) {
            let (first, rest) = (&path[0], &path[1..]);
            match imported.get(first) {
                Some(target) => _ = names.insert([target, rest].concat().join("::")),
                None if first == RAW => _ = names.insert(rest.join("::")),
                None => {}
            }
        }
    }
    Ok(names)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("could not read {}: {error}", path.display())
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(|error| unreadable(directory, &error))? {
        let path = entry.map_err(|error| unreadable(directory, &error))?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn public_type(item: &Item) -> Option<String> {
    let (name, visibility) = match item {
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    is_public(visibility).then(|| name.to_string())
}

/// Returns the names that a file imports from the raw crate, with their paths in it.
fn raw_imports(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    let uses = items.iter().filter_map(|item| match item {
        Item::Use(item) => Some(imports(&item.tree)),
        _ => None,
    });
    uses.flatten()
        .filter(|(_, path)| path[0] == RAW)
        .map(|(name, path)| (name, path[1..].to_vec()))
        .collect()
}

/// Returns the parts of an item that callers see.
fn signatures(item: Item, types: &BTreeSet<String>) -> Vec<TokenStream> {
    let whole = match item {
        Item::Use(item) if is_public(&item.vis) => {
            let paths = imports(&item.tree).into_iter();
            let paths = paths.filter_map(|(_, path)| path.join("::").parse().ok());
            return paths.collect();
        }
        Item::Struct(item) if is_public(&item.vis) => {
            let generics = &item.generics;
            let fields = public_fields(&item.fields);
            quote!(#generics #(#fields)*)
        }
        Item::Enum(item) if is_public(&item.vis) => item.to_token_stream(),
        Item::Type(item) if is_public(&item.vis) => item.to_token_stream(),
        Item::Trait(item) if is_public(&item.vis) => item.to_token_stream(),
        Item::Const(item) if is_public(&item.vis) => item.ty.to_token_stream(),
        Item::Static(item) if is_public(&item.vis) => item.ty.to_token_stream(),
        Item::Fn(item) if is_public(&item.vis) => item.sig.to_token_stream(),
        Item::Mod(item) => {
            let items = item.content.into_iter().flat_map(|(_, items)| items);
            let is_test = item.attrs.iter().any(|of| of.path().is_ident("cfg"));
            let items = items.filter(|_| !is_test);
            return items.flat_map(|item| signatures(item, types)).collect();
        }
        Item::Impl(item) if is_of_public_type(&item, types) => implementation(&item),
        // A macro may expand to anything with its arguments.
        Item::Macro(item) if item.ident.is_none() => item.mac.tokens,
        _ => return Vec::new(),
    };
    vec![whole]
}

fn public_fields(fields: &Fields) -> Vec<&Type> {
    let public = fields.iter().filter(|field| is_public(&field.vis));
    public.map(|field| &field.ty).collect()
}

fn is_of_public_type(item: &ItemImpl, types: &BTreeSet<String>) -> bool {
    match &*item.self_ty {
        Type::Path(of) => {
            let name = of.path.segments.last().map(|last| last.ident.to_string());
            name.is_some_and(|name| types.contains(&name))
        }
        // A reference or a type parameter.
        _ => true,
    }
}

fn implementation(item: &ItemImpl) -> TokenStream {
    let of = item.trait_.as_ref().map(|(_, of, _)| of);
    let is_visible = |visibility| of.is_some() || is_public(visibility);
    let inner = item.items.iter().filter_map(|inner| match inner {
        ImplItem::Fn(method) if is_visible(&method.vis) => Some(method.sig.to_token_stream()),
        ImplItem::Type(inner) => Some(inner.ty.to_token_stream()),
        ImplItem::Const(inner) if is_visible(&inner.vis) => Some(inner.ty.to_token_stream()),
        _ => None,
    });
    let generics = &item.generics;
    // Separators keep neighboring paths apart.
    quote!(#generics; #of; #(#inner;)*)
}
