use serde_json::{Value, json};

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

/// The user with this number: the same one always, with an id of one of the shapes that real ids
/// have, and with as much or as little known of it as identity providers tell.
pub(crate) fn user(number: usize) -> Value {
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
    fn no_two_users_have_the_same_id() {
        let ids: HashSet<_> = (0..5_000)
            .map(|number| user(number)["userId"].to_string())
            .collect();
        assert_eq!(ids.len(), 5_000);
    }
}
