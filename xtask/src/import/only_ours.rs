//! Reports what only our spec has, and what the provider has added to its spec.

use std::collections::BTreeSet;

use authress_users_openapi::{Document, OperationEntry, Role, operations};
use serde_json::{Map, Value};

use super::compare::{View, counterpart, partner};
use super::keep::{ASSUMED, errors, is_assumed};
use super::part::Part;
use crate::overlay::Overlay;

/// The members of `info` that both specs have in any case, in different words.
const OWN_INFO: [&str; 3] = ["title", "version", "description"];

/// What our spec states beside the provider's, one line each.
#[derive(Debug, Default)]
pub(crate) struct OnlyOurs {
    /// What the provider's spec lacks. It is kept as it is.
    pub(crate) absent: Vec<String>,
    /// What our spec marks as missing, or has in its own words, and the provider's spec has too.
    pub(crate) present: Vec<String>,
}

impl OnlyOurs {
    /// Compares our spec with the provider's. `theirs` has its operations at our paths, with our
    /// names of schemas.
    pub(super) fn of(own: &Value, provider: &Document, theirs: &Value, overlay: &Overlay) -> Self {
        let mut found = Self::default();
        let mut examples = Examples::default();
        for ours in operations(own) {
            let their = &theirs["paths"][ours.path][ours.method];
            found.compare_operation(&ours, their.is_object(), overlay);
            if their.is_object() {
                found.compare_responses(own, &ours, their);
                let pair = ((own, ours.value), (theirs, their));
                examples.compare(pair.0, pair.1, Part::OBJECT, &ours.name());
            }
        }
        found.present.append(&mut examples.present);
        if examples.absent > 0 {
            let plural = if examples.absent == 1 { "" } else { "s" };
            found
                .absent
                .push(format!("{} example{plural}", examples.absent));
        }
        found.compare_info(own, provider);
        found
    }

    fn compare_operation(
        &mut self,
        ours: &OperationEntry<'_>,
        is_present: bool,
        overlay: &Overlay,
    ) {
        let name = ours.name();
        let listed = overlay.unpublished().iter().find(|it| it.operation == name);
        let operation = format!("operation {name} ({})", ours.address());
        match (is_present, listed) {
            (false, Some(listed)) => self.absent.push(format!("{operation}: {}", listed.reason)),
            (false, None) => self.absent.push(operation),
            (true, Some(_)) => self.present.push(format!(
                "{operation}; delete it from `x-unpublished-operations` in the overlay"
            )),
            (true, None) => {}
        }
    }

    fn compare_responses(&mut self, own: &Value, ours: &OperationEntry<'_>, their: &Value) {
        let name = ours.name();
        let mut absent = Vec::new();
        for (status, response) in errors(ours) {
            if their["responses"].get(status).is_none() {
                absent.push(status.as_str());
            } else if is_assumed(own, response) {
                self.present.push(format!(
                    "{name}: response {status}; ours is kept, so compare both and remove `{ASSUMED}`"
                ));
            }
        }
        if !absent.is_empty() {
            let plural = if absent.len() == 1 { "" } else { "s" };
            let statuses = absent.join(", ");
            self.absent
                .push(format!("{name}: response{plural} {statuses}"));
        }
    }

    fn compare_info(&mut self, own: &Value, provider: &Document) {
        let ours = own["info"].as_object().into_iter().flatten();
        for (key, value) in ours.filter(|(key, _)| !OWN_INFO.contains(&&***key)) {
            match provider.value["info"].get(key) {
                None => self.absent.push(format!("info: {key}")),
                Some(their) if their == value => {}
                Some(_) => self
                    .present
                    .push(format!("info: {key}; ours is kept, compare both")),
            }
        }
    }
}

/// Examples of ours.
#[derive(Debug, Default)]
struct Examples<'a> {
    /// The number of those that the provider lacks.
    absent: usize,
    /// The places where the provider has one too.
    present: Vec<String>,
    /// The components of ours that were compared.
    seen: BTreeSet<&'a str>,
}

impl<'a> Examples<'a> {
    /// Compares two values, each with the document that it is in. `path` leads to them.
    fn compare(
        &mut self,
        (own, ours): (&'a Value, &'a Value),
        (theirs, their): (&Value, &Value),
        part: Part<'_>,
        path: &str,
    ) {
        match (ours, their) {
            (Value::Object(ours), Value::Object(their)) if part.role == Role::Names => {
                self.compare_members((own, ours), (theirs, their), part, path);
            }
            (Value::Object(_), Value::Object(_)) if part.role == Role::Object => {
                let (our, their) = (View::of(own, ours), View::of(theirs, their));
                if our
                    .reference
                    .is_some_and(|component| !self.seen.insert(component))
                {
                    return;
                }
                if let (Some(ours), Some(their)) = (our.value.as_object(), their.value.as_object())
                {
                    self.compare_members((own, ours), (theirs, their), part, path);
                }
            }
            (Value::Array(ours), Value::Array(their)) if part.role == Role::Object => {
                for (index, item) in their.iter().enumerate() {
                    let name = item["name"]
                        .as_str()
                        .map_or_else(|| index.to_string(), str::to_owned);
                    if let Some(our) = counterpart(own, ours, item, index) {
                        self.compare((own, our), (theirs, item), part, &format!("{path} {name}"));
                    }
                }
            }
            _ => {}
        }
    }

    fn compare_members(
        &mut self,
        (own, ours): (&'a Value, &'a Map<String, Value>),
        (theirs, their): (&Value, &Map<String, Value>),
        part: Part<'_>,
        path: &str,
    ) {
        let is_example =
            |key: &str| part.role == Role::Object && matches!(key, "example" | "examples");
        if ours.keys().any(|key| is_example(key)) {
            if their.keys().any(|key| is_example(key)) {
                self.present.push(format!("{path}: example; ours is kept"));
            } else {
                self.absent += 1;
            }
        }
        for (key, member) in their.iter().filter(|(key, _)| !is_example(key)) {
            if let Some(our) = partner(ours, their, key, part) {
                let role = part.member(key, member);
                self.compare((own, our), (theirs, member), role, &format!("{path} {key}"));
            }
        }
    }
}
