//! Bringing generated files to disk, or comparing them with what is there.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use similar::TextDiff;

use crate::generate::Files;

/// How many lines of a difference are shown for each file.
const LINES_SHOWN: usize = 20;

/// Writes the files into `directory`, each at once and whole, and removes what does not belong.
/// Returns the names of the files that were changed.
pub(crate) fn write(directory: &Path, files: &Files) -> io::Result<Vec<String>> {
    let mut changed = write_beside_others(directory, files)?;
    for name in superfluous(directory, files)? {
        let path = directory.join(&name);
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
        changed.push(name);
    }
    Ok(changed)
}

/// The same, and leaves whatever else is there.
pub(crate) fn write_beside_others(directory: &Path, files: &Files) -> io::Result<Vec<String>> {
    fs::create_dir_all(directory)?;
    let mut changed = Vec::new();
    for (name, text) in files {
        let path = directory.join(name);
        if fs::read(&path).is_ok_and(|current| current == text.as_bytes()) {
            continue;
        }
        replace(&path, text)?;
        changed.push((*name).to_owned());
    }
    Ok(changed)
}

/// Writes a file at once and whole, or leaves it as it is.
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

/// Temporary files are made for their owner alone.
#[cfg(unix)]
fn make_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Says of each file how it differs from what is in `directory`; nothing if none does.
pub(crate) fn differences(directory: &Path, files: &Files) -> io::Result<Vec<String>> {
    let mut differences = differences_beside_others(directory, files);
    for name in superfluous(directory, files)? {
        differences.push(format!(
            "{} does not belong here",
            directory.join(name).display()
        ));
    }
    Ok(differences)
}

/// The same, whatever else is there.
pub(crate) fn differences_beside_others(directory: &Path, files: &Files) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, text) in files {
        let path = directory.join(name);
        let shown = path.display();
        match fs::read_to_string(&path) {
            Ok(current) if current == *text => {}
            Ok(current) => {
                let diff = TextDiff::from_lines(&current, text)
                    .unified_diff()
                    .context_radius(1)
                    .to_string();
                let lines: Vec<_> = diff.lines().collect();
                let (first, more) = lines.split_at(lines.len().min(LINES_SHOWN));
                let mut shown = format!("{shown} differs:\n{}", first.join("\n"));
                if !more.is_empty() {
                    let _ = write!(shown, "\n… and {} more lines", more.len());
                }
                differences.push(shown);
            }
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                differences.push(format!("{shown} is missing"));
            }
            Err(reason) => differences.push(format!("{shown} can't be read: {reason}")),
        }
    }
    differences
}

fn superfluous(directory: &Path, files: &Files) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(directory) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(names),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !files.contains_key(&*name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::from([("a.rs", "one\n".to_owned()), ("b.rs", "two\n".to_owned())])
    }

    #[test]
    fn what_was_written_does_not_differ_and_is_not_written_again() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("generated");
        assert_eq!(write(&target, &files()).unwrap(), ["a.rs", "b.rs"]);
        assert!(differences(&target, &files()).unwrap().is_empty());
        assert!(write(&target, &files()).unwrap().is_empty());
    }

    #[test]
    fn a_changed_a_missing_and_a_superfluous_file_are_named_and_mended() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path();
        write(target, &files()).unwrap();
        fs::write(target.join("a.rs"), "uno\n").unwrap();
        fs::remove_file(target.join("b.rs")).unwrap();
        fs::create_dir(target.join("c.rs")).unwrap();
        fs::write(target.join("c.rs/mod.rs"), "").unwrap();
        let shown = differences(target, &files()).unwrap().join("\n");
        for expected in [
            "a.rs differs:",
            "-uno",
            "+one",
            "b.rs is missing",
            "c.rs does not belong",
        ] {
            assert!(shown.contains(expected), "{shown}");
        }
        assert_eq!(write(target, &files()).unwrap(), ["a.rs", "b.rs", "c.rs"]);
        assert!(differences(target, &files()).unwrap().is_empty());
    }

    #[test]
    fn long_differences_are_cut_short() {
        let directory = tempfile::tempdir().unwrap();
        let lines = |word: &str| format!("{word}\n").repeat(500);
        write(directory.path(), &Files::from([("a.rs", lines("old"))])).unwrap();
        let shown = differences(directory.path(), &Files::from([("a.rs", lines("new"))])).unwrap();
        assert!(shown[0].lines().count() <= LINES_SHOWN + 2);
        assert!(shown[0].contains("more lines"));
    }
}
