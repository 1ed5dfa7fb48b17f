use authress_users_client::operations::GET_USERS;

use super::validation;
use crate::pagination::{Page, PageStream, UserStream};
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Lists users: `getUsers` (`GET /v1/users`) in the API's document. Made by
/// [`Users::get_users`](crate::Users::get_users).
///
/// [`stream`](Self::stream) gives every user, [`pages`](Self::pages) every page; awaiting the
/// request gives one page.
///
/// ```
/// # use authress_users_contract::MockAuthress;
/// # use authress_users_ext::AuthressClient;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = MockAuthress::builder().users(3).tenant("acme").start().await?;
/// # let authress = AuthressClient::builder()
/// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// let mut users = authress.users().get_users().tenant_id("acme").filter("ada").stream();
/// while let Some(user) = users.try_next().await? {
///     println!("{}", user.name.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
///
/// The [guide](crate::guide::pagination) has more, and the example `export_users` a whole account.
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, for a parameter or an option out
/// of its bounds. The document has
/// 401 and 403 (no permission to list users). An error says by [`cursor`](crate::Error::cursor) where to
/// go on. Otherwise what can become of any call, told by
/// [`Error`](crate::Error).
#[must_use = "a request does nothing until it is awaited, sent or streamed"]
#[derive(Clone)]
pub struct GetUsers {
    call: Call,
    limit: Option<u32>,
    cursor: Option<String>,
    filter: Option<String>,
    tenant_id: Option<String>,
    pages_ahead: Option<usize>,
}

impl GetUsers {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            limit: None,
            cursor: None,
            filter: None,
            tenant_id: None,
            pages_ahead: None,
        }
    }

    /// How many users a page may hold, 1 to 100. Nothing is sent by default, which the API takes
    /// for 100. The parameter `limit`.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Where to start: what [`Page::next_cursor`] or [`UserStream::cursor`] gave. The first page
    /// by default; not empty. The parameter `cursor`, sent as it came.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Keeps the users of whom a text field contains this, whatever its case. At most 64
    /// characters; all users by default. The parameter `filter`.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Keeps the users that are linked to this tenant: 1 to 128 letters, digits and
    /// `-_.:`, but neither `.` nor `..`. Those of every tenant, and of none, by default. The parameter
    /// `tenantId`.
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant_id.into());
        self
    }

    /// Lets [`stream`](Self::stream) and [`pages`](Self::pages) fetch up to `pages` pages ahead of
    /// the one in use, on one task of their own that ends with the stream: 1 to 100. Without it,
    /// a page is asked for when it is needed. Has no meaning for a single page. An option of this
    /// client, of which the API sees nothing.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.pages_ahead = Some(pages);
        self
    }

    /// Every user of the list, page after page, in the API's order.
    ///
    /// A page is asked for when the users of the one before are used up. After an error the
    /// stream ends, and [`UserStream::cursor`] says where to go on.
    pub fn stream(self) -> UserStream {
        UserStream::new(self.pages())
    }

    /// Every page of the list, each with the cursor after it.
    pub fn pages(self) -> PageStream {
        PageStream::new(self)
    }

    /// Asks for one page and keeps the answer beside it.
    ///
    /// # Errors
    /// See the type's.
    pub async fn send_with_response(self) -> Result<Response<Page>> {
        let start = self.cursor.clone();
        let page = self.page().await;
        page.map_err(|error| error.with_operation(&GET_USERS).with_cursor(start))
    }

    async fn page(self) -> Result<Response<Page>> {
        self.call.check()?;
        self.pages_ahead.map(validation::prefetch).transpose()?;
        let cursor = self.cursor.as_deref().map(validation::cursor).transpose()?;
        let filter = self.filter.as_deref().map(validation::filter).transpose()?;
        let tenant_id = self
            .tenant_id
            .as_deref()
            .map(validation::tenant_id)
            .transpose()?;
        let span = call_span!("getUsers", self.call, GET_USERS);
        let client = self.call.client(span.clone());
        let mut request = client.get_users();
        // Its bounds are kept, and told, by the raw crate.
        if let Some(limit) = self.limit {
            request = request.limit(limit);
        }
        if let Some(cursor) = cursor {
            request = request.cursor(cursor);
        }
        if let Some(filter) = filter {
            request = request.filter(filter);
        }
        if let Some(tenant_id) = tenant_id {
            request = request.tenant_id(tenant_id);
        }
        let decoded = request.send().await;
        let response = self.call.finish(&GET_USERS, &span, decoded)?;
        let body = response.body().clone();
        Ok(response.map(|collection| Page::new(collection, body)))
    }

    pub(crate) fn pages_ahead(&self) -> Option<usize> {
        self.pages_ahead
    }

    pub(crate) fn start(&self) -> Option<&str> {
        self.cursor.as_deref()
    }
}

request_options!(GetUsers -> Page);
