//! What is served beside the API: the token issuer's keys and metadata, and the spec.

use authress_users_client::DOCUMENT;
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::problem::{JSON, json_response};
use super::state::Shared;
use super::stub_response::StubResponse;
use super::tokens::issuers;
use crate::exchange::Exchange;

/// The start of the paths of the fake itself.
pub(crate) const PREFIX: &str = "/__mock/";
const METADATA: &str = "/.well-known/openid-configuration";
const KEYS: [&str; 2] = [
    "/.well-known/openid-configuration/jwks",
    "/.well-known/jwks.json",
];

/// Returns the response to a request for keys, metadata, spec or health; none for other requests.
///
/// Verifiers look for the keys below the issuer of a token, so the start of the path does not matter.
pub(crate) fn respond(shared: &Shared, exchange: &Exchange) -> Option<StubResponse> {
    let path = exchange.path();
    if !matches!(&*exchange.method, "GET" | "HEAD") {
        return None;
    }
    if KEYS.iter().any(|end| path.ends_with(end)) {
        return Some(json_response(StatusCode::OK, &keys(shared)));
    }
    if path.ends_with(METADATA) {
        return Some(json_response(StatusCode::OK, &metadata(shared, exchange)));
    }
    // Browsers request it on their own.
    if path == "/favicon.ico" {
        return Some(StubResponse::from_status(StatusCode::NO_CONTENT));
    }
    match path.strip_prefix(PREFIX)? {
        "openapi.json" => Some(document()),
        "health" => Some(json_response(StatusCode::OK, &json!({ "status": "ready" }))),
        _ => None,
    }
}

/// Returns the public key of the access key as a JSON Web Key Set.
fn keys(shared: &Shared) -> Value {
    let (key, id) = shared.keys.public_key();
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": key, "kid": id, "alg": "EdDSA", "use": "sig",
    }] })
}

fn metadata(shared: &Shared, exchange: &Exchange) -> Value {
    let base = shared
        .public_url
        .clone()
        .or_else(|| issuers::seen_url(&exchange.request_headers))
        .unwrap_or_else(|| shared.url.clone());
    let issuer = shared.keys.issuer(&base);
    json!({
        "jwks_uri": format!("{issuer}{}", KEYS[0]),
        "issuer": issuer,
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
    })
}

/// Returns the spec as it is bundled, so that its lines are those of findings.
fn document() -> StubResponse {
    StubResponse::from_status(StatusCode::OK)
        .with_header(header::CONTENT_TYPE, JSON)
        .body(DOCUMENT)
}
