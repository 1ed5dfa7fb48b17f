//! Decodes pages, also those with a part that does not match the spec.

use authress_users_client as raw;
use authress_users_client::types::{Pagination, UserIdentity, UserIdentityCollection};
use authress_users_client::{RawResponse, ResponseValue};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::page::Page;
use super::skipped_user::SkippedUser;
use crate::error::InvalidBody;

/// What a page needs. Other members, such as `links`, may be anything.
#[derive(Deserialize)]
struct Parts {
    users: Vec<Box<RawValue>>,
    pagination: Option<Box<RawValue>>,
}

/// A page, or why it is invalid, with the response.
pub(crate) type ReadPage<R> = ResponseValue<Result<Page, InvalidBody>, R>;

/// Converts what the raw client decoded. A page that it could not decode is read again user by user;
/// the value is the reason if that fails as well.
pub(crate) fn page<E, T: raw::Transport>(
    decoded: Result<ResponseValue<UserIdentityCollection, T::Response>, raw::Error<E, T>>,
) -> Result<ReadPage<T::Response>, raw::Error<E, T>> {
    let body_of = |response: &T::Response| AsRef::<RawResponse>::as_ref(response).body.clone();
    let (page, response) = match decoded {
        Ok(decoded) if !decoded.is_repaired() => {
            let (collection, response) = decoded.into_parts();
            for (position, user) in collection.users.iter().enumerate() {
                warn_of_skipped_members(user, Some(position));
            }
            let page = Page::new(collection, body_of(&response));
            (Ok(page), response)
        }
        // A repaired name is one; a repaired id or cursor leads nowhere.
        Ok(decoded) => {
            let (_, response) = decoded.into_parts();
            (user_by_user(body_of(&response)), response)
        }
        Err(raw::Error::InvalidBody(response, reason)) => {
            // The first reason is the one of the body as a whole.
            let page = user_by_user(body_of(&response)).map_err(|_| InvalidBody::from(reason));
            (page, response)
        }
        Err(error) => return Err(error),
    };
    Ok(ResponseValue::new(page, response))
}

/// Reads every user on its own, and keeps those that do not match the spec, or whose id is damaged, as
/// they are. The cursor must be readable: without it, the list would end too early.
fn user_by_user(body: Bytes) -> Result<Page, InvalidBody> {
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(InvalidBody::NotAnObject);
    }
    let parts: Parts = raw::from_json(&body)?;
    let is_repaired = raw::repaired_json(&body).is_some();
    let is_damaged = |text: &str| is_repaired && text.contains(char::REPLACEMENT_CHARACTER);
    let pagination: Option<Pagination> = match &parts.pagination {
        Some(pagination) => raw::from_json(pagination.get().as_bytes())?,
        None => None,
    };
    let mut users = Vec::with_capacity(parts.users.len());
    let mut skipped = Vec::new();
    for (position, user) in parts.users.into_iter().enumerate() {
        let read = match raw::from_json::<UserIdentity>(user.get().as_bytes()) {
            Ok(read) if is_damaged(&read.user_id) => Err(InvalidBody::DamagedId),
            read => read.map_err(InvalidBody::from),
        };
        match read {
            Ok(user) => {
                warn_of_skipped_members(&user, Some(position));
                users.push(user);
            }
            Err(reason) => {
                tracing::warn!(position, %reason, "skipped a user that does not match the spec");
                skipped.push(SkippedUser::new(position, user.into()));
            }
        }
    }
    let page = Page::of_parts(users, skipped, pagination, body);
    if page.next_cursor().is_some_and(is_damaged) {
        return Err(InvalidBody::DamagedCursor);
    }
    Ok(page)
}

/// Records that additional members of a user could not be represented. `position` is the user's place
/// in a page.
pub(crate) fn warn_of_skipped_members(user: &UserIdentity, position: Option<usize>) {
    let members = user.skipped_members().len();
    if members > 0 {
        tracing::warn!(
            position,
            members,
            "skipped members that cannot be represented"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_fault_of_a_page() {
        let fault = |body: &'static [u8]| user_by_user(Bytes::from_static(body)).unwrap_err();
        assert!(matches!(fault(b" [[]]"), InvalidBody::NotAnObject));
        for body in [
            &br#"{"users":[],"pagination":{"next":{"cursor":"\ud83d"}}}"#[..],
            b"{\"users\":[],\"pagination\":{\"next\":{\"cursor\":\"\xff\"}}}",
        ] {
            assert!(matches!(fault(body), InvalidBody::DamagedCursor));
        }
        assert!(matches!(fault(b"{}"), InvalidBody::Json { .. }));
    }
}
