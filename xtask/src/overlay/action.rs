use authress_users_openapi::{child, unescape};
use serde_json::Value;
use serde_json_path::JsonPath;

/// A correction: a goal for the values that its target matches.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub(super) name: String,
    /// Its pointer in the overlay.
    pub(super) pointer: String,
    /// The operations, named as in our spec, that must have the place.
    pub(super) operations: Vec<String>,
    target: Query,
    /// What the targets are in, if they need not exist.
    place: Option<Query>,
    change: Change,
}

/// A query, with its text as `JSONPath`.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) text: String,
    /// The pointer of the text in the overlay.
    pub(super) pointer: String,
    path: JsonPath,
}

impl Query {
    /// Reads the member `key` of the action at `pointer`, if there is one.
    fn read(value: &Value, pointer: &str, key: &str) -> Option<Result<Self, String>> {
        let text = value[key].as_str()?;
        Some(Self::parse(text, child(pointer, key)))
    }

    fn parse(text: &str, pointer: String) -> Result<Self, String> {
        let path = JsonPath::parse(text)
            .map_err(|reason| format!("`{text}` is not a JSONPath: {reason}"))?;
        Ok(Self {
            text: text.to_owned(),
            pointer,
            path,
        })
    }

    /// Returns the pointers of the values that match.
    fn pointers(&self, document: &Value) -> Vec<String> {
        let found = self.path.query_located(document).dedup();
        found
            .locations()
            .map(serde_json_path::NormalizedPath::to_json_pointer)
            .collect()
    }
}

#[derive(Debug, Clone)]
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
        let Some(target) = Query::read(value, pointer, "target") else {
            return rejected("no target", "set a JSONPath of the values to change");
        };
        let place = Query::read(value, pointer, "x-place");
        let (target, place) = match (target, place.transpose()) {
            (Ok(target), Ok(place)) => (target, place),
            (Err(reason), _) | (_, Err(reason)) => return rejected(&reason, "follow RFC 9535"),
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
        if matches!(change, Change::Remove) && place.is_none() {
            return rejected(
                "no place",
                "set `x-place`, a JSONPath of what the removed values are in",
            );
        }
        let operations = match value.get("x-operations") {
            None => Some(Vec::new()),
            Some(names) => names.as_array().and_then(|names| {
                let names = names.iter().map(|name| name.as_str().map(str::to_owned));
                names.collect()
            }),
        };
        let Some(operations) = operations else {
            return rejected("`x-operations` is not a list of names", "list operationIds");
        };
        Ok(Self {
            name: name.to_owned(),
            pointer: pointer.to_owned(),
            operations,
            place,
            target,
            change,
        })
    }

    /// The values of which at least one must exist.
    pub(super) fn place(&self) -> &Query {
        self.place.as_ref().unwrap_or(&self.target)
    }

    /// Changes every value that the target matches, and returns the number of changed ones; none if
    /// the document lacks the place.
    pub(super) fn apply(&self, document: &mut Value) -> Result<Option<usize>, String> {
        if self.place().pointers(document).is_empty() {
            return Ok(None);
        }
        let mut targets = self.target.pointers(document);
        // From the end, so that removals do not move other targets.
        targets.sort_by_cached_key(|place| std::cmp::Reverse(in_order(place)));
        let mut changed = 0;
        for place in &targets {
            let is_changed = match &self.change {
                Change::Remove => remove(document, place)?,
                Change::Update(update) => match document.pointer_mut(place) {
                    Some(target @ (Value::Object(_) | Value::Array(_))) => merge(target, update),
                    _ => return Err("only objects and arrays can be updated".to_owned()),
                },
            };
            changed += usize::from(is_changed);
        }
        Ok(Some(changed))
    }
}

/// A sort key of a pointer: array items are sorted by number.
fn in_order(pointer: &str) -> Vec<(usize, String)> {
    pointer
        .split('/')
        .map(|part| (part.parse().unwrap_or_default(), part.to_owned()))
        .collect()
}

fn remove(document: &mut Value, place: &str) -> Result<bool, String> {
    let (parent, key) = place
        .rsplit_once('/')
        .ok_or("the whole document cannot be removed")?;
    Ok(match document.pointer_mut(parent) {
        Some(Value::Object(members)) => members.shift_remove(&unescape(key)).is_some(),
        Some(Value::Array(items)) => match key.parse() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        // An outer value was removed before.
        _ => false,
    })
}

/// Merges objects member by member, adds the items that an array lacks, and replaces other values.
/// Returns whether anything changed.
fn merge(target: &mut Value, update: &Value) -> bool {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            let mut is_changed = false;
            for (key, value) in update {
                is_changed |= match target.get_mut(key) {
                    Some(present) => merge(present, value),
                    None => target.insert(key.clone(), value.clone()).is_none(),
                };
            }
            is_changed
        }
        (Value::Array(target), Value::Array(update)) => {
            let mut is_changed = false;
            for item in update {
                is_changed |= add(target, item);
            }
            is_changed
        }
        (Value::Array(target), item) => add(target, item),
        (target, update) if target == update => false,
        (target, update) => {
            *target = update.clone();
            true
        }
    }
}

/// Adds an item unless the array has it, so that an action that was applied changes nothing.
fn add(items: &mut Vec<Value>, item: &Value) -> bool {
    let is_new = !items.contains(item);
    if is_new {
        items.push(item.clone());
    }
    is_new
}
