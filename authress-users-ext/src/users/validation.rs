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

/// The spec's schema decides. Its message names a character, but not the id.
fn validate_id<T, E: Display>(name: &str, given: &str, checked: Result<T, E>) -> Result<T, Error> {
    checked.map_err(|reason| {
        if given.is_empty() {
            invalid(name, "must not be empty")
        } else {
            invalid(name, &reason.to_string())
        }
    })
}

fn invalid(name: &str, violation: &str) -> Error {
    Error::invalid_input(format!("invalid {name}: {violation}; nothing was sent"))
}
