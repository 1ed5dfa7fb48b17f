//! Applies OpenAPI Overlays: corrections of a third-party spec, in a file of their own.
//!
//! Supports version 1.0 of <https://spec.openapis.org/overlay/v1.0.0.html>. Each action states a goal:
//! if it is already reached, the action changes nothing. Extensions of actions: `x-name`, the name;
//! `x-operations`, the operations that must have its place; and `x-place`, the values that removed
//! values are in, which exist whether or not anything is to remove.

mod action;

use std::collections::HashSet;

use serde_json::Value;

use crate::problem::{Code, Failure, Problem};
use action::Action;
use authress_users_openapi::{Document, child};

/// The member that lists the operations that only our spec has.
const UNPUBLISHED: &str = "x-unpublished-operations";

/// Corrections, in the order of their application.
#[derive(Debug, Clone)]
pub(crate) struct Overlay {
    source: Document,
    actions: Vec<Action>,
    skipped: Vec<ListedOperation>,
    unpublished: Vec<ListedOperation>,
}

/// An operation with an exception, and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedOperation {
    pub(crate) operation: String,
    pub(crate) reason: String,
}

impl ListedOperation {
    fn read_all(list: &Value) -> Vec<Self> {
        let entries = list.as_array().into_iter().flatten();
        entries
            .filter_map(|entry| {
                Some(Self {
                    operation: entry["operation"].as_str()?.to_owned(),
                    reason: entry["reason"].as_str()?.trim().to_owned(),
                })
            })
            .collect()
    }
}

/// The result of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It changed this number of places.
    Changed(usize),
    /// The document already states its goal.
    AlreadySo,
    /// The document lacks the place. None of the operations that must have it is in the document.
    PlaceNotFound,
}

/// An action with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

impl Overlay {
    /// Parses an overlay, YAML or JSON.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let source = Document::parse_any(name, text)?;
        let mut problems = Vec::new();
        let mut reject = |pointer: &str, message: &str, advice: &str| {
            problems.push(problem(&source, pointer, message, advice));
        };
        let version = source.value["overlay"].as_str();
        if version.is_none_or(|version| !version.starts_with("1.0.")) {
            reject(
                "/overlay",
                "unsupported version; only 1.0 is supported",
                "set `overlay: 1.0.0`",
            );
        }
        for key in ["title", "version"] {
            if !source.value["info"][key].is_string() {
                reject(
                    "/info",
                    &format!("`info` has no `{key}`"),
                    &format!("add `{key}`, a string"),
                );
            }
        }
        let listed = source.value["actions"].as_array();
        if listed.is_none_or(Vec::is_empty) {
            reject("/actions", "no actions", "add one, or delete the file");
        }
        let mut names = HashSet::new();
        let mut actions = Vec::new();
        for (index, value) in listed.into_iter().flatten().enumerate() {
            let pointer = child("/actions", &index.to_string());
            match Action::read(value, &pointer) {
                Ok(action) if names.insert(action.name.clone()) => actions.push(action),
                Ok(action) => problems.push(problem(
                    &source,
                    &child(&pointer, "x-name"),
                    &format!("{}: another action has the same name", action.name),
                    "give each action a unique name",
                )),
                Err((message, advice)) => {
                    problems.push(problem(&source, &pointer, &message, advice));
                }
            }
        }
        let skipped = ListedOperation::read_all(&source.value["x-skipped-operations"]);
        let unpublished = ListedOperation::read_all(&source.value[UNPUBLISHED]);
        if problems.is_empty() {
            Ok(Self {
                source,
                actions,
                skipped,
                unpublished,
            })
        } else {
            Err(Failure::Problems(problems))
        }
    }

    /// Removes all actions except those that `keep` selects by name.
    #[cfg(test)]
    pub(crate) fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        self.actions.retain(|action| keep(&action.name));
    }

    /// The names of the actions, in order.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| &*action.name)
    }

    /// The operations of our spec that the provider's lacked when the overlay was written.
    pub(crate) fn unpublished(&self) -> &[ListedOperation] {
        &self.unpublished
    }

    /// The operations that are deliberately not imported.
    pub(crate) fn skipped(&self) -> &[ListedOperation] {
        &self.skipped
    }

    /// Checks that the overlay expects only operations of our spec, which has `known`.
    pub(crate) fn check_operations(&self, known: &[String]) -> Result<(), Failure> {
        let of_actions = self.actions.iter().flat_map(|action| {
            let pointer = child(&action.pointer, "x-operations");
            action
                .operations
                .iter()
                .map(move |name| (pointer.clone(), name))
        });
        let listed = self
            .unpublished
            .iter()
            .map(|it| (child("", UNPUBLISHED), &it.operation));
        let problems: Vec<_> = of_actions
            .chain(listed)
            .filter(|(_, name)| !known.contains(name))
            .map(|(pointer, name)| {
                problem(
                    &self.source,
                    &pointer,
                    &format!("our spec has no operation `{name}`"),
                    "use an operationId of our spec, or delete the name",
                )
            })
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Failure::Problems(problems))
        }
    }

    /// Applies all actions to `value`, which is called `name` in messages and has `operations`.
    /// Fails if an action finds no place in operations that must have it, so that outdated actions
    /// are found.
    pub(crate) fn apply(
        &self,
        value: &mut Value,
        name: &str,
        operations: &[String],
    ) -> Result<Vec<Applied>, Failure> {
        let mut done = Vec::new();
        let mut problems = Vec::new();
        for action in &self.actions {
            match self.apply_action(action, value, name, operations) {
                Ok(applied) => done.push(applied),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() {
            Ok(done)
        } else {
            Err(Failure::Problems(problems))
        }
    }

    fn apply_action(
        &self,
        action: &Action,
        value: &mut Value,
        name: &str,
        operations: &[String],
    ) -> Result<Applied, Box<Problem>> {
        let place = action.place();
        let path = &place.text;
        let done = |outcome| {
            Ok(Applied {
                name: action.name.clone(),
                outcome,
            })
        };
        let message = match action.apply(value) {
            Ok(Some(0)) => return done(Outcome::AlreadySo),
            Ok(Some(changed)) => return done(Outcome::Changed(changed)),
            Ok(None) => match action.operations.iter().find(|it| operations.contains(it)) {
                Some(operation) => {
                    format!(
                        "`{path}` matches nothing in {name}, which has the operation {operation}"
                    )
                }
                None => return done(Outcome::PlaceNotFound),
            },
            Err(reason) => format!("`{path}` in {name}: {reason}"),
        };
        Err(Box::new(problem(
            &self.source,
            &place.pointer,
            &format!("{}: {message}", action.name),
            "check what the provider's spec contains there now, then fix the action, or delete it if \
             it is obsolete",
        )))
    }
}

fn problem(source: &Document, pointer: &str, message: &str, advice: &str) -> Problem {
    Problem::new(source, Code::OVERLAY, pointer, message, advice)
}

#[cfg(test)]
mod tests;
