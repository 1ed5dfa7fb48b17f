use authress_users_client::operations::DELETE_USER;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::Stream;

use super::item::BulkItem;
use super::request::{BulkRequest, sealed::Sealed};
use super::stream::{BulkIter, BulkStream};
use crate::transport::Call;
use crate::users::{DeleteUser, Users};

/// How a successful delete of a bulk operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// The API has accepted the deletion, which it carries out asynchronously.
    ///
    /// This is also the result if a response was lost and the retry got a 404.
    Accepted,
    /// The user does not exist (404): it was deleted earlier, or never existed.
    AlreadyDeleted,
}

impl Sealed for DeleteUser {}

impl BulkRequest for DeleteUser {
    type Id = String;
    type Value = Deletion;
}

impl Users<'_> {
    /// Deletes the users whose ids a stream returns, such as a list of users.
    ///
    /// The result of a user that is already deleted is [`Deletion::AlreadyDeleted`], so a job can be
    /// repeated. See [`BulkStream`] for concurrency, retries, errors and cancellation.
    ///
    /// ```
    /// use authress_users_ext::futures::TryStreamExt as _;
    /// use authress_users_ext::{AuthressClient, Deletion, Result};
    ///
    /// async fn delete_found(authress: &AuthressClient) -> Result<()> {
    ///     let list = authress.users().get_users().filter("@example.com").stream();
    ///     let mut deletions = authress.users().delete_stream(list.map_ok(|user| user.user_id));
    ///     while let Some(item) = deletions.try_next().await? {
    ///         match item.result {
    ///             Ok(Deletion::Accepted) => println!("{} is deleted", item.id),
    ///             Ok(Deletion::AlreadyDeleted) => println!("{} was already deleted", item.id),
    ///             Err(error) => eprintln!("item {}: {error}", item.index),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().users(250).start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     delete_found(&authress).await?;
    /// #     assert!(fake.user_ids().len() < 100);
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn delete_stream<S, T, E>(&self, ids: S) -> BulkStream<DeleteUser, S, E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Into<String>,
    {
        BulkStream::new(self.call(), &DELETE_USER, delete, ids)
    }

    /// Deletes the users with these ids.
    ///
    /// Like [`delete_stream`](Self::delete_stream), but takes an iterator.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Deletion, Result};
    ///
    /// async fn delete(authress: &AuthressClient) -> Result<()> {
    ///     let mut deletions = authress.users().delete_all(["auth0|1"]).with_concurrency(32);
    ///     while let Some(item) = deletions.next().await {
    ///         assert_eq!(item.result?, Deletion::Accepted);
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     delete(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn delete_all<I>(&self, ids: I) -> BulkStream<DeleteUser, BulkIter<I::IntoIter>>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        BulkStream::new(self.call(), &DELETE_USER, delete, BulkIter(ids.into_iter()))
    }
}

fn delete(call: Call, index: u64, id: String) -> BoxFuture<'static, BulkItem<DeleteUser>> {
    async move {
        let sent = DeleteUser::new(call, id.clone()).send_with_response().await;
        let accepted = sent.map(|response| response.map(|()| Deletion::Accepted));
        let mut item = BulkItem::new(index, id, accepted);
        if item.result.as_ref().is_err_and(crate::Error::is_not_found) {
            item.result = Ok(Deletion::AlreadyDeleted);
        }
        item
    }
    .boxed()
}
