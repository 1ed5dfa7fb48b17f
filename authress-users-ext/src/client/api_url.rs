//! Parses and validates the URL of an account's API.

use url::{Host, Url};

use crate::auth::check_url;
use crate::error::Error;

/// The name of the setting, for error messages.
pub(super) const SETTING: &str = "api_url";

const ADVICE: &str = "use the account's custom domain or https://{accountId}.api.authress.io";

/// Parses the URL of the API that `setting` holds.
///
/// Adds `https://` if the scheme is missing (`http://` for `localhost`), removes trailing slashes and
/// keeps a base path.
pub(super) fn parse(setting: &'static str, given: &str) -> Result<Url, Error> {
    let invalid =
        |reason: &str, advice: &str| Error::invalid_setting(setting, format!("{reason}; {advice}"));
    let characters = check_url(given);
    let given = given.trim();
    if given.is_empty() {
        return Err(invalid("it is empty", ADVICE));
    }
    // URL parsers silently drop, replace or collapse these.
    if given
        .chars()
        .any(|character| character.is_control() || character == '\\')
    {
        return Err(invalid(
            "it contains a backslash or a control character",
            ADVICE,
        ));
    }
    if let Err(reason) = characters {
        return Err(invalid(&format!("not a URL: {reason}"), ADVICE));
    }
    if has_dot_segment(given) {
        return Err(invalid(
            "the path contains a `.` or `..` segment",
            "use the path without it",
        ));
    }
    let complete = if given.contains("://") {
        given.to_owned()
    } else {
        let host = given.split([':', '/', '?', '#']).next().unwrap_or_default();
        let scheme = if host.eq_ignore_ascii_case("localhost") {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{given}")
    };
    let mut url =
        Url::parse(&complete).map_err(|reason| invalid("not a URL", ADVICE).with_source(reason))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("the scheme is neither https nor http", ADVICE));
    }
    if let Some(host @ ("http" | "https")) = url.host_str() {
        return Err(invalid(
            &format!("the host is \"{host}\""),
            "check for a missing colon or slash",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it contains a user name or password", ADVICE));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it contains a query or fragment", ADVICE));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(invalid(
            "plain http is allowed only for the local machine, since it would expose the token",
            "use https",
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether a segment is `.` or `..` for a URL parser, or for a server that decodes slashes or removes
/// the parameters of segments (`..;a`).
fn has_dot_segment(url: &str) -> bool {
    let decoded = url
        .to_ascii_lowercase()
        .replace("%2e", ".")
        .replace("%2f", "/")
        .replace("%3b", ";");
    decoded
        .split('/')
        .any(|segment| matches!(segment.split(';').next(), Some("." | "..")))
}

/// Returns the URL as text without the trailing slash that [`Url`] appends to a bare host.
pub(super) fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns whether the host belongs to Authress.
///
/// Compares by suffix, so that `authress.io.example.com` does not match.
pub(super) fn is_authress_host(url: &Url) -> bool {
    url.domain().is_some_and(|domain| {
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        domain == "authress.io" || domain.ends_with(".authress.io")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<Url, Error> {
        super::parse(SETTING, given)
    }

    #[test]
    fn adds_a_scheme_removes_slashes_and_keeps_a_base_path() {
        for (given, expected) in [
            ("auth.example.com", "https://auth.example.com"),
            ("https://auth.example.com/", "https://auth.example.com"),
            ("https://auth.example.com///", "https://auth.example.com"),
            (
                " auth.example.com/base/path// ",
                "https://auth.example.com/base/path",
            ),
            ("localhost", "http://localhost"),
            ("localhost:8888/", "http://localhost:8888"),
            ("localhost/base", "http://localhost/base"),
            ("LOCALHOST:8888", "http://localhost:8888"),
            ("http://127.0.0.1:8888", "http://127.0.0.1:8888"),
            ("http://[::1]:8888", "http://[::1]:8888"),
            ("auth.example.com:8443", "https://auth.example.com:8443"),
            ("localhost.example.com", "https://localhost.example.com"),
            ("HTTPS://Auth.Example.com", "https://auth.example.com"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            (
                "https://auth.example.com/a=b;c/...",
                "https://auth.example.com/a=b;c/...",
            ),
        ] {
            assert_eq!(base(&parse(given).unwrap()), expected, "{given}");
        }
    }

    #[test]
    fn rejects_urls_that_would_send_a_token_elsewhere() {
        for (given, rule) in [
            ("", "empty"),
            ("http://auth.example.com", "plain http"),
            ("http://localhost.example.com", "plain http"),
            ("http://127.0.0.1.example.com", "plain http"),
            ("ftp://auth.example.com", "scheme"),
            ("https://me:secret@auth.example.com", "user name"),
            ("https://auth.example.com?x=1", "query"),
            ("https://auth.example.com#x", "fragment"),
            ("https://", "not a URL"),
            (
                "https://a b",
                "not a URL: it has U+0020 (space) at position 10",
            ),
            ("https:/auth.example.com", "check for a missing colon"),
            ("http:/localhost:8888", "check for a missing colon"),
            ("https//auth.example.com", "check for a missing colon"),
            (
                "https://https://auth.example.com",
                "check for a missing colon",
            ),
            ("https://auth.exa\nmple.com", "control character"),
            ("https://auth.example.com\\base", "backslash"),
            ("https://auth.example.com/a/../b", "`..`"),
            ("https://auth.example.com/%2E%2e", "`..`"),
            ("https://auth.example.com/./b", "`.`"),
            ("https://auth.example.com/..;/b", "`..`"),
            ("https://auth.example.com/a%2f%2e%2E%3Bx", "`..`"),
            (
                "https://auth.example.com/\u{200b}",
                "U+200B (zero width space) at position 26",
            ),
            (
                " \u{feff}https://auth.example.com",
                "U+FEFF (byte order mark) at position 2",
            ),
            (
                "https://auth.exa\u{ad}mple.com",
                "U+00AD (soft hyphen) at position 17",
            ),
            (
                "https://auth.example.com/a b",
                "U+0020 (space) at position 27",
            ),
            (
                "https://auth.example.com\"",
                "U+0022 (quotation mark) at position 25",
            ),
            ("'auth.example.com'", "U+0027 (apostrophe) at position 1"),
            (
                "https://auth.example.com/a>",
                "U+003E (symbol) at position 27",
            ),
            (
                "AUTHRESS_API_URL=auth.example.com",
                "the name of a variable",
            ),
        ] {
            let error = parse(given).unwrap_err();
            assert!(error.is_configuration());
            assert!(error.to_string().contains(rule), "{given}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }

    #[test]
    fn matches_authress_hosts_by_suffix() {
        for (given, expected) in [
            ("https://authress.io", true),
            ("https://acc-1.api.authress.io", true),
            ("https://acc-1.api-eu-west.authress.io", true),
            ("https://acc-1.API.Authress.IO", true),
            ("https://acc-1.api.authress.io.", true),
            ("https://myauthress.io", false),
            ("https://myauthress.io.evil.com", false),
            ("https://authress.io.evil.com", false),
            ("https://auth.example.com/authress.io", false),
        ] {
            assert_eq!(
                is_authress_host(&parse(given).unwrap()),
                expected,
                "{given}"
            );
        }
    }
}
