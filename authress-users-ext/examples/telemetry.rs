//! Shows the `tracing` output of a call with faults: one span, and an event for each attempt and each
//! wait. It contains no ids.

use std::io::{Write as _, stdout};

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::AuthressClient;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, format::FmtSpan};
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = Targets::new().with_target("authress_users_ext", Level::DEBUG);
    let layer = fmt::layer()
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .with_filter(target);
    tracing_subscriber::registry().with(layer).init();

    let fake = MockAuthress::builder().users(1).start().await?;
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .service_client_access_key(fake.access_key())
        .build()?;

    // The first response requests a wait of 1 s, the second is cut off, the third succeeds.
    fake.fail_next(
        Operation::GetUsers,
        Fault::status_with_retry_after(429, "1")?,
    );
    fake.fail_next(Operation::GetUsers, Fault::CutBody);
    let page = authress.users().get_users().await?;
    writeln!(stdout(), "{} user", page.users().len())?;
    Ok(())
}
