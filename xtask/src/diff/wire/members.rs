//! The members of an object: added, gone, required, and those without a name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schemas::{Pair, inside, named};
use crate::diff::change::Verdict;
use crate::diff::comparison::{Comparison, Meaning, Side};
use crate::diff::direction::Direction;
use crate::diff::part::Part;
use crate::diff::shape::Shape;

impl<'a> Comparison<'a> {
    pub(super) fn members(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let names: BTreeSet<&str> = old
            .members
            .keys()
            .chain(new.members.keys())
            .copied()
            .collect();
        for name in names {
            let subject = format!("{}.{name}", pair.subject);
            match (old.members.get(name), new.members.get(name)) {
                (Some(old_member), Some(new_member)) => {
                    let mut inner = inside(pair, old_member, new_member, "");
                    inner.subject.clone_from(&subject);
                    open.push(inner);
                }
                (None, Some(added)) => self.added(pair, old, new, name, added, open),
                (Some(gone), None) => self.gone(pair, old, new, name, gone, open),
                (None, None) => {}
            }
        }
        let listed: BTreeSet<&str> = old.required.iter().chain(&new.required).copied().collect();
        for name in listed {
            self.required(pair, old, new, name);
        }
    }

    fn added(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        name: &str,
        added: &Part<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let what = format!("{} is new", member_name(pair, name, [Some(added), None]));
        let is_required = requires(new, name, pair.direction);
        let meaning = match (pair.direction, rest(old)) {
            // The lack of it is told as well, with the value that lacks it.
            (Direction::Request, _) if is_required => return,
            (Direction::Request, Rest::Anything | Rest::Nothing) => Meaning::wire(
                Verdict::Compatible,
                what,
                "offer it in the face; clients made before it leave it out",
            ),
            (Direction::Response, Rest::Anything) => Meaning::wire(
                Verdict::Compatible,
                what,
                "offer it in the face; clients made before it ignore it",
            ),
            (Direction::Response, Rest::Nothing) => Meaning::wire(
                Verdict::Breaking,
                format!("{what}, and was ruled out before"),
                "clients refuse answers with it; open the object first, and add members later",
            )
            .with_witness(
                Self::witness(pair, |value| value.get(name).is_some()),
                pair.direction,
            ),
            (_, Rest::Schema(rest)) => {
                open.push(Pair {
                    subject: format!("{}.{name}", pair.subject),
                    ..inside(pair, &rest, added, "")
                });
                return;
            }
        };
        self.tell(
            Side::NotIn(&pair.old.nearest("properties")),
            Side::There(added),
            meaning,
        );
    }

    fn gone(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        name: &str,
        gone: &Part<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let what = format!("{} is gone", member_name(pair, name, [Some(gone), None]));
        let was_required = requires(old, name, pair.direction);
        let holder = pair.new.nearest("properties");
        let sides = (Side::There(gone), Side::NotIn(&holder));
        let meaning = match (pair.direction, rest(new)) {
            (_, Rest::Schema(rest)) => {
                open.push(Pair {
                    subject: format!("{}.{name}", pair.subject),
                    ..inside(pair, gone, &rest, "")
                });
                return;
            }
            (Direction::Request, Rest::Nothing) => Meaning::wire(
                Verdict::Breaking,
                format!("{what}, and ruled out now"),
                "go on to take it; clients go on to send it",
            )
            .with_witness(
                Self::witness(pair, |value| value.get(name).is_some()),
                pair.direction,
            ),
            (Direction::Request, Rest::Anything) => Meaning::wire(
                Verdict::NeedsReview,
                what.clone(),
                "see what the server does with it: clients go on to send it",
            ),
            (Direction::Response, rest) => {
                self.tell(
                    sides.0,
                    sides.1,
                    Meaning::behavior(
                        Verdict::NeedsReview,
                        what.clone(),
                        "look for code that reads it: from now on it finds nothing",
                    ),
                );
                match rest {
                    // The lack of it is told as well, with the value that lacks it.
                    _ if was_required => return,
                    Rest::Nothing => Meaning::wire(
                        Verdict::Compatible,
                        what,
                        "nothing: clients know that it may be absent",
                    ),
                    _ => Meaning::wire(
                        Verdict::NeedsReview,
                        what,
                        "make sure that nothing else comes under its name; clients know that it may be absent",
                    ),
                }
            }
        };
        self.tell(sides.0, sides.1, meaning);
    }

    fn required(&mut self, pair: &Pair<'a>, old: &Shape<'a>, new: &Shape<'a>, name: &str) {
        let was = requires(old, name, pair.direction);
        let is = requires(new, name, pair.direction);
        if was == is {
            return;
        }
        let members = [old.members.get(name), new.members.get(name)];
        let subject = member_name(pair, name, members);
        let (is_known, was_known) = (
            new.members.contains_key(name),
            old.members.contains_key(name),
        );
        let what = match (was_known, is_known) {
            (false, true) if is => format!("{subject} is new and required"),
            (true, false) if was => format!("{subject} was required and is gone"),
            _ if is => format!("{subject} was optional and is required"),
            _ => format!("{subject} was required and is optional"),
        };
        let meaning = match (pair.direction, is) {
            (Direction::Request, true) => Meaning::wire(
                Verdict::Breaking,
                what,
                "leave it optional; clients that don't send it are refused",
            ),
            (Direction::Request, false) => {
                Meaning::wire(Verdict::Compatible, what, "let the face leave it out")
            }
            (Direction::Response, true) => Meaning::wire(
                Verdict::Compatible,
                what,
                "nothing; the raw crate gives it without an Option from now on",
            ),
            (Direction::Response, false) => Meaning::wire(
                Verdict::Breaking,
                what,
                "go on to send it always; clients can't read an answer without it",
            ),
        };
        // Requests that still have what was required, and is gone, are told above.
        if pair.direction == Direction::Request && !is && !is_known {
            return;
        }
        let witness = match meaning.verdict {
            Verdict::Breaking => Self::witness(pair, |value| value.get(name).is_none()),
            _ => None,
        };
        let place =
            |schema: &Part<'a>, shape: &Shape<'a>, holds: bool| match shape.members.get(name) {
                Some(member) if holds => member.clone(),
                _ if holds => schema.nearest("required"),
                _ => schema.nearest("properties"),
            };
        let old_place = place(&pair.old, old, was_known || was);
        let new_place = place(&pair.new, new, is_known || is);
        let side = |is_there: bool, place| {
            if is_there {
                Side::There(place)
            } else {
                Side::NotIn(place)
            }
        };
        self.tell(
            side(was_known || was, &old_place),
            side(is_known || is, &new_place),
            meaning.with_witness(witness, pair.direction),
        );
    }

    /// What holds for members that have no name.
    pub(super) fn others(
        &mut self,
        pair: &Pair<'a>,
        old: &Shape<'a>,
        new: &Shape<'a>,
        open: &mut Vec<Pair<'a>>,
    ) {
        let key = "additionalProperties";
        let (old_rest, new_rest) = (rest(old), rest(new));
        let (writer, reader) = pair
            .direction
            .writer_and_reader(old_rest.clone(), new_rest.clone());
        let meaning = match (&writer, &reader) {
            (Rest::Schema(_), Rest::Schema(_)) => {
                if let (Rest::Schema(old), Rest::Schema(new)) = (&old_rest, &new_rest) {
                    open.push(inside(pair, old, new, ".*"));
                }
                return;
            }
            (Rest::Anything, Rest::Anything) | (Rest::Nothing, Rest::Nothing) => return,
            (Rest::Nothing, _) | (_, Rest::Anything) => Meaning::wire(
                Verdict::Compatible,
                format!("{}: {}", pair.subject, in_words(&old_rest, &new_rest)),
                "nothing: what was understood still is",
            ),
            (_, Rest::Nothing | Rest::Schema(_)) => {
                // A client that nobody told to sends no members without a name.
                let (verdict, advice) = match (pair.direction, &writer) {
                    (Direction::Request, Rest::Anything) => (
                        Verdict::NeedsReview,
                        "see whether any client sends members that the document does not name",
                    ),
                    (Direction::Request, _) => (
                        Verdict::Breaking,
                        "go on to take further members; clients send them",
                    ),
                    (Direction::Response, _) => (
                        Verdict::Breaking,
                        "keep the object closed; clients refuse members that it did not have",
                    ),
                };
                let witness = Self::witness(pair, |_| true);
                Meaning::wire(
                    verdict,
                    format!("{}: {}", pair.subject, in_words(&old_rest, &new_rest)),
                    advice,
                )
                .with_witness(
                    witness.filter(|_| verdict == Verdict::Breaking),
                    pair.direction,
                )
            }
        };
        self.tell(
            Side::There(&pair.old.nearest(key)),
            Side::There(&pair.new.nearest(key)),
            meaning,
        );
    }
}

/// What an object allows under names that it does not have.
#[derive(Debug, Clone)]
enum Rest<'a> {
    Anything,
    Nothing,
    Schema(Part<'a>),
}

fn rest<'a>(shape: &Shape<'a>) -> Rest<'a> {
    match shape.facets.get("additionalProperties") {
        None => Rest::Anything,
        Some(part) if *part.value == Value::Bool(false) => Rest::Nothing,
        Some(part) => Rest::Schema(part.clone()),
    }
}

fn in_words(old: &Rest<'_>, new: &Rest<'_>) -> String {
    let words = |rest: &Rest<'_>| match rest {
        Rest::Anything => "open",
        Rest::Nothing => "closed",
        Rest::Schema(_) => "open to members of one kind",
    };
    format!("further members: {} -> {}", words(old), words(new))
}

/// Whether a member has to be there, in what goes this way.
fn requires(shape: &Shape<'_>, name: &str, direction: Direction) -> bool {
    let is_excluded = shape
        .members
        .get(name)
        .is_some_and(|member| member.flag(direction.excluded()));
    shape.required.contains(name) && !is_excluded
}

/// What messages call a member, which may have come from a component.
fn member_name(pair: &Pair<'_>, name: &str, members: [Option<&Part<'_>>; 2]) -> String {
    let known = members.into_iter().flatten().find_map(|member| {
        // A member that is a component is called by what holds it.
        named(member).filter(|named| named.ends_with(&format!(".{name}")))
    });
    known.unwrap_or_else(|| format!("{}.{name}", pair.subject))
}
