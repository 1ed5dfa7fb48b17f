//! The addresses at which clients may reach the fake, because a token names the address that its
//! client uses as the issuer.

use http::{HeaderMap, HeaderName, header};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Returns the URL of the fake as the sender of a request sees it.
pub(crate) fn seen_url(headers: &HeaderMap) -> Option<String> {
    let host = first(headers, FORWARDED_HOST).or_else(|| first(headers, header::HOST))?;
    let scheme = first(headers, FORWARDED_PROTO).unwrap_or_else(|| "http".to_owned());
    Some(format!("{scheme}://{host}"))
}

/// Returns the URLs at which the sender of a request may reach the fake.
///
/// A proxy may replace the host, and one that ends TLS need not say so.
pub(crate) fn possible_urls(headers: &HeaderMap) -> Vec<String> {
    let hosts = [header::HOST, FORWARDED_HOST].map(|name| first(headers, name));
    let proto = first(headers, FORWARDED_PROTO);
    let schemes = ["http", "https"].into_iter().chain(proto.as_deref());
    let with_host = |host: &String| {
        schemes
            .clone()
            .map(|scheme| format!("{scheme}://{host}"))
            .collect::<Vec<_>>()
    };
    hosts.iter().flatten().flat_map(with_host).collect()
}

/// Returns the value that the first of several proxies added, in lower case.
fn first(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    let first = value.split(',').next()?.trim().to_ascii_lowercase();
    (!first.is_empty()).then_some(first)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn the_url_of_a_client_is_that_of_the_outermost_proxy() {
        for (sent, expected) in [
            (&[("host", "localhost:8888")][..], "http://localhost:8888"),
            (
                &[("host", "api.test"), ("x-forwarded-proto", "HTTPS, http")],
                "https://api.test",
            ),
            (
                &[
                    ("host", "127.0.0.1:8888"),
                    ("x-forwarded-host", "api.test, b"),
                ],
                "http://api.test",
            ),
        ] {
            let headers = headers(sent);
            assert_eq!(seen_url(&headers).as_deref(), Some(expected));
            assert!(possible_urls(&headers).contains(&expected.to_owned()));
        }
        assert_eq!(seen_url(&HeaderMap::new()), None);
    }

    #[test]
    fn proxies_may_end_tls_and_replace_the_host() {
        let urls = possible_urls(&headers(&[("host", "a"), ("x-forwarded-host", "b")]));
        assert_eq!(urls, ["http://a", "https://a", "http://b", "https://b"]);
    }
}
