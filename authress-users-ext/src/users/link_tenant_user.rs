use authress_users_client::operations::LINK_TENANT_USER;
use authress_users_client::types::TenantUser;

use super::validation;
use crate::transport::{Call, call_span, request_options};
use crate::{Response, Result};

/// Links a user to a tenant (`linkTenantUser`, `PATCH /v1/tenants/{tenantId}/users`).
///
/// Returned by [`Users::link_tenant_user`](crate::Users::link_tenant_user); await it to send it. The user
/// and the tenant must exist. Afterwards, a list of the tenant's users contains the user. Linking again
/// changes nothing. For many users, use [`link_all`](crate::Users::link_all) or
/// [`link_stream`](crate::Users::link_stream). The example
/// [`link_users`](https://docs.rs/crate/authress-users-ext/latest/source/examples/link_users/main.rs)
/// links a whole list.
///
/// ```
/// use authress_users_ext::{AuthressClient, Result};
///
/// async fn link(authress: &AuthressClient) -> Result<()> {
///     authress.users().link_tenant_user("acme", "auth0|1").await?;
///
///     // The tenant's users now contain the user.
///     let page = authress.users().get_users().tenant_id("acme").await?;
///     assert_eq!(page.users()[0].user_id, "auth0|1");
///     Ok(())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// #     use authress_users_contract::MockAuthress;
/// #     let fake = MockAuthress::builder().user("auth0|1").tenant("acme").start().await?;
/// #     let authress = AuthressClient::builder()
/// #         .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
/// #     link(&authress).await?;
/// #     Ok(())
/// # }
/// ```
///
/// # Errors
/// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if an id or an
/// option is invalid. The API documents 401, 403 (no permission to link users) and 404 (the tenant or
/// the user does not exist). See [`Error`](crate::Error) for what else can fail.
#[must_use = "a request does nothing until it is awaited or sent"]
#[derive(Clone)]
pub struct LinkTenantUser {
    call: Call,
    tenant_id: String,
    user_id: String,
}

impl LinkTenantUser {
    pub(crate) fn new(call: Call, tenant_id: String, user_id: String) -> Self {
        Self {
            call,
            tenant_id,
            user_id,
        }
    }

    /// Sends the request and returns the response with its status, headers and body.
    ///
    /// # Errors
    /// See the type.
    pub async fn send_with_response(self) -> Result<Response<()>> {
        let for_operation = |error: crate::Error| error.with_operation(&LINK_TENANT_USER);
        self.call.check().map_err(for_operation)?;
        let tenant_id = validation::tenant_id(&self.tenant_id).map_err(for_operation)?;
        let user_id = validation::user_id(&self.user_id).map_err(for_operation)?;
        let span = call_span!("linkTenantUser", self.call, LINK_TENANT_USER);
        let client = self.call.client(&span);
        let decoded = client
            .link_tenant_user()
            .tenant_id(tenant_id)
            .body(TenantUser::builder().user_id(user_id))
            .send()
            .await;
        self.call.finish(&LINK_TENANT_USER, &span, decoded)
    }
}

request_options!(LinkTenantUser -> ());
