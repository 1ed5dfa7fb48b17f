use std::io::Write;
use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

use crate::diff::{self, Aspect, Code, MANIFEST, Report, Verdict, Versions, dependents, ext_check};
use crate::generate::DOCUMENT;
use crate::lint;
use crate::problem::Failure;
use authress_users_openapi::Document;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What clients were made from: a file, or a git revision (a branch, a tag, HEAD~3) for
    /// openapi/users.yaml as of then.
    pub(crate) old: String,
    /// What servers will follow: the same; openapi/users.yaml as it is now unless something else
    /// is named.
    pub(crate) new: Option<String>,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if a change is this bad, or worse.
    #[arg(long, value_enum)]
    pub(crate) deny: Option<Deny>,
    /// Tell also what changed for people alone: titles, descriptions, examples.
    #[arg(long)]
    pub(crate) docs: bool,
    /// Compile the face over the code of NEW, in a copy of the workspace; exit with 1 if it does
    /// not compile.
    #[arg(long)]
    pub(crate) check_face: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one object with `old`, `new`, `verdicts`, `changes`, `bumps`, and
    /// `face` with --check-face.
    Json,
}

/// What is not to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Something that worked no longer does.
    Breaking,
    /// The same, and whatever nothing here can tell.
    Review,
}

/// Says what the difference between two documents means.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let (mut report, new) = report(
        &arguments.old,
        arguments.new.as_deref(),
        arguments.docs,
        root,
    )?;
    if arguments.check_face {
        report.face = Some(ext_check::check(&new, root)?);
    }
    match arguments.format {
        Format::Text => {
            out.write_all(report.to_text().as_bytes())?;
            if report.face.is_none() && report.verdict(Aspect::Rust).is_some() {
                writeln!(
                    out,
                    "does the face still compile? the same with --check-face tells"
                )?;
            }
        }
        Format::Json => writeln!(out, "{:#}", report.to_json())?,
    }
    out.flush()?;
    let denied: &[Verdict] = match arguments.deny {
        None => &[],
        Some(Deny::Breaking) => &[Verdict::Breaking],
        Some(Deny::Review) => &[Verdict::Breaking, Verdict::NeedsReview],
    };
    if let Some(Err(_)) = report.face {
        return Err(Failure::Denied("the face does not compile".to_owned()));
    }
    match denied.iter().map(|verdict| report.count(*verdict)).sum() {
        0 => Ok(()),
        1 => Err(Failure::Denied("1 change is denied".to_owned())),
        count => Err(Failure::Denied(format!("{count} changes are denied"))),
    }
}

/// What changed from a document to another, each named as in the arguments; and the other one.
pub(crate) fn report(
    old: &str,
    new: Option<&str>,
    docs: bool,
    root: &Path,
) -> Result<(Report, Document), Failure> {
    // A file says nothing of the version of its time.
    let manifest = if is_file(old) {
        None
    } else {
        as_of(old, MANIFEST, root).ok()
    };
    let old = understood(document(old, root)?)?;
    let new = understood(match new {
        Some(new) => document(new, root)?,
        None => Document::read(&root.join(DOCUMENT))?,
    })?;
    let mut report = diff::compare(&old, &new, docs);
    let versions = Versions::read(root, manifest.as_deref()).map_err(Failure::Unusable)?;
    let code = (&Code::of(&old), &Code::of(&new));
    diff::compare_code(&mut report, code, &dependents(root), &versions);
    Ok((report, new))
}

/// A file by its path, or the project's document as of a revision.
fn document(name: &str, root: &Path) -> Result<Document, Failure> {
    if is_file(name) {
        return Ok(Document::read(Path::new(name))?);
    }
    let text = as_of(name, DOCUMENT, root).map_err(|reason| {
        Failure::Unusable(format!(
            "{name}: is no file, and {DOCUMENT} can't be read as of it: {reason}"
        ))
    })?;
    Ok(Document::parse(&format!("{name}:{DOCUMENT}"), &text)?)
}

/// The document, if it is one of which every word is understood.
fn understood(document: Document) -> Result<Document, Failure> {
    if document.is_openapi_3_0() {
        return Ok(document);
    }
    // In another version the lint looks at nothing else.
    let problems = lint::problems(&document);
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Err(Failure::Unusable(told.join("\n")))
}

fn is_file(name: &str) -> bool {
    Path::new(name).is_file()
}

fn as_of(revision: &str, file: &str, root: &Path) -> Result<String, String> {
    let root = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    let output = Command::new("git")
        .args(["show", "--end-of-options"])
        .arg(format!("{revision}:{file}"))
        .current_dir(root)
        .output()
        .map_err(|reason| format!("git can't be run: {reason}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.lines().next().unwrap_or("git does not say why");
        return Err(reason.trim_start_matches("fatal: ").to_owned());
    }
    String::from_utf8(output.stdout).map_err(|_| "it is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;
    use tempfile::TempDir;

    use super::*;
    use crate::testing::{fixture, with_crates};

    /// A repository whose document was committed and then changed.
    fn changed(from: &str, to: &str) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let status = Command::new("git")
                .args(identity)
                .args(arguments)
                .current_dir(root.path())
                .output()
                .unwrap()
                .status;
            assert!(status.success(), "{arguments:?}");
        };
        fs::create_dir_all(root.path().join("openapi")).unwrap();
        fs::write(root.path().join(DOCUMENT), fixture()).unwrap();
        with_crates(root.path());
        git(&["init", "--quiet"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "The document"]);
        git(&["tag", "v1"]);
        assert!(fixture().contains(from));
        fs::write(root.path().join(DOCUMENT), fixture().replacen(from, to, 1)).unwrap();
        root
    }

    fn diff(root: &TempDir, arguments: &[&str]) -> (String, Result<(), Failure>) {
        let command = <Arguments as clap::Args>::augment_args(clap::Command::new("diff"));
        let matches = command
            .try_get_matches_from([&["diff"], arguments].concat())
            .unwrap();
        let arguments = <Arguments as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
        let mut out = Vec::new();
        let result = run(&arguments, root.path(), &mut out);
        (String::from_utf8(out).unwrap(), result)
    }

    #[test]
    fn the_document_of_a_revision_is_compared_with_that_of_today() {
        let root = changed("maximum: 100", "maximum: 50");
        for revision in ["HEAD", "v1", "HEAD^{commit}"] {
            let (out, result) = diff(&root, &[revision]);
            assert!(result.is_ok());
            assert!(out.contains(&format!("{revision}:{DOCUMENT}:51")), "{out}");
            assert!(out.contains("no longer is: 51"), "{out}");
        }
        let (out, result) = diff(&root, &["HEAD", "v1"]);
        assert!(result.is_ok() && out.contains("wire: no change"), "{out}");
    }

    #[test]
    fn files_are_compared_wherever_they_are() {
        let root = changed("maximum: 100", "maximum: 50");
        let file = root.path().join("before.yaml");
        fs::write(&file, fixture()).unwrap();
        let file = file.to_str().unwrap();
        let (out, result) = diff(&root, &[file]);
        assert!(result.is_ok() && out.contains("wire: breaking"), "{out}");
        let (out, result) = diff(&root, &[file, "HEAD"]);
        assert!(result.is_ok() && out.contains("wire: no change"), "{out}");
    }

    #[test]
    fn what_is_denied_fails_with_one_behind_the_report() {
        let root = changed("maximum: 100", "maximum: 50");
        for deny in ["breaking", "review"] {
            let (out, result) = diff(&root, &["HEAD", "--deny", deny]);
            assert_eq!(result.unwrap_err().code(), 1);
            assert!(out.contains("wire: breaking"), "{out}");
        }
        let root = changed("x-idempotent: true", "x-idempotent: true\n      x-other: 1");
        let (_, result) = diff(&root, &["HEAD", "--deny", "breaking"]);
        assert!(result.is_ok());
        let (_, result) = diff(&root, &["HEAD", "--deny", "review"]);
        let failure = result.unwrap_err();
        assert_eq!(failure.code(), 1);
        assert_eq!(failure.to_string(), "1 change is denied");
    }

    #[test]
    fn what_is_neither_file_nor_revision_or_no_document_fails_with_two() {
        let root = changed("maximum: 100", "maximum: 50");
        let broken = root.path().join("broken.yaml");
        fs::write(&broken, "a: [").unwrap();
        let newer = root.path().join("newer.yaml");
        fs::write(
            &newer,
            fixture().replace("openapi: 3.0.3", "openapi: 3.1.0"),
        )
        .unwrap();
        for (name, reason) in [
            ("nowhere", "nowhere: is no file, and openapi/users.yaml"),
            ("-x", "-x: is no file"),
            (broken.to_str().unwrap(), "invalid YAML"),
            (newer.to_str().unwrap(), "\n    4 | openapi: 3.1.0"),
        ] {
            let (out, result) = diff(&root, &["--", name]);
            let failure = result.unwrap_err();
            assert_eq!((failure.code(), &*out), (2, ""));
            assert!(failure.to_string().contains(reason), "{failure}");
        }
        let nowhere = tempfile::tempdir().unwrap();
        assert_eq!(diff(&nowhere, &["HEAD"]).1.unwrap_err().code(), 2);
    }

    #[test]
    fn programs_get_one_object() {
        let root = changed("maximum: 100", "maximum: 50");
        let (out, result) = diff(&root, &["HEAD", "--format", "json"]);
        assert!(result.is_ok());
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["verdicts"]["wire"], "breaking");
        let change = &report["changes"][0];
        assert_eq!(change["witness"], 51);
        assert_eq!(change["old"]["file"], format!("HEAD:{DOCUMENT}"));
        assert_eq!(change["old"]["line"], 51);
        assert_eq!(change["operations"], serde_json::json!(["getUsers"]));
    }

    #[test]
    fn rust_callers_have_their_lines_their_versions_and_a_way_to_try_the_face() {
        let root = changed("            maxLength: 64\n", "");
        let (out, result) = diff(&root, &["HEAD"]);
        assert!(result.is_ok());
        for expected in [
            "breaking [rust] getUsers: types::GetUsersFilter is gone",
            "\nrust: breaking\n",
            "\nauthress-users-client: breaking, ",
            "--check-face",
        ] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
        let (out, _) = diff(&root, &["HEAD", "--format", "json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["verdicts"]["rust"], "breaking");
        assert_eq!(report["bumps"][0]["worst"], "breaking");
        let (out, _) = diff(&root, &["HEAD", "HEAD"]);
        assert!(!out.contains("--check-face"), "{out}");
        assert!(out.contains("no change, no new version"), "{out}");
    }

    #[test]
    fn a_version_that_is_not_released_has_to_be_high_enough_too() {
        let root = changed("            maxLength: 64\n", "");
        let manifest = root.path().join(MANIFEST);
        let text = fs::read_to_string(&manifest).unwrap();
        let now = env!("CARGO_PKG_VERSION");
        fs::write(
            root.path().join("CHANGELOG.md"),
            format!("## 99.0.1, unreleased\n\n## {now}, 2026-01-01\n"),
        )
        .unwrap();
        for (version, state) in [("0.1.1", "missing"), ("99.0.1", "done")] {
            fs::write(&manifest, text.replace(now, version)).unwrap();
            let (out, _) = diff(&root, &["HEAD", "--format", "json"]);
            let report: Value = serde_json::from_str(&out).unwrap();
            let bump = &report["bumps"][0];
            assert_eq!(bump["state"], state, "{bump}");
            assert_eq!(bump["old"], now);
        }
    }

    #[test]
    fn a_document_that_can_not_be_generated_needs_review_and_has_a_face_that_does_not_compile() {
        let root = changed(
            "    PaginationNext:\n",
            "    Odd:\n      type: oddity\n    PaginationNext:\n",
        );
        let (out, result) = diff(&root, &["HEAD", "--check-face"]);
        assert_eq!(result.unwrap_err().code(), 1);
        for expected in [
            "needs review [rust] the document: what callers see can't be compared:",
            "invalid type: oddity",
            "needs review (minor at least)",
            "the face does not compile over the new code:",
        ] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
    }
}
