use serde_json::Value;

use super::error::SpecError;

/// Resolves references. Returns the value and its place.
pub(crate) fn resolve<'a>(
    document: &'a Value,
    mut value: &'a Value,
    mut pointer: String,
) -> Result<(&'a Value, String), SpecError> {
    let start = pointer.clone();
    // More references than this are a cycle.
    for _ in 0..64 {
        let Some(target) = value["$ref"].as_str() else {
            return Ok((value, pointer));
        };
        let found = target
            .strip_prefix('#')
            .and_then(|target| document.pointer(target));
        let Some(found) = found else {
            let reason = format!("unresolved reference {target}");
            return Err(SpecError {
                pointer: start,
                reason,
            });
        };
        value = found;
        target.trim_start_matches('#').clone_into(&mut pointer);
    }
    Err(SpecError {
        pointer: start,
        reason: "cyclic reference".to_owned(),
    })
}

/// Returns the pointer of a member.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
