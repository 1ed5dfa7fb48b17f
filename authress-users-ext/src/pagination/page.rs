use std::fmt;
use std::hash::{Hash, Hasher};
use std::slice;
use std::time::Duration;
use std::vec;

use authress_users_client::types::{Pagination, UserIdentity, UserIdentityCollection};
use bytes::Bytes;

use super::skipped_user::SkippedUser;

/// One page of a list of users (`UserIdentityCollection` in the API's spec).
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn print_pages(authress: &AuthressClient) -> Result<()> {
///     let mut pages = authress.users().get_users().limit(2).pages();
///     while let Some(page) = pages.try_next().await? {
///         println!("{} users, next cursor: {:?}", page.users().len(), page.next_cursor());
///         for user in &page {
///             println!("{}", user.user_id);
///         }
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().users(3).start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_pages(&authress).await?;
/// #     Ok(())
/// # }
/// ```
#[doc(alias = "pagination")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Page {
    users: Vec<UserIdentity>,
    skipped: Vec<SkippedUser>,
    next_cursor: Option<String>,
    body: Bytes,
    call: CallStats,
}

/// How a page was obtained. It is not part of the page's value: equal pages can come from calls that
/// took different times.
#[derive(Clone, Copy)]
struct CallStats {
    attempts: u32,
    elapsed: Duration,
}

impl Default for CallStats {
    fn default() -> Self {
        Self {
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }
}

impl PartialEq for CallStats {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for CallStats {}

impl Hash for CallStats {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Page {
    // Not a `From` impl, which would make the generated type part of this crate's public API.
    pub(super) fn new(collection: UserIdentityCollection, body: Bytes) -> Self {
        Self::of_parts(collection.users, Vec::new(), collection.pagination, body)
    }

    pub(super) fn of_parts(
        users: Vec<UserIdentity>,
        skipped: Vec<SkippedUser>,
        pagination: Option<Pagination>,
        body: Bytes,
    ) -> Self {
        let next_cursor = pagination
            .and_then(|pagination| pagination.next)
            .and_then(|next| next.cursor)
            .filter(|cursor| !cursor.is_empty());
        Self {
            users,
            skipped,
            next_cursor,
            body,
            call: CallStats::default(),
        }
    }

    pub(crate) fn with_call(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.call = CallStats { attempts, elapsed };
        self
    }

    /// Returns the users of this page.
    ///
    /// A page without users is not the last one if it has a [`next_cursor`](Self::next_cursor).
    #[must_use]
    pub fn users(&self) -> &[UserIdentity] {
        &self.users
    }

    /// Returns an iterator over the users of this page.
    pub fn iter(&self) -> slice::Iter<'_, UserIdentity> {
        self.users.iter()
    }

    /// Returns the users of this page, and drops the rest.
    #[must_use]
    pub fn into_users(self) -> Vec<UserIdentity> {
        self.users
    }

    pub(super) fn into_users_and_skipped(self) -> (Vec<UserIdentity>, Vec<SkippedUser>) {
        (self.users, self.skipped)
    }

    /// Returns the users of this page that do not match the spec, in their order.
    ///
    /// They are not among the [`users`](Self::users), and a `tracing` warning names the position of
    /// each.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn print_skipped(authress: &AuthressClient) -> Result<()> {
    ///     let page = authress.users().get_users().await?;
    ///     assert_eq!(page.users().len(), 1);
    ///     assert_eq!(page.skipped()[0].position(), 1);
    ///     assert_eq!(page.skipped()[0].json(), r#"{"userId":"auth0|2","name":7}"#);
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::{MockAuthress, Operation, StubResponse};
    /// #     let fake = MockAuthress::builder().start().await?;
    /// #     let body = r#"{"users":[{"userId":"auth0|1"},{"userId":"auth0|2","name":7}]}"#;
    /// #     fake.respond_next(Operation::GetUsers, StubResponse::new(200)?.body(body));
    /// #     let (url, key) = (fake.url(), fake.access_key());
    /// #     let authress = AuthressClient::builder().api_url(url).service_client_access_key(key).build()?;
    /// #     print_skipped(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn skipped(&self) -> &[SkippedUser] {
        &self.skipped
    }

    /// Returns the cursor of the next page, for [`GetUsers::cursor`](crate::GetUsers::cursor), or
    /// `None` on the last page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// Returns the response body as received, decoded if it was compressed. It contains personal data.
    ///
    /// ```
    /// use authress_users_ext::AuthressClient;
    ///
    /// /// Prints the URL of each page, which [`Page`](authress_users_ext::Page) has no method for.
    /// async fn print_links(authress: &AuthressClient) -> Result<(), Box<dyn std::error::Error>> {
    ///     let mut pages = authress.users().get_users().pages();
    ///     while let Some(page) = pages.try_next().await? {
    ///         let all: serde_json::Value = serde_json::from_slice(page.body())?;
    ///         println!("{}", all["links"]["self"]["href"]);
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let (url, key) = (fake.url(), fake.access_key());
    /// #     let authress = AuthressClient::builder().api_url(url).service_client_access_key(key).build()?;
    /// #     print_links(&authress).await?;
    /// #     let page = authress.users().get_users().await?;
    /// #     let all: serde_json::Value = serde_json::from_slice(page.body())?;
    /// #     assert!(all["links"]["self"]["href"].is_string());
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns how many requests the page took, 1 or more.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// /// Prints how many requests each page needed.
    /// async fn print_attempts(authress: &AuthressClient) -> Result<()> {
    ///     let mut pages = authress.users().get_users().pages();
    ///     while let Some(page) = pages.try_next().await? {
    ///         println!("{} requests in {:?}", page.attempts(), page.elapsed());
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::{Fault, MockAuthress, Operation};
    /// #     let fake = MockAuthress::builder().users(3).start().await?;
    /// #     let (url, key) = (fake.url(), fake.access_key());
    /// #     let authress = AuthressClient::builder().api_url(url).service_client_access_key(key).build()?;
    /// #     fake.fail_next(Operation::GetUsers, Fault::status(503)?);
    /// #     print_attempts(&authress).await?;
    /// #     assert_eq!(fake.request_count(), 2);
    /// #     Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.call.attempts
    }

    /// Returns how long the call for the page took, with backoff and tokens.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.call.elapsed
    }
}

#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
impl Page {
    /// Creates the page of a double. Without a cursor it is the last one.
    ///
    /// See the guide on [testing](crate::guide::testing).
    ///
    /// ```
    /// use authress_users_ext::{Page, UserIdentity};
    ///
    /// let ada: UserIdentity = serde_json::from_str(r#"{"userId":"auth0|1","name":"Ada"}"#)?;
    /// let page = Page::from_users([ada], Some("second-page"));
    /// assert_eq!(page.users().len(), 1);
    /// assert_eq!(page.next_cursor(), Some("second-page"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn from_users(
        users: impl IntoIterator<Item = UserIdentity>,
        next_cursor: Option<&str>,
    ) -> Self {
        let users: Vec<_> = users.into_iter().collect();
        let next = next_cursor.map(|cursor| serde_json::json!({ "cursor": cursor }));
        let body = serde_json::json!({ "users": users, "pagination": { "next": next } });
        Self {
            users,
            skipped: Vec::new(),
            next_cursor: next_cursor.map(str::to_owned),
            body: body.to_string().into(),
            call: CallStats::default(),
        }
    }
}

impl IntoIterator for Page {
    type Item = UserIdentity;
    type IntoIter = vec::IntoIter<UserIdentity>;

    fn into_iter(self) -> Self::IntoIter {
        self.users.into_iter()
    }
}

impl<'a> IntoIterator for &'a Page {
    type Item = &'a UserIdentity;
    type IntoIter = slice::Iter<'a, UserIdentity>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("users", &self.users.len())
            .field("skipped", &self.skipped.len())
            .field("is_last", &self.next_cursor.is_none())
            .finish_non_exhaustive()
    }
}
