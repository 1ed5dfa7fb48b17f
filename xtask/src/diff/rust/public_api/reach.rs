//! What of the raw crate reaches the callers of the crates that are built on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Fields, ImplItem, Item, ItemImpl, Type};

use super::signature::{imports, is_public};
use super::{Package, Surface};

/// The raw crate, as sources name it.
const RAW: &str = "authress_users_client";

/// A crate that is built on the raw one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependent {
    pub(crate) package: Package,
    /// The raw crate's items that its public ones name.
    names: BTreeSet<String>,
}

/// The crates over the raw one, or why their sources can't be read.
pub(crate) type Dependents = Result<Vec<Dependent>, String>;

/// Reads from the sources of the face and of the contract what they pass on to their callers.
pub(crate) fn dependents(root: &Path) -> Dependents {
    let sources = [
        (Package::Ext, "authress-users-ext/src"),
        (Package::Contract, "tests/src"),
    ];
    sources
        .into_iter()
        .map(|(package, directory)| {
            Ok(Dependent {
                package,
                names: passed_on(&root.join(directory))?,
            })
        })
        .collect()
}

impl Dependent {
    /// The types that its callers can get hold of, in the code of either document.
    pub(super) fn reach(&self, old: &Surface, new: &Surface) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<_> = self.names.iter().cloned().collect();
        while let Some(path) = open.pop() {
            if !reached.insert(path.clone()) {
                continue;
            }
            for surface in [old, new] {
                for (key, item) in &surface.items {
                    if *key == path || item.owner.as_deref() == Some(&*path) {
                        open.extend(item.names.iter().cloned());
                    }
                }
            }
        }
        reached
    }
}

/// What the public items of a crate name of the raw one.
fn passed_on(source: &Path) -> Result<BTreeSet<String>, String> {
    let mut public = BTreeSet::new();
    public_names(source, "lib", source, &mut public)?;
    let mut names = BTreeSet::new();
    for file in rust_files(source)? {
        let text = text(&file)?;
        // Most files know nothing of it, and parsing is what takes the time.
        if !text.contains(RAW) {
            continue;
        }
        let items = parsed(&file, &text)?;
        let mut finder = Finder {
            imported: imported(&items),
            found: &mut names,
        };
        for item in items {
            finder.item(item, &public);
        }
    }
    Ok(names)
}

/// The names under which a module's items are public, re-exports and public modules included.
fn public_names(
    directory: &Path,
    name: &str,
    inner: &Path,
    public: &mut BTreeSet<String>,
) -> Result<(), String> {
    let alone = directory.join(format!("{name}.rs"));
    let file = if alone.exists() {
        alone
    } else {
        inner.join("mod.rs")
    };
    for item in parsed(&file, &text(&file)?)? {
        match item {
            Item::Use(item) if is_public(&item.vis) => {
                // The name that it has where it is declared, which its own file calls it by.
                public.extend(
                    imports(&item.tree)
                        .into_iter()
                        .filter_map(|(_, path)| path.last().cloned()),
                );
            }
            Item::Mod(item) if is_public(&item.vis) && item.content.is_none() => {
                let name = item.ident.to_string();
                public_names(inner, &name, &inner.join(&name), public)?;
            }
            Item::Struct(item) if is_public(&item.vis) => _ = public.insert(item.ident.to_string()),
            Item::Enum(item) if is_public(&item.vis) => _ = public.insert(item.ident.to_string()),
            Item::Trait(item) if is_public(&item.vis) => _ = public.insert(item.ident.to_string()),
            Item::Type(item) if is_public(&item.vis) => _ = public.insert(item.ident.to_string()),
            Item::Fn(item) if is_public(&item.vis) => _ = public.insert(item.sig.ident.to_string()),
            Item::Const(item) if is_public(&item.vis) => _ = public.insert(item.ident.to_string()),
            _ => {}
        }
    }
    Ok(())
}

fn rust_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |reason| format!("{}: can't be read: {reason}", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text(file: &Path) -> Result<String, String> {
    fs::read_to_string(file)
        .map_err(|reason| format!("{}: can't be read: {reason}", file.display()))
}

fn parsed(file: &Path, text: &str) -> Result<Vec<Item>, String> {
    syn::parse_file(text)
        .map(|file| file.items)
        .map_err(|reason| format!("{}: is not Rust: {reason}", file.display()))
}

/// What a file calls the raw crate's items.
fn imported(items: &[Item]) -> BTreeMap<String, Vec<String>> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Use(item) => Some(imports(&item.tree)),
            _ => None,
        })
        .flatten()
        .filter(|(_, path)| path.first().is_some_and(|first| first == RAW))
        .collect()
}

/// Finds the raw crate's items in what callers see.
struct Finder<'a> {
    imported: BTreeMap<String, Vec<String>>,
    found: &'a mut BTreeSet<String>,
}

impl Finder<'_> {
    fn item(&mut self, item: Item, public: &BTreeSet<String>) {
        let named = |ident: &syn::Ident| public.contains(&ident.to_string());
        match item {
            Item::Use(item) if is_public(&item.vis) => {
                for (_, path) in imports(&item.tree) {
                    self.note(&path);
                }
            }
            Item::Struct(mut item) if named(&item.ident) => {
                self.visit_generics_mut(&mut item.generics);
                self.fields(&mut item.fields);
            }
            Item::Enum(mut item) if named(&item.ident) => self.visit_item_enum_mut(&mut item),
            Item::Type(mut item) if named(&item.ident) => self.visit_item_type_mut(&mut item),
            Item::Trait(mut item) if named(&item.ident) => self.visit_item_trait_mut(&mut item),
            Item::Const(mut item) if named(&item.ident) => self.visit_type_mut(&mut item.ty),
            Item::Static(mut item) if named(&item.ident) => self.visit_type_mut(&mut item.ty),
            Item::Fn(mut item) if named(&item.sig.ident) => {
                self.visit_signature_mut(&mut item.sig);
            }
            Item::Impl(item) => self.implementation(item, public),
            // It may make anything of what it is given.
            Item::Macro(item) if item.ident.is_none() => self.tokens(item.mac.tokens),
            _ => {}
        }
    }

    fn fields(&mut self, fields: &mut Fields) {
        for field in fields.iter_mut().filter(|field| is_public(&field.vis)) {
            self.visit_type_mut(&mut field.ty);
        }
    }

    fn implementation(&mut self, mut item: ItemImpl, public: &BTreeSet<String>) {
        let known = match &*item.self_ty {
            Type::Path(of) => of
                .path
                .segments
                .last()
                .is_some_and(|last| public.contains(&last.ident.to_string())),
            // A reference or a type parameter: it is for callers as well.
            _ => true,
        };
        if !known {
            return;
        }
        self.visit_generics_mut(&mut item.generics);
        let of_trait = item.trait_.is_some();
        if let Some((_, of, _)) = &mut item.trait_ {
            self.visit_path_mut(of);
        }
        for inner in &mut item.items {
            match inner {
                ImplItem::Fn(method) if of_trait || is_public(&method.vis) => {
                    self.visit_signature_mut(&mut method.sig);
                }
                ImplItem::Type(inner) => self.visit_type_mut(&mut inner.ty),
                ImplItem::Const(inner) if of_trait || is_public(&inner.vis) => {
                    self.visit_type_mut(&mut inner.ty);
                }
                _ => {}
            }
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => self.name(&[ident.to_string()]),
                _ => {}
            }
        }
    }

    fn name(&mut self, path: &[String]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        if let Some(target) = self.imported.get(first) {
            let whole: Vec<_> = target.iter().chain(rest).cloned().collect();
            self.note(&whole);
        } else {
            self.note(path);
        }
    }

    fn note(&mut self, path: &[String]) {
        if let [first, rest @ ..] = path
            && first == RAW
        {
            self.found.insert(rest.join("::"));
        }
    }
}

impl VisitMut for Finder<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.name(&names);
        visit_mut::visit_path_mut(self, path);
    }
}
