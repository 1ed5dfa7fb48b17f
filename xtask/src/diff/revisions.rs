//! Compares specs that are files or revisions of the project's spec.

use std::fs;
use std::path::Path;
use std::process::Command;

use authress_users_openapi::Document;

use super::bump::{MANIFEST, Versions};
use super::compare::{compare, compare_code};
use super::report::model::Report;
use super::rust::callers::Code;
use super::rust::public_api::dependents::dependents;
use crate::generate::{DOCUMENT, Spec};
use crate::lint;
use crate::problem::Failure;

/// Compares two specs by name, including the generated code. Returns the report and the new spec.
///
/// A name is a file or a git revision; without `new`, the new spec is the one in the working tree.
pub(crate) fn compare_named(
    old: &str,
    new: Option<&str>,
    docs: bool,
    root: &Path,
) -> Result<(Report, Document), Failure> {
    // A file does not contain the version that the crates had.
    let manifest = if is_file(old) {
        None
    } else {
        as_of(old, MANIFEST, root).ok()
    };
    let is_own = [Some(old), new]
        .into_iter()
        .any(|name| name.is_none_or(|name| is_own(name, root)));
    let spec = if is_own {
        Spec::Variant
    } else {
        Spec::ThirdParty
    };
    let old = supported(document(old, root)?)?;
    let new = supported(match new {
        Some(new) => document(new, root)?,
        None => Document::read(&root.join(DOCUMENT))?,
    })?;
    let mut report = compare(&old, &new, docs);
    let versions = Versions::read(root, manifest.as_deref()).map_err(Failure::Unusable)?;
    let (old_code, new_code) = Code::of_both(&old, &new, spec);
    let code = (&old_code, &new_code);
    compare_code(&mut report, code, &dependents(root), &versions);
    Ok((report, new))
}

fn document(name: &str, root: &Path) -> Result<Document, Failure> {
    if is_file(name) {
        return Ok(Document::read(Path::new(name))?);
    }
    let text = as_of(name, DOCUMENT, root).map_err(|reason| {
        Failure::Unusable(format!(
            "{name}: neither a file nor a revision with {DOCUMENT}: {reason}"
        ))
    })?;
    Ok(Document::parse(&format!("{name}:{DOCUMENT}"), &text)?)
}

/// Rejects a spec of another OpenAPI version, in which keywords have other meanings.
fn supported(document: Document) -> Result<Document, Failure> {
    if document.is_openapi_3_0() {
        return Ok(document);
    }
    let problems = lint::check::problems(&document);
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Err(Failure::Unusable(problems.join("\n")))
}

/// Returns whether a name means the project's spec: its file, or a revision of it.
fn is_own(name: &str, root: &Path) -> bool {
    let own = fs::canonicalize(root.join(DOCUMENT)).ok();
    !is_file(name) || fs::canonicalize(name).ok() == own
}

fn is_file(name: &str) -> bool {
    Path::new(name).is_file()
}

/// Reads a file of the repository as of a git revision.
fn as_of(revision: &str, file: &str, root: &Path) -> Result<String, String> {
    let mut command = Command::new("git");
    if !root.as_os_str().is_empty() {
        command.current_dir(root);
    }
    let output = command
        .args(["show", "--end-of-options"])
        .arg(format!("{revision}:{file}"))
        .output()
        .map_err(|error| format!("could not run git: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().next().unwrap_or("git gave no reason");
        return Err(reason.trim_start_matches("fatal: ").to_owned());
    }
    String::from_utf8(output.stdout).map_err(|_| "not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_file_and_its_revisions_are_own() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir(root.join("openapi")).unwrap();
        let [own, copy] = [DOCUMENT, "copy.yaml"].map(|name| root.join(name));
        for file in [&own, &copy] {
            fs::write(file, "").unwrap();
        }
        assert!(is_own(own.to_str().unwrap(), root));
        assert!(is_own("HEAD", root));
        assert!(!is_own(copy.to_str().unwrap(), root));
    }
}
