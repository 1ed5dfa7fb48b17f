//! The members of an object: added, removed, required and additional ones.

use std::collections::BTreeSet;

use serde_json::Value;

use super::containment::refutation;
use super::pair::{Pair, component_name};
use crate::diff::change::{Place, Verdict};
use crate::diff::comparison::{Comparison, behavior, required_findings, wire};
use crate::diff::direction::{Direction, Order as _};
use crate::diff::part::Part;
use crate::diff::shape::Shape;
use authress_users_openapi::child;

/// Compares the members of two objects; schemas in them are added to `open`.
pub(super) fn compare<'a>(
    comparison: &mut Comparison<'a>,
    pair: &Pair<'a>,
    (old, new): (&Shape<'a>, &Shape<'a>),
    open: &mut Vec<Pair<'a>>,
) {
    let mut objects = Objects {
        comparison,
        pair,
        old,
        new,
        open,
    };
    let names: BTreeSet<&str> = old
        .members
        .keys()
        .chain(new.members.keys())
        .copied()
        .collect();
    for name in names {
        match (old.members.get(name), new.members.get(name)) {
            (Some(old), Some(new)) => objects.compare_later(old, new, name),
            (None, Some(added)) => objects.added(name, added),
            (Some(removed), None) => objects.removed(name, removed),
            (None, None) => {}
        }
    }
    for name in old.required.union(&new.required) {
        objects.required(name);
    }
    objects.additional();
}

struct Objects<'c, 'a> {
    comparison: &'c mut Comparison<'a>,
    pair: &'c Pair<'a>,
    old: &'c Shape<'a>,
    new: &'c Shape<'a>,
    open: &'c mut Vec<Pair<'a>>,
}

impl<'a> Objects<'_, 'a> {
    fn compare_later(&mut self, old: &Part<'a>, new: &Part<'a>, name: &str) {
        self.open
            .push(self.pair.inner(old, new, &format!(".{name}")));
    }

    /// Returns the name of a member in messages.
    fn subject(&self, name: &str) -> String {
        let members = [self.old.members.get(name), self.new.members.get(name)];
        let named = members.into_iter().flatten().find_map(|member| {
            // A member that refers to a component has the name of its holder.
            let is_inline = member.pointer.ends_with(&child("/properties", name));
            component_name(member).filter(|_| is_inline)
        });
        named.unwrap_or_else(|| format!("{}.{name}", self.pair.subject))
    }

    /// Returns whether a member is required in the direction of the pair.
    fn requires(&self, shape: &Shape<'a>, name: &str) -> bool {
        let excluded = self.pair.direction.excluding_keyword();
        let member = shape.members.get(name);
        shape.required.contains(name) && !member.is_some_and(|member| member.flag(excluded))
    }

    /// Returns a value that the writer may send, the reader rejects, and the predicate accepts.
    fn witness(&self, accepts: impl Fn(&Value) -> bool) -> Option<Value> {
        let schemas = self.pair.json_schemas();
        let (writer, reader) = self
            .pair
            .direction
            .writer_and_reader(&schemas.0, &schemas.1);
        refutation(reader, reader, writer, |value, _| accepts(value))
    }

    fn added(&mut self, name: &str, added: &Part<'a>) {
        let direction = self.pair.direction;
        let what = format!("{} was added", self.subject(name));
        let finding = match (direction, Additional::of(self.old)) {
            // `required` reports it, with an example that lacks it.
            (Direction::Request, _) if self.requires(self.new, name) => return,
            (_, Additional::Schema(additional)) => {
                return self.compare_later(&additional, added, name);
            }
            (Direction::Request, _) => wire(
                Verdict::Compatible,
                what,
                "offer it in ext; existing clients omit it",
            ),
            (Direction::Response, Additional::Any) => wire(
                Verdict::Compatible,
                what,
                "offer it in ext; existing clients ignore it",
            ),
            (Direction::Response, Additional::None) => wire(
                Verdict::Breaking,
                format!("{what} to an object that was closed"),
                "open the object first and add members later; existing clients reject the response",
            )
            .with_witness(self.witness(|value| value.get(name).is_some()), direction),
        };
        let holder = self.pair.old.nearest("properties");
        self.comparison
            .report(holder.absent(), added.here(), finding);
    }

    fn removed(&mut self, name: &str, removed: &Part<'a>) {
        let direction = self.pair.direction;
        let what = format!("{} was removed", self.subject(name));
        let holder = self.pair.new.nearest("properties");
        let additional = match Additional::of(self.new) {
            Additional::Schema(additional) => {
                return self.compare_later(removed, &additional, name);
            }
            additional => additional,
        };
        if direction == Direction::Response {
            let finding = behavior(
                Verdict::NeedsReview,
                what.clone(),
                "look for code that reads it; it is always absent now",
            );
            self.comparison
                .report(removed.here(), holder.absent(), finding);
        }
        let finding = match (direction, additional) {
            (Direction::Request, Additional::None) => wire(
                Verdict::Breaking,
                format!("{what} and is now rejected"),
                "keep accepting it; existing clients still send it",
            )
            .with_witness(self.witness(|value| value.get(name).is_some()), direction),
            (Direction::Request, _) => wire(
                Verdict::NeedsReview,
                what,
                "check how the server handles it; existing clients still send it",
            ),
            // `required` reports it, with an example that lacks it.
            (Direction::Response, _) if self.requires(self.old, name) => return,
            (Direction::Response, Additional::None) => wire(
                Verdict::Compatible,
                what,
                "none needed; existing clients handle its absence",
            ),
            (Direction::Response, _) => wire(
                Verdict::NeedsReview,
                what,
                "make sure that the name is not reused; existing clients handle its absence",
            ),
        };
        self.comparison
            .report(removed.here(), holder.absent(), finding);
    }

    fn required(&mut self, name: &str) {
        let direction = self.pair.direction;
        let (was, is) = (self.requires(self.old, name), self.requires(self.new, name));
        let was_known = self.old.members.contains_key(name);
        let is_known = self.new.members.contains_key(name);
        // `removed` reports a request that still has a member which was required.
        let is_reported = direction == Direction::Request && !is && !is_known;
        if was == is || is_reported {
            return;
        }
        let subject = self.subject(name);
        let (set, cleared) = required_findings(&subject);
        let finding = match (direction, is) {
            (Direction::Request, true) => set,
            (Direction::Request, false) => cleared,
            (Direction::Response, true) => wire(
                Verdict::Compatible,
                format!("{subject} was optional and is now required"),
                "none needed; the raw crate now returns it without `Option`",
            ),
            (Direction::Response, false) => wire(
                Verdict::Breaking,
                format!("{subject} was required and is now optional"),
                "keep sending it in every response; existing clients cannot read one without it",
            ),
        };
        let finding = match (was_known, is_known) {
            (false, true) if is => finding.renamed(format!("{subject} was added and is required")),
            (true, false) if was => finding.renamed(format!("{subject} was required and removed")),
            _ => finding,
        };
        let is_breaking = is == (direction == Direction::Request);
        let witness = is_breaking
            .then(|| self.witness(|value| value.get(name).is_none()))
            .flatten();
        let place = |schema: &Part<'a>, shape: &Shape<'a>, present: bool| -> Place {
            match shape.members.get(name) {
                Some(member) if present => member.here(),
                _ if present => schema.near("required"),
                _ => schema.nearest("properties").absent(),
            }
        };
        self.comparison.report(
            place(&self.pair.old, self.old, was_known || was),
            place(&self.pair.new, self.new, is_known || is),
            finding.with_witness(witness, direction),
        );
    }

    /// Compares what the objects allow beyond their named members.
    fn additional(&mut self) {
        let key = "additionalProperties";
        let direction = self.pair.direction;
        let (old, new) = (Additional::of(self.old), Additional::of(self.new));
        if let (Additional::Schema(old), Additional::Schema(new)) = (&old, &new) {
            self.open.push(self.pair.inner(old, new, ".*"));
            return;
        }
        let what = format!(
            "{}: additional members {} -> {}",
            self.pair.subject,
            old.name(),
            new.name()
        );
        let finding = match direction.writer_and_reader(old, new) {
            (Additional::Any, Additional::Any) | (Additional::None, Additional::None) => return,
            (Additional::None, _) | (_, Additional::Any) => wire(
                Verdict::Compatible,
                what,
                "none needed; everything that was valid still is",
            ),
            // A client sends the members that its spec names, unless its spec defines others.
            (Additional::Any, _) if direction == Direction::Request => wire(
                Verdict::NeedsReview,
                what,
                "check whether any client sends members that the spec does not name",
            ),
            _ => {
                let advice = match direction {
                    Direction::Request => "keep accepting additional members; clients send them",
                    Direction::Response => {
                        "keep the object closed; existing clients reject unknown members"
                    }
                };
                let witness = self.witness(|_| true);
                wire(Verdict::Breaking, what, advice).with_witness(witness, direction)
            }
        };
        let (old, new) = (self.pair.old.near(key), self.pair.new.near(key));
        self.comparison.report(old, new, finding);
    }
}

/// What an object allows beyond its named members.
enum Additional<'a> {
    Any,
    None,
    Schema(Part<'a>),
}

impl<'a> Additional<'a> {
    fn of(shape: &Shape<'a>) -> Self {
        match shape.facets.get("additionalProperties") {
            None => Self::Any,
            Some(part) if *part.value == Value::Bool(false) => Self::None,
            Some(part) => Self::Schema(part.clone()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Any => "allowed",
            Self::None => "rejected",
            Self::Schema(_) => "restricted",
        }
    }
}
