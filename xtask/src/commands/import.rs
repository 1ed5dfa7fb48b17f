use std::io::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::diff::{self, Code, Versions, dependents};
use crate::generate::DOCUMENT;
use crate::generate::write::output;
use crate::import::{Import, OVERLAY, Told, import};
use crate::lint;
use crate::lint::rules::Scope;
use crate::overlay::Overlay;
use crate::problem::Failure;
use authress_users_openapi::{Document, read_text};

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// The provider's document, YAML or JSON.
    pub(crate) file: PathBuf,
    /// Write openapi/users.yaml instead of showing what would be written.
    #[arg(long)]
    pub(crate) write: bool,
    /// Take this operation over too, by its operationId or as `METHOD /path`; can be repeated.
    #[arg(long, value_name = "OPERATION")]
    pub(crate) take: Vec<String>,
}

/// Shows what the provider's document has for ours, or takes it over.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let target = root.join(DOCUMENT);
    let mut own = Document::read(&target)?;
    // Messages must not depend on where the repository lies.
    DOCUMENT.clone_into(&mut own.name);
    let provider = Document::read(&arguments.file)?;
    let overlay = Overlay::parse(OVERLAY, &read_text(&root.join(OVERLAY))?)?;
    let import = import(&own, &provider, &overlay, &arguments.take)?;
    tell(&import, &provider, out)?;
    let problems = lint::checked(&import.candidate, Scope::Own);
    if !problems.is_empty() {
        writeln!(
            out,
            "\nthe candidate is not fit for use, so nothing was written; what the provider says \
             wrongly is corrected by an action in {OVERLAY}"
        )?;
        return Err(Failure::Problems(problems));
    }
    if import.candidate.text == own.text {
        writeln!(out, "\n{DOCUMENT} says all of it already")?;
        return Ok(());
    }
    writeln!(
        out,
        "\ntaken over:\n{}",
        difference(&own, &import.candidate)
    )?;
    let versions = Versions::read(root, None).map_err(Failure::Unusable)?;
    let mut meaning = diff::compare(&own, &import.candidate, false);
    let code = (&Code::of(&own), &Code::of(&import.candidate));
    diff::compare_code(&mut meaning, code, &dependents(root), &versions);
    writeln!(out, "{}", meaning.to_text())?;
    if arguments.write {
        output::replace(&target, &import.candidate.text)?;
        writeln!(out, "{DOCUMENT} is written; `cargo xtask generate` is next")?;
    } else {
        writeln!(out, "nothing was written; `--write` takes it over")?;
    }
    Ok(())
}

/// What was found, mended, corrected and left.
fn tell(import: &Import, provider: &Document, out: &mut impl Write) -> Result<(), Failure> {
    let selection = &import.selection;
    writeln!(
        out,
        "{}: {} of {} operations",
        provider.name,
        selection.taken.len(),
        selection.of
    )?;
    let line = |told: &Told| format!("  {} ({}, line {})", told.name, told.request, told.line);
    for told in &selection.taken {
        writeln!(out, "{}", line(told))?;
    }
    if !selection.proposed.is_empty() {
        writeln!(out, "also about users, and taken with `--take OPERATION`:")?;
        for told in &selection.proposed {
            writeln!(out, "{}", line(told))?;
        }
    }
    if !selection.left_out.is_empty() {
        writeln!(out, "left out on purpose:")?;
        for (told, reason) in &selection.left_out {
            writeln!(out, "{}: {reason}", line(told))?;
        }
    }
    if !import.mended.is_empty() {
        writeln!(out, "put into our way of writing:")?;
        for (name, places) in &import.mended {
            writeln!(out, "  {name}: {}", counted(*places))?;
        }
    }
    writeln!(out, "corrected by {OVERLAY}:")?;
    for applied in &import.applied {
        let idle = if applied.changed {
            ""
        } else {
            "; the provider says so itself by now, so delete this action"
        };
        writeln!(out, "  {}: {}{idle}", applied.name, counted(applied.places))?;
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
        .header(DOCUMENT, "the candidate")
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::testing::{fixture, repository, with_crates};

    const PROVIDER: &str = include_str!("../../fixtures/provider.yaml");

    /// A repository with the document and its overlay, and a provider's document beside them.
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

    /// Every file and what is in it.
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
    fn without_write_it_says_what_it_would_do_and_does_nothing() {
        let root = with_provider(PROVIDER);
        let before = files(&root);
        let (shown, result) = import(&root, false, &[]);
        result.unwrap();
        assert_eq!(files(&root), before);
        let (account, taken_over) = shown.split_once("\ntaken over:").unwrap();
        insta::assert_snapshot!(account);
        for part in [
            "+        createdTime:\n",
            "\ncompatible [wire] getUsers, getUser: UserIdentity.createdTime is new\n",
            "\nwire: compatible\n",
            "\ncompatible [rust] getUsers, getUser: types::UserIdentity.created_time is new: ",
            "\nrust: compatible\n",
            "\nbehaviour: no change\nauthress-users-client: minor, ",
        ] {
            assert!(taken_over.contains(part), "{taken_over}");
        }
        assert!(taken_over.ends_with("nothing was written; `--write` takes it over\n"));
    }

    #[test]
    fn with_write_the_document_is_the_candidate_and_the_next_run_finds_nothing() {
        let root = with_provider(PROVIDER);
        let before = files(&root);
        import(&root, true, &[]).1.unwrap();
        let after = files(&root);
        assert_eq!(after.len(), before.len());
        let written = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        assert!(written.contains("        createdTime:\n") && written.starts_with("# The one"));
        let document = Document::parse(DOCUMENT, &written).unwrap();
        assert!(lint::checked(&document, Scope::Own).is_empty());
        let (shown, result) = import(&root, true, &[]);
        result.unwrap();
        assert!(
            shown.ends_with("openapi/users.yaml says all of it already\n"),
            "{shown}"
        );
        assert_eq!(files(&root), after);
    }

    #[test]
    fn an_operation_that_is_asked_for_is_written_too() {
        let root = with_provider(PROVIDER);
        import(&root, true, &["authorizeUser"]).1.unwrap();
        let document = Document::read(&root.path().join(DOCUMENT)).unwrap();
        assert_eq!(document.operations().len(), 5);
        assert!(lint::checked(&document, Scope::Own).is_empty());
    }

    #[test]
    fn what_can_not_be_taken_over_is_told_and_nothing_is_written() {
        let edited = |from: &str, to: &str| {
            assert!(PROVIDER.contains(from), "{from}");
            PROVIDER.replacen(from, to, 1)
        };
        let identity = "    UserIdentity:\n      type: object\n";
        let own_part = "    UserIdentity:\n      allOf:\n        - $ref: '#/components/schemas/UserIdentity'\n";
        let mut told = Vec::new();
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
            ("a schema made of itself", edited(identity, own_part), None),
            (
                "a correction too many",
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
            told.push(format!("{what}: exit {}\n{shown}\n", failure.code()));
        }
        insta::assert_snapshot!(told.join("\n"));
    }
}
