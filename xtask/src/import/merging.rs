//! Our document with what the provider's says: facts are theirs, words and ways of writing ours.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::comparison::{Comparison, Side, identity, is_words};
use super::inlining::SCHEMAS;
use super::parts::{Part, references};
use super::words::in_plain_text;

/// What is made of two documents.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) value: Value,
    /// The schemas that are new, as they are called now.
    pub(super) new_schemas: Vec<String>,
}

/// Merges what the provider says into our document.
pub(super) fn merge(ours: &Value, theirs: &Value) -> Merged {
    let mut merging = Merging {
        ours: Side(ours),
        theirs: Side(theirs),
        claims: HashMap::new(),
        claimed: HashSet::new(),
        fates: HashMap::new(),
        names: HashMap::new(),
        pending: Vec::new(),
    };
    merging.claim(&ours["paths"], &theirs["paths"], Part::Names);
    merging.decide();
    let paths = merging.merged(&ours["paths"], &theirs["paths"], Part::Names);
    let mut value = ours.clone();
    value["paths"] = paths;
    merging.components(&mut value);
    let new_schemas = merging.new_schemas(&mut value);
    drop_unreached(ours, &mut value);
    Merged { value, new_schemas }
}

/// What becomes of one of our components.
#[derive(Debug, Clone, Copy)]
enum Fate<'a> {
    /// The provider says the same, wherever it is referred to or at least somewhere.
    Stays,
    /// The provider says this instead.
    Becomes(&'a Value),
}

#[derive(Debug)]
struct Merging<'a> {
    ours: Side<'a>,
    theirs: Side<'a>,
    /// What the provider says where one of our components is referred to.
    claims: HashMap<&'a str, Vec<&'a Value>>,
    claimed: HashSet<(&'a str, &'a str)>,
    fates: HashMap<&'a str, Fate<'a>>,
    /// How the provider's schemas are called here, by reference.
    names: HashMap<&'a str, String>,
    /// Schemas of the provider that are to be added, with ours that stands in the same place.
    pending: Vec<(&'a str, Option<&'a Value>)>,
}

impl<'a> Merging<'a> {
    /// Goes through both documents side by side and notes what stands where we have a component.
    fn claim(&mut self, ours: &'a Value, theirs: &'a Value, part: Part) {
        match (ours, theirs) {
            (Value::Object(_), Value::Object(_)) if part == Part::Object => {
                let (our_view, their_view) = (self.ours.view(ours), self.theirs.view(theirs));
                if let Some(place) = our_view.place {
                    self.claims.entry(place).or_default().push(theirs);
                    if let Some(other) = their_view.place
                        && !self.claimed.insert((place, other))
                    {
                        return;
                    }
                }
                self.claim_members(our_view.value, their_view.value, part);
            }
            (Value::Object(_), Value::Object(_)) if part == Part::Names => {
                self.claim_members(ours, theirs, part);
            }
            (Value::Array(ours), Value::Array(theirs)) if part == Part::Object => {
                for (index, item) in ours.iter().enumerate() {
                    if let Some(other) = self.counterpart(theirs, item, index) {
                        self.claim(item, other, part);
                    }
                }
            }
            _ => {}
        }
    }

    fn claim_members(&mut self, ours: &'a Value, theirs: &'a Value, part: Part) {
        for (key, member) in ours.as_object().into_iter().flatten() {
            if part == Part::Object && is_words(key) {
                continue;
            }
            if let Some(other) = theirs.get(key) {
                self.claim(member, other, part.member(key, member));
            }
        }
    }

    /// Which of their items stands where one of ours does: parameters are known by their names.
    fn counterpart(&self, theirs: &'a [Value], item: &Value, index: usize) -> Option<&'a Value> {
        let wanted = identity(self.ours.view_of(item));
        if wanted.0.is_none() {
            return theirs.get(index);
        }
        theirs
            .iter()
            .find(|other| identity(self.theirs.view_of(other)) == wanted)
    }

    /// A component that fits somewhere stays, so that nobody else's reference to it changes.
    fn decide(&mut self) {
        for (place, claims) in &self.claims {
            let Some(ours) = self.ours.0.pointer(place.trim_start_matches('#')) else {
                continue;
            };
            let fits = |claim: &&&'a Value| {
                Comparison::new(self.ours, self.theirs).same_but_for_null(ours, claim)
            };
            let (fate, claim) = match (claims.iter().find(fits), claims.first()) {
                (Some(claim), _) => (Fate::Stays, *claim),
                (None, Some(claim)) => (Fate::Becomes(claim), *claim),
                (None, None) => continue,
            };
            self.fates.insert(place, fate);
            let their_place = self.theirs.view(claim).place;
            if let (Some(name), Some(theirs)) = (place.strip_prefix(SCHEMAS), their_place) {
                self.names.insert(theirs, name.to_owned());
            }
        }
    }

    /// Whether our component at `place` says, in the end, what the provider says here.
    fn fits(&self, place: &str, ours: &'a Value, theirs: &'a Value) -> bool {
        match self.fates.get(place) {
            Some(Fate::Stays) => {
                Comparison::new(self.ours, self.theirs).same_but_for_null(ours, theirs)
            }
            Some(Fate::Becomes(claim)) => {
                Comparison::new(self.theirs, self.theirs).same_but_for_null(claim, theirs)
            }
            None => false,
        }
    }

    fn merged(&mut self, ours: &'a Value, theirs: &'a Value, part: Part) -> Value {
        if part != Part::Data && Comparison::new(self.ours, self.theirs).same(ours, theirs, part) {
            return ours.clone();
        }
        match (ours, theirs, part) {
            (Value::Object(_), Value::Object(_), Part::Object) => self.merged_objects(ours, theirs),
            (Value::Object(ours), Value::Object(theirs), Part::Names) => {
                self.merged_members(ours, theirs, part)
            }
            (Value::Array(ours), Value::Array(theirs), Part::Object) => {
                self.merged_lists(ours, theirs)
            }
            _ => self.anew(theirs, part),
        }
    }

    fn merged_objects(&mut self, ours: &'a Value, theirs: &'a Value) -> Value {
        let (our_view, their_view) = (self.ours.view(ours), self.theirs.view(theirs));
        let description = ours.get("description").cloned();
        match (our_view.place, their_view.place) {
            (Some(place), _) if self.fits(place, our_view.value, theirs) => {
                if our_view.nullable == their_view.nullable {
                    ours.clone()
                } else {
                    reference(place, their_view.nullable, description)
                }
            }
            (Some(_), _) => self.anew(theirs, Part::Object),
            (None, Some(place)) => {
                let name = self.name(place, Some(our_view.value));
                let place = format!("{SCHEMAS}{name}");
                reference(&place, their_view.nullable, description)
            }
            (None, None) => match (ours.as_object(), theirs.as_object()) {
                (Some(ours), Some(theirs)) => self.merged_members(ours, theirs, Part::Object),
                _ => theirs.clone(),
            },
        }
    }

    /// Members in our order, and what is new behind them.
    fn merged_members(
        &mut self,
        ours: &'a Map<String, Value>,
        theirs: &'a Map<String, Value>,
        part: Part,
    ) -> Value {
        let mut members = Map::new();
        for (key, member) in ours {
            let member = match theirs.get(key) {
                _ if part == Part::Object && is_words(key) => member.clone(),
                Some(other) => self.merged(member, other, part.member(key, member)),
                None => continue,
            };
            members.insert(key.clone(), member);
        }
        for (key, member) in theirs {
            if !members.contains_key(key)
                && let Some(member) = self.new_member(key, member, part)
            {
                members.insert(key.clone(), member);
            }
        }
        Value::Object(members)
    }

    fn merged_lists(&mut self, ours: &'a [Value], theirs: &'a [Value]) -> Value {
        let mut taken: Vec<&Value> = Vec::new();
        let mut items = Vec::new();
        let is_plain = theirs.iter().all(|item| !item.is_object());
        for (index, item) in ours.iter().enumerate() {
            let found = if is_plain {
                theirs.iter().find(|other| *other == item)
            } else {
                self.counterpart(theirs, item, index)
            };
            if let Some(other) = found {
                taken.push(other);
                items.push(self.merged(item, other, Part::Object));
            }
        }
        for other in theirs {
            if !taken.iter().any(|taken| std::ptr::eq(*taken, other)) {
                items.push(self.anew(other, Part::Object));
            }
        }
        Value::Array(items)
    }

    /// What we have no words for.
    fn anew(&mut self, theirs: &'a Value, part: Part) -> Value {
        match theirs {
            Value::Object(members) if part != Part::Data => {
                if part == Part::Object
                    && let Some(place) = members.get("$ref").and_then(Value::as_str)
                {
                    let name = self.name(place, None);
                    return json!({"$ref": format!("{SCHEMAS}{name}")});
                }
                members
                    .iter()
                    .filter_map(|(key, member)| {
                        Some((key.clone(), self.new_member(key, member, part)?))
                    })
                    .collect()
            }
            Value::Array(items) if part != Part::Data => {
                items.iter().map(|item| self.anew(item, part)).collect()
            }
            _ => theirs.clone(),
        }
    }

    fn new_member(&mut self, key: &str, member: &'a Value, part: Part) -> Option<Value> {
        match (part, key, member) {
            (Part::Object, "externalDocs", _) => None,
            (Part::Object, "description" | "summary" | "title", Value::String(text)) => {
                Some(in_plain_text(text))
                    .filter(|text| !text.is_empty())
                    .map(Value::String)
            }
            _ => Some(self.anew(member, part.member(key, member))),
        }
    }

    /// How one of the provider's schemas is called here; one without a name yet is to be added.
    fn name(&mut self, place: &'a str, ours: Option<&'a Value>) -> String {
        if let Some(name) = self.names.get(place) {
            return name.clone();
        }
        let theirs = place.strip_prefix(SCHEMAS).unwrap_or(place);
        let schemas = &self.ours.0["components"]["schemas"];
        let is_free = |name: &String| {
            schemas.get(name).is_none() && !self.names.values().any(|it| it == name)
        };
        let numbered = (2..).map(|number| format!("{theirs}{number}"));
        let name = std::iter::once(theirs.to_owned())
            .chain(numbered)
            .find(is_free)
            .unwrap_or_default();
        self.names.insert(place, name.clone());
        self.pending.push((place, ours));
        name
    }

    /// Our components as they are now.
    fn components(&mut self, value: &mut Value) {
        let mut fates: Vec<_> = self
            .fates
            .iter()
            .map(|(place, fate)| (*place, *fate))
            .collect();
        fates.sort_by_key(|(place, _)| *place);
        for (place, fate) in fates {
            let pointer = place.trim_start_matches('#');
            if let (Fate::Becomes(claim), Some(ours)) = (fate, self.ours.0.pointer(pointer)) {
                let theirs = self.theirs.view(claim).value;
                let merged = match (ours.as_object(), theirs.as_object()) {
                    (Some(ours), Some(theirs)) => self.merged_members(ours, theirs, Part::Object),
                    _ => theirs.clone(),
                };
                if let Some(component) = value.pointer_mut(pointer) {
                    *component = without_null(merged);
                }
            }
        }
    }

    /// Adds the provider's schemas that have been referred to, and what they refer to.
    fn new_schemas(&mut self, value: &mut Value) -> Vec<String> {
        let mut added = Vec::new();
        while let Some((place, ours)) = self.pending.pop() {
            let Some(theirs) = self.theirs.0.pointer(place.trim_start_matches('#')) else {
                continue;
            };
            let schema = match ours {
                Some(ours) => self.merged(ours, theirs, Part::Object),
                None => self.anew(theirs, Part::Object),
            };
            let name = self.names[place].clone();
            value["components"]["schemas"][&*name] = without_null(schema);
            added.push(name);
        }
        added.sort();
        added
    }
}

/// Whether there may be null is said where something is referred to.
fn without_null(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut()
        && members.contains_key("properties")
    {
        members.shift_remove("nullable");
    }
    schema
}

fn reference(place: &str, nullable: bool, description: Option<Value>) -> Value {
    if !nullable {
        return json!({"$ref": place});
    }
    let mut members = Map::new();
    members.insert("nullable".to_owned(), Value::Bool(true));
    if let Some(description) = description {
        members.insert("description".to_owned(), description);
    }
    members.insert("allOf".to_owned(), json!([{"$ref": place}]));
    Value::Object(members)
}

/// Components that nothing leads to any more, though something did, go; so do those that nothing
/// leads to from the start if they are new.
fn drop_unreached(ours: &Value, value: &mut Value) {
    let (before, after) = (reached(ours), reached(value));
    let Some(components) = value["components"].as_object_mut() else {
        return;
    };
    for (section, members) in components.iter_mut() {
        if section == "securitySchemes" {
            continue;
        }
        if let Some(members) = members.as_object_mut() {
            members.retain(|name, _| {
                let place = format!("#/components/{section}/{name}");
                let is_ours = ours["components"][section].get(name).is_some();
                after.contains(&place) || (is_ours && !before.contains(&place))
            });
        }
    }
    components.retain(|_, members| members.as_object().is_none_or(|it| !it.is_empty()));
}

/// Every component that the operations lead to.
fn reached(document: &Value) -> HashSet<String> {
    let mut seen = HashSet::new();
    let mut open = Vec::new();
    references(&document["paths"], Part::Names, &mut open);
    while let Some(reference) = open.pop() {
        if seen.insert(reference.to_owned())
            && let Some(found) = document.pointer(reference.trim_start_matches('#'))
        {
            references(found, Part::Object, &mut open);
        }
    }
    seen
}
