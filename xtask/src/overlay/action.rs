use serde_json::Value;
use serde_json_path::JsonPath;

/// One correction.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) name: String,
    /// Where it stands in the overlay.
    pub(super) pointer: String,
    pub(super) target_text: String,
    target: JsonPath,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Remove,
    Update(Value),
}

impl Action {
    /// Reads an action, or says whose it is, what is wrong, and what to do.
    pub(super) fn read(
        value: &Value,
        pointer: &str,
    ) -> Result<Self, (String, String, &'static str)> {
        let name = value["x-name"].as_str().unwrap_or_default();
        let subject = if name.is_empty() { "an action" } else { name };
        let refused = |message: &str, advice| Err((subject.to_owned(), message.to_owned(), advice));
        if name.is_empty() {
            return refused("has no name", "give it one in `x-name`");
        }
        if value["description"].as_str().is_none_or(str::is_empty) {
            return refused(
                "has no description",
                "say which fact or decision it stems from",
            );
        }
        let Some(target_text) = value["target"].as_str() else {
            return refused("has no target", "name what it changes, as a JSONPath");
        };
        let target = match JsonPath::parse(target_text) {
            Ok(target) => target,
            Err(reason) => {
                return refused(
                    &format!("its target is no JSONPath: {reason}"),
                    "write it as RFC 9535 says",
                );
            }
        };
        let change = match (value.get("remove"), value.get("update")) {
            (Some(Value::Bool(true)), None) => Change::Remove,
            (None | Some(Value::Bool(false)), Some(update)) => Change::Update(update.clone()),
            _ => {
                return refused(
                    "neither updates nor removes, or does both",
                    "give it either `update` or `remove: true`",
                );
            }
        };
        Ok(Self {
            name: name.to_owned(),
            pointer: pointer.to_owned(),
            target_text: target_text.to_owned(),
            target,
            change,
        })
    }

    /// Makes the change wherever the target is, and says in how many places that was.
    pub(super) fn apply(&self, document: &mut Value) -> Result<usize, String> {
        let mut places: Vec<String> = self
            .target
            .query_located(document)
            .dedup()
            .locations()
            .map(serde_json_path::NormalizedPath::to_json_pointer)
            .collect();
        // From the back, so that what is removed moves nothing that is still to come.
        places.sort_by_cached_key(|place| std::cmp::Reverse(in_order(place)));
        for place in &places {
            match &self.change {
                Change::Remove => remove(document, place)?,
                Change::Update(update) => match document.pointer_mut(place) {
                    Some(target @ Value::Object(_)) => merge(target, update),
                    Some(Value::Array(items)) => items.push(update.clone()),
                    _ => return Err("only an object or a list can be updated".to_owned()),
                },
            }
        }
        Ok(places.len())
    }
}

/// A pointer as something to sort by: items of a list by their number.
fn in_order(pointer: &str) -> Vec<(usize, String)> {
    pointer
        .split('/')
        .map(|part| (part.parse().unwrap_or_default(), part.to_owned()))
        .collect()
}

fn remove(document: &mut Value, place: &str) -> Result<(), String> {
    let (parent, key) = place
        .rsplit_once('/')
        .ok_or("the document itself can't be removed")?;
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = key.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Objects take over each member, lists are joined, anything else is replaced.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(present) => merge(present, value),
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (target, update) => *target = update.clone(),
    }
}
