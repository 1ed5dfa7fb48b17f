use std::collections::BTreeMap;
use std::iter;

use http::header;
use serde::Serialize;
use url::form_urlencoded;

use crate::exchange::{Exchange, text};
use crate::spec::{Media, Spec, SpecOperation};

/// How often traffic covered each part of a spec.
///
/// Returned by [`Validator::coverage`](crate::Validator::coverage) and
/// [`MockAuthress::coverage`](crate::MockAuthress::coverage).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Keys are an operation and a part of it, such as `getUsers` and `query limit`.
    counts: BTreeMap<(String, String), usize>,
}

/// A part of a spec, and how often it was covered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct CoverageEntry {
    /// The operation id.
    pub operation: String,
    /// A parameter, a media type of requests, a status, or a media type of a status.
    pub part: String,
    /// How many exchanges covered it; 0 is a coverage gap.
    pub exchanges: usize,
}

impl Coverage {
    pub(crate) fn count(&mut self, operation: &SpecOperation, exchange: &Exchange) {
        let mut parts = Vec::new();
        let query = exchange.query().unwrap_or_default();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            if operation.parameters_in("query").any(|own| own.name == name) {
                parts.push(format!("query {name}"));
            }
        }
        parts.extend(
            operation
                .parameters_in("path")
                .map(|own| format!("path {}", own.name)),
        );
        for own in operation.parameters_in("header") {
            if exchange.request_headers.contains_key(&own.name) {
                parts.push(format!("header {}", own.name));
            }
        }
        if let Some(sent) = exchange.request_headers.get(header::CONTENT_TYPE)
            && !exchange.request_body.is_empty()
            && let Some(declared) = &operation.body
        {
            // Only declared types, since a client can send any number of others.
            let media = Media::find(&declared.media, &text(sent));
            parts.extend(media.map(|media| format!("request {}", media.name)));
        }
        if let Some(response) = &exchange.response
            && let Some((status, documented)) = operation.response(response.status)
        {
            parts.push(format!("status {status}"));
            if let Some(given) = response.headers.get(header::CONTENT_TYPE) {
                let media = Media::find(&documented.media, &text(given));
                parts.extend(media.map(|media| format!("status {status} {}", media.name)));
            }
        }
        parts.sort_unstable();
        parts.dedup();
        for part in parts {
            *self.counts.entry((operation.id.clone(), part)).or_default() += 1;
        }
    }

    /// Returns every part of the spec in its order, covered or not; of the assumed statuses only those
    /// that occurred.
    ///
    /// ```
    /// use authress_users_contract::{MockAuthress, Spec};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// let authress = authress_users_ext::AuthressClient::builder()
    ///     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// authress.users().get_user("auth0|1").await?;
    /// let entries = fake.coverage().entries(Spec::bundled());
    /// let gaps: Vec<_> = entries.iter().filter(|entry| entry.exchanges == 0).collect();
    /// assert!(gaps.iter().any(|gap| gap.operation == "deleteUser"));
    /// assert!(!gaps.iter().any(|gap| (&*gap.operation, &*gap.part) == ("getUser", "status 200")));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn entries(&self, spec: &Spec) -> Vec<CoverageEntry> {
        let mut entries = Vec::new();
        for operation in &spec.operations {
            let mut parts: Vec<_> = operation
                .parameters
                .iter()
                .map(|own| format!("{} {}", own.location, own.name))
                .collect();
            let bodies = operation.body.iter().flat_map(|body| &body.media);
            parts.extend(bodies.map(|media| format!("request {}", media.name)));
            for (status, response) in &operation.responses {
                let part = format!("status {status}");
                let is_covered = self
                    .counts
                    .contains_key(&(operation.id.clone(), part.clone()));
                // A client cannot cause the assumed statuses, so they are not gaps.
                if is_covered || !response.is_assumed {
                    let types = response.media.iter();
                    let types = types.map(|media| format!("{part} {}", media.name));
                    parts.extend(iter::once(part.clone()).chain(types));
                }
            }
            entries.extend(parts.into_iter().map(|part| {
                let key = (operation.id.clone(), part);
                let exchanges = self.counts.get(&key).copied().unwrap_or_default();
                CoverageEntry {
                    operation: key.0,
                    part: key.1,
                    exchanges,
                }
            }));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn undeclared_media_types_are_not_counted() {
        let operation = Spec::bundled().operation("linkTenantUser").unwrap();
        let mut coverage = Coverage::default();
        for media_type in ["Application/JSON; charset=utf-8", "x/1", "x/2"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
            let exchange = Exchange::new("PATCH", "/v1/tenants/acme/users")
                .request_headers(headers)
                .request_body("{}");
            coverage.count(operation, &exchange);
        }
        let parts = coverage
            .counts
            .into_iter()
            .map(|((_, part), count)| (part, count));
        let parts: Vec<_> = parts.collect();
        let expected = [("path tenantId", 3), ("request application/json", 1)];
        assert_eq!(
            parts,
            expected.map(|(part, count)| (part.to_owned(), count))
        );
    }
}
