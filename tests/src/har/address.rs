/// An absolute URL in two parts. No URL parser has touched it, which would collapse dot segments
/// and change how things are encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// Scheme, host and port in lower case, without a port that the scheme implies.
    pub(super) origin: String,
    /// Path and query; the path starts with a slash.
    pub(super) target: String,
}

impl Address {
    /// None if the URL is not one of http.
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
        // A name and a password are nobody's origin.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(implied).unwrap_or(&host);
        if host.is_empty() {
            return None;
        }
        // What follows a `#` is not sent.
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

    /// The same address as seen from a base, if it lies behind it.
    pub(super) fn behind(&self, base: &Self) -> Option<Self> {
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
        Address::parse(url).map(|address| (address.origin, address.target))
    }

    #[test]
    fn a_url_is_split_and_its_path_left_as_it_is() {
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
    fn only_what_lies_behind_a_base_is_seen_from_it() {
        let behind = |base: &str, url: &str| {
            let base = Address::parse(base).unwrap();
            let found = Address::parse(url).unwrap().behind(&base);
            found.map(|address| address.target)
        };
        for (base, url, target) in [
            ("https://a.b", "https://a.b/v1?x", "/v1?x"),
            ("https://a.b/api/", "https://a.b/api/v1", "/v1"),
            ("https://a.b/api", "https://a.b/api/../v1", "/../v1"),
            ("https://a.b/api", "https://a.b/api?x", "/?x"),
        ] {
            assert_eq!(behind(base, url).as_deref(), Some(target), "{url}");
        }
        for (base, url) in [
            ("https://a.b", "https://a.bc/v1"),
            ("https://a.b", "http://a.b/v1"),
            ("https://a.b/api", "https://a.b/apis/v1"),
            ("https://a.b/api", "https://a.b/v1"),
        ] {
            assert_eq!(behind(base, url), None, "{url}");
        }
    }
}
