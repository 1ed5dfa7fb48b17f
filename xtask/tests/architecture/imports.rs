//! Which files a file imports from, with re-exports resolved to the file that defines the item.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::source::{ModulePath, Modules};

/// A directed graph: each node with the nodes that it depends on.
pub(crate) type Graph<N> = BTreeMap<N, BTreeSet<N>>;

/// Each file of a crate with the files that it imports from.
pub(crate) fn between_files(modules: &Modules) -> Graph<PathBuf> {
    let mut graph = Graph::new();
    for (path, module) in modules {
        let imports: &mut BTreeSet<PathBuf> = graph.entry(module.file.clone()).or_default();
        let named = module
            .imports
            .values()
            .chain(&module.globs)
            .chain(&module.paths);
        let found = named.filter_map(|name| resolve(modules, path, name, 0));
        imports.extend(found.filter(|file| *file != module.file));
    }
    graph
}

/// Each folder or file directly in the folder `within`, below `src/`, with those that it imports
/// from. The root module of the folder is not part of it.
pub(crate) fn between_folders(files: &Graph<PathBuf>, within: &Path) -> Graph<String> {
    let mut graph = Graph::new();
    for (file, imports) in files {
        let Some(folder) = folder(file, within) else {
            continue;
        };
        let folders = imports
            .iter()
            .filter_map(|import| self::folder(import, within));
        let others = folders.filter(|other| *other != folder).collect::<Vec<_>>();
        graph
            .entry(folder)
            .or_insert_with(BTreeSet::new)
            .extend(others);
    }
    graph
}

fn folder(file: &Path, within: &Path) -> Option<String> {
    let first = file.strip_prefix(within).ok()?.components().next()?;
    let first = first.as_os_str().to_string_lossy();
    let name = first.trim_end_matches(".rs");
    (!matches!(name, "lib" | "main" | "mod")).then(|| name.to_owned())
}

/// The file that defines what `name` means in the module at `from`. `None` for what other crates
/// define.
fn resolve(modules: &Modules, from: &[String], name: &[String], depth: usize) -> Option<PathBuf> {
    // Re-exports of each other would never end.
    if depth > 16 {
        return None;
    }
    let (first, rest) = name.split_first()?;
    let mut module: ModulePath = from.to_vec();
    let rest = match first.as_str() {
        "crate" => {
            module.clear();
            rest
        }
        "self" => rest,
        "super" => {
            module.pop()?;
            let mut rest = rest;
            while let Some((next, after)) = rest.split_first().filter(|(next, _)| *next == "super")
            {
                debug_assert_eq!(next, "super");
                module.pop()?;
                rest = after;
            }
            rest
        }
        _ => name,
    };
    descend(modules, &module, rest, depth)
}

fn descend(modules: &Modules, at: &[String], name: &[String], depth: usize) -> Option<PathBuf> {
    let module = modules.get(at)?;
    let Some((first, rest)) = name.split_first() else {
        return Some(module.file.clone());
    };
    let child = [at, std::slice::from_ref(first)].concat();
    if modules.contains_key(&child) {
        return descend(modules, &child, rest, depth);
    }
    if module.items.contains(first) {
        return Some(module.file.clone());
    }
    if let Some(import) = module
        .imports
        .get(first)
        .filter(|import| import.as_slice() != name)
    {
        let full = [import.as_slice(), rest].concat();
        return resolve(modules, at, &full, depth + 1);
    }
    module.globs.iter().find_map(|glob| {
        let full = [glob.as_slice(), name].concat();
        resolve(modules, at, &full, depth + 1)
    })
}
