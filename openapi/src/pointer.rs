//! JSON pointers (RFC 6901), which name the places in a document.

use serde_json::Value;

/// Returns the pointer of a member of the value at `pointer`.
///
/// ```
/// use authress_users_openapi::child;
///
/// assert_eq!(child("/paths", "/v1/users"), "/paths/~1v1~1users");
/// ```
#[must_use]
pub fn child(pointer: &str, key: &str) -> String {
    let mut child = String::with_capacity(pointer.len() + 1 + key.len());
    child.push_str(pointer);
    child.push('/');
    // Few keys need escapes, and documents have many keys.
    if key.contains('~') || key.contains('/') {
        child += &key.replace('~', "~0").replace('/', "~1");
    } else {
        child.push_str(key);
    }
    child
}

/// Returns the key that a token of a pointer stands for: `~1` is a slash, `~0` a tilde.
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Returns whether a pointer leads to the value at `outer` or to a part of it.
///
/// ```
/// use authress_users_openapi::is_within;
///
/// assert!(is_within("/paths/~1a/get", "/paths/~1a"));
/// assert!(!is_within("/paths/~1ab", "/paths/~1a"));
/// ```
#[must_use]
pub fn is_within(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Calls `visitor` for `value` and everything in it, each with its pointer.
///
/// `pointer` is the pointer of `value` itself. References are not followed.
pub fn visit<'a>(value: &'a Value, pointer: &str, visitor: &mut impl FnMut(&'a Value, &str)) {
    visitor(value, pointer);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                visit(member, &child(pointer, key), visitor);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &child(pointer, &index.to_string()), visitor);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn visits_every_value_with_its_pointer() {
        let value = json!({ "a/b": [1, { "~": 2 }] });
        let mut found = Vec::new();
        visit(&value, "/x", &mut |value, pointer| {
            found.push((value.is_number(), pointer.to_owned()));
        });
        let expected = [
            (false, "/x"),
            (false, "/x/a~1b"),
            (true, "/x/a~1b/0"),
            (false, "/x/a~1b/1"),
            (true, "/x/a~1b/1/~0"),
        ];
        assert_eq!(found, expected.map(|(number, at)| (number, at.to_owned())));
    }

    proptest! {
        #[test]
        fn unescape_reverses_child(key in ".*") {
            let pointer = child("", &key);
            prop_assert_eq!(unescape(&pointer[1..]), key.clone());
            let value = json!({ key: true });
            prop_assert_eq!(value.pointer(&pointer), Some(&Value::Bool(true)));
        }
    }
}
