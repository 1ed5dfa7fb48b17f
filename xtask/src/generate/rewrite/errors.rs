//! What a failed call shows of itself.

use quote::ToTokens as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Arm, File, UseGroup, UseTree, parse_quote};

/// The generator's error prints bodies and URLs, and so user ids. Ours has the same variants and
/// keeps what they hold to itself.
pub(super) fn own_error(file: &mut File) -> usize {
    struct Take(usize);
    impl VisitMut for Take {
        fn visit_use_group_mut(&mut self, group: &mut UseGroup) {
            let others: Vec<_> = group
                .items
                .iter()
                .filter(|item| !matches!(item, UseTree::Name(name) if name.ident == "Error"))
                .cloned()
                .collect();
            self.0 += group.items.len() - others.len();
            group.items = others.into_iter().collect();
            visit_mut::visit_use_group_mut(self, group);
        }

        fn visit_arm_mut(&mut self, arm: &mut Arm) {
            let body = arm.body.to_token_stream().to_string();
            let call = "ResponseValue :: from_response (response) . await";
            if body.trim_matches(['{', '}', ' ']) == call {
                arm.body = parse_quote!(Ok(ResponseValue::from_response(response).await?));
            }
        }
    }
    let mut take = Take(0);
    take.visit_file_mut(file);
    if take.0 > 0 {
        for item in &mut file.items {
            if let syn::Item::Mod(module) = item
                && module.ident == "builder"
                && let Some((_, items)) = &mut module.content
            {
                items.insert(
                    0,
                    parse_quote!(
                        use super::Error;
                    ),
                );
            }
        }
        file.items.extend(error().items);
        // Headers among the parameters may hold what no header can.
        if file
            .to_token_stream()
            .to_string()
            .contains("header_map . append")
        {
            file.items.push(invalid_header());
        }
    }
    take.0
}

fn invalid_header() -> syn::Item {
    parse_quote! {
        impl<E> From<reqwest::header::InvalidHeaderValue> for Error<E> {
            fn from(_: reqwest::header::InvalidHeaderValue) -> Self {
                Self::InvalidRequest("a header can't hold its value".to_string())
            }
        }
    }
}

fn error() -> File {
    parse_quote! {
        /// Why a call failed.
        ///
        /// `Display` and `Debug` show the sort of failure and the status, never what was sent or
        /// received; the variants hold that.
        #[non_exhaustive]
        pub enum Error<E = ()> {
            /// A value was refused before anything was sent; the text says which and why.
            InvalidRequest(String),
            /// The request could not be built or sent, or no answer came.
            CommunicationError(reqwest::Error),
            /// A documented error.
            ErrorResponse(ResponseValue<E>),
            /// The body of the answer could not be read to its end.
            ResponseBodyError(reqwest::Error),
            /// The body of a documented answer is not what the document says.
            InvalidResponsePayload(::bytes::Bytes, serde_json::Error),
            /// An answer that the document does not name.
            UnexpectedResponse(reqwest::Response),
            /// Whatever else the generator's runtime has to say.
            Custom(String),
        }

        impl<E> Error<E> {
            /// The status of the answer, if one came and was kept.
            #[must_use]
            pub fn status(&self) -> Option<reqwest::StatusCode> {
                match self {
                    Self::ErrorResponse(response) => Some(response.status()),
                    Self::UnexpectedResponse(response) => Some(response.status()),
                    Self::CommunicationError(reason) | Self::ResponseBodyError(reason) => {
                        reason.status()
                    }
                    Self::InvalidRequest(_)
                    | Self::InvalidResponsePayload(..)
                    | Self::Custom(_) => None,
                }
            }
        }

        impl<E> ::std::fmt::Display for Error<E> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    Self::InvalidRequest(reason) => write!(f, "the request was not sent: {reason}"),
                    Self::CommunicationError(_) => {
                        f.write_str("the request could not be sent, or no answer came")
                    }
                    Self::ErrorResponse(response) => write!(f, "answered {}", response.status()),
                    Self::ResponseBodyError(_) => {
                        f.write_str("the body of the answer could not be read to its end")
                    }
                    Self::InvalidResponsePayload(..) => {
                        f.write_str("the body of the answer is not what the document says")
                    }
                    Self::UnexpectedResponse(response) => {
                        write!(f, "answered {}, which the document does not name", response.status())
                    }
                    Self::Custom(_) => f.write_str("the call failed"),
                }
            }
        }

        impl<E> ::std::fmt::Debug for Error<E> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "Error({self})")
            }
        }

        impl<E> ::std::error::Error for Error<E> {
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                match self {
                    Self::CommunicationError(reason) | Self::ResponseBodyError(reason) => {
                        Some(reason)
                    }
                    // The parser's reason quotes what it stumbled over.
                    _ => None,
                }
            }
        }

        impl<E> From<reqwest::Error> for Error<E> {
            fn from(reason: reqwest::Error) -> Self {
                // The URL holds ids.
                Self::CommunicationError(reason.without_url())
            }
        }

        impl<E> From<progenitor_client::Error<E>> for Error<E> {
            fn from(error: progenitor_client::Error<E>) -> Self {
                use progenitor_client::Error as Generic;
                match error {
                    Generic::InvalidRequest(reason) => Self::InvalidRequest(reason),
                    Generic::CommunicationError(reason) | Generic::InvalidUpgrade(reason) => {
                        Self::CommunicationError(reason.without_url())
                    }
                    Generic::ErrorResponse(response) => Self::ErrorResponse(response),
                    Generic::ResponseBodyError(reason) => {
                        Self::ResponseBodyError(reason.without_url())
                    }
                    Generic::InvalidResponsePayload(body, reason) => {
                        Self::InvalidResponsePayload(body, reason)
                    }
                    Generic::UnexpectedResponse(response) => Self::UnexpectedResponse(response),
                    Generic::Custom(reason) => Self::Custom(reason),
                }
            }
        }
    }
}
