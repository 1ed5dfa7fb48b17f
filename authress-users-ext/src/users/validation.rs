//! Validates the parameters of requests by the rules of the API's spec.

use std::fmt::Display;

use authress_users_client::types::{GetUsersCursor, GetUsersFilter, TenantId, UserId};

use crate::error::Error;

/// The largest number of pages to prefetch; more would hold the list in memory.
const MAX_PREFETCH: usize = 100;

pub(super) fn user_id(given: &str) -> Result<UserId, Error> {
    validate_id("user_id", given, UserId::try_from(given))
}

pub(super) fn tenant_id(given: &str) -> Result<TenantId, Error> {
    validate_id("tenant_id", given, TenantId::try_from(given))
}

pub(super) fn cursor(given: &str) -> Result<GetUsersCursor, Error> {
    GetUsersCursor::try_from(given)
        .map_err(|_| invalid("cursor", "must not be empty; omit it for the first page"))
}

pub(super) fn filter(given: &str) -> Result<GetUsersFilter, Error> {
    GetUsersFilter::try_from(given).map_err(|reason| invalid("filter", &reason.to_string()))
}

pub(super) fn prefetch(given: usize) -> Result<usize, Error> {
    (1..=MAX_PREFETCH)
        .contains(&given)
        .then_some(given)
        .ok_or_else(|| {
            invalid(
                "prefetch",
                &format!("must be between 1 and {MAX_PREFETCH} pages, got {given}"),
            )
        })
}

/// The spec's schema decides; common violations of its pattern are explained.
fn validate_id<T, E: Display>(name: &str, given: &str, checked: Result<T, E>) -> Result<T, Error> {
    checked.map_err(|reason| {
        let violation = if given.is_empty() {
            "must not be empty".to_owned()
        } else if matches!(given, "." | "..") {
            "must not be `.` or `..`, which are path segments with a meaning of their own"
                .to_owned()
        } else if given.chars().any(char::is_control) {
            "must not contain a control character".to_owned()
        } else if given.contains('\\') {
            "must not contain a backslash, which URL parsers turn into a slash".to_owned()
        } else {
            reason.to_string()
        };
        invalid(name, &violation)
    })
}

fn invalid(name: &str, violation: &str) -> Error {
    Error::invalid_input(format!("invalid {name}: {violation}; nothing was sent"))
}
