use authress_users_client::operations::GET_USERS;

use super::validation;
use crate::pagination::{self, Page, PageFuture, PageStream, UserStream};
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Lists users (`getUsers`, `GET /v1/users`).
///
/// Returned by [`Users::get_users`](crate::Users::get_users). [`stream`](Self::stream) returns every user,
/// [`pages`](Self::pages) every page, and awaiting the request returns one page. See the guide on
/// [pagination](crate::guide::pagination); the example
/// [`export_users`](https://docs.rs/crate/authress-users-ext/latest/source/examples/export_users/main.rs)
/// exports a whole account.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn print_names(authress: &AuthressClient) -> Result<()> {
///     let mut users = authress.users().get_users().tenant_id("acme").filter("ada").stream();
///     while let Some(user) = users.try_next().await? {
///         println!("{}", user.name.unwrap_or_default());
///     }
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().users(3).tenant("acme").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     print_names(&authress).await?;
/// #     Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if a parameter or
/// an option is invalid. The API documents 401 and 403 (no permission to list users). To resume after an
/// error, see [`Error::cursor`](crate::Error::cursor). See [`Error`](crate::Error) for what else can fail.
#[doc(alias("pagination", "list"))]
#[must_use = "a request does nothing until it is awaited, sent or streamed"]
#[derive(Clone)]
pub struct GetUsers {
    call: Call,
    limit: Option<u32>,
    cursor: Option<String>,
    filter: Option<String>,
    tenant_id: Option<String>,
    prefetch: Option<usize>,
}

impl GetUsers {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            limit: None,
            cursor: None,
            filter: None,
            tenant_id: None,
            prefetch: None,
        }
    }

    /// Sets the page size (`limit`): 1 to 100 users. Not sent by default; the API then uses 100.
    #[doc(alias = "page_size")]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets where to start (`cursor`); the first page by default.
    ///
    /// This is the value of [`Page::next_cursor`] or [`UserStream::cursor`]. Must not be empty.
    #[doc(alias = "resume")]
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.cursor = Some(cursor.into());
        self
    }

    /// Selects the users with a text field that contains `filter`, ignoring case. At most 64
    /// characters; all users by default.
    #[doc(alias = "search")]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Selects the users that are linked to this tenant (`tenantId`); all users by default.
    ///
    /// The id has 1 to 128 letters, digits and `-_.:`, but is not `.` or `..`. By default, the list
    /// also contains users without a tenant.
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant_id.into());
        self
    }

    /// Sets how many pages [`stream`](Self::stream) and [`pages`](Self::pages) fetch ahead: 1 to 100.
    ///
    /// By default, a page is requested when it is needed.
    ///
    /// The pages are fetched by one task, which ends with the stream. Has no effect on a single page.
    #[doc(alias = "prefetch")]
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.prefetch = Some(pages);
        self
    }

    /// Returns a stream of all users of the list, in the API's order.
    ///
    /// The stream requests a page when the users of the previous one are used up. It ends after an
    /// error; [`UserStream::cursor`] then returns where to resume.
    pub fn stream(self) -> UserStream {
        UserStream::new(self.pages())
    }

    /// Returns a stream of all pages of the list, each with the cursor of the next one.
    pub fn pages(self) -> PageStream {
        let start = self.cursor.clone();
        // The first request reports an invalid number.
        let prefetch = self
            .prefetch
            .filter(|pages| validation::prefetch(*pages).is_ok());
        let fetch = move |cursor| -> PageFuture {
            let mut request = self.clone();
            request.cursor = cursor;
            Box::pin(request.send())
        };
        PageStream::new(Box::new(fetch), start, prefetch)
    }

    /// Requests one page and returns it in a response with its status, headers and body.
    ///
    /// # Errors
    /// See the type.
    pub async fn send_with_response(self) -> Result<Response<Page>> {
        let start = self.cursor.clone();
        let page = self.page().await;
        page.map_err(|error| error.with_operation(&GET_USERS).with_cursor(start))
    }

    async fn page(self) -> Result<Response<Page>> {
        self.call.check()?;
        self.prefetch.map(validation::prefetch).transpose()?;
        let cursor = self.cursor.as_deref().map(validation::cursor).transpose()?;
        let filter = self.filter.as_deref().map(validation::filter).transpose()?;
        let tenant_id = self
            .tenant_id
            .as_deref()
            .map(validation::tenant_id)
            .transpose()?;
        let span = call_span!("getUsers", self.call, GET_USERS);
        let client = self.call.client(&span);
        let mut request = client.get_users();
        // The raw client checks its bounds.
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
        let decoded = {
            let _entered = span.enter();
            pagination::page(decoded)
        };
        let response = self.call.finish_validated(&GET_USERS, &span, decoded)?;
        let (attempts, elapsed) = (response.attempts(), response.elapsed());
        Ok(response.map(|page| page.with_call(attempts, elapsed)))
    }
}

request_options!(GetUsers -> Page);
