//! The fake and the client of a job.

use std::error::Error;

use authress_users_contract::{MockAuthress, MockAuthressBuilder};
use authress_users_ext::AuthressClient;

pub(crate) type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) async fn start(fake: MockAuthressBuilder) -> Done<(MockAuthress, AuthressClient)> {
    let fake = fake.start().await?;
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
        .build()?;
    Ok((fake, authress))
}
