//! The named steps that change the document and the generated code.

/// Which document is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spec {
    /// The project's spec. A step that finds nothing to change is an error: it would rot unnoticed.
    Own,
    /// A document that is generated like the project's spec, but need not use every step.
    Variant,
    /// A document written for other tools. More steps make it acceptable to progenitor.
    ThirdParty,
}

/// The documents that a step is for.
enum Scope {
    All,
    /// The project's spec and its variants.
    Own,
    ThirdParty,
}

/// A named step of the pipeline. Its function returns in how many places it changed something.
pub(super) struct Step<F> {
    pub(super) name: &'static str,
    scope: Scope,
    pub(super) change: F,
}

impl<F> Step<F> {
    pub(super) const fn new(name: &'static str, change: F) -> Self {
        Self {
            name,
            scope: Scope::All,
            change,
        }
    }

    pub(super) const fn third_party(name: &'static str, change: F) -> Self {
        Self {
            name,
            scope: Scope::ThirdParty,
            change,
        }
    }

    /// A step for the project's spec and its variants.
    pub(super) const fn own(name: &'static str, change: F) -> Self {
        Self {
            name,
            scope: Scope::Own,
            change,
        }
    }

    pub(super) fn applies_to(&self, spec: Spec) -> bool {
        match self.scope {
            Scope::All => true,
            Scope::Own => spec != Spec::ThirdParty,
            Scope::ThirdParty => spec == Spec::ThirdParty,
        }
    }
}

/// The names of steps, each with the number of places it changed.
pub(super) type Changes = Vec<(&'static str, usize)>;

/// Applies the steps that `spec` needs, in their order.
pub(super) fn apply<F>(
    steps: &[Step<F>],
    spec: Spec,
    mut change: impl FnMut(&F) -> usize,
) -> Result<Changes, String> {
    let mut changes = Vec::new();
    for step in steps {
        if !step.applies_to(spec) {
            continue;
        }
        match change(&step.change) {
            0 if spec == Spec::Own => {
                let name = step.name;
                return Err(format!(
                    "the step {name} found nothing to change; fix or delete it"
                ));
            }
            0 => {}
            places => changes.push((step.name, places)),
        }
    }
    Ok(changes)
}
