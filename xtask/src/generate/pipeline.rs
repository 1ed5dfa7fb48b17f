//! The pipeline from a document to the sources of a client.

use std::path::Path;

use serde_json::Value;

use super::steps::{Changes, Spec};
use super::write::operations;
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
    /// Report the first problem only, without its location if progenitor finds it.
    pub(crate) stops_at_first: bool,
    /// Finds the problems of a document before it is generated.
    pub(crate) lint: &'a dyn Fn(&Document) -> Vec<Problem>,
}

impl Options<'_> {
    /// Generates a document that passed the lint before.
    pub(crate) fn linted(spec: Spec) -> Self {
        Self {
            spec,
            skip_unsupported: false,
            stops_at_first: false,
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
    /// The number of all operations, including those of path items that are references.
    pub(crate) all_operations: usize,
    /// Why operations and schemas were omitted.
    pub(crate) skipped: Vec<Problem>,
}

/// Generates the sources of a document.
pub(crate) fn generate(document: &Document, options: &Options<'_>) -> Result<Generated, Failure> {
    let Counted {
        source,
        lowered,
        operations,
        all_operations,
    } = counted(document, options)?;
    let (files, header) = changed(document, source.files())?;
    Ok(Generated {
        files,
        header,
        lowered,
        operations,
        all_operations,
        skipped: source.skipped,
    })
}

/// Generates the code of a document, but not its text.
pub(crate) fn source<'a>(
    document: &'a Document,
    options: &Options<'_>,
) -> Result<Source<'a>, Failure> {
    Ok(counted(document, options)?.source)
}

/// The source of a document, and the counts of [`Generated`].
struct Counted<'a> {
    source: Source<'a>,
    lowered: Changes,
    operations: usize,
    all_operations: usize,
}

fn counted<'a>(document: &'a Document, options: &Options<'_>) -> Result<Counted<'a>, Failure> {
    let spec = options.spec;
    let mut value = document.value.clone();
    let mut lowered = Changes::new();
    // For another version of OpenAPI, only the version is reported.
    if document.is_openapi_3_0() {
        lowered.extend(changed(document, lower::prepare(&mut value, spec))?);
    }
    let prepared = document.with_value(value);
    let all_operations = prepared.operations().len();
    let Pruned {
        client,
        changes,
        kept,
        problems,
        mut skipped,
    } = prune(prepared, options);
    lowered.extend(changes);
    // In another document, all problems are reported at once.
    if client.is_none() && skipped.is_empty() {
        return Err(Failure::Problems(problems));
    }
    skipped.sort_by_key(|problem| problem.line);
    let Some(mut client) = client.filter(|_| skipped.is_empty() || options.skip_unsupported) else {
        return Err(Failure::Problems(skipped));
    };
    changed(&kept, rewrite::rewrite(&mut client, &kept, spec))?;
    Ok(Counted {
        source: Source {
            document,
            name: source_name(document, spec),
            client,
            operations: changed(document, operations::table(&kept))?,
            skipped,
        },
        lowered,
        operations: kept.operations().len(),
        all_operations,
    })
}

/// What can be generated of a document.
struct Pruned {
    client: Option<syn::File>,
    changes: Changes,
    /// The document without what was omitted.
    kept: Document,
    /// The problems, without the operations that only need what has them.
    problems: Vec<Problem>,
    skipped: Vec<Problem>,
}

/// Omits what cannot be generated of a third-party document, until the rest can be. For other
/// documents, the first problems are the result.
fn prune(mut kept: Document, options: &Options<'_>) -> Pruned {
    let (mut problems, mut skipped) = (Vec::new(), Vec::new());
    loop {
        let found = match client(&kept, options) {
            Ok((client, changes)) => {
                return Pruned {
                    client: Some(client),
                    changes,
                    kept,
                    problems,
                    skipped,
                };
            }
            Err(found) => found,
        };
        let parts = (options.spec == Spec::ThirdParty && !options.stops_at_first)
            .then(|| unsupported::with_dependents(&kept, &found, options.advice()))
            .flatten();
        problems.extend(found);
        if let Some(parts) = &parts {
            unsupported::remove(&mut kept.value, parts);
        } else {
            skipped.clear();
        }
        let continues = parts.is_some() && !kept.operations().is_empty();
        skipped.extend(parts.into_iter().flatten());
        if !continues {
            return Pruned {
                client: None,
                changes: Changes::new(),
                kept,
                problems,
                skipped,
            };
        }
    }
}

/// Returns the problems that keep a third-party document from being generated whole.
pub(crate) fn third_party_problems(
    document: &Document,
    lint: &dyn Fn(&Document) -> Vec<Problem>,
) -> Vec<Problem> {
    let options = Options {
        lint,
        ..Options::linted(Spec::ThirdParty)
    };
    if !document.is_openapi_3_0() {
        return lint(document);
    }
    let mut value = document.value.clone();
    match changed(document, lower::prepare(&mut value, Spec::ThirdParty)) {
        Ok(_) => prune(document.with_value(value), &options).problems,
        Err(Failure::Problems(problems)) => problems,
        Err(other) => vec![whole(document, &other.to_string())],
    }
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
    let advice = options.advice();
    if options.spec == Spec::ThirdParty {
        let problems = unsupported::check(document, advice);
        if !problems.is_empty() {
            return Err(problems);
        }
    }
    let mut client = generator::run(&lowered).map_err(|reason| {
        if options.stops_at_first {
            return vec![whole(document, &reason)];
        }
        unsupported::locate(document, &lowered, &reason, advice)
    })?;
    let duplicates = rewrite::duplicate_types(&mut client);
    if !duplicates.is_empty() {
        return Err(unsupported::duplicates(document, &duplicates, advice));
    }
    Ok((client, changes))
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
        format!("cannot be generated: {reason}"),
        "check the last change of the document, and what the step is for",
    )
}

/// Generates the files of a document that passed the lint before.
pub(crate) fn files(document: &Document, spec: Spec) -> Result<Files, Failure> {
    Ok(generate(document, &Options::linted(spec))?.files)
}

/// The problems that only appear when a document is generated. It passed the lint before.
pub(crate) fn problems(document: &Document, spec: Spec) -> Vec<Problem> {
    match source(document, &Options::linted(spec)) {
        Ok(_) => Vec::new(),
        Err(Failure::Problems(problems)) => problems,
        Err(other) => vec![whole(document, &other.to_string())],
    }
}
