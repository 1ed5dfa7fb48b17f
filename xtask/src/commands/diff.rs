use std::io::Write;
use std::path::Path;

use clap::ValueEnum;

use crate::diff::revisions::compare_named;
use crate::diff::rust::ext_check;
use crate::diff::{Aspect, Verdict};
use crate::problem::Failure;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask diff main
  cargo xtask diff v0.1.0 --deny breaking --format json
  cargo xtask diff old.yaml new.yaml --docs")]
pub(crate) struct Arguments {
    /// The spec of existing clients: a file, or a git revision (a branch, a tag, HEAD~3) of
    /// openapi/users.yaml.
    pub(crate) old: String,
    /// The spec of future servers: a file or a git revision [default: openapi/users.yaml in the
    /// working tree].
    pub(crate) new: Option<String>,
    /// The format of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if a change is at least this severe.
    #[arg(long, value_enum)]
    pub(crate) deny: Option<Deny>,
    /// Also compare titles, descriptions and examples.
    #[arg(long)]
    pub(crate) docs: bool,
    /// Compile ext with the code of NEW in a copy of the workspace; exit with 1 if it does not
    /// compile.
    #[arg(long)]
    pub(crate) check_ext: bool,
}

/// The format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text.
    #[default]
    Text,
    /// Markdown, for a pull request.
    Markdown,
    /// Annotations of GitHub Actions.
    Github,
    /// One JSON object with `old`, `new`, `verdicts`, `changes`, `bumps`, and `ext` with
    /// --check-ext.
    Json,
}

/// The changes that make the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Changes that break callers.
    Breaking,
    /// Breaking changes and changes that need review.
    Review,
}

/// Reports what the differences between two specs mean.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let new = arguments.new.as_deref();
    let (mut report, new) = compare_named(&arguments.old, new, arguments.docs, root)?;
    if arguments.check_ext {
        report.ext = Some(ext_check::check(&new, root)?);
    }
    match arguments.format {
        Format::Text => {
            out.write_all(report.to_text().as_bytes())?;
            if report.ext.is_none() && report.verdict(Aspect::Rust).is_some() {
                writeln!(
                    out,
                    "help: check that ext still compiles with `--check-ext`"
                )?;
            }
        }
        Format::Markdown => out.write_all(report.to_markdown().as_bytes())?,
        Format::Github => out.write_all(report.to_github().as_bytes())?,
        Format::Json => writeln!(out, "{:#}", report.to_json())?,
    }
    out.flush()?;
    if let Some(Err(_)) = report.ext {
        return Err(Failure::Denied("ext does not compile".to_owned()));
    }
    let denied: &[Verdict] = match arguments.deny {
        None => &[],
        Some(Deny::Breaking) => &[Verdict::Breaking],
        Some(Deny::Review) => &[Verdict::Breaking, Verdict::NeedsReview],
    };
    match denied.iter().map(|verdict| report.count(*verdict)).sum() {
        0 => Ok(()),
        1 => Err(Failure::Denied("1 change is denied".to_owned())),
        count => Err(Failure::Denied(format!("{count} changes are denied"))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use serde_json::Value;
    use tempfile::TempDir;

    use super::*;
    use crate::diff::bump::MANIFEST;
    use crate::generate::DOCUMENT;
    use crate::testing::{fixture, with_crates};

    /// Returns a repository whose spec was committed and then changed.
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
        git(&["commit", "--quiet", "--message", "Add the spec"]);
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
    fn compares_a_revision_with_the_working_tree() {
        let root = changed("maximum: 100", "maximum: 50");
        for revision in ["HEAD", "v1", "HEAD^{commit}"] {
            let (out, result) = diff(&root, &[revision]);
            assert!(result.is_ok());
            assert!(out.contains(&format!("{revision}:{DOCUMENT}:54")), "{out}");
            assert!(
                out.contains("example: 51 was valid and is now rejected"),
                "{out}"
            );
        }
        let (out, result) = diff(&root, &["HEAD", "v1"]);
        assert!(result.is_ok() && out.contains("wire: no change"), "{out}");
    }

    #[test]
    fn compares_files() {
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
    fn denied_changes_fail_with_1_after_the_report() {
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
    fn unreadable_specs_fail_with_2() {
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
            (
                "nowhere",
                "nowhere: neither a file nor a revision with openapi/users.yaml",
            ),
            ("-x", "-x: neither a file"),
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
    fn json_is_one_object() {
        let root = changed("maximum: 100", "maximum: 50");
        let (out, result) = diff(&root, &["HEAD", "--format", "json"]);
        assert!(result.is_ok());
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["verdicts"]["wire"], "breaking");
        let change = &report["changes"][0];
        assert_eq!(change["witness"], 51);
        assert_eq!(change["old"]["file"], format!("HEAD:{DOCUMENT}"));
        assert_eq!(change["old"]["line"], 54);
        assert_eq!(change["operations"], serde_json::json!(["getUsers"]));
    }

    #[test]
    fn markdown_has_a_row_and_github_an_annotation_for_each_change() {
        let root = changed("maximum: 100", "maximum: 50");
        let (out, _) = diff(&root, &["HEAD", "--format", "markdown"]);
        let row =
            "| breaking | wire | the query parameter `limit`: maximum 100 -> 50 | getUsers | ";
        assert!(
            out.contains("- **wire**: breaking\n") && out.contains(row),
            "{out}"
        );
        let (out, _) = diff(&root, &["HEAD", "--format", "github"]);
        assert!(out.starts_with("::error file="), "{out}");
        assert!(
            out.contains(",line=54,title=breaking [wire]::getUsers: "),
            "{out}"
        );
        assert!(out.contains("%0Ahelp: "), "{out}");
    }

    #[test]
    fn reports_changes_for_rust_callers_and_versions() {
        let root = changed("            maxLength: 64\n", "");
        let (out, result) = diff(&root, &["HEAD"]);
        assert!(result.is_ok());
        for expected in [
            "breaking [rust] getUsers: types::GetUsersFilter was removed",
            "\nrust: breaking\n",
            "\nauthress-users-client: breaking; ",
            "--check-ext",
        ] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
        let (out, _) = diff(&root, &["HEAD", "--format", "json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["verdicts"]["rust"], "breaking");
        assert_eq!(report["bumps"][0]["worst"], "breaking");
        let (out, _) = diff(&root, &["HEAD", "HEAD"]);
        assert!(!out.contains("--check-ext"), "{out}");
        assert!(out.contains("no change, no new version needed"), "{out}");
    }

    #[test]
    fn an_unreleased_version_must_be_high_enough() {
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
    fn a_spec_that_cannot_be_generated_needs_review_and_does_not_compile() {
        let root = changed(
            "    PaginationNext:\n",
            "    Unsupported:\n      type: tuple\n    PaginationNext:\n",
        );
        let (out, result) = diff(&root, &["HEAD", "--check-ext"]);
        assert_eq!(result.unwrap_err().code(), 1);
        for expected in [
            "needs review [rust] the spec: could not compare the generated code:",
            "invalid type: tuple",
            "needs review (minor at least)",
            "ext does not compile with the new code:",
        ] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
        let (out, _) = diff(&root, &["HEAD", "--check-ext", "--format", "github"]);
        let last = out.lines().last().unwrap();
        assert!(
            last.starts_with("::error::ext does not compile with the new code:%0A"),
            "{out}"
        );
    }

    #[test]
    fn third_party_specs_are_compared_with_the_code_that_generate_makes_of_them() {
        let root = tempfile::tempdir().unwrap();
        with_crates(root.path());
        let spec = |name: &str, from: &str, to: &str| {
            let text = "openapi: 3.0.3\ninfo: {title: Authress Users API, version: '1'}\npaths:\n  /pets:\n    get:\n      \
                        operationId: getPet\n      responses:\n        '200':\n          description: A pet.\n          \
                        content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}\ncomponents:\n  \
                        schemas:\n    Pet: {type: object, properties: {born: {type: string, format: date}}}\n";
            assert!(text.contains(from), "{from}");
            let file = root.path().join(name);
            fs::write(&file, text.replace(from, to)).unwrap();
            file.to_str().unwrap().to_owned()
        };
        let old = spec("old.yaml", "date", "date");
        // Formats stay strings there.
        let new = spec("new.yaml", "date", "date-time");
        let (out, result) = diff(&root, &[&old, &new]);
        assert!(result.is_ok());
        assert!(out.contains("wire: breaking\nrust: no change"), "{out}");
        let new = spec("renamed.yaml", "born", "birth");
        let (out, _) = diff(&root, &[&old, &new]);
        assert!(
            out.contains("types::Pet.born was removed: pub born: Option<String>"),
            "{out}"
        );
    }
}
