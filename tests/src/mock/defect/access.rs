//! Defects that accept invalid credentials.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;
use serde_json::Value;

use super::table::Defect;
use crate::exchange::Exchange;
use crate::mock::tokens::keys::{EXPIRED, WRONG_SIGNATURE};
use crate::operation::Operation;

/// Returns whether a fake with the defect accepts the credential of a request.
///
/// `reason` is why a fake without the defect rejects the token; none if there is no bearer token.
pub(crate) fn accepts(
    defect: Defect,
    operation: Operation,
    exchange: &Exchange,
    reason: Option<&str>,
) -> bool {
    let credential = exchange.request_headers.get(header::AUTHORIZATION);
    let has_token = exchange.bearer_token().is_some();
    match defect {
        Defect::LiveInvalidToken => has_token,
        Defect::MissingTokenAccepted => credential.is_none(),
        Defect::MissingTokenOnGetAccepted => {
            credential.is_none() && operation == Operation::GetUser
        }
        Defect::MissingTokenOnDeleteAccepted => {
            credential.is_none() && operation == Operation::DeleteUser
        }
        Defect::MissingTokenOnLinkAccepted => {
            credential.is_none() && operation == Operation::LinkTenantUser
        }
        Defect::AnyTokenOnGetAccepted => has_token && operation == Operation::GetUser,
        Defect::AnyTokenOnDeleteAccepted => has_token && operation == Operation::DeleteUser,
        Defect::AnyTokenOnLinkAccepted => has_token && operation == Operation::LinkTenantUser,
        Defect::ExpiredTokenAccepted => reason == Some(EXPIRED),
        Defect::ChangedSignatureAccepted => reason == Some(WRONG_SIGNATURE),
        Defect::UnsignedTokenAccepted => exchange.bearer_token().is_some_and(is_unsigned),
        Defect::BasicCredentialAccepted => {
            credential.is_some_and(|own| own.as_bytes().starts_with(b"Basic "))
        }
        _ => false,
    }
}

fn is_unsigned(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    header["alg"] == "none"
}
