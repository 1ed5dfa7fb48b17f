use std::io::Write;
use std::path::{Path, PathBuf};

use crate::generate::write::output::{self, Folder};
use crate::generate::write::package;
use crate::generate::{self, DOCUMENT, Generated, Options, Spec, TARGET};
use crate::lint;
use crate::problem::Failure;
use authress_users_openapi::Document;

#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask generate
  cargo xtask generate --check
  cargo xtask generate --spec petstore.yaml --out ../petstore-client --skip-unsupported")]
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
    let output = match (&arguments.spec, &arguments.out) {
        (Some(spec), Some(directory)) => {
            third_party_output(spec, directory, arguments.skip_unsupported, out)?
        }
        _ => own_output(root)?,
    };
    let Output {
        document,
        directory,
        shown,
        folders,
    } = output;
    if arguments.check {
        let differences = output::differences(&directory, &folders)?;
        if !differences.is_empty() {
            return Err(Failure::Differences(differences));
        }
        writeln!(out, "{shown} is up to date with {document}")?;
        return Ok(());
    }
    let changed = output::write(&directory, &folders)?;
    if changed.is_empty() {
        writeln!(out, "{shown} was up to date")?;
    }
    for file in changed {
        writeln!(out, "{}", Path::new(&shown).join(file).display())?;
    }
    Ok(())
}

/// The files that are up to date with a document.
struct Output {
    /// The name of the document.
    document: String,
    directory: PathBuf,
    /// The directory in messages.
    shown: String,
    folders: Vec<Folder>,
}

fn own_output(root: &Path) -> Result<Output, Failure> {
    let mut document = Document::read(&root.join(DOCUMENT))?;
    // The generated code must not depend on the location of the repository.
    DOCUMENT.clone_into(&mut document.name);
    let options = Options {
        lint: &lint::check::problems,
        ..Options::linted(Spec::Own)
    };
    let files = generate::generate(&document, &options)?.files;
    Ok(Output {
        document: document.name,
        directory: root.join(TARGET),
        shown: TARGET.to_owned(),
        folders: vec![Folder::exclusive(files)],
    })
}

fn third_party_output(
    spec: &Path,
    directory: &Path,
    skip_unsupported: bool,
    out: &mut impl Write,
) -> Result<Output, Failure> {
    let document = Document::read(spec)?;
    let generated = third_party(&document, skip_unsupported)?;
    package::check_directory(directory)?;
    report(&document, &generated, out)?;
    let folders = package::folders(&document, &generated.header, generated.files)?;
    Ok(Output {
        document: document.name,
        directory: directory.to_owned(),
        shown: directory.display().to_string(),
        folders: folders.into(),
    })
}

fn third_party(document: &Document, skip_unsupported: bool) -> Result<Generated, Failure> {
    let options = Options {
        spec: Spec::ThirdParty,
        skip_unsupported,
        stops_at_first: false,
        lint: &lint::check::generator_problems,
    };
    generate::generate(document, &options)
}

fn report(document: &Document, generated: &Generated, out: &mut impl Write) -> Result<(), Failure> {
    let name = &document.name;
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
    let all = counted(generated.all_operations, "operation");
    match generated.operations {
        count if generated.skipped.is_empty() => {
            writeln!(out, "{name}: {} generated", counted(count, "operation"))?;
        }
        count => writeln!(out, "{name}: {count} of {all} generated")?,
    }
    Ok(())
}

#[cfg(test)]
mod tests;
