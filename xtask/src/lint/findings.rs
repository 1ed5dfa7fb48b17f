//! The problems that the checks have found so far.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::ops::Bound;
use std::rc::Rc;

use authress_users_openapi::{Document, OperationEntry, schemas};
use serde_json::Value;

use super::rules::Rule;
use crate::problem::{Code, Problem};

pub(super) struct Findings<'a> {
    pub(super) document: &'a Document,
    problems: Vec<Problem>,
    seen: HashSet<(Code, String)>,
    pointers: BTreeSet<String>,
    schemas: OnceCell<Schemas<'a>>,
}

/// Schemas with their pointers.
type Schemas<'a> = Rc<[(&'a Value, String)]>;

impl<'a> Findings<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self {
            document,
            problems: Vec::new(),
            seen: HashSet::new(),
            pointers: BTreeSet::new(),
            schemas: OnceCell::new(),
        }
    }

    /// Returns the schemas of the document, which several checks read.
    pub(super) fn schemas(&self) -> Schemas<'a> {
        let schemas = || schemas(&self.document.value).into();
        Rc::clone(self.schemas.get_or_init(schemas))
    }

    /// Continues with another value of the document.
    pub(super) fn with_document(self, document: &Document) -> Findings<'_> {
        Findings {
            problems: self.problems,
            seen: self.seen,
            pointers: self.pointers,
            ..Findings::new(document)
        }
    }

    /// Adds a problem at a pointer, unless the rule has reported that pointer before.
    pub(super) fn add(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.insert(rule, pointer, None, message.into(), advice.into());
    }

    /// Adds a problem of an operation. The pointer may lead to a component that others share.
    pub(super) fn add_to(
        &mut self,
        operation: &OperationEntry<'_>,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        let operation = Some(operation);
        self.insert(rule, pointer, operation, message.into(), advice.into());
    }

    fn insert(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        operation: Option<&OperationEntry<'_>>,
        message: String,
        advice: String,
    ) {
        if self.seen.insert((rule.code, pointer.to_owned())) {
            self.pointers.insert(pointer.to_owned());
            let problem = Problem::new(self.document, rule.code, pointer, message, advice);
            self.problems.push(match operation {
                Some(entry) => problem.in_operation(entry),
                None => problem,
            });
        }
    }

    /// Adds the problems of other findings, without those that follow from the own ones: they are at the
    /// same place, inside it or around it.
    pub(super) fn extend(&mut self, others: Findings<'_>) {
        let is_independent = |problem: &Problem| {
            let pointer = &*problem.pointer;
            let ends = pointer.match_indices('/').map(|(index, _)| index);
            let around = ends.skip(1).any(|end| self.has_any(&pointer[..end]));
            // All operations are inside `paths`.
            let inside = pointer != "/paths" && self.has_any_within(pointer);
            !(around || inside || self.has_any(pointer))
        };
        let others = others.problems.into_iter().filter(is_independent);
        let others: Vec<_> = others.collect();
        self.problems.extend(others);
    }

    /// Reports whether a rule has any problem.
    pub(super) fn has_code(&self, rule: &Rule) -> bool {
        self.seen.iter().any(|(code, _)| *code == rule.code)
    }

    /// Reports whether any rule has a problem at a pointer.
    pub(super) fn has_any(&self, pointer: &str) -> bool {
        self.pointers.contains(pointer)
    }

    /// Reports whether any rule has a problem at a pointer or below it.
    pub(super) fn has_any_within(&self, pointer: &str) -> bool {
        let below = format!("{pointer}/");
        let range = (Bound::Included(&*below), Bound::Unbounded);
        let mut from = self.pointers.range::<str, _>(range);
        self.has_any(pointer) || from.next().is_some_and(|it| it.starts_with(&below))
    }

    /// Returns the pointers at which these rules have problems.
    pub(super) fn pointers(&self, rules: &[&Rule]) -> Vec<&str> {
        let problems = self.problems.iter();
        problems
            .filter(|problem| rules.iter().any(|rule| rule.code == problem.code))
            .map(|problem| &*problem.pointer)
            .collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Returns the problems in the order of their lines.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }
}
