//! The account that an example uses.

use std::env;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, AuthressClientBuilder};

use super::failure::Failure;

const ENVIRONMENT: &str = "\
Environment:
  AUTHRESS_API_URL       The account's custom domain, or https://{accountId}.api.authress.io
                         [default: a fake in this process]
  AUTHRESS_ACCESS_KEY    The access key of a service client; it signs tokens and is never sent
  AUTHRESS_ACCESS_TOKEN  An access token, in place of a key

There is no option for keys and tokens, since other users can read the options of a process.";

/// Returns the text below the options in `--help`.
pub(crate) fn help(examples: &str) -> String {
    format!("{ENVIRONMENT}\n\nExamples:\n{examples}")
}

/// The tenant of the fake.
pub(crate) const TENANT: &str = "acme";

#[derive(Debug, clap::Args)]
pub(crate) struct AccountSettings {
    /// Number of users of the fake; ignored for an account
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(crate) fake_users: usize,
}

/// An account and a client for it.
pub(crate) struct Account {
    pub(crate) authress: AuthressClient,
    /// Identifies the account in files.
    pub(crate) name: String,
    /// The fake, if the account is one.
    pub(crate) fake: Option<MockAuthress>,
}

impl Account {
    /// Opens the account that the environment names, or a fake. `configure` changes the settings of
    /// the client.
    pub(crate) async fn open(
        settings: &AccountSettings,
        configure: impl FnOnce(AuthressClientBuilder) -> AuthressClientBuilder,
    ) -> Result<Self, Failure> {
        if let Some(url) = url_for_credential()? {
            return Ok(Self {
                authress: configure(AuthressClientBuilder::from_env()?).build()?,
                name: url.trim().trim_end_matches('/').to_owned(),
                fake: None,
            });
        }
        let fake = start_fake(settings).await?;
        let builder = AuthressClient::builder()
            .api_url(fake.url())
            .service_client_access_key(fake.access_key());
        Ok(Self {
            authress: configure(builder).build()?,
            // Its port changes with each run, its users do not.
            name: "the fake".to_owned(),
            fake: Some(fake),
        })
    }
}

/// Returns the URL in the environment; an empty one counts as unset.
pub(crate) fn url_in_environment() -> Option<String> {
    let url = env::var("AUTHRESS_API_URL").ok()?;
    (!url.trim().is_empty()).then_some(url)
}

/// Returns the URL in the environment. A credential without a URL is an error, since its user does
/// not expect a fake.
fn url_for_credential() -> Result<Option<String>, Failure> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some(url) = url_in_environment() {
        return Ok(Some(url));
    }
    match ["AUTHRESS_ACCESS_KEY", "AUTHRESS_ACCESS_TOKEN"]
        .iter()
        .find(|name| is_set(name))
    {
        Some(credential) => Err(format!(
            "{credential} is set, but AUTHRESS_API_URL is not; set it to use the account, or unset \
             {credential} to use a fake"
        )
        .into()),
        None => Ok(None),
    }
}

pub(crate) async fn start_fake(settings: &AccountSettings) -> Result<MockAuthress, Failure> {
    let users = settings.fake_users;
    let fake = MockAuthress::builder()
        .users(users)
        .tenant(TENANT)
        .start()
        .await
        .map_err(|reason| format!("could not start the fake on 127.0.0.1: {reason}"))?;
    eprintln!("AUTHRESS_API_URL is not set: using a fake with {users} users in this process.");
    Ok(fake)
}
