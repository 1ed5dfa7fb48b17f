//! A report for programs.

use serde_json::{Map, Value, json};

use crate::diff::Report;
use crate::diff::bump::Bump;
use crate::diff::change::{Change, Place, Verdict};
use crate::diff::rust::public_api;

impl Report {
    /// The report as one JSON object: `old`, `new`, `verdicts` by aspect, `changes`, `bumps` where the
    /// code was compared, and `face` where it was compiled.
    pub(crate) fn to_json(&self) -> Value {
        let verdicts: Map<String, Value> = self
            .aspects()
            .into_iter()
            .map(|aspect| {
                let verdict = self.verdict(aspect).map(Verdict::name);
                (aspect.name().to_owned(), json!(verdict))
            })
            .collect();
        let mut report = json!({
            "old": self.old,
            "new": self.new,
            "verdicts": verdicts,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        });
        if !self.bumps.is_empty() {
            report["bumps"] = self.bumps.iter().map(bump).collect();
        }
        if let Some(face) = &self.face {
            report["face"] = json!({
                "compiles": face.is_ok(),
                "reason": face.as_ref().err(),
            });
        }
        report
    }
}

fn bump(bump: &Bump) -> Value {
    let text = |version: &Option<semver::Version>| version.as_ref().map(ToString::to_string);
    json!({
        "crate": bump.package.name(),
        "worst": bump.worst.map(public_api::Verdict::name),
        "old": text(&bump.old),
        "required": text(&bump.required),
        "now": bump.now.to_string(),
        "state": bump.state.name(),
    })
}

fn change(change: &Change) -> Value {
    let mut value = json!({
        "aspect": change.aspect.name(),
        "verdict": change.verdict.name(),
        "operations": change.operations,
        "old": place(&change.old),
        "new": place(&change.new),
        "what": change.what,
        "advice": change.advice,
    });
    if let Some(witness) = &change.witness {
        value["witness"] = witness.value.clone();
    }
    value
}

fn place(place: &Place) -> Value {
    json!({
        "file": place.file,
        "line": place.line,
        "pointer": place.pointer,
        "source": place.source,
        "present": place.is_there,
    })
}
