use std::io::Write;
use std::path::{Path, PathBuf};

use crate::generate::write::output::{self, Folder};
use crate::generate::write::package;
use crate::generate::{self, DOCUMENT, Generated, Options, Spec, TARGET};
use crate::lint::{self, rules};
use crate::problem::{Code, Failure, Problem};
use authress_users_openapi::Document;

/// Rules that a third-party document may break: lowering makes what progenitor supports of it, or
/// progenitor reports the problem itself.
const LOWERED: [&rules::Rule; 7] = [
    &rules::STATUS_RANGE,
    &rules::DIFFERING_MEDIA_TYPES,
    &rules::MIXED_SUCCESS_BODIES,
    &rules::MIXED_ERROR_BODIES,
    &rules::REQUEST_NOT_JSON,
    &rules::SEVERAL_REQUEST_MEDIA_TYPES,
    &rules::RESPONSE_NOT_JSON,
];

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; list the files that are out of date.
    #[arg(long)]
    pub(crate) check: bool,
    /// Generate a separate raw crate from this OpenAPI 3.0 document (YAML or JSON).
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) spec: Option<PathBuf>,
    /// The directory of that crate: new, empty, or generated before.
    #[arg(long, value_name = "DIR", requires = "spec")]
    pub(crate) out: Option<PathBuf>,
    /// Omit what cannot be generated, with a warning, instead of failing.
    #[arg(long, requires = "spec")]
    pub(crate) skip_unsupported: bool,
}

/// Updates the generated code, or checks that it is up to date. All files are complete before the
/// first one is written.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let (name, directory, target, folders) = match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(directory)) => {
            let document = Document::read(spec)?;
            let generated = third_party(&document, arguments.skip_unsupported)?;
            package::check_directory(directory)?;
            report(&document.name, &generated, out)?;
            let folders = Vec::from(package::folders(&document, generated)?);
            let target = directory.display().to_string();
            (document.name, directory.clone(), target, folders)
        }
        _ => {
            let mut document = Document::read(&root.join(DOCUMENT))?;
            // The generated code must not depend on the location of the repository.
            DOCUMENT.clone_into(&mut document.name);
            let options = Options {
                lint: &lint::check::problems,
                ..Options::linted(Spec::Own)
            };
            let folder = Folder::exclusive(generate::generate(&document, &options)?.files);
            let directory = root.join(TARGET);
            (document.name, directory, TARGET.to_owned(), vec![folder])
        }
    };
    if arguments.check {
        let differences = output::differences(&directory, &folders)?;
        if !differences.is_empty() {
            return Err(Failure::Differences(differences));
        }
        writeln!(out, "{target} is up to date with {name}")?;
        return Ok(());
    }
    let changed = output::write(&directory, &folders)?;
    if changed.is_empty() {
        writeln!(out, "{target} was up to date")?;
    }
    for file in changed {
        writeln!(out, "{}", Path::new(&target).join(file).display())?;
    }
    Ok(())
}

fn third_party(document: &Document, skip_unsupported: bool) -> Result<Generated, Failure> {
    let options = Options {
        spec: Spec::ThirdParty,
        skip_unsupported,
        lint: &generator_problems,
    };
    generate::generate(document, &options)
}

fn report(name: &str, generated: &Generated, out: &mut impl Write) -> Result<(), Failure> {
    let counted = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    for (step, places) in &generated.lowered {
        writeln!(out, "{name}: {step} in {}", counted(*places, "place"))?;
    }
    for problem in &generated.skipped {
        writeln!(out, "skipped: {problem}")?;
    }
    let operations = counted(generated.operations, "operation");
    writeln!(out, "{name}: {operations} generated")?;
    Ok(())
}

/// The problems of a third-party document that keep it from being generated.
fn generator_problems(document: &Document) -> Vec<Problem> {
    let mut problems = lint::check::problems(document);
    problems.retain(|problem| concerns_generator(problem.code));
    problems
}

fn concerns_generator(code: Code) -> bool {
    rules::blocks_generation(code) && !LOWERED.iter().any(|lowered| lowered.code == code)
}

#[cfg(test)]
mod tests;
