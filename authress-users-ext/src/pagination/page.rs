use std::fmt;

use authress_users_client::types::{UserIdentity, UserIdentityCollection};
use bytes::Bytes;

/// One page of a list of users: `UserIdentityCollection` in the API's document.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().users(3).start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// let mut pages = authress.users().get_users().limit(2).pages();
/// while let Some(page) = pages.try_next().await? {
///     println!("{} users, then {:?}", page.users().len(), page.next_cursor());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Page {
    users: Vec<UserIdentity>,
    next_cursor: Option<String>,
    body: Bytes,
}

impl Page {
    // No `From`: it would put the generated type, and every member of it, into the face's promises.
    pub(crate) fn new(collection: UserIdentityCollection, body: Bytes) -> Self {
        let next_cursor = collection
            .pagination
            .and_then(|pagination| pagination.next)
            .and_then(|next| next.cursor)
            .filter(|cursor| !cursor.is_empty());
        Self {
            users: collection.users,
            next_cursor,
            body,
        }
    }

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

    /// The page as it came: what the API's document does not name of its users is here. It holds
    /// personal data.
    ///
    /// ```
    /// # use authress_users_contract::MockAuthress;
    /// # use authress_users_ext::AuthressClient;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ada = serde_json::json!({ "userId": "auth0|1", "lastLogin": "2026-01-01" });
    /// # let fake = MockAuthress::builder().user(ada).start().await?;
    /// # let (url, key) = (fake.url(), fake.access_key());
    /// # let authress = AuthressClient::builder().api_url(url).service_client_access_key(key).build()?;
    /// let mut pages = authress.users().get_users().pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     let all: serde_json::Value = serde_json::from_slice(page.body())?;
    ///     assert_eq!(all["users"][0]["lastLogin"], "2026-01-01");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
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
