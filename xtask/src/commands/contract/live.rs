use std::env;
use std::io::Write;

use authress_users_contract::{Report, live};
use authress_users_ext::AuthressClient;
use secrecy::SecretString;

use super::{Format, spec, tell};
use crate::problem::Failure;
use authress_users_openapi::Document;

const ACCESS_KEY: &str = "AUTHRESS_ACCESS_KEY";
const ACCESS_TOKEN: &str = "AUTHRESS_ACCESS_TOKEN";

/// The credential comes from `AUTHRESS_ACCESS_KEY` or `AUTHRESS_ACCESS_TOKEN`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where the API's paths start: https, or http on this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Link the user of --write-user to this tenant.
    #[arg(long, value_name = "ID", requires = "write_user")]
    write_tenant: Option<String>,
    /// Link this user to the tenant of --write-tenant.
    #[arg(long, value_name = "ID", requires = "write_tenant")]
    write_user: Option<String>,
    /// Delete exactly this user.
    #[arg(long, value_name = "ID")]
    delete_user: Option<String>,
}

/// Judges a running server, by reading alone unless more is allowed.
pub(super) fn run(
    arguments: &Arguments,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let spec = spec(document)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let token = token(&arguments.base_url).await?;
        let mut options = live::Options::default();
        options.link = arguments
            .write_tenant
            .clone()
            .zip(arguments.write_user.clone());
        options.delete.clone_from(&arguments.delete_user);
        live::run(&spec, &arguments.base_url, &token, &options)
            .await
            .map_err(|reason| unusable(&reason))
    })?;
    let coverage = outcome.coverage.of(&spec);
    let report = Report::new(
        outcome.exchanges,
        outcome.findings,
        outcome.remarks,
        coverage,
    );
    tell(&report, arguments.format, document, out)
}

/// The token of the environment, or one signed with its key.
async fn token(base_url: &str) -> Result<SecretString, Failure> {
    let read = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    let builder = AuthressClient::builder().api_url(base_url);
    let builder = match (read(ACCESS_KEY), read(ACCESS_TOKEN)) {
        (Some(key), None) => builder.service_client_access_key(key),
        (None, Some(token)) => builder.access_token(token),
        (None, None) => {
            let reason = format!("neither {ACCESS_KEY} nor {ACCESS_TOKEN} is set");
            return Err(Failure::Unusable(reason));
        }
        (Some(_), Some(_)) => {
            let reason = format!("both {ACCESS_KEY} and {ACCESS_TOKEN} are set; unset one of them");
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

/// The reason with what lies behind it.
fn unusable(reason: &dyn std::error::Error) -> Failure {
    let mut told = reason.to_string();
    let mut cause = reason.source();
    while let Some(reason) = cause {
        told = format!("{told}: {reason}");
        cause = reason.source();
    }
    Failure::Unusable(told)
}
