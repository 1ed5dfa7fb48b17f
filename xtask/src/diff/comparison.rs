//! What all comparisons share: the two documents, and what was found so far.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::change::{Aspect, Change, Place, Verdict, Witness};
use super::direction::Direction;
use super::part::Part;
use super::wire::decision::Outcome;
use super::wire::schemas::Wire;
use authress_users_openapi::Document;

/// Where a difference stands in one of the documents.
#[derive(Clone, Copy)]
pub(super) enum Side<'s, 'a> {
    There(&'s Part<'a>),
    /// It is not there; it would stand in this part.
    NotIn(&'s Part<'a>),
}

impl Side<'_, '_> {
    fn place(self) -> Place {
        match self {
            Self::There(part) => Place::of(part, true),
            Self::NotIn(part) => Place::of(part, false),
        }
    }
}

/// What a difference means, in words.
pub(super) struct Meaning {
    pub(super) aspect: Aspect,
    pub(super) verdict: Verdict,
    pub(super) what: String,
    pub(super) witness: Option<Witness>,
    pub(super) advice: &'static str,
}

impl Meaning {
    pub(super) fn new(
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

    pub(super) fn wire(verdict: Verdict, what: impl Into<String>, advice: &'static str) -> Self {
        Self::new(Aspect::Wire, verdict, what, advice)
    }

    pub(super) fn behavior(
        verdict: Verdict,
        what: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self::new(Aspect::Behaviour, verdict, what, advice)
    }

    pub(super) fn with_witness(self, value: Option<Value>, direction: Direction) -> Self {
        Self {
            witness: value.map(|value| Witness { value, direction }),
            ..self
        }
    }
}

/// Two documents while they are compared.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Document,
    pub(super) new: &'a Document,
    /// The operation that is looked at; none where the document as a whole is.
    operation: Option<String>,
    /// The pairs of schemas that this operation has been compared by.
    pub(super) seen: HashSet<(String, String, Direction)>,
    /// What came out of pairs of schemas, whichever operation asked.
    pub(super) outcomes: HashMap<(String, String, Direction, Wire), Outcome>,
    changes: Vec<Change>,
    known: HashMap<(Aspect, String, String, String), usize>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Document, new: &'a Document) -> Self {
        Self {
            old,
            new,
            operation: None,
            seen: HashSet::new(),
            outcomes: HashMap::new(),
            changes: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// From here on, what is found belongs to this operation.
    pub(super) fn enter(&mut self, operation: Option<String>) {
        self.operation = operation;
        self.seen.clear();
    }

    /// Adds what was found. One change is said once: with every operation that it reaches, and by
    /// the worst that it means to any of them.
    pub(super) fn tell(&mut self, old: Side<'_, 'a>, new: Side<'_, 'a>, meaning: Meaning) {
        let (old, new) = (old.place(), new.place());
        let Meaning {
            aspect,
            verdict,
            what,
            witness,
            advice,
        } = meaning;
        let key = (
            aspect,
            old.pointer.clone(),
            new.pointer.clone(),
            what.clone(),
        );
        let change = Change {
            aspect,
            verdict,
            operations: Vec::from_iter(self.operation.clone()),
            old,
            new,
            what,
            witness,
            advice: advice.to_owned(),
        };
        let Some(index) = self.known.get(&key) else {
            self.known.insert(key, self.changes.len());
            self.changes.push(change);
            return;
        };
        let known = &mut self.changes[*index];
        if known.verdict < change.verdict {
            *known = change;
        } else if known.verdict == change.verdict {
            for operation in change.operations {
                if !known.operations.contains(&operation) {
                    known.operations.push(operation);
                }
            }
        }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }
}
