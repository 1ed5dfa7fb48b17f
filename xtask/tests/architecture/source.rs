//! The modules of a crate, read from its source: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree};

/// A module path below the crate root: `["retry", "budget"]`, and `[]` for the root.
pub(crate) type ModulePath = Vec<String>;

/// A path as source code spells it: `crate::retry::Budget`.
pub(crate) type NamePath = Vec<String>;

/// A module, inline or a file of its own. Test modules are not read.
#[derive(Debug)]
pub(crate) struct Module {
    /// The file, relative to `src/`. An inline module has the file of its parent.
    pub(crate) file: PathBuf,
    /// The items that it defines.
    pub(crate) items: BTreeSet<String>,
    /// The names that it imports, with their paths.
    pub(crate) imports: BTreeMap<String, NamePath>,
    /// The paths of its glob imports.
    pub(crate) globs: Vec<NamePath>,
    /// Every path of two or more segments in its code, those of macro bodies included.
    pub(crate) paths: BTreeSet<NamePath>,
}

/// The modules of a crate by their paths.
pub(crate) type Modules = BTreeMap<ModulePath, Module>;

/// Reads the crate whose root module is `root`, a file in `src/`.
pub(crate) fn read(root: &Path) -> Modules {
    let mut modules = Modules::new();
    let source = root.parent().expect("the root module is in src/");
    read_file(source, root, Vec::new(), &mut modules);
    modules
}

fn read_file(source: &Path, file: &Path, path: ModulePath, modules: &mut Modules) {
    let text = fs::read_to_string(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    read_items(source, file, path, parsed.items, modules);
}

fn read_items(
    source: &Path,
    file: &Path,
    path: ModulePath,
    items: Vec<Item>,
    modules: &mut Modules,
) {
    let mut module = Module {
        file: file.strip_prefix(source).unwrap_or(file).to_owned(),
        items: BTreeSet::new(),
        imports: BTreeMap::new(),
        globs: Vec::new(),
        paths: BTreeSet::new(),
    };
    for item in items {
        match item {
            Item::Mod(child) if is_for_tests(&child.attrs) => {}
            Item::Mod(child) => {
                let name = child.ident.to_string();
                let child_path = [path.as_slice(), &[name]].concat();
                if let Some((_, items)) = child.content {
                    read_items(source, file, child_path, items, modules);
                } else {
                    let below = child_path.iter().collect::<PathBuf>();
                    let flat = source.join(&below).with_extension("rs");
                    let nested = source.join(below).join("mod.rs");
                    let child_file = if flat.exists() { flat } else { nested };
                    read_file(source, &child_file, child_path, modules);
                }
            }
            Item::Use(import) => add_import(&import.tree, Vec::new(), &mut module),
            item => {
                module.items.extend(name(&item));
                add_paths(item.into_token_stream(), &mut module.paths);
            }
        }
    }
    modules.insert(path, module);
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .any(|attribute| names_tests(attribute.meta.to_token_stream()))
}

fn names_tests(condition: TokenStream) -> bool {
    condition.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "test" || word == "doctest",
        TokenTree::Group(group) => names_tests(group.stream()),
        _ => false,
    })
}

fn add_import(tree: &UseTree, mut before: NamePath, module: &mut Module) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            add_import(&path.tree, before, module);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                add_import(tree, before.clone(), module);
            }
        }
        UseTree::Glob(_) => module.globs.push(before),
        UseTree::Name(name) if name.ident == "self" => {
            let last = before.last().cloned().unwrap_or_default();
            module.imports.insert(last, before);
        }
        UseTree::Name(name) => {
            before.push(name.ident.to_string());
            module.imports.insert(name.ident.to_string(), before);
        }
        UseTree::Rename(rename) => {
            if rename.ident != "self" {
                before.push(rename.ident.to_string());
            }
            // `as _` names nothing, and still imports; the path keeps such names apart.
            let name = match rename.rename.to_string().as_str() {
                "_" => before.join("::"),
                name => name.to_owned(),
            };
            module.imports.insert(name, before);
        }
    }
}

fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Adds each `a::b::c` among the tokens. Tokens are read rather than syntax, because the body of a
/// macro has no other form.
fn add_paths(tokens: TokenStream, paths: &mut BTreeSet<NamePath>) {
    let mut path = NamePath::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    close(&mut path, paths);
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => colons += 1,
            TokenTree::Group(group) => {
                close(&mut path, paths);
                colons = 0;
                add_paths(group.stream(), paths);
            }
            _ => {
                close(&mut path, paths);
                colons = 0;
            }
        }
    }
    close(&mut path, paths);
}

fn close(path: &mut NamePath, paths: &mut BTreeSet<NamePath>) {
    if path.len() > 1 {
        paths.insert(std::mem::take(path));
    }
    path.clear();
}
