//! A report for programs.

use serde_json::{Value, json};

use super::Report;
use super::change::{Aspect, Change, Place, Verdict};

impl Report {
    /// The report as one JSON object: `old`, `new`, `verdicts` by aspect, and `changes`.
    pub(crate) fn to_json(&self) -> Value {
        let verdict = |aspect| self.verdict(aspect).map(Verdict::name);
        json!({
            "old": self.old,
            "new": self.new,
            "verdicts": {
                "wire": verdict(Aspect::Wire),
                "behaviour": verdict(Aspect::Behaviour),
            },
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
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
        value["witness"] = witness.clone();
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
