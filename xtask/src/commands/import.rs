use std::io::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::diff::{self, Code, Versions, dependents};
use crate::generate::DOCUMENT;
use crate::generate::write::output;
use crate::import::{Import, OVERLAY, Summary, import};
use crate::lint;
use crate::lint::rules::Scope;
use crate::overlay::Overlay;
use crate::problem::Failure;
use authress_users_openapi::{Document, read_text};

#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask import provider.yaml
  cargo xtask import provider.yaml --write --take getUserRolesForResource")]
pub(crate) struct Arguments {
    /// The provider's OpenAPI document, YAML or JSON
    pub(crate) file: PathBuf,
    /// Write openapi/users.yaml instead of showing the changes
    #[arg(long)]
    pub(crate) write: bool,
    /// Also import this operation, given by operationId or as `METHOD /path`; repeatable
    #[arg(long, value_name = "OPERATION")]
    pub(crate) take: Vec<String>,
}

/// Shows how the provider's spec changes ours, or writes the changes.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let target = root.join(DOCUMENT);
    let mut own = Document::read(&target)?;
    // Messages must not depend on the location of the repository.
    DOCUMENT.clone_into(&mut own.name);
    let provider = Document::read(&arguments.file)?;
    let overlay = Overlay::parse(OVERLAY, &read_text(&root.join(OVERLAY))?)?;
    let import = import(&own, &provider, &overlay, &arguments.take)?;
    report(&import, &provider, out)?;
    let problems = lint::check::all_problems(&import.candidate, Scope::Own);
    if !problems.is_empty() {
        writeln!(
            out,
            "\nnothing was written: the candidate is invalid; correct errors of the provider's spec by \
             an action in {OVERLAY}"
        )?;
        return Err(Failure::Problems(problems));
    }
    if import.candidate.text == own.text {
        writeln!(out, "\n{DOCUMENT} is up to date")?;
        return Ok(());
    }
    writeln!(out, "\nchanges:\n{}", difference(&own, &import.candidate))?;
    let versions = Versions::read(root, None).map_err(Failure::Unusable)?;
    let mut meaning = diff::compare(&own, &import.candidate, false);
    let (own_code, candidate_code) = Code::of_both(&own, &import.candidate);
    let code = (&own_code, &candidate_code);
    diff::compare_code(&mut meaning, code, &dependents(root), &versions);
    writeln!(out, "{}", meaning.to_text())?;
    if arguments.write {
        output::replace(&target, &import.candidate.text)?;
        writeln!(out, "wrote {DOCUMENT}; next, run `cargo xtask generate`")?;
    } else {
        writeln!(
            out,
            "nothing was written; use `--write` to write the changes"
        )?;
    }
    Ok(())
}

/// Reports what was selected, normalized, corrected and skipped.
fn report(import: &Import, provider: &Document, out: &mut impl Write) -> Result<(), Failure> {
    let selection = &import.selection;
    writeln!(
        out,
        "{}: {} of {} operations",
        provider.name,
        selection.taken.len(),
        selection.total
    )?;
    let line = |summary: &Summary| {
        format!(
            "  {} ({}, line {})",
            summary.name, summary.request, summary.line
        )
    };
    for summary in &selection.taken {
        writeln!(out, "{}", line(summary))?;
    }
    if !selection.proposed.is_empty() {
        writeln!(
            out,
            "other operations on users; import one with `--take OPERATION`:"
        )?;
        for summary in &selection.proposed {
            writeln!(out, "{}", line(summary))?;
        }
    }
    if !selection.skipped.is_empty() {
        writeln!(out, "skipped by the overlay:")?;
        for (summary, reason) in &selection.skipped {
            writeln!(out, "{}: {reason}", line(summary))?;
        }
    }
    if !import.normalized.is_empty() {
        writeln!(out, "normalized:")?;
        for (name, places) in &import.normalized {
            writeln!(out, "  {name}: {}", counted(*places))?;
        }
    }
    writeln!(out, "corrected by {OVERLAY}:")?;
    for applied in &import.applied {
        let note = if applied.changed {
            ""
        } else {
            "; no effect, so delete this action"
        };
        writeln!(out, "  {}: {}{note}", applied.name, counted(applied.places))?;
    }
    if !import.new_schemas.is_empty() {
        writeln!(out, "new schemas: {}", import.new_schemas.join(", "))?;
    }
    Ok(())
}

fn counted(places: usize) -> String {
    let plural = if places == 1 { "" } else { "s" };
    format!("{places} place{plural}")
}

fn difference(own: &Document, candidate: &Document) -> String {
    TextDiff::from_lines(&own.text, &candidate.text)
        .unified_diff()
        .context_radius(2)
        .header(DOCUMENT, "candidate")
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::testing::{fixture, repository, with_crates};

    const PROVIDER: &str = include_str!("../../fixtures/provider.yaml");

    /// A repository with our spec, its overlay and a provider's spec.
    fn with_provider(text: &str) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("openapi")).unwrap();
        fs::write(root.path().join(DOCUMENT), fixture()).unwrap();
        fs::copy(repository().join(OVERLAY), root.path().join(OVERLAY)).unwrap();
        fs::write(root.path().join("provider.yaml"), text).unwrap();
        with_crates(root.path());
        root
    }

    fn import(root: &TempDir, write: bool, take: &[&str]) -> (String, Result<(), Failure>) {
        let arguments = Arguments {
            file: root.path().join("provider.yaml"),
            write,
            take: take.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut out = Vec::new();
        let result = run(&arguments, root.path(), &mut out);
        let place = format!("{}/", root.path().display());
        (String::from_utf8(out).unwrap().replace(&place, ""), result)
    }

    /// All files and their contents.
    fn files(root: &TempDir) -> Vec<(PathBuf, String)> {
        let mut files: Vec<_> = [root.path().to_owned(), root.path().join("openapi")]
            .iter()
            .flat_map(|directory| fs::read_dir(directory).unwrap())
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn shows_the_changes_without_writing_them() {
        let root = with_provider(PROVIDER);
        let before = files(&root);
        let (shown, result) = import(&root, false, &[]);
        result.unwrap();
        assert_eq!(files(&root), before);
        let (report, changes) = shown.split_once("\nchanges:").unwrap();
        insta::assert_snapshot!(report);
        for part in [
            "+        createdTime:\n",
            "\ncompatible [wire] getUsers, getUser: UserIdentity.createdTime was added\n",
            "\nwire: compatible\n",
            "\ncompatible [rust] getUsers, getUser: types::UserIdentity.created_time was added: ",
            "\nrust: compatible\n",
            "\nbehavior: no change\nauthress-users-client: minor; ",
        ] {
            assert!(changes.contains(part), "{changes}");
        }
        assert!(changes.ends_with("use `--write` to write the changes\n"));
    }

    #[test]
    fn writes_the_candidate_and_then_finds_no_changes() {
        let root = with_provider(PROVIDER);
        let before = files(&root);
        import(&root, true, &[]).1.unwrap();
        let after = files(&root);
        assert_eq!(after.len(), before.len());
        let written = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        assert!(
            written.contains("        createdTime:\n")
                && written.starts_with("# The source of truth")
        );
        let document = Document::parse(DOCUMENT, &written).unwrap();
        assert!(lint::check::all_problems(&document, Scope::Own).is_empty());
        let (shown, result) = import(&root, true, &[]);
        result.unwrap();
        assert!(
            shown.ends_with("openapi/users.yaml is up to date\n"),
            "{shown}"
        );
        assert_eq!(files(&root), after);
    }

    #[test]
    fn writes_an_operation_named_by_take() {
        let root = with_provider(PROVIDER);
        import(&root, true, &["authorizeUser"]).1.unwrap();
        let document = Document::read(&root.path().join(DOCUMENT)).unwrap();
        assert_eq!(document.operations().len(), 5);
        assert!(lint::check::all_problems(&document, Scope::Own).is_empty());
    }

    #[test]
    fn rejects_invalid_imports_without_writing() {
        let edited = |from: &str, to: &str| {
            assert!(PROVIDER.contains(from), "{from}");
            PROVIDER.replacen(from, to, 1)
        };
        let identity = "    UserIdentity:\n      type: object\n";
        let own_part = "    UserIdentity:\n      allOf:\n        - $ref: '#/components/schemas/UserIdentity'\n";
        let mut shown_all = Vec::new();
        for (what, text, take) in [
            (
                "OpenAPI 3.1",
                edited("openapi: 3.0.3", "openapi: 3.1.0"),
                None,
            ),
            (
                "Swagger 2",
                edited("openapi: 3.0.3", "swagger: '2.0'"),
                None,
            ),
            ("another API", PROVIDER.replace("/users", "/people"), None),
            (
                "an operation that moved",
                edited("  /v1/users:\n", "  /v2/users:\n"),
                None,
            ),
            ("broken YAML", PROVIDER.to_owned() + "  a: [", None),
            ("no OpenAPI", "a: 1\n".to_owned(), None),
            ("nothing", String::new(), None),
            ("deep", "[".repeat(100_000), None),
            (
                "a schema that consists of itself",
                edited(identity, own_part),
                None,
            ),
            (
                "an obsolete action",
                edited("            default: 20\n", ""),
                None,
            ),
            (
                "an unknown operation",
                PROVIDER.to_owned(),
                Some("getTenants"),
            ),
            ("no JSON", PROVIDER.to_owned(), Some("Users.getActivity")),
        ] {
            let root = with_provider(&text);
            let before = files(&root);
            let failure = import(&root, true, take.as_slice()).1.unwrap_err();
            assert_eq!(files(&root), before, "{what}");
            let place = format!("{}/", root.path().display());
            let shown = failure.to_string().replace(&place, "");
            shown_all.push(format!("{what}: exit {}\n{shown}\n", failure.code()));
        }
        insta::assert_snapshot!(shown_all.join("\n"));
    }
}
