//! JSON reports.

use serde_json::{Map, Value, json};

use super::model::Report;
use crate::diff::bump::Bump;
use crate::diff::change::{Change, Place, Verdict};
use crate::diff::rust::public_api::model::ApiVerdict;

impl Report {
    /// Returns the report as one JSON object: `old`, `new`, `verdicts` by aspect, `changes`, `bumps` if
    /// the generated code was compared, and `ext` if it was compiled.
    pub(crate) fn to_json(&self) -> Value {
        let verdict = |aspect| json!(self.verdict(aspect).map(Verdict::name));
        let aspects = self.aspects().into_iter();
        let verdicts: Map<String, Value> = aspects
            .map(|aspect| (aspect.name().to_owned(), verdict(aspect)))
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
        if let Some(ext) = &self.ext {
            report["ext"] = json!({ "compiles": ext.is_ok(), "reason": ext.as_ref().err() });
        }
        report
    }
}

fn bump(bump: &Bump) -> Value {
    json!({
        "crate": bump.package.name(),
        "worst": bump.worst.map(ApiVerdict::name),
        "old": bump.old.as_ref().map(ToString::to_string),
        "required": bump.required.as_ref().map(ToString::to_string),
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
        "present": place.present,
    })
}
