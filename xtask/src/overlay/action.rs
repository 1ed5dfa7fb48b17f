use authress_users_openapi::unescape;
use serde_json::Value;
use serde_json_path::JsonPath;

/// A correction.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) name: String,
    /// Its pointer in the overlay.
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
    /// Reads an action, or returns what is invalid, and advice.
    pub(super) fn read(value: &Value, pointer: &str) -> Result<Self, (String, &'static str)> {
        let name = value["x-name"].as_str().unwrap_or_default();
        let rejected = |message: &str, advice| {
            Err(match name {
                "" => (message.to_owned(), advice),
                name => (format!("{name}: {message}"), advice),
            })
        };
        if name.is_empty() {
            return rejected("no name", "set `x-name`");
        }
        if value["description"].as_str().is_none_or(str::is_empty) {
            return rejected("no description", "state the fact or decision behind it");
        }
        let Some(target_text) = value["target"].as_str() else {
            return rejected("no target", "set a JSONPath of the values to change");
        };
        let target = match JsonPath::parse(target_text) {
            Ok(target) => target,
            Err(reason) => {
                return rejected(
                    &format!("the target is not a JSONPath: {reason}"),
                    "follow RFC 9535",
                );
            }
        };
        let change = match (value.get("remove"), value.get("update")) {
            (Some(Value::Bool(true)), None) => Change::Remove,
            (None | Some(Value::Bool(false)), Some(update)) => Change::Update(update.clone()),
            _ => {
                return rejected(
                    "needs either `update` or `remove`",
                    "set either `update` or `remove: true`",
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

    /// Changes every value that the target matches, and returns their number.
    pub(super) fn apply(&self, document: &mut Value) -> Result<usize, String> {
        let mut places: Vec<String> = self
            .target
            .query_located(document)
            .dedup()
            .locations()
            .map(serde_json_path::NormalizedPath::to_json_pointer)
            .collect();
        // From the end, so that removals do not move other targets.
        places.sort_by_cached_key(|place| std::cmp::Reverse(in_order(place)));
        for place in &places {
            match &self.change {
                Change::Remove => remove(document, place)?,
                Change::Update(update) => match document.pointer_mut(place) {
                    Some(target @ Value::Object(_)) => merge(target, update),
                    Some(Value::Array(items)) => items.push(update.clone()),
                    _ => return Err("only objects and arrays can be updated".to_owned()),
                },
            }
        }
        Ok(places.len())
    }
}

/// A sort key of a pointer: array items are sorted by number.
fn in_order(pointer: &str) -> Vec<(usize, String)> {
    pointer
        .split('/')
        .map(|part| (part.parse().unwrap_or_default(), part.to_owned()))
        .collect()
}

fn remove(document: &mut Value, place: &str) -> Result<(), String> {
    let (parent, key) = place
        .rsplit_once('/')
        .ok_or("the whole document cannot be removed")?;
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&unescape(key));
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

/// Merges objects member by member, concatenates arrays, and replaces other values.
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
