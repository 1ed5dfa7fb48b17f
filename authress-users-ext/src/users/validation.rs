//! What a request may hold: the rules are the document's, told in words when they are broken.

use std::fmt::Display;

use authress_users_client::types::{GetUsersCursor, GetUsersFilter, TenantId, UserId};

use crate::error::Error;

/// How many pages may be fetched ahead; more would be holding the list in memory.
const MAX_PREFETCH: usize = 100;

pub(crate) fn user_id(given: &str) -> Result<UserId, Error> {
    refuse_unless_id("user_id", given, UserId::try_from(given))
}

pub(crate) fn tenant_id(given: &str) -> Result<TenantId, Error> {
    refuse_unless_id("tenant_id", given, TenantId::try_from(given))
}

pub(crate) fn cursor(given: &str) -> Result<GetUsersCursor, Error> {
    GetUsersCursor::try_from(given).map_err(|_| {
        refused(
            "cursor",
            "it must not be empty; leave it out for the first page",
        )
    })
}

pub(crate) fn filter(given: &str) -> Result<GetUsersFilter, Error> {
    GetUsersFilter::try_from(given).map_err(|reason| refused("filter", &reason.to_string()))
}

pub(crate) fn prefetch(given: usize) -> Result<usize, Error> {
    (1..=MAX_PREFETCH)
        .contains(&given)
        .then_some(given)
        .ok_or_else(|| {
            refused(
                "prefetch",
                &format!("it must be 1 to {MAX_PREFETCH} pages, and is {given}"),
            )
        })
}

/// The document's schema decides. What it says with a pattern is said in words where it can be.
fn refuse_unless_id<T, E: Display>(
    name: &str,
    given: &str,
    checked: Result<T, E>,
) -> Result<T, Error> {
    checked.map_err(|reason| {
        let rule = if given.is_empty() {
            "it must not be empty".to_owned()
        } else if matches!(given, "." | "..") {
            "it must be neither `.` nor `..`, which URLs take for a step in the path".to_owned()
        } else if given.chars().any(char::is_control) {
            "it must not hold a control character".to_owned()
        } else if given.contains('\\') {
            "it must not hold a backslash, which URLs take for a slash".to_owned()
        } else {
            reason.to_string()
        };
        refused(name, &rule)
    })
}

fn refused(name: &str, rule: &str) -> Error {
    Error::invalid_input(format!("{name} is refused: {rule}. Nothing was sent"))
}
