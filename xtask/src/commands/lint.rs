use std::io::Write;
use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::generate::{self, DOCUMENT};
use crate::lint;
use crate::problem::Failure;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// The document to look at; openapi/users.yaml unless another is named.
    pub(crate) file: Option<PathBuf>,
}

/// Reports every problem of a document, or that there is none.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let file = arguments
        .file
        .clone()
        .unwrap_or_else(|| root.join(DOCUMENT));
    let document = Document::read(&file)?;
    let mut problems = lint::problems(&document);
    if problems.is_empty() {
        problems = generate::problems(&document);
    }
    if !problems.is_empty() {
        return Err(Failure::Problems(problems));
    }
    let operations = document.operations().len();
    writeln!(
        out,
        "{}: nothing to complain about in {operations} operations",
        document.name
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::repository;

    #[test]
    fn a_clean_document_gets_one_line() {
        let mut out = Vec::new();
        run(&Arguments::default(), &repository(), &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().count(), 1);
        assert!(
            out.contains("users.yaml: nothing to complain about in 4 operations"),
            "{out}"
        );
    }

    #[test]
    fn a_document_with_problems_fails_and_one_that_is_none_fails_otherwise() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yaml");
        let of = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let arguments = Arguments {
                file: Some(file.clone()),
            };
            run(&arguments, &repository(), &mut Vec::new()).unwrap_err()
        };
        assert!(matches!(of("openapi: 3.1.0\n"), Failure::Problems(_)));
        assert!(matches!(of("title: x\n"), Failure::Unusable(_)));
        assert!(matches!(of("a: ["), Failure::Unusable(_)));
    }

    #[test]
    fn what_the_generator_alone_stumbles_over_is_a_problem_too() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a.yaml");
        let text = crate::testing::fixture();
        let text = text.replacen(
            "name: cursor\n          in: query",
            "name: cursor\n          in: cookie",
            1,
        );
        std::fs::write(&file, text).unwrap();
        let arguments = Arguments { file: Some(file) };
        let failure = run(&arguments, &repository(), &mut Vec::new())
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("[generator] getUsers: ") && failure.contains("cookie"),
            "{failure}"
        );
    }
}
