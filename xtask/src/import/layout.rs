//! Where things stand: the provider's document is laid out like ours before the two are merged.

use serde_json::{Map, Value, json};

use super::comparison::{Comparison, Side, identity};
use super::parts::Part;
use authress_users_openapi::METHODS;

/// Brings parameters to the path, and security to the whole document, where ours stand there and
/// the provider says the same for each operation; else ours go to the operations.
pub(super) fn harmonize(ours: &mut Value, theirs: &mut Value) {
    security(ours, theirs);
    let paths: Vec<String> = keys(&ours["paths"]);
    for path in paths {
        let common = ours["paths"][&*path]["parameters"].as_array().cloned();
        let Some(common) = common.filter(|_| theirs["paths"].get(&*path).is_some()) else {
            continue;
        };
        let mut kept = Vec::new();
        for parameter in common {
            let wanted = Side(ours).view(&parameter).value.clone();
            if let Some(found) = common_parameter(theirs, &path, &wanted) {
                let item = &mut theirs["paths"][&*path];
                for method in METHODS {
                    let operation = item.get_mut(method);
                    let own = operation.and_then(|operation| operation.get_mut("parameters"));
                    if let Some(Value::Array(own)) = own {
                        own.retain(|own| identity(own) != identity(&wanted));
                    }
                }
                match item.get_mut("parameters") {
                    Some(Value::Array(all)) => all.push(found),
                    _ => item["parameters"] = json!([found]),
                }
                kept.push(parameter);
            } else {
                for method in METHODS {
                    if let Some(operation) = ours["paths"][&*path].get_mut(method) {
                        match operation.get_mut("parameters") {
                            Some(Value::Array(all)) => all.insert(0, parameter.clone()),
                            _ => operation["parameters"] = json!([parameter]),
                        }
                    }
                }
            }
        }
        if let Some(item) = ours["paths"][&*path].as_object_mut() {
            if kept.is_empty() {
                item.shift_remove("parameters");
            } else {
                item.insert("parameters".to_owned(), Value::Array(kept));
            }
        }
    }
    without_empty_parameters(theirs);
}

/// The parameter of this name, if each operation of the path says the same of it.
fn common_parameter(theirs: &Value, path: &str, wanted: &Value) -> Option<Value> {
    let side = Side(theirs);
    let item = theirs["paths"][path].as_object()?;
    let mut found: Option<&Value> = None;
    for method in METHODS {
        let Some(operation) = item.get(method) else {
            continue;
        };
        let own = operation["parameters"].as_array()?;
        let own = own.iter().find(|own| identity(own) == identity(wanted))?;
        match found {
            Some(first) if !Comparison::new(side, side).same(first, own, Part::Object) => {
                return None;
            }
            _ => found = found.or(Some(own)),
        }
    }
    found.cloned()
}

fn without_empty_parameters(theirs: &mut Value) {
    for path in keys(&theirs["paths"]) {
        for method in METHODS {
            let operation = theirs["paths"][&*path].get_mut(method);
            let Some(operation) = operation.and_then(Value::as_object_mut) else {
                continue;
            };
            if operation.get("parameters") == Some(&json!([])) {
                operation.shift_remove("parameters");
            }
        }
    }
}

/// What holds for the whole of our document is not said by each operation again.
fn security(ours: &Value, theirs: &mut Value) {
    for path in keys(&theirs["paths"]) {
        for method in METHODS {
            let own = &ours["paths"][&*path][method]["security"];
            let usual = if own.is_null() {
                &ours["security"]
            } else {
                own
            };
            let Some(Value::Object(operation)) = theirs["paths"][&*path].get_mut(method) else {
                continue;
            };
            let said = operation.shift_remove("security");
            let said = without_scopes(&said.unwrap_or(json!([])));
            if said != without_scopes(usual) {
                operation.insert("security".to_owned(), said);
            } else if !own.is_null() {
                operation.insert("security".to_owned(), own.clone());
            }
        }
    }
}

/// Scopes mean nothing to a bearer token, which is what every scheme comes down to here.
fn without_scopes(security: &Value) -> Value {
    security
        .as_array()
        .into_iter()
        .flatten()
        .map(|either| {
            let schemes = either.as_object().into_iter().flatten();
            let schemes: Map<String, Value> = schemes
                .map(|(scheme, _)| (scheme.clone(), json!([])))
                .collect();
            Value::Object(schemes)
        })
        .collect()
}

fn keys(value: &Value) -> Vec<String> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}
