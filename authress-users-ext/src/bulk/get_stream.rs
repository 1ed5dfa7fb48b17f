use authress_users_client::operations::GET_USER;
use authress_users_client::types::UserIdentity;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::Stream;

use super::item::BulkItem;
use super::request::{BulkRequest, sealed::Sealed};
use super::stream::{BulkIter, BulkStream};
use crate::transport::Call;
use crate::users::{GetUser, Users};

impl Sealed for GetUser {}

impl BulkRequest for GetUser {
    type Id = String;
    type Value = UserIdentity;
}

impl Users<'_> {
    /// Reads the users whose ids a stream returns.
    ///
    /// See [`BulkStream`] for concurrency, retries, errors and cancellation.
    ///
    /// ```
    /// use authress_users_ext::futures::TryStreamExt as _;
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn print_emails(authress: &AuthressClient) -> Result<()> {
    ///     let tenant = authress.users().get_users().tenant_id("acme").stream();
    ///     let mut users = authress.users().get_stream(tenant.map_ok(|user| user.user_id));
    ///     while let Some(item) = users.try_next().await? {
    ///         println!("{:?}", item.result?.email);
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     print_emails(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn get_stream<S, T, E>(&self, ids: S) -> BulkStream<GetUser, S, E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Into<String>,
    {
        BulkStream::new(self.call(), &GET_USER, get, ids)
    }

    /// Reads the users with these ids.
    ///
    /// Like [`get_stream`](Self::get_stream), but takes an iterator.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn read(authress: &AuthressClient) -> Result<()> {
    ///     let mut users = authress.users().get_all(["auth0|1", "auth0|missing"]);
    ///     while let Some(item) = users.next().await {
    ///         match item.result {
    ///             Ok(user) => assert_eq!(user.user_id, item.id),
    ///             Err(error) => assert!(error.is_not_found()),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     read(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn get_all<I>(&self, ids: I) -> BulkStream<GetUser, BulkIter<I::IntoIter>>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        BulkStream::new(self.call(), &GET_USER, get, BulkIter(ids.into_iter()))
    }
}

fn get(call: Call, index: u64, id: String) -> BoxFuture<'static, BulkItem<GetUser>> {
    async move {
        let sent = GetUser::new(call, id.clone()).send_with_response().await;
        BulkItem::new(index, id, sent)
    }
    .boxed()
}
