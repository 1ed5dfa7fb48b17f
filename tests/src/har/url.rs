/// An absolute URL in two parts, as recorded: URL parsers would remove dot segments and change the
/// encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RawUrl {
    /// Scheme, host and port in lower case, without a port that the scheme implies.
    pub(super) origin: String,
    /// Path and query; the path starts with a slash.
    pub(super) target: String,
}

impl RawUrl {
    /// Parses an http or https URL.
    pub(super) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let implied = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        // User name and password are not part of the origin.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(implied).unwrap_or(&host);
        if host.is_empty() {
            return None;
        }
        // Clients do not send the fragment.
        let target = target.split('#').next().unwrap_or_default();
        let slash = if target.starts_with('/') { "" } else { "/" };
        Some(Self {
            origin: format!("{scheme}://{host}"),
            target: format!("{slash}{target}"),
        })
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Returns the URL relative to a base URL; none if it is outside of it.
    pub(super) fn relative_to(&self, base: &Self) -> Option<Self> {
        if self.origin != base.origin {
            return None;
        }
        let rest = self
            .target
            .strip_prefix(base.path().trim_end_matches('/'))?;
        let target = match rest.chars().next() {
            Some('/') => rest.to_owned(),
            None | Some('?') => format!("/{rest}"),
            Some(_) => return None,
        };
        Some(Self {
            origin: self.origin.clone(),
            target,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> Option<(String, String)> {
        RawUrl::parse(url).map(|url| (url.origin, url.target))
    }

    #[test]
    fn urls_are_split_and_their_path_is_not_changed() {
        for (url, origin, target) in [
            (
                "https://a.b/v1/users?x=%2F",
                "https://a.b",
                "/v1/users?x=%2F",
            ),
            ("HTTPS://A.B:443", "https://a.b", "/"),
            ("http://a.b:80/../%2e//c", "http://a.b", "/../%2e//c"),
            ("http://a.b:443?x#y", "http://a.b:443", "/?x"),
            ("https://me:secret@a.b/c#d", "https://a.b", "/c"),
            ("http://[::1]:8888/v1", "http://[::1]:8888", "/v1"),
        ] {
            let expected = Some((origin.to_owned(), target.to_owned()));
            assert_eq!(parts(url), expected, "{url}");
        }
        for url in [
            "",
            "/v1/users",
            "data:text/html,://",
            "wss://a.b/c",
            "https:///c",
        ] {
            assert_eq!(parts(url), None, "{url}");
        }
    }

    #[test]
    fn urls_are_relative_to_their_base() {
        let relative = |base: &str, url: &str| {
            let base = RawUrl::parse(base).unwrap();
            let found = RawUrl::parse(url).unwrap().relative_to(&base);
            found.map(|url| url.target)
        };
        for (base, url, target) in [
            ("https://a.b", "https://a.b/v1?x", "/v1?x"),
            ("https://a.b/api/", "https://a.b/api/v1", "/v1"),
            ("https://a.b/api", "https://a.b/api/../v1", "/../v1"),
            ("https://a.b/api", "https://a.b/api?x", "/?x"),
        ] {
            assert_eq!(relative(base, url).as_deref(), Some(target), "{url}");
        }
        for (base, url) in [
            ("https://a.b", "https://a.bc/v1"),
            ("https://a.b", "http://a.b/v1"),
            ("https://a.b/api", "https://a.b/apis/v1"),
            ("https://a.b/api", "https://a.b/v1"),
        ] {
            assert_eq!(relative(base, url), None, "{url}");
        }
    }
}
