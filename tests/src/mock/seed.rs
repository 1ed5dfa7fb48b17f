use std::sync::LazyLock;

use serde_json::{Value, json};

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

/// Members that some identity providers tell and the document does not name.
const UNDOCUMENTED: [&str; 2] = ["lastLogin", "providerData"];

/// The user with this number: the same one always, with an id of one of the shapes that real ids
/// have, and with as much or as little known of it as identity providers tell. It has what the
/// document names: a member that is renamed there is renamed here.
pub(crate) fn user(number: usize) -> Value {
    let mut user = draft(number);
    let is_full = number % 8 < 4;
    let Some(members) = user.as_object_mut() else {
        return user;
    };
    members.retain(|name, _| {
        let is_named = documented().iter().any(|documented| documented == name);
        is_named || UNDOCUMENTED.contains(&name.as_str())
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

/// The members of a user that hold a text, as the document names them.
fn documented() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let answer = Spec::of_project()
            .operation("getUser")
            .and_then(|own| own.answer(200));
        let schema = answer
            .and_then(|(_, answer)| answer.media.first())
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
    fn a_full_user_has_every_text_that_the_document_names() {
        assert!(documented().len() > 1);
        for name in documented() {
            assert!(user(0)[name].is_string(), "{name}");
        }
    }

    #[test]
    fn no_two_users_have_the_same_id() {
        let ids: HashSet<_> = (0..5_000)
            .map(|number| user(number)["userId"].to_string())
            .collect();
        assert_eq!(ids.len(), 5_000);
    }
}
