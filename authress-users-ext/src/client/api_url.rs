//! The rules for the URL of an account's API.

use url::{Host, Url};

use crate::error::Error;

/// Reads the URL of the API: `https://` where no scheme stands (`http://` for `localhost`),
/// no trailing slash, a base path kept.
pub(crate) fn parse(given: &str) -> Result<Url, Error> {
    let given = given.trim();
    if given.is_empty() {
        return Err(refused("it is empty"));
    }
    // URL parsers drop, turn around or collapse these without a word.
    if given
        .chars()
        .any(|character| character.is_control() || character == '\\')
    {
        return Err(refused("it holds a backslash or a control character"));
    }
    if given.split('/').any(is_dot_segment) {
        return Err(refused("its path holds a `.` or `..`"));
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
        Url::parse(&complete).map_err(|reason| refused("it is not a URL").with_source(reason))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("its scheme is neither https nor http"));
    }
    if matches!(url.host_str(), Some("http" | "https")) {
        return Err(refused(
            "its host is the name of a scheme; is a colon or slash missing?",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it holds a query or a fragment"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(refused(
            "it is plain http, which is accepted for the local machine alone: a token must not \
             travel unencrypted",
        ));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn is_dot_segment(segment: &str) -> bool {
    matches!(
        &*segment.to_ascii_lowercase().replace("%2e", "."),
        "." | ".."
    )
}

/// The URL as text without a trailing slash, which [`Url`] itself puts behind a bare host.
pub(crate) fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether the URL leads to this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the host is one of Authress's own, compared by suffix: `authress.io.example.com`
/// is not.
pub(crate) fn is_authress_host(url: &Url) -> bool {
    url.domain().is_some_and(|domain| {
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        domain == "authress.io" || domain.ends_with(".authress.io")
    })
}

fn refused(rule: &'static str) -> Error {
    Error::invalid_setting(
        "api_url",
        format!("{rule}; use the account's custom domain or https://{{accountId}}.api.authress.io"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_added_slashes_go_and_a_base_path_stays() {
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
        ] {
            assert_eq!(base(&parse(given).unwrap()), expected, "{given}");
        }
    }

    #[test]
    fn what_would_send_a_token_astray_is_refused() {
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
            ("https://a b", "not a URL"),
            ("https:/auth.example.com", "name of a scheme"),
            ("http:/localhost:8888", "name of a scheme"),
            ("https//auth.example.com", "name of a scheme"),
            ("https://https://auth.example.com", "name of a scheme"),
            ("https://auth.exa\nmple.com", "control character"),
            ("https://auth.example.com\\base", "backslash"),
            ("https://auth.example.com/a/../b", "`..`"),
            ("https://auth.example.com/%2E%2e", "`..`"),
            ("https://auth.example.com/./b", "`.`"),
        ] {
            let error = parse(given).unwrap_err();
            assert!(error.is_configuration());
            assert!(error.to_string().contains(rule), "{given}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"));
        }
    }

    #[test]
    fn hosts_of_authress_are_told_by_their_suffix() {
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
