//! The table of operations, with what the generated client does not keep of the document.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _};
use quote::{format_ident, quote};
use serde_json::Value;

use crate::generate::lower::stands_for_many;
use authress_users_openapi::{Document, OperationEntry, child};

/// The table as Rust source.
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
        /// An operation of the API.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Operation {
            /// The operationId.
            pub id: &'static str,
            /// The client's method for the operation.
            pub rust_name: &'static str,
            /// The HTTP method.
            pub method: ::reqwest::Method,
            /// The path template, such as `/v1/users/{userId}`.
            pub path: &'static str,
            /// A short description.
            pub summary: &'static str,
            /// Whether a request may be repeated (`x-idempotent`).
            pub idempotent: bool,
            /// The `Accept` header: the media types of the successes, or of the errors if no success
            /// has a body.
            pub accept: &'static str,
            /// The media type of the request body, if there is one.
            pub request_media_type: Option<&'static str>,
            /// The documented responses, in the order of the document.
            pub responses: &'static [OperationResponse],
        }

        /// A documented response of an [`Operation`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct OperationResponse {
            /// The status.
            pub status: u16,
            /// The description of the response.
            pub description: &'static str,
            /// The media types of the body; empty if there is no body.
            pub media_types: &'static [&'static str],
        }

        impl Operation {
            /// Returns the documented response with this status.
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
            .map_err(|_| format!("{}: the status {status} is not a number", entry.name()))?;
        let (response, _) = document
            .resolve(response, &pointer)
            .ok_or_else(|| format!("{}: the response {status} can't be resolved", entry.name()))?;
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

/// Documentation of responses for several statuses, which the table does not contain.
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
                " Other responses (`{status}`): {} ({body})",
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

/// The media type of the request body, if there is one.
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
        .map_err(|_| format!("the operationId {id:?} is not a name in Rust"))
}

fn method(name: &str) -> Result<syn::Ident, String> {
    match name {
        "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" => {
            Ok(format_ident!("{}", name.to_uppercase()))
        }
        other => Err(format!("{other} is not an HTTP method")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::edited;

    #[test]
    fn an_id_that_is_not_a_name_is_an_error() {
        for id in ["1get", "'+'"] {
            let document = edited("operationId: getUser\n", &format!("operationId: {id}\n"));
            assert!(table(&document).is_err(), "{id}");
        }
    }
}
