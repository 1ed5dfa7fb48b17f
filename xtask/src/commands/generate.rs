use std::io::Write;
use std::path::{Path, PathBuf};

use crate::generate::third_party;
use crate::generate::write::crate_files::CrateFiles;
use crate::generate::write::output;
use crate::generate::{DOCUMENT, files};
use crate::lint;
use crate::problem::Failure;
use authress_users_openapi::Document;

/// Where the generated module stands in the repository.
pub(crate) const TARGET: &str = "authress-users-client/src/generated";

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; say which files differ from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Another OpenAPI 3.0 document, YAML or JSON, to make a raw crate from.
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) spec: Option<PathBuf>,
    /// The directory of that crate: none yet, an empty one, or one that was written here before.
    #[arg(long, value_name = "DIR", requires = "spec")]
    pub(crate) out: Option<PathBuf>,
    /// Leave out what can't be generated, and say what and why; without it, that is an error.
    #[arg(long, requires = "spec")]
    pub(crate) skip_unsupported: bool,
}

/// Brings the raw crate's code in line with the document, or says where it isn't.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(directory)) => another(arguments, spec, directory, out),
        _ => own(arguments, root, out),
    }
}

fn own(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
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

/// Makes a crate of another document. Everything is made and looked at before the first byte is
/// written.
fn another(
    arguments: &Arguments,
    spec: &Path,
    directory: &Path,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let document = Document::read(spec)?;
    let sources = third_party::sources(&document, arguments.skip_unsupported)?;
    let files = CrateFiles::new(&document, &sources)?;
    CrateFiles::may_go_to(directory)?;
    let name = spec.display();
    for (step, places) in &sources.lowered {
        let plural = if *places == 1 { "" } else { "s" };
        writeln!(out, "{name}: {step} in {places} place{plural}")?;
    }
    for problem in &sources.left_out {
        writeln!(out, "left out: {problem}")?;
    }
    let plural = if sources.operations == 1 { "" } else { "s" };
    writeln!(
        out,
        "{name}: {} operation{plural} generated",
        sources.operations
    )?;
    if arguments.check {
        let differences = files.differences(directory)?;
        if !differences.is_empty() {
            return Err(Failure::Differences(differences));
        }
        writeln!(out, "{} is what {name} makes it", directory.display())?;
        return Ok(());
    }
    let changed = files.write(directory)?;
    if changed.is_empty() {
        writeln!(out, "{} was up to date", directory.display())?;
    }
    for file in changed {
        writeln!(out, "{}", directory.join(file).display())?;
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
        run(
            &Arguments {
                check,
                ..Arguments::default()
            },
            root.path(),
            &mut out,
        )?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_is_checked_in_is_what_the_document_makes() {
        run(
            &Arguments {
                check: true,
                ..Arguments::default()
            },
            &repository(),
            &mut Vec::new(),
        )
        .unwrap();
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
        assert!(failure.to_string().contains("cannot be read"), "{failure}");
    }

    fn of_another(spec: &Path, directory: &Path, check: bool) -> Result<String, Failure> {
        let mut out = Vec::new();
        let arguments = Arguments {
            check,
            spec: Some(spec.to_owned()),
            out: Some(directory.to_owned()),
            skip_unsupported: false,
        };
        run(&arguments, Path::new("nowhere"), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_crate_of_another_document_goes_to_a_directory_of_its_own() {
        let place = tempfile::tempdir().unwrap();
        let (spec, out) = (place.path().join("a.yaml"), place.path().join("out"));
        fs::write(&spec, crate::testing::fixture()).unwrap();
        assert!(of_another(&spec, &out, true).is_err());
        assert!(!out.exists());
        let told = of_another(&spec, &out, false).unwrap();
        assert!(told.contains("4 operations generated"), "{told}");
        assert!(told.contains("client.rs"), "{told}");
        // What a build leaves there is none of our business.
        fs::write(out.join("Cargo.lock"), "").unwrap();
        assert!(of_another(&spec, &out, true).is_ok());
        assert!(
            of_another(&spec, &out, false)
                .unwrap()
                .contains("up to date")
        );
        fs::write(out.join("src/generated/client.rs"), "").unwrap();
        fs::write(out.join("src/generated/other.rs"), "").unwrap();
        let Err(Failure::Differences(differences)) = of_another(&spec, &out, true) else {
            panic!("it does not differ")
        };
        assert_eq!(differences.len(), 2);
        of_another(&spec, &out, false).unwrap();
        assert!(of_another(&spec, &out, true).is_ok());
    }

    #[test]
    fn a_directory_of_somebody_else_and_a_broken_document_leave_everything_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let (spec, out) = (place.path().join("a.yaml"), place.path().join("out"));
        fs::write(&spec, crate::testing::fixture()).unwrap();
        let failure = of_another(&spec, place.path(), false).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.to_string().contains("did not write"), "{failure}");
        for (text, code) in [("a: [", 2), ("openapi: 3.1.0", 1), ("title: x", 2)] {
            fs::write(&spec, text).unwrap();
            assert_eq!(of_another(&spec, &out, false).unwrap_err().code(), code);
            assert!(!out.exists(), "{text}");
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
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
