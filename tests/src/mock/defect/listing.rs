//! Defects of lists.

use serde_json::{Value, json};

use super::table::Defect;
use super::write::Deleted;
use crate::mock::account::{UserPage, has_text};
use crate::mock::cursor;
use crate::mock::list_request::ListRequest;

const ELSEWHERE: &str = "https://elsewhere.example.com/v1/users";

/// Changes what a request lists.
pub(crate) fn change_request(defect: Defect, request: &mut ListRequest<'_>) {
    match defect {
        Defect::ListPageSize => request.limit += 1,
        Defect::OneUserPerPage => request.limit = 1,
        Defect::CursorIgnored => request.after = 0,
        Defect::PagesOverlap if request.has_cursor => {
            request.after = request.after.saturating_sub(1);
        }
        Defect::PagesSkipUser if request.has_cursor => request.after += 1,
        Defect::FilterForgotten if request.has_cursor => request.filter = None,
        Defect::FilterIgnored => request.filter = None,
        Defect::TenantIgnored => request.tenant = None,
        _ => {}
    }
}

/// Returns whether a fake with the defect selects a user.
pub(crate) fn selects(defect: Defect, request: &ListRequest<'_>, user: &Value) -> bool {
    let Some(filter) = request.filter else {
        return request.selects(user);
    };
    match defect {
        Defect::FilterInverted => !request.selects(user),
        Defect::FilterEmpty => false,
        Defect::FilterWholeValues => {
            has_text(user, |text| text.to_lowercase() == filter.to_lowercase())
        }
        Defect::FilterCaseSensitive => has_text(user, |text| text.contains(filter)),
        Defect::EncodedFilterEmpty if request.is_encoded => false,
        _ => request.selects(user),
    }
}

/// Changes the users and the next cursor of a page. `after` is the cursor of the request.
pub(crate) fn change_page(
    defect: Defect,
    page: &mut UserPage,
    request: &ListRequest<'_>,
    after: u64,
    deleted: &[Deleted],
) {
    match defect {
        Defect::EmptyUserId => {
            if let Some(user) = page.users.first_mut() {
                user["userId"] = "".into();
            }
        }
        Defect::EndlessCursors if page.next_cursor.is_none() => {
            page.next_cursor = Some(cursor::encode(page.last.max(after) + 1));
        }
        Defect::CursorIgnored => page.next_cursor = Some(cursor::encode(after + 1)),
        Defect::UserTwiceInPage if page.users.len() < request.limit => {
            page.users.extend(page.users.first().cloned());
        }
        Defect::DeletedUserListed if page.next_cursor.is_none() && request.tenant.is_none() => {
            page.users
                .extend(deleted.iter().map(|own| own.user.clone()));
        }
        Defect::DeletedUserInTenant if page.next_cursor.is_none() => {
            let of_tenant = deleted.iter().filter(|own| {
                let is_tenant = |tenant: &String| Some(tenant.as_str()) == request.tenant;
                own.tenants.iter().any(is_tenant)
            });
            page.users.extend(of_tenant.map(|own| own.user.clone()));
        }
        _ => {}
    }
}

/// Changes the body of a page.
pub(super) fn change_body(defect: Defect, body: &mut Value) {
    let has_next = !body["pagination"]["next"].is_null();
    match defect {
        Defect::PaginationAbsent => {
            if let Some(members) = body.as_object_mut() {
                members.remove("pagination");
            }
        }
        Defect::PaginationNull => body["pagination"] = Value::Null,
        Defect::NextLinkElsewhere if has_next => {
            body["links"]["next"] = json!({ "href": ELSEWHERE });
        }
        _ => {}
    }
}
