mod report;

use std::io::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::diff::{self, Aspect, Code, Versions, dependents};
use crate::generate::write::output;
use crate::generate::{DOCUMENT, Spec};
use crate::import::{OVERLAY, import};
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
    write!(out, "{}", report::text(&import, &provider))?;
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
        writeln!(out)?;
        for aspect in [Aspect::Wire, Aspect::Rust, Aspect::Behavior] {
            writeln!(out, "{}: no change", aspect.name())?;
        }
        writeln!(out, "{DOCUMENT} is up to date")?;
        return Ok(());
    }
    writeln!(out, "\nchanges:\n{}", difference(&own, &import.candidate))?;
    let versions = Versions::read(root, None).map_err(Failure::Unusable)?;
    let mut meaning = diff::compare(&own, &import.candidate, false);
    let (own_code, candidate_code) = Code::of_both(&own, &import.candidate, Spec::Variant);
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

fn difference(own: &Document, candidate: &Document) -> String {
    TextDiff::from_lines(&own.text, &candidate.text)
        .unified_diff()
        .context_radius(2)
        .header(DOCUMENT, "candidate")
        .to_string()
}

#[cfg(test)]
mod tests;
