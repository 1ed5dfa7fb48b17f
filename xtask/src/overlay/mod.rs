//! OpenAPI Overlays: corrections of a document that is somebody else's, kept apart from it.
//!
//! What is understood is version 1.0 of <https://spec.openapis.org/overlay/v1.0.0.html>, with a
//! name for each action in `x-name`.

mod action;

use std::collections::HashSet;

use serde_json::Value;

use crate::problem::{Code, Failure, Problem};
use action::Action;
use authress_users_openapi::{Document, child};

/// Corrections, in the order in which they are made.
#[derive(Debug)]
pub(crate) struct Overlay {
    source: Document,
    actions: Vec<Action>,
    left_out: Vec<LeftOut>,
}

/// An operation that is not to be taken over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) operation: String,
    pub(crate) reason: String,
}

/// What one action did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) name: String,
    /// In how many places its target was found.
    pub(crate) places: usize,
    /// Whether the document is another one afterwards.
    pub(crate) changed: bool,
}

impl Overlay {
    /// Reads an overlay from its text, YAML or JSON.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Failure> {
        let source = Document::parse_any(name, text)?;
        let mut problems = Vec::new();
        let mut refuse = |pointer: &str, message: &str, advice: &str| {
            problems.push(problem(&source, pointer, "the overlay", message, advice));
        };
        let version = source.value["overlay"].as_str();
        if version.is_none_or(|version| !version.starts_with("1.0.")) {
            refuse(
                "/overlay",
                "is not one of version 1.0, which is all that is read here",
                "say `overlay: 1.0.0`",
            );
        }
        for key in ["title", "version"] {
            if !source.value["info"][key].is_string() {
                refuse(
                    "/info",
                    &format!("its `info` has no `{key}`"),
                    &format!("add `{key}`, as a text"),
                );
            }
        }
        let listed = source.value["actions"].as_array();
        if listed.is_none_or(Vec::is_empty) {
            refuse("/actions", "has no actions", "add one, or delete the file");
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
                    &action.name,
                    "another action has this name",
                    "give each a name of its own",
                )),
                Err((subject, message, advice)) => {
                    problems.push(problem(&source, &pointer, &subject, &message, advice));
                }
            }
        }
        let left_out = source.value["x-skipped-operations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                Some(LeftOut {
                    operation: entry["operation"].as_str()?.to_owned(),
                    reason: entry["reason"].as_str()?.trim().to_owned(),
                })
            })
            .collect();
        if problems.is_empty() {
            Ok(Self {
                source,
                actions,
                left_out,
            })
        } else {
            Err(Failure::Problems(problems))
        }
    }

    /// Leaves out all actions but those of these names.
    #[cfg(test)]
    pub(crate) fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        self.actions.retain(|action| keep(&action.name));
    }

    /// The names of the actions, in their order.
    #[cfg(test)]
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| &*action.name)
    }

    /// What is left out on purpose.
    pub(crate) fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Makes every correction in `value`, which messages call `name`. All that no longer match
    /// anything are told: a correction that does nothing would rot unnoticed.
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
        let refused = match action.apply(value) {
            Ok(0) => format!("`{target}` matches nothing in {name} any more"),
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
            &action.name,
            &refused,
            "look at what the provider says there now, then correct the target, or delete the \
             action if it is no longer needed",
        )))
    }
}

fn problem(
    source: &Document,
    pointer: &str,
    subject: &str,
    message: &str,
    advice: &str,
) -> Problem {
    let message = format!("{subject}: {message}");
    Problem::new(source, Code::OVERLAY, pointer, message, advice)
}

#[cfg(test)]
mod tests;
