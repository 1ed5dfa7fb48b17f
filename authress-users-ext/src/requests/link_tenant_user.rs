use authress_users_client::operations::LINK_TENANT_USER;
use authress_users_client::types::TenantUser;

use crate::call::{Call, request_options};
use crate::exchange::Exchange;
use crate::input;
use crate::span::call_span;
use crate::{Response, Result};

/// Links a user to a tenant: `linkTenantUser` in the API's document. Made by
/// [`Users::link_tenant_user`](crate::Users::link_tenant_user); await it to send it.
///
/// Both must exist. From then on, a list of the tenant's users has the user. Linking again
/// changes nothing.
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

    /// Sends the request and keeps the answer.
    pub async fn send_with_response(self) -> Result<Response<()>> {
        let refused = |error: crate::Error| error.with_operation(&LINK_TENANT_USER);
        self.call.check().map_err(refused)?;
        let tenant_id = input::tenant_id(&self.tenant_id).map_err(refused)?;
        let user_id = input::user_id(&self.user_id).map_err(refused)?;
        let span = call_span!("linkTenantUser", self.call, LINK_TENANT_USER);
        let exchange = Exchange::new(self.call, &LINK_TENANT_USER, span);
        let decoded = exchange
            .client()
            .link_tenant_user()
            .tenant_id(tenant_id)
            .body(TenantUser::builder().user_id(user_id))
            .send()
            .await;
        exchange.finish(decoded)
    }
}

request_options!(LinkTenantUser -> ());
