//! The state of a comparison: the two specs and the changes found so far.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::change::{Aspect, Change, Place, Verdict, Witness};
use super::direction::{Direction, Encoding};
use super::outcome::Outcome;
use super::part::Both;
use authress_users_openapi::Document;

/// What a difference means.
pub(crate) struct Finding {
    aspect: Aspect,
    verdict: Verdict,
    what: String,
    witness: Option<Witness>,
    advice: &'static str,
}

impl Finding {
    pub(crate) fn new(
        aspect: Aspect,
        verdict: Verdict,
        what: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self {
            aspect,
            verdict,
            what: what.into(),
            witness: None,
            advice,
        }
    }

    pub(crate) fn renamed(self, what: String) -> Self {
        Self { what, ..self }
    }

    pub(crate) fn with_witness(self, value: Option<Value>, direction: Direction) -> Self {
        Self {
            witness: value.map(|value| Witness { value, direction }),
            ..self
        }
    }
}

pub(crate) fn wire(verdict: Verdict, what: impl Into<String>, advice: &'static str) -> Finding {
    Finding::new(Aspect::Wire, verdict, what, advice)
}

pub(crate) fn behavior(verdict: Verdict, what: impl Into<String>, advice: &'static str) -> Finding {
    Finding::new(Aspect::Behavior, verdict, what, advice)
}

/// Two specs during their comparison.
pub(crate) struct Comparison<'a> {
    pub(crate) old: &'a Document,
    pub(crate) new: &'a Document,
    /// The operation being compared; none while the specs as a whole are compared.
    operation: Option<String>,
    /// The direction of the schemas being compared; none outside of schemas.
    pub(crate) direction: Option<Direction>,
    /// The pairs of schemas already compared for this operation.
    pub(crate) seen: HashSet<(String, String, Direction)>,
    /// The outcomes for pairs of schemas, shared by all operations.
    pub(crate) outcomes: HashMap<(String, String, Direction, Encoding), Outcome>,
    changes: Vec<Change>,
    /// The directions in which each change was found.
    directions: Vec<HashSet<Option<Direction>>>,
    /// The changes by what identifies them.
    known: HashMap<(Aspect, Verdict, String, String, String, &'static str), usize>,
    /// The pointers in the new spec at which each extension changed, and the first place.
    extensions: BTreeMap<String, BTreeSet<String>>,
    first_extension: Option<(Place, Place)>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(old: &'a Document, new: &'a Document) -> Self {
        Self {
            old,
            new,
            operation: None,
            direction: None,
            seen: HashSet::new(),
            outcomes: HashMap::new(),
            changes: Vec::new(),
            directions: Vec::new(),
            known: HashMap::new(),
            extensions: BTreeMap::new(),
            first_extension: None,
        }
    }

    /// Sets the operation that further findings belong to.
    pub(crate) fn enter(&mut self, operation: Option<String>) {
        self.operation = operation;
        self.seen.clear();
    }

    /// Adds a finding. The same finding in several operations is one change.
    pub(crate) fn report(&mut self, old: Place, new: Place, finding: Finding) {
        let Finding {
            aspect,
            verdict,
            what,
            witness,
            advice,
        } = finding;
        // Where something is absent differs by the way on which it was reached.
        let pointer = |place: &Place, other: &Place| {
            if place.present || !other.present {
                place.pointer.clone()
            } else {
                String::new()
            }
        };
        let key = (
            aspect,
            verdict,
            pointer(&old, &new),
            pointer(&new, &old),
            what.clone(),
            advice,
        );
        let index = *self.known.entry(key).or_insert_with(|| {
            self.changes.push(Change {
                aspect,
                verdict,
                operations: Vec::new(),
                old,
                new,
                what,
                witness,
                advice: advice.to_owned(),
            });
            self.directions.push(HashSet::new());
            self.changes.len() - 1
        });
        self.directions[index].insert(self.direction);
        if let Some(operation) = &self.operation {
            let operations = &mut self.changes[index].operations;
            if !operations.contains(operation) {
                operations.push(operation.clone());
            }
        }
    }

    /// Notes that an extension differs. All of them become one change, since the comparison does not
    /// know what they mean.
    pub(crate) fn extension(&mut self, (old, new): Both<'_, 'a>, key: &str) {
        let pointers = self.extensions.entry(key.to_owned()).or_default();
        pointers.insert(new.pointer.clone());
        self.first_extension
            .get_or_insert_with(|| (old.near(key), new.near(key)));
    }

    /// Reports a flag that differs: `set` if only the new part has it, otherwise `cleared`.
    pub(crate) fn flag(
        &mut self,
        (old, new): Both<'_, 'a>,
        key: &str,
        set: Finding,
        cleared: Finding,
    ) {
        let finding = match (old.flag(key), new.flag(key)) {
            (false, true) => set,
            (true, false) => cleared,
            _ => return,
        };
        self.report(old.near(key), new.near(key), finding);
    }

    /// Reports that a client may now omit what it had to send, or the reverse.
    pub(crate) fn required(&mut self, pair: Both<'_, 'a>, subject: &str) {
        let (set, cleared) = required_findings(subject);
        self.flag(pair, "required", set, cleared);
    }

    pub(crate) fn into_changes(mut self) -> Vec<Change> {
        if let Some((old, new)) = self.first_extension.take() {
            let extensions = self.extensions.iter().map(|(key, pointers)| {
                let count = pointers.len();
                let plural = if count == 1 { "" } else { "s" };
                format!("`{key}` in {count} place{plural}")
            });
            let finding = behavior(
                Verdict::NeedsReview,
                format!(
                    "extensions changed: {}",
                    extensions.collect::<Vec<_>>().join(", ")
                ),
                "check who uses these members; diff does not interpret them",
            );
            self.enter(None);
            self.report(old, new, finding);
        }
        self.name_directions();
        self.changes
    }

    /// Tells changes apart that mean something else for requests than for responses.
    fn name_directions(&mut self) {
        let mut counts: HashMap<(Aspect, String), usize> = HashMap::new();
        for change in &self.changes {
            *counts
                .entry((change.aspect, change.what.clone()))
                .or_default() += 1;
        }
        for (change, directions) in self.changes.iter_mut().zip(&self.directions) {
            if counts[&(change.aspect, change.what.clone())] < 2 || directions.len() != 1 {
                continue;
            }
            change.what += match directions.iter().next() {
                Some(Some(Direction::Request)) => " in requests",
                Some(Some(Direction::Response)) => " in responses",
                _ => "",
            };
        }
    }
}

/// The findings for a part of a request that becomes required, or optional.
pub(crate) fn required_findings(subject: &str) -> (Finding, Finding) {
    (
        wire(
            Verdict::Breaking,
            format!("{subject} was optional and is now required"),
            "keep it optional; requests of existing clients without it would be rejected",
        ),
        wire(
            Verdict::Compatible,
            format!("{subject} was required and is now optional"),
            "let callers of ext omit it",
        ),
    )
}
