//! Signatures as a person reads them: paths from the root of the crate, on one line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use syn::visit_mut::{self, VisitMut};
use syn::{Item, Path, PathArguments, PathSegment, TypePath, UseTree, Visibility};

/// The names that the modules of a crate declare, and those that they import.
#[derive(Debug, Default)]
pub(super) struct Names {
    modules: HashMap<String, Module>,
}

#[derive(Debug, Default)]
struct Module {
    declared: BTreeSet<String>,
    /// What each imported name stands for, as written.
    imported: BTreeMap<String, Vec<String>>,
}

impl Names {
    pub(super) fn add(&mut self, module: &str, items: &[Item]) {
        let mut names = self.modules.remove(module).unwrap_or_default();
        for item in items {
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    if let Some((_, items)) = &inner.content {
                        self.add(&join(module, &name), items);
                    }
                    names.declared.insert(name);
                }
                Item::Use(import) => {
                    for (name, path) in imports(&import.tree) {
                        names.imported.insert(name, path);
                    }
                }
                Item::Struct(item) => _ = names.declared.insert(item.ident.to_string()),
                Item::Enum(item) => _ = names.declared.insert(item.ident.to_string()),
                Item::Type(item) => _ = names.declared.insert(item.ident.to_string()),
                Item::Trait(item) => _ = names.declared.insert(item.ident.to_string()),
                _ => {}
            }
        }
        self.modules.insert(module.to_owned(), names);
    }

    /// Whether the crate has a type of this path.
    pub(super) fn declares(&self, path: &str) -> bool {
        let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
        let module = self.modules.get(module);
        module.is_some_and(|module| module.declared.contains(name))
    }

    /// The path from the root of the crate, if it leads to something of the crate.
    fn resolve(&self, module: &str, path: &[String]) -> Option<Vec<String>> {
        let mut module: Vec<&str> = module.split("::").filter(|name| !name.is_empty()).collect();
        let mut rest = path;
        let mut anchored = false;
        while let [first, others @ ..] = rest {
            match &**first {
                "crate" => module.clear(),
                "super" => _ = module.pop()?,
                "self" => {}
                _ => break,
            }
            anchored = true;
            rest = others;
        }
        let (first, others) = rest.split_first()?;
        let here = module.join("::");
        let known = self.modules.get(&here);
        if known.is_some_and(|known| known.declared.contains(first)) {
            let inner = join(&here, first);
            if self.modules.contains_key(&inner) && !others.is_empty() {
                return self.resolve(&inner, others);
            }
            let path = module.into_iter().map(str::to_owned);
            return Some(path.chain(rest.iter().cloned()).collect());
        }
        let imported = known.and_then(|known| known.imported.get(first));
        match imported {
            Some(target) if target.first() != Some(first) => {
                let whole: Vec<_> = target.iter().chain(others).cloned().collect();
                self.resolve(&here, &whole)
            }
            _ if anchored => {
                let path = module.into_iter().map(str::to_owned);
                Some(path.chain(rest.iter().cloned()).collect())
            }
            _ => None,
        }
    }
}

/// The names that a `use` brings, each with the path that it stands for.
pub(super) fn imports(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    match tree {
        UseTree::Path(path) => imports(&path.tree)
            .into_iter()
            .map(|(name, mut rest)| {
                rest.insert(0, path.ident.to_string());
                (name, rest)
            })
            .collect(),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            vec![(name.clone(), vec![name])]
        }
        UseTree::Rename(rename) => {
            vec![(rename.rename.to_string(), vec![rename.ident.to_string()])]
        }
        UseTree::Group(group) => group.items.iter().flat_map(imports).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

/// Rewrites paths from the root of the crate, and notes the crate's own.
pub(super) struct Rooted<'a> {
    pub(super) names: &'a Names,
    pub(super) module: &'a str,
    pub(super) own: BTreeSet<String>,
}

impl VisitMut for Rooted<'_> {
    fn visit_type_path_mut(&mut self, type_path: &mut TypePath) {
        let before = type_path.path.segments.len();
        visit_mut::visit_type_path_mut(self, type_path);
        if let Some(qself) = &mut type_path.qself {
            let gone = before - type_path.path.segments.len().min(before);
            qself.position = qself.position.saturating_sub(gone);
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let standard = matches!(
            names.first().map(String::as_str),
            Some("std" | "core" | "alloc")
        );
        if standard {
            // Its names are known to everyone; an associated item stays behind its trait.
            let start = names
                .iter()
                .position(|name| name.starts_with(char::is_uppercase))
                .unwrap_or(names.len() - 1);
            path.segments = path.segments.iter().skip(start).cloned().collect();
        } else if path.leading_colon.is_none()
            && let Some(rooted) = self.names.resolve(self.module, &names)
        {
            self.own.insert(rooted.join("::"));
            let arguments = path.segments.last().map(|last| last.arguments.clone());
            path.segments = rooted
                .iter()
                .map(|name| PathSegment {
                    ident: syn::Ident::new(name, proc_macro2::Span::call_site()),
                    arguments: PathArguments::None,
                })
                .collect();
            if let (Some(last), Some(arguments)) = (path.segments.last_mut(), arguments) {
                last.arguments = arguments;
            }
        }
        path.leading_colon = None;
    }
}

/// An item without documentation and body, on one line.
pub(super) fn shown(item: Item) -> String {
    let text = prettyplease::unparse(&syn::File {
        shebang: None,
        attrs: Vec::new(),
        items: vec![item],
    });
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (loose, tight) in [
        ("( ", "("),
        (", )", ")"),
        (" )", ")"),
        ("< ", "<"),
        (", >", ">"),
        (" >::", ">::"),
    ] {
        text = text.replace(loose, tight);
    }
    let text = text.trim_end_matches("{}").trim_end();
    text.trim_end_matches([';', ',']).to_owned()
}

/// A type, on one line.
pub(super) fn shown_type(of: &syn::Type) -> String {
    let text = shown(syn::parse_quote!(type T = #of;));
    text.trim_start_matches("type T = ").to_owned()
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub(super) fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}
