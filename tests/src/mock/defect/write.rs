//! Defects of links and deletions, and of reading users.

use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::table::Defect;
use crate::mock::account::{Account, Missing};

/// A user that was deleted.
pub(crate) struct Deleted {
    pub(crate) user: Value,
    pub(crate) tenants: Vec<String>,
    /// How often it was read since.
    reads: usize,
}

/// Carries out a deletion or a link as a fake with the defect does.
///
/// Returns the status; none if the defect changes nothing.
pub(crate) fn execute(
    defect: Defect,
    account: &mut Account,
    (tenant, user): (Option<&str>, &str),
    (deleted, links): (&mut Vec<Deleted>, usize),
) -> Option<StatusCode> {
    match tenant {
        None => delete(defect, account, user, deleted),
        Some(tenant) => link(defect, account, tenant, user, links),
    }
}

fn delete(
    defect: Defect,
    account: &mut Account,
    user: &str,
    deleted: &mut Vec<Deleted>,
) -> Option<StatusCode> {
    let Some(known) = account.user(user).cloned() else {
        let is_repeated = deleted.iter().any(|own| own.user["userId"] == user);
        return match defect {
            Defect::RepeatedDeleteFails if is_repeated => Some(StatusCode::INTERNAL_SERVER_ERROR),
            Defect::UnknownDeleteFails => Some(StatusCode::INTERNAL_SERVER_ERROR),
            Defect::UnknownDeleteRejected => Some(StatusCode::BAD_REQUEST),
            Defect::UnknownDeleteSucceeds => Some(StatusCode::ACCEPTED),
            _ => None,
        };
    };
    match defect {
        Defect::LiveWriteFailed => return Some(StatusCode::FORBIDDEN),
        Defect::DeleteTakesEffect => return Some(StatusCode::ACCEPTED),
        Defect::DeleteRemovesOthers => {
            let other = account.user_ids().into_iter().rfind(|id| id != user);
            account.delete_user(&other.unwrap_or_default());
        }
        _ => {}
    }
    deleted.push(Deleted {
        user: known,
        tenants: account.tenants_of(user),
        reads: 0,
    });
    None
}

fn link(
    defect: Defect,
    account: &mut Account,
    tenant: &str,
    user: &str,
    links: usize,
) -> Option<StatusCode> {
    match (account.can_link(tenant, user), defect) {
        (Err(Missing::User), Defect::UnknownUserLinkFails)
        | (Err(Missing::Tenant), Defect::UnknownTenantLinkFails) => {
            Some(StatusCode::INTERNAL_SERVER_ERROR)
        }
        (Err(Missing::User), Defect::UnknownUserLinkRejected)
        | (Err(Missing::Tenant), Defect::UnknownTenantLinkRejected) => {
            Some(StatusCode::BAD_REQUEST)
        }
        (Err(Missing::User), Defect::UnknownUserLinkSucceeds)
        | (Err(Missing::Tenant), Defect::UnknownTenantLinkSucceeds)
        | (Ok(()), Defect::LinkTakesEffect) => Some(StatusCode::NO_CONTENT),
        (Ok(()), Defect::LiveWriteFailed) => Some(StatusCode::FORBIDDEN),
        (Ok(()), Defect::RepeatSameResponse) if links > 1 => Some(StatusCode::NOT_FOUND),
        (Ok(()), Defect::LinkLinksAll) => {
            for id in account.user_ids() {
                // The tenant and the users exist.
                let _ = account.link(tenant, &id);
            }
            None
        }
        (Ok(()), Defect::LinkReplacesUsers) => {
            account.unlink_all(tenant);
            None
        }
        _ => None,
    }
}

/// Reads a user as a fake with the defect does: the status, and the user if the status is 200.
///
/// Returns none if the defect changes nothing.
pub(crate) fn read(
    defect: Defect,
    account: &Account,
    id: &str,
    deleted: &mut [Deleted],
) -> Option<(StatusCode, Option<Value>)> {
    let by_id = |id: &str| Some((StatusCode::OK, Some(account.user(id)?.clone())));
    let not_found = Some((StatusCode::NOT_FOUND, None));
    let failed = Some((StatusCode::INTERNAL_SERVER_ERROR, None));
    let has = |character: char| id.contains(character);
    let is_known = account.user(id).is_some();
    match defect {
        Defect::ListedUserReadable => not_found,
        Defect::IdWithSlashNotFound if has('/') => not_found,
        Defect::IdWithSlashFails if has('/') => failed,
        Defect::IdWithSpaceNotFound if has(' ') => not_found,
        Defect::IdWithSpaceFails if has(' ') => failed,
        Defect::IdWithAtSignNotFound if has('@') => not_found,
        Defect::IdWithAtSignFails if has('@') => failed,
        Defect::IdBeyondAsciiNotFound if !id.is_ascii() => not_found,
        Defect::IdBeyondAsciiFails if !id.is_ascii() => failed,
        Defect::IdDecodedTwice => by_id(&percent_decode_str(id).decode_utf8_lossy()),
        Defect::IdIgnoresCase => {
            let ids = account.user_ids();
            by_id(ids.iter().find(|own| own.eq_ignore_ascii_case(id))?)
        }
        Defect::AnotherUserReturned if is_known => {
            by_id(account.user_ids().iter().find(|own| *own != id)?)
        }
        Defect::OtherValuesReturned if is_known => {
            let mut user = account.user(id)?.clone();
            user["name"] = "Another Name".into();
            Some((StatusCode::OK, Some(user)))
        }
        Defect::DeletedUserReturns => {
            let own = deleted.iter_mut().find(|own| own.user["userId"] == id)?;
            own.reads += 1;
            let has_come_back = own.reads > 1;
            has_come_back.then(|| (StatusCode::OK, Some(own.user.clone())))
        }
        _ => None,
    }
}
