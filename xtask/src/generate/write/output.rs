//! Writes generated files, or compares them with the files on disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;

/// How many lines of a difference are shown for each file.
const LINES_SHOWN: usize = 20;

/// The texts of files in one folder, by name.
pub(crate) type Files = BTreeMap<&'static str, String>;

/// Files for one folder.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The path below the directory that is written to.
    pub(crate) path: &'static str,
    pub(crate) files: Files,
    /// Whether other files in the folder are removed or reported.
    pub(crate) exclusive: bool,
}

impl Folder {
    /// The directory itself, with no other files.
    pub(crate) fn exclusive(files: Files) -> Self {
        Self {
            path: "",
            files,
            exclusive: true,
        }
    }
}

/// Writes what differs, each file atomically, and removes what does not belong. Returns the paths of
/// the changed files below `directory`.
pub(crate) fn write(directory: &Path, folders: &[Folder]) -> io::Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for folder in folders {
        let target = directory.join(folder.path);
        fs::create_dir_all(&target)?;
        for (name, text) in &folder.files {
            let path = target.join(name);
            if fs::read_to_string(&path).is_ok_and(|current| is_same(&current, text)) {
                continue;
            }
            replace(&path, text)?;
            changed.push(Path::new(folder.path).join(name));
        }
        for name in superfluous(&target, folder)? {
            let path = target.join(&name);
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else {
                fs::remove_file(path)?;
            }
            changed.push(Path::new(folder.path).join(name));
        }
    }
    Ok(changed)
}

/// Writes a file atomically.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".generated-")
        .tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    make_readable(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

/// Temporary files are readable for their owner only.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Describes how each file differs from the one in `directory`.
pub(crate) fn differences(directory: &Path, folders: &[Folder]) -> io::Result<Vec<String>> {
    let mut differences = Vec::new();
    for folder in folders {
        let target = directory.join(folder.path);
        for (name, text) in &folder.files {
            let path = target.join(name);
            let shown = path.display();
            match fs::read_to_string(&path) {
                Ok(current) if is_same(&current, text) => {}
                Ok(current) => {
                    differences.push(format!("{shown} differs:\n{}", diff(&current, text)));
                }
                Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                    differences.push(format!("{shown} is missing"));
                }
                Err(reason) => differences.push(format!("{shown} cannot be read: {reason}")),
            }
        }
        for name in superfluous(&target, folder)? {
            let path = target.join(name);
            differences.push(format!("{} does not belong here", path.display()));
        }
    }
    Ok(differences)
}

/// Whether a file has this text. A checkout can have other line endings.
fn is_same(current: &str, text: &str) -> bool {
    current == text || current.replace("\r\n", "\n") == text
}

fn diff(current: &str, text: &str) -> String {
    let diff = TextDiff::from_lines(current, text)
        .unified_diff()
        .context_radius(1)
        .to_string();
    let lines: Vec<_> = diff.lines().collect();
    let (first, more) = lines.split_at(lines.len().min(LINES_SHOWN));
    let mut shown = first.join("\n");
    if !more.is_empty() {
        let _ = write!(shown, "\n… and {} more lines", more.len());
    }
    shown
}

fn superfluous(target: &Path, folder: &Folder) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(target) {
        _ if !folder.exclusive => return Ok(names),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(names),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !folder.files.contains_key(&*name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&'static str, &str)]) -> [Folder; 1] {
        let files = files.iter().map(|(name, text)| (*name, (*text).to_owned()));
        [Folder {
            path: "generated",
            files: files.collect(),
            exclusive: true,
        }]
    }

    #[test]
    fn written_files_do_not_differ_and_are_not_written_again() {
        let directory = tempfile::tempdir().unwrap();
        let folders = folder(&[("a.rs", "one\n"), ("b.rs", "two\n")]);
        let written = write(directory.path(), &folders).unwrap();
        assert_eq!(written, ["generated/a.rs", "generated/b.rs"].map(Path::new));
        assert!(differences(directory.path(), &folders).unwrap().is_empty());
        assert!(write(directory.path(), &folders).unwrap().is_empty());
    }

    #[test]
    fn changed_missing_and_superfluous_files_are_reported_and_fixed() {
        let directory = tempfile::tempdir().unwrap();
        let folders = folder(&[("a.rs", "one\n"), ("b.rs", "two\n")]);
        write(directory.path(), &folders).unwrap();
        let target = directory.path().join("generated");
        fs::write(target.join("a.rs"), "uno\n").unwrap();
        fs::remove_file(target.join("b.rs")).unwrap();
        fs::create_dir(target.join("c.rs")).unwrap();
        fs::write(target.join("c.rs/mod.rs"), "").unwrap();
        let shown = differences(directory.path(), &folders).unwrap().join("\n");
        for expected in [
            "a.rs differs:",
            "-uno",
            "+one",
            "b.rs is missing",
            "c.rs does not belong",
        ] {
            assert!(shown.contains(expected), "{shown}");
        }
        assert_eq!(write(directory.path(), &folders).unwrap().len(), 3);
        assert!(differences(directory.path(), &folders).unwrap().is_empty());
    }

    #[test]
    fn line_endings_of_a_checkout_do_not_differ() {
        let directory = tempfile::tempdir().unwrap();
        let folders = folder(&[("a.rs", "one\ntwo\n")]);
        write(directory.path(), &folders).unwrap();
        let file = directory.path().join("generated/a.rs");
        for (text, differs) in [
            ("one\r\ntwo\r\n", false),
            ("one\ntwo\r\n", false),
            ("one\rtwo\r", true),
            ("one\r\ntwo", true),
        ] {
            fs::write(&file, text).unwrap();
            let differences = differences(directory.path(), &folders).unwrap();
            assert_eq!(!differences.is_empty(), differs, "{text:?}");
        }
    }

    #[test]
    fn other_files_in_a_shared_folder_are_ignored() {
        let directory = tempfile::tempdir().unwrap();
        let mut folders = folder(&[("a.rs", "one\n")]);
        folders[0].exclusive = false;
        write(directory.path(), &folders).unwrap();
        fs::write(directory.path().join("generated/b.rs"), "").unwrap();
        assert!(differences(directory.path(), &folders).unwrap().is_empty());
        assert!(write(directory.path(), &folders).unwrap().is_empty());
    }

    #[test]
    fn long_differences_are_truncated() {
        let directory = tempfile::tempdir().unwrap();
        let [old, new] = ["old\n", "new\n"].map(|line| line.repeat(500));
        write(directory.path(), &folder(&[("a.rs", &old)])).unwrap();
        let shown = differences(directory.path(), &folder(&[("a.rs", &new)])).unwrap();
        assert!(shown[0].lines().count() <= LINES_SHOWN + 2);
        assert!(shown[0].contains("more lines"));
    }
}
