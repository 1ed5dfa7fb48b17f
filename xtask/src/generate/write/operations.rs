//! The table of operations, with what the generated client does not keep of the document.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::Ident;

use crate::generate::lower::stands_for_many;
use authress_users_openapi::{Document, OperationEntry, child};

/// The table as Rust source.
pub(crate) fn table(document: &Document) -> Result<syn::File, String> {
    let mut constants = Vec::new();
    let mut names = Vec::new();
    for entry in document.operations() {
        let id = entry.name();
        let constant: Ident = syn::parse_str(&id.to_shouty_snake_case())
            .map_err(|_| format!("the operationId {id:?} is not a name in Rust"))?;
        let rust_name = id.to_snake_case();
        let method = format_ident!("{}", entry.method.to_uppercase());
        let path = entry.path;
        let summary = entry.value["summary"].as_str().unwrap_or_default();
        let idempotent = entry.value["x-idempotent"] == Value::Bool(true);
        let (ranges, responses): (Vec<_>, Vec<_>) = responses(document, &entry)?
            .into_iter()
            .partition(|response| stands_for_many(response.status));
        let accept = accept(&responses);
        let request = request_media_type(document, &entry)
            .map_or_else(|| quote!(None), |media_type| quote!(Some(#media_type)));
        let rows: Vec<_> = responses
            .iter()
            .map(|response| response.row().map_err(|reason| format!("{id}: {reason}")))
            .collect::<Result<_, _>>()?;
        let docs = [format!(" `{id}`: {summary}.")]
            .into_iter()
            .chain(ranges.iter().flat_map(Response::documentation));
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
            /// The `Accept` header: the media types of the successes, or of the documented errors if no
            /// success has a body.
            pub accept: &'static str,
            /// The media type of the request body, if there is one.
            pub request_media_type: Option<&'static str>,
            /// The responses, in the order of the document.
            pub responses: &'static [OperationResponse],
        }

        /// A response of an [`Operation`].
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct OperationResponse {
            /// The status.
            pub status: u16,
            /// The description of the response.
            pub description: &'static str,
            /// The media types of the body; empty if there is no body.
            pub media_types: &'static [&'static str],
            /// Whether the provider does not document the response (`x-assumed`): every HTTP API sends
            /// it.
            pub assumed: bool,
        }

        impl Operation {
            /// Returns the response with this status.
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

struct Response<'a> {
    status: &'a str,
    description: &'a str,
    media_types: Vec<&'a str>,
    assumed: bool,
}

fn responses<'a>(
    document: &'a Document,
    entry: &OperationEntry<'a>,
) -> Result<Vec<Response<'a>>, String> {
    let mut responses = Vec::new();
    for (status, response) in entry.value["responses"].as_object().into_iter().flatten() {
        if status.starts_with("x-") {
            continue;
        }
        let (response, _) = document
            .resolve(response, "")
            .ok_or_else(|| format!("{}: the response {status} cannot be resolved", entry.name()))?;
        let content = response["content"].as_object().into_iter().flatten();
        responses.push(Response {
            status,
            description: response["description"].as_str().unwrap_or_default(),
            media_types: content.map(|(media_type, _)| &**media_type).collect(),
            assumed: response["x-assumed"] == true,
        });
    }
    Ok(responses)
}

impl Response<'_> {
    /// The row of a response with one status.
    fn row(&self) -> Result<TokenStream, String> {
        let Self {
            description,
            media_types,
            assumed,
            ..
        } = self;
        let status: u16 = self
            .status
            .parse()
            .map_err(|_| format!("the status {} is not a number", self.status))?;
        Ok(quote!(OperationResponse {
            status: #status,
            description: #description,
            media_types: &[#(#media_types),*],
            assumed: #assumed,
        }))
    }

    /// The documentation of a response for several statuses, for which the table has no row.
    fn documentation(&self) -> [String; 2] {
        let (status, description) = (self.status, self.description.trim());
        let body = match self.media_types.as_slice() {
            [] => "no body".to_owned(),
            media_types => format!("`{}`", media_types.join("`, `")),
        };
        let line = format!(" Other responses (`{status}`): {description} ({body})");
        [String::new(), line]
    }
}

/// The media types of the successes, or of the documented errors if no success has a body.
fn accept(responses: &[Response<'_>]) -> String {
    let of = |classes: &[char]| {
        let mut media_types: Vec<&str> = Vec::new();
        for response in responses
            .iter()
            .filter(|response| response.status.starts_with(classes) && !response.assumed)
        {
            for media_type in &response.media_types {
                if !media_types.contains(media_type) {
                    media_types.push(media_type);
                }
            }
        }
        media_types.join(", ")
    };
    match of(&['2']) {
        successes if successes.is_empty() => of(&['4', '5']),
        successes => successes,
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
