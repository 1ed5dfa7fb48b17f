//! The parts of a spec that belong to no operation.

use super::annotations::unknown_members;
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, behavior};
use crate::diff::part::Part;
use crate::diff::shape::without_annotations;

/// Compares the security schemes and the unknown members of the spec.
pub(crate) fn compare(comparison: &mut Comparison<'_>) {
    let (old, new) = (Part::root(comparison.old), Part::root(comparison.new));
    let new_schemes = schemes(&new);
    let meaning = |scheme: &Part<'_>| without_annotations("", scheme.value);
    for (name, old) in schemes(&old) {
        let found = new_schemes.iter().find(|(other, _)| *other == name);
        if let Some((_, new)) = found
            && meaning(&old) != meaning(new)
        {
            let finding = behavior(
                Verdict::NeedsReview,
                format!("the definition of the security scheme {name} changed"),
                "check that tokens are still created and sent as it requires",
            );
            comparison.report(old.here(), new.here(), finding);
        }
    }
    unknown_members(comparison, (&old, &new), "the spec", |key| {
        !key.starts_with("x-")
    });
}

fn schemes<'a>(root: &Part<'a>) -> Vec<(&'a str, Part<'a>)> {
    let components = root.member("components");
    components.map_or_else(Vec::new, |part| part.members_of("securitySchemes"))
}
