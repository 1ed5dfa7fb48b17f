use std::env;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use authress_users_openapi::Document;
use clap::Args;
use secrecy::SecretString;
use url::Url;

use super::exit_codes::EXIT_CODES;
use super::failure::Failure;
use super::report::{ReportArguments, spec};
use crate::access_key::{AccessKey, TOKEN_LIFETIME};
use crate::credential_format;
use crate::live::{self, LiveOptions};

const ACCESS_KEY: &str = "AUTHRESS_ACCESS_KEY";
const ACCESS_TOKEN: &str = "AUTHRESS_ACCESS_TOKEN";

fn rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.parse().ok();
    let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| "expected a positive number of requests per second".to_owned())
}

/// The arguments of `live`.
#[derive(Debug, Args)]
#[command(after_help = format!("\
The credential is read from AUTHRESS_ACCESS_KEY or AUTHRESS_ACCESS_TOKEN.

Examples:
  authress-users-contract live --base-url https://acme.api.authress.io
  authress-users-contract live --base-url http://127.0.0.1:8888 --delete-user 'auth0|000001'

{EXIT_CODES}"))]
pub struct LiveArguments {
    /// Set the URL where the API's paths start: https, or http on this machine.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Allow linking the user of --write-user to this tenant.
    #[arg(long, value_name = "ID", requires = "write_user")]
    write_tenant: Option<String>,
    /// Allow linking this user to the tenant of --write-tenant.
    #[arg(long, value_name = "ID", requires = "write_tenant")]
    write_user: Option<String>,
    /// Allow deleting this user.
    #[arg(long, value_name = "ID")]
    delete_user: Option<String>,
    /// Allow undocumented PUT and POST requests. They may change something on a faulty server.
    #[arg(long)]
    unsafe_probes: bool,
    /// Send at most this number of requests per second [default: no limit].
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Do not write progress to standard error.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    report: ReportArguments,
}

impl LiveArguments {
    /// Validates a server against the spec in `document`, and writes the report to `out`.
    ///
    /// # Errors
    /// [`Failure::Findings`] if the server violates the spec, and [`Failure::Unusable`] if it could
    /// not be validated.
    pub fn run(&self, document: &Document, out: &mut impl Write) -> Result<(), Failure> {
        let spec = spec(document)?;
        let baseline = self.report.read_baseline()?;
        // A value that is not UTF-8 is invalid, not missing.
        let read = |name| {
            let value = env::var_os(name)?.to_string_lossy().into_owned();
            (!value.trim().is_empty()).then_some(value)
        };
        credential_format::check(&self.base_url).map_err(|reason| invalid("base URL", &reason))?;
        let (token, expired) = tokens(&self.base_url, read(ACCESS_KEY), read(ACCESS_TOKEN))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let report = runtime
            .block_on(live::run(
                &spec,
                &self.base_url,
                &token,
                &self.options(expired),
            ))
            .map_err(|reason| Failure::unusable(&reason))?;
        self.report.write(report, &baseline, document, out)
    }

    fn options(&self, expired: Option<SecretString>) -> LiveOptions {
        let mut options = LiveOptions::default();
        if let (Some(tenant), Some(user)) = (&self.write_tenant, &self.write_user) {
            options = options.link(tenant, user);
        }
        if let Some(user) = &self.delete_user {
            options = options.delete(user);
        }
        if self.unsafe_probes {
            options = options.unsafe_probes();
        }
        if let Some(expired) = expired {
            options = options.expired_token(expired);
        }
        if let Some(rate) = self.rate {
            options = options.rate(rate);
        }
        if !self.quiet {
            // Without a reader, the progress is lost.
            options = options.on_progress(|line| drop(writeln!(io::stderr(), "{line}")));
        }
        options
    }
}

/// Returns the token, or one signed with the access key, with which an expired one can be signed too.
fn tokens(
    base_url: &str,
    access_key: Option<String>,
    access_token: Option<String>,
) -> Result<(SecretString, Option<SecretString>), Failure> {
    let reason = match (access_key, access_token) {
        (None, Some(token)) => {
            credential_format::check(&token).map_err(|reason| invalid(ACCESS_TOKEN, &reason))?;
            return Ok((token.trim().to_owned().into(), None));
        }
        (Some(key), None) => {
            credential_format::check(&key).map_err(|reason| invalid(ACCESS_KEY, &reason))?;
            let key = AccessKey::parse(key.trim());
            let sign =
                |key: &AccessKey, issued_at| key.token(&issuer_url(base_url, key), issued_at);
            let expired = now().saturating_sub(2 * TOKEN_LIFETIME);
            match key.map(|key| (sign(&key, now()), sign(&key, expired))) {
                Ok((Some(token), expired)) => return Ok((token, expired)),
                _ => format!(
                    "invalid access key in {ACCESS_KEY}: expected the form \
                     clientId.keyId.accountId.privateKey, or a legacy key"
                ),
            }
        }
        (None, None) => format!("no credential: set {ACCESS_KEY} or {ACCESS_TOKEN}"),
        (Some(_), Some(_)) => format!(
            "ambiguous credential: {ACCESS_KEY} and {ACCESS_TOKEN} are both set; unset one of them"
        ),
    };
    Err(Failure::Unusable(reason))
}

fn invalid(what: &str, reason: &str) -> Failure {
    Failure::Unusable(format!("invalid {what}: {reason}"))
}

/// Returns the URL that tokens for a server name: its own if it is a custom domain, else that of the
/// account.
fn issuer_url(base_url: &str, key: &AccessKey) -> String {
    let host = Url::parse(base_url)
        .ok()
        .and_then(|url| Some(url.host_str()?.to_ascii_lowercase()));
    let is_standard =
        host.is_none_or(|host| host == "authress.io" || host.ends_with(".authress.io"));
    if is_standard {
        key.standard_url()
    } else {
        base_url.trim_end_matches('/').to_owned()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "sc_1.k1.acc-1.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA";

    #[test]
    fn issuers_are_custom_domains_or_the_standard_url() {
        let key = AccessKey::parse(KEY).unwrap();
        let standard = "https://acc-1.api.authress.io";
        for (url, expected) in [
            ("https://login.example.com/", "https://login.example.com"),
            ("http://127.0.0.1:8888", "http://127.0.0.1:8888"),
            ("https://acc-1.api-eu-west.AUTHRESS.io", standard),
            ("https://authress.io", standard),
            ("https://myauthress.io", "https://myauthress.io"),
        ] {
            assert_eq!(issuer_url(url, &key), expected);
        }
    }

    #[test]
    fn exactly_one_valid_credential_is_needed() {
        let url = "https://login.example.com";
        let text = |value: &str| Some(value.to_owned());
        assert!(tokens(url, text(KEY), None).is_ok());
        assert!(tokens(url, None, text("a.b.c")).is_ok());
        for (key, access_token) in [
            (None, None),
            (text(KEY), text("a.b.c")),
            (text("sekrit"), None),
            (text(&format!("\u{feff}{KEY}")), None),
            (text(&format!("{ACCESS_KEY}={KEY}")), None),
            (None, text("\"sekrit\"")),
            (None, text("Bearer sekrit")),
        ] {
            let failure = tokens(url, key, access_token).unwrap_err();
            assert_eq!(failure.code(), 2);
            let shown = failure.to_string();
            assert!(!shown.contains("sekrit") && !shown.contains(KEY), "{shown}");
        }
    }
}
