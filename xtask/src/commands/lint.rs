//! `cargo xtask lint`.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::generate::DOCUMENT;
use crate::lint;
use crate::lint::explain::{explain, list};
use crate::lint::rules::Scope;
use crate::problem::Failure;
use authress_users_openapi::Document;

#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask lint
  cargo xtask lint petstore.yaml
  cargo xtask lint --explain unenforced-bound")]
pub(crate) struct Arguments {
    /// The document to check [default: openapi/users.yaml].
    pub(crate) file: Option<PathBuf>,
    /// Also check the project's policy and what hand-written code depends on; always on for
    /// openapi/users.yaml.
    #[arg(long)]
    pub(crate) own: bool,
    /// Explain a rule with a wrong and a right example.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["file", "own", "list"])]
    pub(crate) explain: Option<String>,
    /// List all rules.
    #[arg(long, conflicts_with_all = ["file", "own"])]
    pub(crate) list: bool,
}

/// Reports every problem of a document.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    if let Some(code) = &arguments.explain {
        write!(out, "{}", explain(code)?)?;
        return Ok(());
    }
    if arguments.list {
        write!(out, "{}", list())?;
        return Ok(());
    }
    let file = arguments
        .file
        .clone()
        .unwrap_or_else(|| root.join(DOCUMENT));
    let document = Document::read(&file)?;
    let scope = if arguments.own || is_own(&file, root) {
        Scope::Own
    } else {
        Scope::Any
    };
    let problems = lint::check::all_problems(&document, scope);
    if !problems.is_empty() {
        return Err(Failure::Problems(problems));
    }
    let operations = document.operations().len();
    let plural = if operations == 1 { "" } else { "s" };
    let name = document.name;
    writeln!(out, "{name}: no problems in {operations} operation{plural}")?;
    Ok(())
}

/// Whether a file is the project's own document.
fn is_own(file: &Path, root: &Path) -> bool {
    match (file.canonicalize(), root.join(DOCUMENT).canonicalize()) {
        (Ok(file), Ok(own)) => file == own,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::repository;

    #[test]
    fn a_document_without_problems_gets_one_line() {
        let mut out = Vec::new();
        run(&Arguments::default(), &repository(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 1);
        assert!(
            out.contains("users.yaml: no problems in 4 operations"),
            "{out}"
        );
    }

    #[test]
    fn problems_and_unreadable_documents_are_different_failures() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yaml");
        let of = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let arguments = Arguments {
                file: Some(file.clone()),
                ..Arguments::default()
            };
            run(&arguments, &repository(), &mut Vec::new()).unwrap_err()
        };
        assert!(matches!(of("openapi: 3.1.0\n"), Failure::Problems(_)));
        assert!(matches!(of("title: x\n"), Failure::Unusable(_)));
        assert!(matches!(of("a: ["), Failure::Unusable(_)));
    }

    #[test]
    fn problems_of_the_generator_are_reported() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yaml");
        let text = crate::testing::fixture();
        let text = text.replacen(
            "          application/json:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"",
            "          multipart/form-data:\n            schema:\n              $ref: \"#/components/schemas/TenantUser\"",
            1,
        );
        std::fs::write(&file, text).unwrap();
        let arguments = Arguments {
            file: Some(file),
            ..Arguments::default()
        };
        let failure = run(&arguments, &repository(), &mut Vec::new())
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("[generator] linkTenantUser: ") && failure.contains("multipart"),
            "{failure}"
        );
    }

    #[test]
    fn own_rules_apply_to_the_projects_document_only() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join(DOCUMENT);
        let other = root.path().join("a.yaml");
        let text = crate::testing::fixture();
        let text = text.replacen("            maximum: 100\n", "", 1);
        std::fs::create_dir_all(own.parent().unwrap()).unwrap();
        std::fs::write(&own, &text).unwrap();
        std::fs::write(&other, &text).unwrap();
        let lint = |file: Option<&Path>| {
            let arguments = Arguments {
                file: file.map(Path::to_owned),
                ..Arguments::default()
            };
            run(&arguments, root.path(), &mut Vec::new())
        };
        for file in [None, Some(&*own)] {
            let failure = lint(file).unwrap_err();
            assert_eq!(failure.code(), 1);
            let shown = failure.to_string();
            assert!(
                shown.contains("users.yaml:") && shown.contains(": [own-parameter] "),
                "{shown}"
            );
            assert!(shown.contains("`maximum`"), "{shown}");
        }
        lint(Some(&other)).unwrap();
        let generated = crate::commands::generate::run(
            &crate::commands::generate::Arguments::default(),
            root.path(),
            &mut Vec::new(),
        );
        assert!(matches!(generated, Err(Failure::Problems(_))));
    }
}
