use std::env;
use std::io::Write;

use authress_users_contract::live::{self, LiveOptions};
use authress_users_ext::AuthressClient;
use authress_users_openapi::Document;
use secrecy::SecretString;

use super::report::{Format, spec, write_report};
use crate::problem::Failure;

const ACCESS_KEY: &str = "AUTHRESS_ACCESS_KEY";
const ACCESS_TOKEN: &str = "AUTHRESS_ACCESS_TOKEN";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The credential is read from AUTHRESS_ACCESS_KEY or AUTHRESS_ACCESS_TOKEN.

Examples:
  cargo xtask contract live --base-url https://acme.api.authress.io
  cargo xtask contract live --base-url http://127.0.0.1:8888 --delete-user 'auth0|000001'")]
pub(super) struct Arguments {
    /// Set the URL where the API's paths start: https, or http on this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Set the format of the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Allow linking the user of --write-user to this tenant.
    #[arg(long, value_name = "ID", requires = "write_user")]
    write_tenant: Option<String>,
    /// Allow linking this user to the tenant of --write-tenant.
    #[arg(long, value_name = "ID", requires = "write_tenant")]
    write_user: Option<String>,
    /// Allow deleting this user.
    #[arg(long, value_name = "ID")]
    delete_user: Option<String>,
}

/// Validates a running server.
pub(super) fn run(
    arguments: &Arguments,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let spec = spec(document)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(async {
        let token = token(&arguments.base_url).await?;
        live::run(&spec, &arguments.base_url, &token, &options(arguments))
            .await
            .map_err(|reason| unusable(&reason))
    })?;
    write_report(&report, arguments.format, document, out)
}

fn options(arguments: &Arguments) -> LiveOptions {
    let mut options = LiveOptions::default();
    if let (Some(tenant), Some(user)) = (&arguments.write_tenant, &arguments.write_user) {
        options = options.link(tenant, user);
    }
    if let Some(user) = &arguments.delete_user {
        options = options.delete(user);
    }
    options
}

/// Returns the token of the environment, or a token signed with its access key.
async fn token(base_url: &str) -> Result<SecretString, Failure> {
    let read = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let builder = AuthressClient::builder().api_url(base_url);
    let builder = match (read(ACCESS_KEY), read(ACCESS_TOKEN)) {
        (Some(key), None) => builder.service_client_access_key(key),
        (None, Some(token)) => builder.access_token(token),
        (None, None) => {
            let reason = format!("no credential: set {ACCESS_KEY} or {ACCESS_TOKEN}");
            return Err(Failure::Unusable(reason));
        }
        (Some(_), Some(_)) => {
            let reason = format!(
                "ambiguous credential: {ACCESS_KEY} and {ACCESS_TOKEN} are both set; unset one of them"
            );
            return Err(Failure::Unusable(reason));
        }
    };
    let authress = builder.build().map_err(|reason| unusable(&reason))?;
    let token = authress
        .access_token()
        .await
        .map_err(|reason| unusable(&reason))?;
    Ok(token.expose_secret().to_owned().into())
}

/// Returns a failure with an error and its sources.
fn unusable(reason: &dyn std::error::Error) -> Failure {
    let mut message = reason.to_string();
    let mut cause = reason.source();
    while let Some(reason) = cause {
        message = format!("{message}: {reason}");
        cause = reason.source();
    }
    Failure::Unusable(message)
}
