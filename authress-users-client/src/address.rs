//! Where a request goes.

use reqwest::Url;

use crate::Client;

impl Client {
    /// The URL of a path, which starts with a slash and is encoded.
    pub(crate) fn url(&self, path: &str) -> Result<Url, String> {
        match self.inner.base_url() {
            Some(base) => Ok(beneath(base, path)),
            None => Url::parse(&format!("{}{path}", self.baseurl))
                .map_err(|reason| format!("the base URL is none: {reason}")),
        }
    }
}

fn beneath(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    match base.path().trim_end_matches('/') {
        "" => url.set_path(path),
        prefix => url.set_path(&format!("{prefix}{path}")),
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_beneath_a_parsed_url_is_what_parsing_both_together_gives() {
        for base in [
            "https://auth.example.com",
            "https://auth.example.com/base",
            "https://auth.example.com/base/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/a/b",
        ] {
            for path in [
                "/v1/users",
                "/v1/users/auth0|1",
                "/v1/users/a%2Fb%20c",
                "/v1/users/%25%3F%23",
                "/v1/users/\u{fc}'[]^~@:;&=+$,!*()",
                "/v1/tenants/.../users",
            ] {
                let together = format!("{}{path}", base.trim_end_matches('/'));
                assert_eq!(
                    beneath(&Url::parse(base).unwrap(), path),
                    Url::parse(&together).unwrap()
                );
            }
        }
    }
}
