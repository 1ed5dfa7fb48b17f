//! Reads the client's settings from environment variables.

use std::env;

use super::api_url;
use super::credential::Credential;
use crate::auth::{AccessToken, ServiceClientAccessKey};
use crate::error::Error;

const API_URL: &str = "AUTHRESS_API_URL";
const ACCESS_KEY: &str = "AUTHRESS_ACCESS_KEY";
const ACCESS_TOKEN: &str = "AUTHRESS_ACCESS_TOKEN";

/// The settings that the environment holds.
pub(super) struct Environment {
    pub(super) api_url: Option<String>,
    pub(super) credential: Credential,
}

/// Reads and validates the variables, so that an error can name the variable.
pub(super) fn read() -> Result<Environment, Error> {
    let api_url = variable(API_URL)?;
    let credential = match (variable(ACCESS_KEY)?, variable(ACCESS_TOKEN)?) {
        (Some(key), None) => {
            let key = key.into();
            ServiceClientAccessKey::parse(ACCESS_KEY, &key)?;
            Credential::AccessKey(key)
        }
        (None, Some(_)) if api_url.is_none() => {
            return Err(Error::configuration(format!(
                "{API_URL} is not set; it is required with {ACCESS_TOKEN}, since a token does not \
                 name its account"
            )));
        }
        (None, Some(token)) => {
            let token = token.into();
            AccessToken::parse(ACCESS_TOKEN, &token)?;
            Credential::AccessToken(token)
        }
        (None, None) => {
            return Err(Error::configuration(format!(
                "neither {ACCESS_KEY} nor {ACCESS_TOKEN} is set; set one of them to the credential"
            )));
        }
        (Some(_), Some(_)) => {
            return Err(Error::configuration(format!(
                "both {ACCESS_KEY} and {ACCESS_TOKEN} are set; unset one of them"
            )));
        }
    };
    if let Some(url) = &api_url {
        api_url::parse(API_URL, url)?;
    }
    Ok(Environment {
        api_url,
        credential,
    })
}

/// An empty variable counts as unset.
fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Error::invalid_setting(name, "not valid UTF-8")),
    }
}
