//! The layers of the crates: no file imports, directly or through others, from a file that
//! imports from it. CONTRIBUTING.md draws the crates and their folders as they are.
//!
//! `UPDATE_DIAGRAM=1 cargo test -p xtask --test architecture` draws the diagram anew.

mod cycles;
mod diagram;
mod imports;
mod source;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use imports::Graph;

/// The root module of each crate, below the repository.
const ROOTS: [(&str, &str); 5] = [
    ("authress-users-openapi", "openapi/src/lib.rs"),
    ("authress-users-client", "authress-users-client/src/lib.rs"),
    ("authress-users-ext", "authress-users-ext/src/lib.rs"),
    ("authress-users-contract", "tests/src/lib.rs"),
    ("xtask", "xtask/src/main.rs"),
];

/// Folders and files at the top of a crate that may import from each other.
const MUTUAL: [(&str, &[&str]); 2] = [
    // Requests return pages and streams whose methods take requests.
    ("authress-users-ext", &["bulk", "pagination", "users"]),
    // Generated code calls hand-written code, which sends the operations that generated code defines.
    (
        "authress-users-client",
        &["client", "error", "generated", "transport"],
    ),
];

const START: &str =
    "<!-- Written by `UPDATE_DIAGRAM=1 cargo test -p xtask --test architecture`. -->\n```mermaid\n";
const END: &str = "```\n";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(root: &str) -> Graph<PathBuf> {
    imports::between_files(&source::read(&repository().join(root)))
}

/// The crates of the workspace with those that they depend on, tests and examples aside.
fn crates() -> Graph<String> {
    let dependencies = |root: &str| {
        let manifest = repository().join(root).with_file_name("../Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .unwrap_or_else(|why| panic!("{}: {why}", manifest.display()));
        let manifest: toml::Table = text.parse().expect("cargo has read the manifest");
        let table = manifest["dependencies"]
            .as_table()
            .expect("dependencies are a table");
        let names = table
            .keys()
            .filter(|name| ROOTS.iter().any(|(own, _)| own == name));
        names.cloned().collect::<BTreeSet<_>>()
    };
    ROOTS
        .iter()
        .map(|(name, root)| ((*name).to_owned(), dependencies(root)))
        .collect()
}

#[test]
fn files_do_not_import_from_each_other_in_a_cycle() {
    let mut report = String::new();
    for (name, root) in ROOTS {
        let files = files(root);
        for cycle in cycles::find(&files) {
            let _ = writeln!(
                report,
                "{name}: {} files import from each other:",
                cycle.len()
            );
            for file in &cycle {
                let within = files[file].iter().filter(|import| cycle.contains(import));
                let within: Vec<_> = within.map(|import| import.display().to_string()).collect();
                let _ = writeln!(
                    report,
                    "  {} imports from {}",
                    file.display(),
                    within.join(", ")
                );
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// The parts of folders that import from each other, with their folder.
fn folder_cycles(files: &Graph<PathBuf>) -> Vec<(&Path, Vec<String>)> {
    let folders: BTreeSet<&Path> = files
        .keys()
        .flat_map(|file| file.ancestors().skip(1))
        .collect();
    let cycles = folders.into_iter().flat_map(|folder| {
        let cycles = cycles::find(&imports::between_folders(files, folder));
        cycles.into_iter().map(move |cycle| (folder, cycle))
    });
    cycles.collect()
}

#[test]
fn folders_do_not_import_from_each_other_in_a_cycle() {
    let mut report = String::new();
    for (name, root) in ROOTS {
        for (folder, cycle) in folder_cycles(&files(root)) {
            let is_allowed = |(owner, mutual): &(&str, &[&str])| {
                let is_top = *owner == name && folder == Path::new("");
                is_top && cycle.iter().all(|part| mutual.contains(&part.as_str()))
            };
            if !MUTUAL.iter().any(is_allowed) {
                let folder = Path::new("src").join(folder);
                let _ = writeln!(report, "{name}: {}: {}", folder.display(), cycle.join(", "));
            }
        }
    }
    assert!(report.is_empty(), "these import from each other:\n{report}");
}

#[test]
fn cycles_of_files_and_folders_are_found_at_every_depth() {
    let imports = [
        ("a/mod.rs", vec!["a/b.rs"]),
        ("a/b.rs", vec!["a/c/d.rs"]),
        ("a/c/d.rs", vec!["e.rs"]),
        ("a/c/f.rs", vec!["a/b.rs"]),
        ("e.rs", vec![]),
        ("g/h/i.rs", vec!["g/j/k.rs"]),
        ("g/j/k.rs", vec![]),
        ("g/j/l.rs", vec!["g/h/i.rs"]),
    ];
    let files = imports.map(|(file, imports)| {
        let imports = imports.into_iter().map(PathBuf::from);
        (PathBuf::from(file), imports.collect())
    });
    assert_eq!(
        cycles::find(&Graph::from(files.clone())),
        [] as [Vec<PathBuf>; 0]
    );
    assert_eq!(
        folder_cycles(&Graph::from(files)),
        [("a", ["b", "c"]), ("g", ["h", "j"])]
            .map(|(folder, cycle)| (Path::new(folder), cycle.map(str::to_owned).to_vec()))
    );
}

#[test]
fn crates_do_not_depend_on_each_other_in_a_cycle() {
    assert_eq!(cycles::find(&crates()), [] as [Vec<String>; 0]);
}

#[test]
fn contributing_draws_the_crates_and_folders_as_they_are() {
    let folders = ROOTS.map(|(name, root)| {
        (
            name.to_owned(),
            imports::between_folders(&files(root), Path::new("")),
        )
    });
    let diagram = diagram::draw(&crates(), &folders);
    let page = repository().join("CONTRIBUTING.md");
    let text = fs::read_to_string(&page)
        .expect("CONTRIBUTING.md is in the repository")
        .replace("\r\n", "\n");
    let (before, rest) = text
        .split_once(START)
        .expect("CONTRIBUTING.md has the diagram");
    let (drawn, after) = rest.split_once(END).expect("the diagram ends");
    if env::var_os("UPDATE_DIAGRAM").is_some() {
        fs::write(&page, [before, START, &diagram, END, after].concat())
            .expect("the page can be written");
    } else {
        assert_eq!(
            drawn, diagram,
            "draw it anew: UPDATE_DIAGRAM=1 cargo test -p xtask --test architecture"
        );
    }
}

#[test]
fn cycles_are_found_through_re_exports_super_and_macros() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/architecture/example/lib.rs");
    let files = imports::between_files(&source::read(&root));
    let cycles = cycles::find(&files);
    let cycle = ["loop_a.rs", "loop_b/inner.rs", "loop_b/mod.rs"].map(PathBuf::from);
    assert_eq!(cycles, [cycle]);
}
