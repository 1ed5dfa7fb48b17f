//! The table of operations: what the generated client does not keep of the document.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _};
use quote::{format_ident, quote};
use serde_json::Value;

use crate::generate::lower::stands_for_many;
use authress_users_openapi::{Document, OperationEntry, child};

/// The table as Rust source, not yet formatted.
pub(super) fn table(document: &Document) -> Result<syn::File, String> {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for entry in document.operations() {
        let id = entry.name();
        let constant = constant(&id)?;
        let rust_name = id.to_snake_case();
        let method = method(entry.method)?;
        let path = entry.path;
        let summary = entry.value["summary"].as_str().unwrap_or_default();
        let idempotent = entry.value["x-idempotent"] == Value::Bool(true);
        let responses = responses(document, &entry)?;
        let accept = accept(&responses);
        let request = request_media_type(document, &entry)
            .map_or_else(|| quote!(None), |media_type| quote!(Some(#media_type)));
        let rows = responses.iter().map(|response| {
            let Response {
                status,
                description,
                media_types,
            } = response;
            quote!(OperationResponse {
                status: #status,
                description: #description,
                media_types: &[#(#media_types),*],
            })
        });
        let mut docs = vec![format!(" `{id}`: {summary}.")];
        docs.extend(open_statuses(document, &entry));
        constants.push(quote! {
            #(#[doc = #docs])*
            pub static #constant: Operation = Operation {
                id: #id,
                rust_name: #rust_name,
                method: ::reqwest::Method::#method,
                path: #path,
                summary: #summary,
                idempotent: #idempotent,
                accept: #accept,
                request_media_type: #request,
                responses: &[#(#rows),*],
            };
        });
        names.push(constant);
    }
    syn::parse2(quote! {
        /// One operation of the API, as the OpenAPI document describes it.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Operation {
            /// The operationId.
            pub id: &'static str,
            /// The method of the client that carries it out.
            pub rust_name: &'static str,
            /// The HTTP method.
            pub method: ::reqwest::Method,
            /// The path template, such as `/v1/users/{userId}`.
            pub path: &'static str,
            /// What it does, in a few words.
            pub summary: &'static str,
            /// Whether sending it again does no harm (`x-idempotent`).
            pub idempotent: bool,
            /// What its requests accept: the media types of its successes, or of its errors where
            /// no success has a body.
            pub accept: &'static str,
            /// The media type of its request body, if it has one.
            pub request_media_type: Option<&'static str>,
            /// Its documented answers, in the order of the document.
            pub responses: &'static [OperationResponse],
        }

        /// One documented answer of an [`Operation`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct OperationResponse {
            /// The status.
            pub status: u16,
            /// What it means.
            pub description: &'static str,
            /// The media types of its body; none if it has no body.
            pub media_types: &'static [&'static str],
        }

        impl Operation {
            /// The documented answer with this status.
            #[must_use]
            pub fn response(&self, status: u16) -> Option<&'static OperationResponse> {
                self.responses.iter().find(|response| response.status == status)
            }
        }

        #(#constants)*

        /// Every operation, in the order of the document.
        pub static OPERATIONS: &[&Operation] = &[#(&#names),*];
    })
    .map_err(|reason| format!("the table of operations is not Rust: {reason}"))
}

struct Response {
    status: u16,
    description: String,
    media_types: Vec<String>,
}

fn responses(document: &Document, entry: &OperationEntry<'_>) -> Result<Vec<Response>, String> {
    let pointer = child(&entry.pointer(), "responses");
    let mut responses = Vec::new();
    for (status, response) in entry.value["responses"].as_object().into_iter().flatten() {
        if status.starts_with("x-") || stands_for_many(status) {
            continue;
        }
        let status = status
            .parse()
            .map_err(|_| format!("{}: the status {status} is no number", entry.name()))?;
        let (response, _) = document
            .resolve(response, &pointer)
            .ok_or_else(|| format!("{}: the answer {status} can't be resolved", entry.name()))?;
        let media_types = response["content"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone());
        responses.push(Response {
            status,
            description: response["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            media_types: media_types.collect(),
        });
    }
    Ok(responses)
}

/// What the documentation says of answers that stand for many statuses: the table has numbers.
fn open_statuses(document: &Document, entry: &OperationEntry<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (status, response) in entry.value["responses"].as_object().into_iter().flatten() {
        if stands_for_many(status)
            && let Some((response, _)) = document.resolve(response, "")
        {
            let description = response["description"].as_str().unwrap_or_default();
            let media_types: Vec<_> = response["content"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(media_type, _)| format!("`{media_type}`"))
                .collect();
            let body = if media_types.is_empty() {
                "no body".to_owned()
            } else {
                media_types.join(", ")
            };
            lines.push(String::new());
            lines.push(format!(
                " Answers that are not listed (`{status}`): {} ({body})",
                description.trim()
            ));
        }
    }
    lines
}

fn accept(responses: &[Response]) -> String {
    let of = |wanted: fn(u16) -> bool| {
        let mut media_types: Vec<&str> = Vec::new();
        for response in responses.iter().filter(|response| wanted(response.status)) {
            for media_type in &response.media_types {
                if !media_types.contains(&&**media_type) {
                    media_types.push(media_type);
                }
            }
        }
        media_types.join(", ")
    };
    let successes = of(|status| (200..300).contains(&status));
    if successes.is_empty() {
        of(|status| status >= 400)
    } else {
        successes
    }
}

/// The media type in which the body of its requests is sent, if they have one.
pub(crate) fn request_media_type(
    document: &Document,
    entry: &OperationEntry<'_>,
) -> Option<String> {
    let body = entry.value.get("requestBody")?;
    let (body, _) = document.resolve(body, &child(&entry.pointer(), "requestBody"))?;
    body["content"].as_object()?.keys().next().cloned()
}

fn constant(id: &str) -> Result<syn::Ident, String> {
    syn::parse_str(&id.to_shouty_snake_case())
        .map_err(|_| format!("the operationId {id:?} makes no name in Rust"))
}

fn method(name: &str) -> Result<syn::Ident, String> {
    match name {
        "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" => {
            Ok(format_ident!("{}", name.to_uppercase()))
        }
        other => Err(format!("{other} is no HTTP method")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::edited;

    #[test]
    fn an_id_that_makes_no_name_is_an_error_and_no_panic() {
        for id in ["1get", "'+'"] {
            let document = edited("operationId: getUser\n", &format!("operationId: {id}\n"));
            assert!(table(&document).is_err(), "{id}");
        }
    }
}
