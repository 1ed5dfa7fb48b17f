//! The pipeline from a document to the sources of a client.

use std::path::Path;

use serde_json::Value;

use super::steps::{Changes, Spec};
use super::write::output::Files;
use super::write::source::Source;
use super::{generator, lower, rewrite, unsupported};
use crate::problem::{Code, Failure, Problem};
use authress_users_openapi::Document;

/// The path of the project's spec in the repository.
pub(crate) const DOCUMENT: &str = "openapi/users.yaml";
/// The path of the generated module in the repository.
pub(crate) const TARGET: &str = "authress-users-client/src/generated";

/// How a document is generated.
#[derive(Clone, Copy)]
pub(crate) struct Options<'a> {
    pub(crate) spec: Spec,
    /// Omit what cannot be generated instead of failing.
    pub(crate) skip_unsupported: bool,
    /// Finds the problems of a document before it is generated.
    pub(crate) lint: &'a dyn Fn(&Document) -> Vec<Problem>,
}

impl Options<'_> {
    /// Generates a document that passed the lint before.
    pub(crate) fn linted(spec: Spec) -> Self {
        Self {
            spec,
            skip_unsupported: false,
            lint: &|_| Vec::new(),
        }
    }

    /// What to do about a part that progenitor rejects.
    fn advice(&self) -> &'static str {
        match (self.spec, self.skip_unsupported) {
            (Spec::Own | Spec::Variant, _) => {
                "describe it differently, or add a step to xtask/src/generate/lower"
            }
            (Spec::ThirdParty, true) => "describe it differently to generate it too",
            (Spec::ThirdParty, false) => {
                "describe it differently, or omit it with `--skip-unsupported`"
            }
        }
    }
}

/// The generated sources of a document.
pub(crate) struct Generated {
    /// The files of the generated module.
    pub(crate) files: Files,
    /// The first lines of every file, without comment signs.
    pub(crate) header: Vec<String>,
    /// The lowering steps that changed something, and in how many places.
    pub(crate) lowered: Changes,
    /// The number of generated operations.
    pub(crate) operations: usize,
    /// Why operations and schemas were omitted.
    pub(crate) skipped: Vec<Problem>,
}

/// Generates the sources of a document.
pub(crate) fn generate(document: &Document, options: &Options<'_>) -> Result<Generated, Failure> {
    let spec = options.spec;
    let mut value = document.value.clone();
    let mut lowered = Changes::new();
    // For another version of OpenAPI, only the version is reported.
    if document.is_openapi_3_0() {
        lowered.extend(changed(document, lower::prepare(&mut value, spec))?);
    }
    let mut kept = document.with_value(value);
    let mut skipped = Vec::new();
    let client = loop {
        let problems = match client(&kept, options) {
            Ok((client, changes)) => {
                lowered.extend(changes);
                break Some(client);
            }
            Err(problems) => problems,
        };
        // In another document, omit what cannot be generated and continue, to report all of it.
        let found = (spec == Spec::ThirdParty)
            .then(|| unsupported::with_dependents(&kept, &problems, options.advice()))
            .flatten();
        let Some(found) = found else {
            return Err(Failure::Problems(problems));
        };
        unsupported::remove(&mut kept.value, &found);
        skipped.extend(found);
        if kept.operations().is_empty() {
            break None;
        }
    };
    skipped.sort_by_key(|problem| problem.line);
    let Some(mut client) = client.filter(|_| skipped.is_empty() || options.skip_unsupported) else {
        return Err(Failure::Problems(skipped));
    };
    changed(&kept, rewrite::rewrite(&mut client, &kept, spec))?;
    let source = Source {
        document,
        name: source_name(document, spec),
        prepared: &kept,
        skipped: &skipped,
    };
    Ok(Generated {
        files: changed(document, source.files(&client))?,
        header: source.header(),
        lowered,
        operations: kept.operations().len(),
        skipped,
    })
}

/// Lints a document, lowers it and runs progenitor.
fn client(
    document: &Document,
    options: &Options<'_>,
) -> Result<(syn::File, Changes), Vec<Problem>> {
    let problems = (options.lint)(document);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut lowered: Value = document.value.clone();
    let changes = lower::for_generator(&mut lowered, options.spec)
        .map_err(|reason| vec![whole(document, &reason)])?;
    match generator::run(&lowered) {
        Ok(client) => Ok((client, changes)),
        Err(reason) => {
            let advice = options.advice();
            Err(unsupported::locate(document, &lowered, &reason, advice))
        }
    }
}

/// The name of the document in generated files, which must not depend on where it is.
fn source_name(document: &Document, spec: Spec) -> String {
    let name = Path::new(&document.name).file_name();
    match name {
        Some(name) if spec == Spec::ThirdParty => name.to_string_lossy().into_owned(),
        _ => DOCUMENT.to_owned(),
    }
}

/// Makes a problem of a step that failed.
fn changed<T>(document: &Document, outcome: Result<T, String>) -> Result<T, Failure> {
    outcome.map_err(|reason| Failure::Problems(vec![whole(document, &reason)]))
}

fn whole(document: &Document, reason: &str) -> Problem {
    Problem::new(
        document,
        Code::GENERATOR,
        "/paths",
        format!("can't be generated: {reason}"),
        "check the last change of the document, and what the step is for",
    )
}

/// Generates the files of a document that passed the lint before.
pub(crate) fn files(document: &Document, spec: Spec) -> Result<Files, Failure> {
    Ok(generate(document, &Options::linted(spec))?.files)
}

/// The problems that only appear when a document is generated. It passed the lint before.
pub(crate) fn problems(document: &Document, spec: Spec) -> Vec<Problem> {
    match files(document, spec) {
        Ok(_) => Vec::new(),
        Err(Failure::Problems(problems)) => problems,
        Err(other) => vec![whole(document, &other.to_string())],
    }
}
