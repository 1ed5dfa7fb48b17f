use std::fmt;

use authress_users_client::operations::LINK_TENANT_USER;
use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::Stream;

use super::item::BulkItem;
use super::request::{BulkRequest, sealed::Sealed};
use super::stream::{BulkIter, BulkStream};
use crate::transport::Call;
use crate::users::{LinkTenantUser, Users};

/// A tenant and a user to link to it; a pair `(tenant_id, user_id)` converts into it.
///
/// `Debug` does not show the ids.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TenantLink {
    /// The id of the tenant.
    pub tenant_id: String,
    /// The id of the user.
    pub user_id: String,
}

impl<T: Into<String>, U: Into<String>> From<(T, U)> for TenantLink {
    fn from((tenant_id, user_id): (T, U)) -> Self {
        Self {
            tenant_id: tenant_id.into(),
            user_id: user_id.into(),
        }
    }
}

impl fmt::Debug for TenantLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantLink").finish_non_exhaustive()
    }
}

impl Sealed for LinkTenantUser {}

impl BulkRequest for LinkTenantUser {
    type Id = TenantLink;
    type Value = ();
}

impl Users<'_> {
    /// Links users to tenants by the pairs `(tenant_id, user_id)` that a stream returns.
    ///
    /// Linking again changes nothing, so a job can be repeated. See [`BulkStream`] for concurrency,
    /// retries, errors and cancellation.
    ///
    /// ```
    /// use authress_users_ext::futures::TryStreamExt as _;
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn link_found(authress: &AuthressClient) -> Result<()> {
    ///     let list = authress.users().get_users().filter("@acme.example").stream();
    ///     let pairs = list.map_ok(|user| ("acme", user.user_id));
    ///     let mut links = authress.users().link_stream(pairs);
    ///     while let Some(item) = links.try_next().await? {
    ///         if let Err(error) = item.result {
    ///             eprintln!("{}: {error}", item.id.user_id);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     link_found(&authress).await?;
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn link_stream<S, T, E>(&self, pairs: S) -> BulkStream<LinkTenantUser, S, E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Into<TenantLink>,
    {
        BulkStream::new(self.call(), &LINK_TENANT_USER, link, pairs)
    }

    /// Links users to tenants by these pairs `(tenant_id, user_id)`.
    ///
    /// Like [`link_stream`](Self::link_stream), but takes an iterator.
    ///
    /// ```
    /// use authress_users_ext::{AuthressClient, Result};
    ///
    /// async fn link(authress: &AuthressClient) -> Result<()> {
    ///     let mut links = authress.users().link_all([("acme", "auth0|1")]);
    ///     while let Some(item) = links.next().await {
    ///         item.result?;
    ///     }
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// #     use authress_users_contract::MockAuthress;
    /// #     let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
    /// #     let authress = AuthressClient::builder()
    /// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// #     link(&authress).await?;
    /// #     assert!(fake.is_linked("acme", "auth0|1"));
    /// #     Ok(())
    /// # }
    /// ```
    #[doc(alias("bulk", "batch"))]
    pub fn link_all<I>(&self, pairs: I) -> BulkStream<LinkTenantUser, BulkIter<I::IntoIter>>
    where
        I: IntoIterator,
        I::Item: Into<TenantLink>,
    {
        BulkStream::new(
            self.call(),
            &LINK_TENANT_USER,
            link,
            BulkIter(pairs.into_iter()),
        )
    }
}

fn link(call: Call, index: u64, id: TenantLink) -> BoxFuture<'static, BulkItem<LinkTenantUser>> {
    async move {
        let TenantLink { tenant_id, user_id } = id.clone();
        let sent = LinkTenantUser::new(call, tenant_id, user_id)
            .send_with_response()
            .await;
        BulkItem::new(index, id, sent)
    }
    .boxed()
}
