//! Merges the provider's operations into our spec: facts come from the provider; texts, names and
//! order stay ours.

use authress_users_openapi::{
    Role, child, is_default, reachable_pointers, target, visit_objects_mut,
};
use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::compare::{View, counterpart, is_same, is_text, partner, position, reference};
use super::keep;
use super::part::Part;
use super::plain_text::plain_text;
use super::schemas::{SCHEMAS, is_structured};

/// Where the provider's schemas are during the merge, so that their names do not collide with ours.
const THEIRS: &str = "#/theirs/";

/// The merged spec.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) value: Value,
    /// The names of the schemas that were added.
    pub(super) new_schemas: Vec<String>,
}

/// Merges `theirs`, which has our operations alone, into `ours`.
pub(super) fn merge(ours: &Value, mut theirs: Value) -> Merged {
    move_schemas(&mut theirs);
    let mut root = ours.clone();
    root["theirs"] = theirs["components"]["schemas"].take();
    keep::insert(ours, &mut theirs);
    let mut alignment = Alignment {
        root: &root,
        claims: Vec::new(),
        chosen: HashMap::new(),
        is_equal: HashMap::new(),
    };
    alignment.align(&ours["paths"], &theirs["paths"], Part::names("paths"));
    alignment.choose();
    let paths = alignment.align(&ours["paths"], &theirs["paths"], Part::names("paths"));
    let mut merging = Merging {
        names: alignment.names(),
        alignment,
        pending: Vec::new(),
    };
    let mut value = ours.clone();
    value["paths"] = merging.merged(&ours["paths"], &paths, Part::names("paths"));
    merging.components(&mut value);
    let new_schemas = merging.new_schemas(&mut value);
    drop_unreached(ours, &mut value);
    Merged { value, new_schemas }
}

/// Makes references to the provider's schemas different from those to ours.
fn move_schemas(theirs: &mut Value) {
    visit_objects_mut(theirs, Role::Object, &mut |members| {
        if let Some(Value::String(to)) = members.get_mut("$ref") {
            *to = to.replacen(SCHEMAS, THEIRS, 1);
        }
        0
    });
}

/// What the provider has at a place where we refer to a component.
#[derive(Debug, Clone, Copy)]
struct Claim<'a> {
    /// The reference to our component.
    to: &'a str,
    content: &'a Value,
    /// The provider's schema that the content is, if it is one.
    schema: Option<&'a str>,
}

/// How a component's content is related to ours; the highest is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The provider's, which is an object and ours is not, or the other way round.
    OtherKind,
    /// Ours, in an operation that only we have.
    Kept,
    /// The provider's, which differs.
    Other,
    /// The provider's, which states the same.
    Same,
}

/// Makes the provider's operations refer to our components where ours do.
///
/// A first pass assumes that each component has one content, and collects the contents. If they
/// differ, one is chosen, and a second pass leaves the others in place.
#[derive(Debug)]
struct Alignment<'a> {
    /// Our spec, with the provider's schemas at [`THEIRS`].
    root: &'a Value,
    claims: Vec<Claim<'a>>,
    /// The content of each component; empty in the first pass.
    chosen: HashMap<&'a str, &'a Value>,
    /// Whether a content equals the chosen one. Schemas can contain themselves, so equality is
    /// assumed while it is checked.
    is_equal: HashMap<(&'a str, *const Value), bool>,
}

impl<'a> Alignment<'a> {
    fn component(&self, to: &str) -> Option<&'a Value> {
        self.root.pointer(&target(to)?)
    }

    fn align(&mut self, ours: &'a Value, theirs: &'a Value, part: Part<'_>) -> Value {
        match (ours, theirs) {
            (Value::Object(_), Value::Object(_)) if part.role == Role::Object => {
                let (our, their) = (View::of(self.root, ours), View::of(self.root, theirs));
                let Some(to) = our.reference else {
                    if their.reference.is_none() {
                        return self.align_members(ours, theirs, part);
                    }
                    // A schema of the provider stays one; this collects the claims in it.
                    self.align_members(our.value, their.value, part);
                    return theirs.clone();
                };
                let claim = Claim {
                    to,
                    content: their.value,
                    schema: their.reference,
                };
                if self.is_chosen(claim) {
                    reference(to, their.nullable, None)
                } else {
                    theirs.clone()
                }
            }
            (Value::Object(_), Value::Object(_)) if part.role == Role::Names => {
                self.align_members(ours, theirs, part)
            }
            (Value::Array(ours), Value::Array(theirs)) if part.role == Role::Object => theirs
                .iter()
                .enumerate()
                .map(
                    |(index, item)| match counterpart(self.root, ours, item, index) {
                        Some(own) => self.align(own, item, part),
                        None => item.clone(),
                    },
                )
                .collect(),
            _ => theirs.clone(),
        }
    }

    fn align_members(&mut self, ours: &'a Value, theirs: &'a Value, part: Part<'_>) -> Value {
        let (Some(own), Some(members)) = (ours.as_object(), theirs.as_object()) else {
            return theirs.clone();
        };
        let mut aligned: Map<String, Value> = members
            .iter()
            .map(|(key, member)| {
                let aligned = match partner(own, members, key, part) {
                    Some(own) if part.role == Role::Names || !is_text(key) => {
                        self.align(own, member, part.member(key, member))
                    }
                    _ => member.clone(),
                };
                (key.clone(), aligned)
            })
            .collect();
        // Extensions are for our tools, so only we have them.
        for (key, extension) in own {
            if part.role == Role::Object && key.starts_with("x-") && !aligned.contains_key(key) {
                aligned.insert(key.clone(), extension.clone());
            }
        }
        Value::Object(aligned)
    }

    /// Whether the content of the component is the claimed one.
    fn is_chosen(&mut self, claim: Claim<'a>) -> bool {
        let key = (claim.to, std::ptr::from_ref(claim.content));
        if let Some(is_equal) = self.is_equal.get(&key) {
            return *is_equal;
        }
        self.is_equal.insert(key, true);
        if let Some(chosen) = self.chosen.get(claim.to).copied() {
            let chosen = self.aligned(claim.to, chosen);
            let claimed = self.aligned(claim.to, claim.content);
            let is_equal = is_same(&chosen, &claimed, Role::Object);
            self.is_equal.insert(key, is_equal);
            is_equal
        } else {
            self.claims.push(claim);
            true
        }
    }

    /// A content of our component, aligned with it. References state whether null is accepted.
    fn aligned(&mut self, to: &'a str, content: &'a Value) -> Value {
        match self.component(to) {
            Some(component) => without_null(self.align_members(component, content, Part::OBJECT)),
            None => content.clone(),
        }
    }

    /// Chooses the content of each component: ours if the provider has it anywhere, so that
    /// nothing changes for the other places, otherwise the provider's first.
    fn choose(&mut self) {
        let mut chosen: HashMap<&str, (&Value, Rank)> = HashMap::new();
        let mut index = 0;
        // Aligning a content can add claims.
        while let Some(claim) = self.claims.get(index).copied() {
            index += 1;
            let aligned = self.aligned(claim.to, claim.content);
            let own = self.component(claim.to).cloned().unwrap_or_default();
            let rank = if claim.schema == Some(claim.to) {
                Rank::Kept
            } else if is_structured(&own) != is_structured(&aligned) {
                Rank::OtherKind
            } else if is_same(&without_null(own), &aligned, Role::Object) {
                Rank::Same
            } else {
                Rank::Other
            };
            let found = chosen.entry(claim.to).or_insert((claim.content, rank));
            if rank > found.1 {
                *found = (claim.content, rank);
            }
        }
        self.is_equal.clear();
        let chosen = chosen.into_iter();
        self.chosen = chosen.map(|(to, (content, _))| (to, content)).collect();
    }

    /// The names that the provider's schemas have in our spec.
    fn names(&self) -> HashMap<String, String> {
        let mut names = HashMap::new();
        for claim in &self.claims {
            let is_chosen = self
                .chosen
                .get(claim.to)
                .is_some_and(|it| std::ptr::eq(*it, claim.content));
            if let (true, Some(schema), Some(name)) =
                (is_chosen, claim.schema, claim.to.strip_prefix(SCHEMAS))
            {
                names
                    .entry(schema.to_owned())
                    .or_insert_with(|| name.to_owned());
            }
        }
        names
    }
}

#[derive(Debug)]
struct Merging<'a> {
    alignment: Alignment<'a>,
    names: HashMap<String, String>,
    /// Schemas of the provider to add, each with our schema at the same place, if any.
    pending: Vec<(String, Option<&'a Value>)>,
}

impl<'a> Merging<'a> {
    /// Our value, with the facts of the aligned `theirs`.
    fn merged(&mut self, ours: &'a Value, theirs: &Value, part: Part<'_>) -> Value {
        if is_same(ours, theirs, part.role) {
            return ours.clone();
        }
        match (ours, theirs) {
            (Value::Object(own), Value::Object(members)) if part.role == Role::Object => {
                let root = self.alignment.root;
                let (our, their) = (View::of(root, ours), View::of(root, theirs));
                let description = own.get("description");
                match their.reference {
                    Some(schema) if schema.starts_with(THEIRS) => {
                        let own = our.reference.is_none().then_some(our.value);
                        let to = self.name(schema, own);
                        reference(&to, their.nullable, description)
                    }
                    Some(to) => reference(to, their.nullable, description),
                    // The content of our component is another one.
                    None if our.reference.is_some() => self.added(theirs, part.role),
                    None => self.merged_members(own, members, part),
                }
            }
            (Value::Object(own), Value::Object(members)) if part.role == Role::Names => {
                self.merged_members(own, members, part)
            }
            (Value::Array(own), Value::Array(items)) if part.role == Role::Object => {
                self.merged_items(own, items)
            }
            _ => self.added(theirs, part.role),
        }
    }

    /// Our members in our order, followed by the new ones.
    fn merged_members(
        &mut self,
        ours: &'a Map<String, Value>,
        theirs: &Map<String, Value>,
        part: Part<'_>,
    ) -> Value {
        let mut merged = Map::new();
        for (key, own) in ours {
            let is_ours = part.role == Role::Object
                && (is_text(key) || !theirs.contains_key(key) && is_default(key, own));
            let member = match theirs.get(key) {
                _ if is_ours => own.clone(),
                Some(member) => self.merged(own, member, part.member(key, own)),
                None => continue,
            };
            merged.insert(key.clone(), member);
        }
        for (key, member) in theirs {
            // The texts of what both have are ours.
            let is_ours = part.role == Role::Object && (is_text(key) || is_default(key, member));
            let is_new = !ours.contains_key(key) && !is_ours;
            if !is_new {
                continue;
            }
            // Another media type for the same content keeps our texts.
            let own = partner(ours, theirs, key, part).filter(|_| part.is_content());
            let added = match own {
                Some(own) => Some(self.merged(own, member, part.member(key, member))),
                None => self.added_member(key, member, part.role),
            };
            merged.extend(added.map(|member| (key.clone(), member)));
        }
        Value::Object(merged)
    }

    fn merged_items(&mut self, ours: &'a [Value], theirs: &[Value]) -> Value {
        let root = self.alignment.root;
        let mut rest: Vec<Option<&Value>> = theirs.iter().map(Some).collect();
        let mut merged = Vec::new();
        for (index, own) in ours.iter().enumerate() {
            let found = match View::of(root, own).value {
                value if !value.is_object() => theirs.iter().position(|item| item == own),
                _ => position(root, theirs, own, index),
            };
            if let Some(item) = found.and_then(|found| rest[found].take()) {
                merged.push(self.merged(own, item, Part::OBJECT));
            }
        }
        merged.extend(
            rest.into_iter()
                .flatten()
                .map(|item| self.added(item, Role::Object)),
        );
        Value::Array(merged)
    }

    /// A value of the provider that we do not have.
    fn added(&mut self, theirs: &Value, part: Role) -> Value {
        match theirs {
            Value::Object(members) if part != Role::Data => {
                if part == Role::Object
                    && let Some(schema) = theirs["$ref"].as_str()
                    && schema.starts_with(THEIRS)
                {
                    return json!({"$ref": self.name(schema, None)});
                }
                members
                    .iter()
                    .filter_map(|(key, member)| {
                        Some((key.clone(), self.added_member(key, member, part)?))
                    })
                    .collect()
            }
            Value::Array(items) if part != Role::Data => {
                items.iter().map(|item| self.added(item, part)).collect()
            }
            _ => theirs.clone(),
        }
    }

    fn added_member(&mut self, key: &str, member: &Value, part: Role) -> Option<Value> {
        match (part, key, member) {
            (Role::Object, "externalDocs", _) => None,
            (Role::Object, "description" | "summary" | "title", Value::String(text)) => {
                Some(plain_text(text))
                    .filter(|text| !text.is_empty())
                    .map(Value::String)
            }
            _ => Some(self.added(member, part.member(key, member))),
        }
    }

    /// The reference to a schema of the provider in our spec, to which it is added if needed.
    fn name(&mut self, schema: &str, ours: Option<&'a Value>) -> String {
        if let Some(name) = self.names.get(schema) {
            return format!("{SCHEMAS}{name}");
        }
        let theirs = schema.trim_start_matches(THEIRS);
        let present = &self.alignment.root["components"]["schemas"];
        let is_free = |name: &String| {
            present.get(name).is_none() && !self.names.values().any(|other| other == name)
        };
        let numbered = (2..).map(|number| format!("{theirs}{number}"));
        let name = std::iter::once(theirs.to_owned())
            .chain(numbered)
            .find(is_free)
            .unwrap_or_default();
        self.names.insert(schema.to_owned(), name.clone());
        self.pending.push((schema.to_owned(), ours));
        format!("{SCHEMAS}{name}")
    }

    /// Merges the chosen content of each component.
    fn components(&mut self, value: &mut Value) {
        let mut chosen: Vec<_> = self.alignment.chosen.clone().into_iter().collect();
        chosen.sort_by_key(|(to, _)| *to);
        for (to, content) in chosen {
            let Some(own) = self.alignment.component(to) else {
                continue;
            };
            let aligned = self.alignment.aligned(to, content);
            if is_same(&without_null(own.clone()), &aligned, Role::Object) {
                continue;
            }
            let merged = match (own.as_object(), aligned.as_object()) {
                (Some(own), Some(aligned)) => self.merged_members(own, aligned, Part::OBJECT),
                _ => aligned,
            };
            let component = target(to).and_then(|pointer| value.pointer_mut(&pointer));
            if let Some(component) = component {
                *component = merged;
            }
        }
    }

    /// Adds the schemas of the provider that are referred to, and the schemas that they refer to.
    fn new_schemas(&mut self, value: &mut Value) -> Vec<String> {
        let mut added = Vec::new();
        while let Some((schema, ours)) = self.pending.pop() {
            let Some(theirs) = self.alignment.component(&schema) else {
                continue;
            };
            let content = match ours {
                Some(ours) => {
                    let aligned = self.alignment.align_members(ours, theirs, Part::OBJECT);
                    self.merged(ours, &aligned, Part::OBJECT)
                }
                None => self.added(theirs, Role::Object),
            };
            let name = &self.names[&schema];
            value["components"]["schemas"][name] = without_null(content);
            added.push(name.clone());
        }
        added.sort();
        added
    }
}

/// A component does not accept null itself; the references to it state whether null is accepted.
fn without_null(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("nullable");
    }
    schema
}

/// Drops components that are no longer reached, and new ones that nothing reaches.
fn drop_unreached(ours: &Value, value: &mut Value) {
    let reached = |spec: &Value| reachable_pointers(spec, &spec["paths"], Role::Names);
    let (before, after) = (reached(ours), reached(value));
    let Some(components) = value["components"].as_object_mut() else {
        return;
    };
    for (section, members) in components.iter_mut() {
        if let Some(members) = members
            .as_object_mut()
            .filter(|_| section != "securitySchemes")
        {
            members.retain(|name, _| {
                let to = child(&child("/components", section), name);
                let is_ours = ours["components"][section].get(name).is_some();
                after.contains(&to) || (is_ours && !before.contains(&to))
            });
        }
    }
    components.retain(|_, members| *members != json!({}));
}
