use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use super::api_url;
use crate::auth::{
    AccessToken, CachedTokenProvider, ServiceClient, ServiceClientAccessKey, ServiceClientTokens,
    Signer, StaticToken, TokenProvider,
};
use crate::error::Error;

/// The names of the settings, for error messages.
pub(super) const ACCESS_KEY_SETTING: &str = "service_client_access_key";
const SERVICE_CLIENT_SETTING: &str = "service_client";
pub(super) const ACCESS_TOKEN_SETTING: &str = "access_token";

/// What a client obtains its tokens from.
#[derive(Clone)]
pub(super) enum Credential {
    AccessKey(SecretString),
    ServiceClient(ServiceClient, Arc<dyn Signer>),
    AccessToken(SecretString),
    Provider(Arc<dyn TokenProvider>),
}

impl Credential {
    /// Returns the token provider, and the URL of the API if the caller gave it or the credential
    /// implies it.
    pub(super) fn resolve(
        self,
        api_url: Option<Url>,
    ) -> Result<(Arc<dyn TokenProvider>, Option<Url>), Error> {
        match self {
            Self::AccessKey(key) => {
                let key = ServiceClientAccessKey::parse(ACCESS_KEY_SETTING, &key)?;
                signed_tokens(key.client, key.audience, key.signing_key, api_url)
            }
            Self::ServiceClient(client, signer) => {
                client
                    .check()
                    .map_err(|reason| Error::invalid_setting(SERVICE_CLIENT_SETTING, reason))?;
                let audience = client.audience();
                signed_tokens(client, audience, signer, api_url)
            }
            Self::AccessToken(token) => {
                let token = AccessToken::parse(ACCESS_TOKEN_SETTING, &token)?;
                Ok((Arc::new(StaticToken(token)), api_url))
            }
            Self::Provider(provider) => Ok((provider, api_url)),
        }
    }
}

/// Returns the tokens of a service client, and the URL of its API.
fn signed_tokens(
    client: ServiceClient,
    audience: String,
    signer: impl Signer,
    api_url: Option<Url>,
) -> Result<(Arc<dyn TokenProvider>, Option<Url>), Error> {
    let account_url = client.account_url();
    let issuer_url = issuer_url(api_url.as_ref(), &account_url);
    let url = match api_url {
        Some(url) => url,
        None => api_url::parse(api_url::SETTING, &account_url)?,
    };
    let tokens = ServiceClientTokens::new(client, audience, &issuer_url, signer);
    Ok((Arc::new(CachedTokenProvider::new(tokens)), Some(url)))
}

/// Returns the URL that tokens name as their issuer: the custom domain, or else the account's own
/// host.
fn issuer_url(api_url: Option<&Url>, account_url: &str) -> String {
    match api_url {
        Some(url) if !api_url::is_authress_host(url) => api_url::base(url),
        _ => account_url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_the_custom_domain_or_the_accounts_own_host() {
        let own = "https://acc-test_account_id.api.authress.io";
        for (url, origin) in [
            (None, own),
            (Some("https://acc-test_account_id.api.authress.io"), own),
            (
                Some("https://acc-test_account_id.api-eu-west.authress.io/"),
                own,
            ),
            (Some("https://other.api.authress.io/base"), own),
            (Some("https://authress.io"), own),
            (Some("https://API.AUTHRESS.IO"), own),
            (Some("https://auth.example.com"), "https://auth.example.com"),
            (Some("auth.example.com///"), "https://auth.example.com"),
            (
                Some("https://auth.example.com/base/"),
                "https://auth.example.com/base",
            ),
            (
                Some("https://auth.example.com:8443"),
                "https://auth.example.com:8443",
            ),
            (Some("https://myauthress.io"), "https://myauthress.io"),
            (
                Some("https://myauthress.io.evil.com"),
                "https://myauthress.io.evil.com",
            ),
            (
                Some("https://authress.io.evil.com"),
                "https://authress.io.evil.com",
            ),
            (Some("localhost:8888"), "http://localhost:8888"),
            (Some("http://127.0.0.1:8888/"), "http://127.0.0.1:8888"),
        ] {
            let url = url.map(|url| api_url::parse(api_url::SETTING, url).unwrap());
            assert_eq!(issuer_url(url.as_ref(), own), origin, "{url:?}");
        }
    }
}
