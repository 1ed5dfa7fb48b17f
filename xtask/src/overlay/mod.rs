//! Applies OpenAPI Overlays: corrections of a third-party spec, in a file of their own.
//!
//! Supports version 1.0 of <https://spec.openapis.org/overlay/v1.0.0.html>, with a name for each
//! action in `x-name`.

mod action;

use std::collections::HashSet;

use serde_json::Value;

use crate::problem::{Code, Failure, Problem};
use action::Action;
use authress_users_openapi::{Document, child};

/// Corrections, in the order of their application.
#[derive(Debug)]
pub(crate) struct Overlay {
    source: Document,
    actions: Vec<Action>,
    skipped: Vec<SkippedOperation>,
}

/// An operation that is deliberately not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SkippedOperation {
    pub(crate) operation: String,
    pub(crate) reason: String,
}

/// The effect of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) name: String,
    /// The number of places that its target matches.
    pub(crate) places: usize,
    /// Whether the action changed the document.
    pub(crate) changed: bool,
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
        let skipped = source.value["x-skipped-operations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                Some(SkippedOperation {
                    operation: entry["operation"].as_str()?.to_owned(),
                    reason: entry["reason"].as_str()?.trim().to_owned(),
                })
            })
            .collect();
        if problems.is_empty() {
            Ok(Self {
                source,
                actions,
                skipped,
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

    /// The operations that are deliberately not imported.
    pub(crate) fn skipped(&self) -> &[SkippedOperation] {
        &self.skipped
    }

    /// Applies all actions to `value`, which is called `name` in messages. Fails if targets match
    /// nothing, so that outdated actions are found.
    pub(crate) fn apply(&self, value: &mut Value, name: &str) -> Result<Vec<Applied>, Failure> {
        let mut done = Vec::new();
        let mut problems = Vec::new();
        for action in &self.actions {
            match self.apply_action(action, value, name) {
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
    ) -> Result<Applied, Box<Problem>> {
        let target = &action.target_text;
        let before = value.clone();
        let message = match action.apply(value) {
            Ok(0) => format!("`{target}` matches nothing in {name}"),
            Ok(places) => {
                return Ok(Applied {
                    name: action.name.clone(),
                    places,
                    changed: before != *value,
                });
            }
            Err(reason) => format!("`{target}` in {name}: {reason}"),
        };
        Err(Box::new(problem(
            &self.source,
            &child(&action.pointer, "target"),
            &format!("{}: {message}", action.name),
            "check what the provider's spec contains there now, then fix the target, or delete the \
             action if it is obsolete",
        )))
    }
}

fn problem(source: &Document, pointer: &str, message: &str, advice: &str) -> Problem {
    Problem::new(source, Code::OVERLAY, pointer, message, advice)
}

#[cfg(test)]
mod tests;
