use std::collections::BTreeMap;

use http::header;
use serde::Serialize;
use url::form_urlencoded;

use crate::exchange::{Exchange, text};
use crate::spec::{Spec, SpecOperation, essence};

/// How often traffic has touched each part of a document. [`Judge::coverage`](crate::Judge::coverage)
/// and [`MockAuthress::coverage`](crate::MockAuthress::coverage) give one.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Operation and part, such as `getUsers` and `query limit`.
    counts: BTreeMap<(String, String), usize>,
}

/// One part of a document, and how often it was touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Covered {
    /// The operation.
    pub operation: String,
    /// A parameter, a request's media type, a status, or a media type of a status.
    pub part: String,
    /// How many exchanges had it.
    pub exchanges: usize,
}

impl Coverage {
    pub(crate) fn count(&mut self, operation: &SpecOperation, exchange: &Exchange) {
        let mut parts = Vec::new();
        let query = exchange.query().unwrap_or_default();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            // Names that nobody declared can be anything.
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
        {
            parts.push(format!("request {}", essence(&text(sent))));
        }
        if let Some(response) = &exchange.response
            && let Some((status, _)) = operation.answer(response.status)
        {
            parts.push(format!("status {status}"));
            if let Some(given) = response.headers.get(header::CONTENT_TYPE) {
                parts.push(format!("status {status} {}", essence(&text(given))));
            }
        }
        parts.sort_unstable();
        parts.dedup();
        for part in parts {
            *self.counts.entry((operation.id.clone(), part)).or_default() += 1;
        }
    }

    /// Every part of the document, in its order, whether it was touched or not.
    ///
    /// ```
    /// use authress_users_contract::{MockAuthress, Spec};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = MockAuthress::builder().user("auth0|1").start().await?;
    /// # let authress = authress_users_ext::AuthressClient::builder()
    /// #     .api_url(fake.url()).service_client_access_key(fake.access_key()).build()?;
    /// authress.users().get_user("auth0|1").await?;
    /// let all = fake.coverage().of(Spec::of_project());
    /// // What no test has tried.
    /// let missed: Vec<_> = all.iter().filter(|covered| covered.exchanges == 0).collect();
    /// assert!(missed.iter().any(|covered| covered.operation == "deleteUser"));
    /// assert!(!missed.iter().any(|covered| (&*covered.operation, &*covered.part) == ("getUser", "status 200")));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn of(&self, spec: &Spec) -> Vec<Covered> {
        let mut all = Vec::new();
        for operation in &spec.operations {
            let mut parts: Vec<_> = operation
                .parameters
                .iter()
                .map(|own| format!("{} {}", own.place, own.name))
                .collect();
            let bodies = operation.body.iter().flat_map(|body| &body.media);
            parts.extend(bodies.map(|media| format!("request {}", media.name)));
            for (status, answer) in &operation.responses {
                parts.push(format!("status {status}"));
                let types = answer.media.iter();
                parts.extend(types.map(|media| format!("status {status} {}", media.name)));
            }
            all.extend(parts.into_iter().map(|part| {
                let key = (operation.id.clone(), part);
                let exchanges = self.counts.get(&key).copied().unwrap_or_default();
                Covered {
                    operation: key.0,
                    part: key.1,
                    exchanges,
                }
            }));
        }
        all
    }
}
