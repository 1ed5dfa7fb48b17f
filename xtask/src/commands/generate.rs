use std::io::Write;
use std::path::Path;

use crate::document::Document;
use crate::generate::{DOCUMENT, files};
use crate::lint;
use crate::output;
use crate::problem::Failure;

/// Where the generated module stands in the repository.
const TARGET: &str = "authress-users-client/src/generated";

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; say which files differ from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Brings the raw crate's code in line with the document, or says where it isn't.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let mut document = Document::read(&root.join(DOCUMENT))?;
    // The code must not depend on where the repository lies.
    DOCUMENT.clone_into(&mut document.name);
    let problems = lint::problems(&document);
    if !problems.is_empty() {
        return Err(Failure::Problems(problems));
    }
    let files = files(&document)?;
    let target = root.join(TARGET);
    if arguments.check {
        let differences = output::differences(&target, &files)?;
        if !differences.is_empty() {
            return Err(Failure::Differences(differences));
        }
        writeln!(out, "{TARGET} is what {DOCUMENT} makes it")?;
        return Ok(());
    }
    let changed = output::write(&target, &files)?;
    if changed.is_empty() {
        writeln!(out, "{TARGET} was up to date")?;
    }
    for name in changed {
        writeln!(out, "{TARGET}/{name}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::testing::repository;

    /// A repository with nothing but the document.
    fn with_document(change: impl Fn(String) -> String) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        let text = crate::testing::fixture().to_owned();
        fs::create_dir_all(root.path().join("openapi")).unwrap();
        fs::write(root.path().join(DOCUMENT), change(text)).unwrap();
        root
    }

    fn generate(root: &TempDir, check: bool) -> Result<String, Failure> {
        let mut out = Vec::new();
        run(&Arguments { check }, root.path(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_is_checked_in_is_what_the_document_makes() {
        run(&Arguments { check: true }, &repository(), &mut Vec::new()).unwrap();
    }

    #[test]
    fn the_first_run_writes_everything_and_the_second_nothing() {
        let root = with_document(|text| text);
        let out = generate(&root, false).unwrap();
        for name in ["client.rs", "mod.rs", "openapi.json", "operations.rs"] {
            assert!(out.contains(&format!("{TARGET}/{name}\n")), "{out}");
        }
        assert!(generate(&root, false).unwrap().contains("up to date"));
        assert_eq!(generate(&root, true).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_changed_description_bound_or_response_is_found_in_the_files_it_changes() {
        for (from, to, files) in [
            (
                "summary: Read a user",
                "summary: Read one user",
                &["client.rs", "operations.rs", "openapi.json"][..],
            ),
            (
                "maxLength: 64",
                "maxLength: 65",
                &["client.rs", "openapi.json"],
            ),
            (
                "maximum: 100",
                "maximum: 50",
                &["client.rs", "openapi.json"],
            ),
            (
                "\"202\":",
                "\"204\":",
                &["client.rs", "operations.rs", "openapi.json"],
            ),
        ] {
            let root = with_document(|text| text);
            generate(&root, false).unwrap();
            let text = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
            assert!(text.contains(from), "{from}");
            fs::write(root.path().join(DOCUMENT), text.replace(from, to)).unwrap();
            let Err(Failure::Differences(differences)) = generate(&root, true) else {
                panic!("{from} -> {to} makes no difference")
            };
            let shown = differences.join("\n");
            for file in files {
                assert!(
                    shown.contains(&format!("{TARGET}/{file} differs")),
                    "{to}: {shown}"
                );
            }
        }
    }

    #[test]
    fn a_document_that_is_none_or_has_problems_changes_nothing() {
        let root = with_document(|text| text);
        generate(&root, false).unwrap();
        let text = fs::read_to_string(root.path().join(DOCUMENT)).unwrap();
        for (broken, problems) in [
            ("a: [".to_owned(), false),
            ("title: x\n".to_owned(), false),
            (text.replace("      operationId: getUser\n", ""), true),
            (text.replace("x-idempotent: true", ""), true),
        ] {
            fs::write(root.path().join(DOCUMENT), broken).unwrap();
            let failure = generate(&root, false).unwrap_err();
            assert_eq!(
                matches!(failure, Failure::Problems(_)),
                problems,
                "{failure}"
            );
            fs::write(root.path().join(DOCUMENT), &text).unwrap();
            assert!(generate(&root, true).is_ok(), "something was written");
        }
        fs::remove_file(root.path().join(DOCUMENT)).unwrap();
        let failure = generate(&root, false).unwrap_err();
        assert!(failure.to_string().contains("can't be read"), "{failure}");
    }

    #[test]
    fn exit_codes_tell_problems_from_documents_that_are_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yaml");
        for (text, code) in [
            (None, 2),
            (Some("a: ["), 2),
            (Some("title: x"), 2),
            (Some("openapi: hello"), 2),
            (Some("openapi: 3.0.3"), 2),
            (Some("openapi: 3.0.3\ninfo: {}\npaths: [1]"), 2),
            (Some("openapi: 3.0.3\ninfo: {}\npaths: {}"), 1),
            (Some("swagger: '2.0'"), 1),
            (Some("openapi: 3.1.0"), 1),
        ] {
            if let Some(text) = text {
                fs::write(&file, text).unwrap();
            }
            let failure = crate::commands::lint::run(
                &crate::commands::lint::Arguments {
                    file: Some(file.clone()),
                    ..Default::default()
                },
                directory.path(),
                &mut Vec::new(),
            )
            .unwrap_err();
            assert_eq!(failure.code(), code, "{failure}");
        }
    }
}
