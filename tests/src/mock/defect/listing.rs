//! Defects of lists.

use serde_json::{Value, json};

use super::table::Defect;
use super::write::Deleted;
use crate::mock::account::{UserPage, has_text};
use crate::mock::cursor;

const ELSEWHERE: &str = "https://elsewhere.example.com/v1/users";

/// What a request lists.
pub(crate) struct ListRequest<'a> {
    pub(crate) after: u64,
    pub(crate) limit: usize,
    pub(crate) has_cursor: bool,
    pub(crate) filter: Option<&'a str>,
    /// Whether the filter has percent-encoded characters.
    pub(crate) is_encoded: bool,
    pub(crate) tenant: Option<&'a str>,
}

impl ListRequest<'_> {
    /// Changes what a fake with the defect lists.
    pub(crate) fn change(&mut self, defect: Defect) {
        match defect {
            Defect::ListPageSize => self.limit += 1,
            Defect::OneUserPerPage => self.limit = 1,
            Defect::CursorIgnored => self.after = 0,
            Defect::PagesOverlap if self.has_cursor => self.after = self.after.saturating_sub(1),
            Defect::PagesSkipUser if self.has_cursor => self.after += 1,
            Defect::FilterForgotten if self.has_cursor => self.filter = None,
            Defect::FilterIgnored => self.filter = None,
            Defect::TenantIgnored => self.tenant = None,
            _ => {}
        }
    }

    /// Whether the filter selects a user.
    pub(crate) fn selects(&self, user: &Value, defect: Option<Defect>) -> bool {
        let Some(filter) = self.filter else {
            return true;
        };
        let contains = |text: &str| text.to_lowercase().contains(&filter.to_lowercase());
        match defect {
            Some(Defect::FilterInverted) => !has_text(user, contains),
            Some(Defect::FilterEmpty) => false,
            Some(Defect::FilterWholeValues) => {
                has_text(user, |text| text.to_lowercase() == filter.to_lowercase())
            }
            Some(Defect::FilterCaseSensitive) => has_text(user, |text| text.contains(filter)),
            Some(Defect::EncodedFilterEmpty) if self.is_encoded => false,
            _ => has_text(user, contains),
        }
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
