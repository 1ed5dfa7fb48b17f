use std::fmt;

use authress_users_client::types::{UserIdentity, UserIdentityCollection};

/// One page of a list of users: `UserIdentityCollection` in the API's document.
#[derive(Clone)]
pub struct Page {
    users: Vec<UserIdentity>,
    next_cursor: Option<String>,
}

impl Page {
    /// The users of this page. A page without users is not the last one if it has a
    /// [`next_cursor`](Self::next_cursor).
    #[must_use]
    pub fn users(&self) -> &[UserIdentity] {
        &self.users
    }

    /// The users of this page alone.
    #[must_use]
    pub fn into_users(self) -> Vec<UserIdentity> {
        self.users
    }

    /// Where the list goes on, for [`GetUsers::cursor`](crate::GetUsers::cursor); none after the
    /// last page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    // No `From`: it would put the generated type, and every member of it, into the face's promises.
    pub(crate) fn of(collection: UserIdentityCollection) -> Self {
        let next_cursor = collection
            .pagination
            .and_then(|pagination| pagination.next)
            .and_then(|next| next.cursor)
            .filter(|cursor| !cursor.is_empty());
        Self {
            users: collection.users,
            next_cursor,
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("users", &self.users.len())
            .field("is_last", &self.next_cursor.is_none())
            .finish_non_exhaustive()
    }
}
