use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::operation::Operation;
use crate::spec::Spec;

const NAMES: [&str; 8] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Edsger Dijkstra",
    "Barbara Liskov",
    "Margaret Hamilton",
    "Kateryna Yushchenko",
    "Frances Allen",
];

/// Members that some identity providers send and the spec does not declare.
const UNDOCUMENTED: [&str; 2] = ["lastLogin", "providerData"];

/// Returns the user with this number, which is the same in every run.
///
/// Ids have the shapes of real ids, and users have as many members as identity providers send. The
/// names of members come from the spec, so that a member renamed there is renamed here.
pub(crate) fn user(number: usize) -> Value {
    let mut user = draft(number);
    let is_full = number % 8 < 4;
    let Some(members) = user.as_object_mut() else {
        return user;
    };
    members.retain(|name, _| {
        let is_declared = documented().iter().any(|documented| documented == name);
        is_declared || UNDOCUMENTED.contains(&name.as_str())
    });
    if is_full {
        for name in documented() {
            members
                .entry(name.as_str())
                .or_insert_with(|| format!("{name} {number}").into());
        }
    }
    user
}

/// Returns the names of the string members of a user in the spec.
fn documented() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let response = Spec::bundled()
            .operation(Operation::GetUser.id())
            .and_then(|own| own.response(200));
        let schema = response
            .and_then(|(_, response)| response.media.first())
            .map(|media| &media.schema);
        let properties = schema.and_then(|schema| schema.keyword("properties")?.as_object());
        let texts = properties
            .into_iter()
            .flatten()
            .filter(|(_, own)| own["type"] == "string");
        texts.map(|(name, _)| name.clone()).collect()
    });
    &NAMES
}

fn draft(number: usize) -> Value {
    let name = NAMES[number % NAMES.len()];
    let first = name.split(' ').next().unwrap_or_default();
    let email = format!("{}.{number}@example.com", first.to_lowercase());
    match number % 8 {
        0..=3 => json!({
            "userId": format!("auth0|{number:06}"),
            "name": name,
            "email": email,
            "picture": format!("https://example.com/pictures/{number}.png"),
        }),
        4 => {
            json!({ "userId": format!("google-oauth2|{number:09}"), "name": name, "email": email })
        }
        5 => json!({ "userId": email, "email": email, "name": null }),
        6 => json!({
            "userId": format!("{first} {number}"),
            "name": name,
            "lastLogin": "2026-01-31T08:30:00Z",
            "providerData": { "verified": true },
        }),
        _ => json!({ "userId": format!("corp/{first}/{number}") }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn full_users_have_every_string_member_of_the_spec() {
        assert!(documented().len() > 1);
        for name in documented() {
            assert!(user(0)[name].is_string(), "{name}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let ids: HashSet<_> = (0..5_000)
            .map(|number| user(number)["userId"].to_string())
            .collect();
        assert_eq!(ids.len(), 5_000);
    }
}
